"""What strangers, other sites and hostile texts try, and what becomes of it."""

import logging
import re
import shutil
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from conftest import BARE
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from visitors import HOST, browser, program

from voc.people.sign_in import IDLE, MOST_OF_BOTH
from voc.store import schema
from voc.web import app as web
from voc.web.door import SMALL_BODY
from voc.web.guard import guarded
from voc.web.show import local_path
from voc.web.signing import BEFORE
from voc.web.visit import COOKIE, MOST_FIELDS
from voc.wiring import utc_now
from voc.workspace import Workspace

PASSWORD = "four words make good"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> [click](javascript:alert(3)) \u202egnorw z\u0335\u0336\u0337"
    "\u0338\u0321\u0322\u0327\u0328a\u0335l\u0336g\u0337o {{ 7*7 }} "
)


RAW = ("<img src=x", "<script>alert")


class Clock:
    """A clock that can be put on."""

    ahead = timedelta(0)

    def __call__(self):
        return utc_now() + self.ahead


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def workspace(ready_folder, tmp_path_factory, clock):
    folder = tmp_path_factory.mktemp("security") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE, clock=clock) as opened:
        opened.add_person("ana", password=PASSWORD, role="owner")
        yield opened


@pytest.fixture(scope="module")
def app(workspace):
    return web.create_app(workspace)


@pytest.fixture(autouse=True)
def now(clock):
    clock.ahead = timedelta(0)


@pytest.fixture
def owner(workspace, app):
    return browser(workspace, "owner", app=app)


@pytest.fixture
def nobody(app):
    return TestClient(app, base_url=HOST, follow_redirects=False)


def field(page, name):
    """Return the value of the first hidden field of that name."""
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def sign_in(client, password=PASSWORD, **fields):
    csrf = field(client.get("/sign-in"), "csrf")
    return client.post("/sign-in", data={"csrf": csrf, "name": "ana", "password": password, **fields})


# Headers


ANSWERS = {
    "page": ("GET", "/overview"),
    "refused": ("GET", "/comments/zz"),
    "absent": ("GET", "/nowhere"),
    "wrong way": ("PUT", "/overview"),
    "sign-in": ("GET", "/sign-in"),
    "data": ("GET", "/api/v1/weeks"),
    "refused data": ("GET", "/api/v1/comments/zz"),
    "absent data": ("GET", "/api/v1/nowhere"),
    "file": ("GET", "/report/file?week=2024-W39&form=md"),
    "health": ("GET", "/healthz"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_has_the_headers(owner, kind):
    method, path = ANSWERS[kind]
    answer = owner.request(method, path, headers={"origin": "https://elsewhere.example"})
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert not [name for name in headers if name.startswith("access-control")]


def test_what_may_be_kept_is_only_what_everybody_may_see(nobody):
    page = nobody.get("/sign-in").text
    style = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
    assert "immutable" in nobody.get(style).headers["cache-control"]


def test_the_nonce_is_another_each_time_and_is_the_one_of_the_page(owner):
    seen = set()
    for _ in range(3):
        answer = owner.get("/overview")
        nonce = re.search(r"script-src 'nonce-([\w-]+)'", answer.headers["content-security-policy"])[1]
        assert set(re.findall(r'nonce="([^"]*)"', answer.text)) == {nonce}
        seen.add(nonce)
    assert len(seen) == 3


def test_https_is_demanded_for_good_where_it_is_there(workspace, owner):
    assert "strict-transport-security" not in owner.get("/overview").headers
    secure = TestClient(web.create_app(workspace, tls=True), base_url=HOST)
    assert secure.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


def test_a_fault_is_dressed_too_and_tells_nothing(owner, monkeypatch):
    def fail(self):
        raise RuntimeError("the inside")

    monkeypatch.setattr(Workspace, "themes", fail)
    for path in ("/themes", "/api/v1/themes"):
        answer = owner.get(path)
        assert answer.status_code == 500
        assert "the inside" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


# Every page, with hostile texts in it


@pytest.fixture(scope="module")
def hostile(ready_folder, tmp_path_factory):
    """A client upon a workspace in which everything that people and customers write is hostile."""
    folder = tmp_path_factory.mktemp("hostile") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        with opened.services.database.write() as connection:
            for column in (
                schema.feedback.c.text,
                schema.feedback.c.source_url,
                schema.feedback.c.channel,
                schema.proposal_quote.c.text,
                schema.label.c.name,
                schema.label.c.summary,
            ):
                connection.execute(update(column.table).values({column.name: HOSTILE + column}))
        client = browser(opened, "admin")
        with opened.services.database.read() as connection:
            comment = connection.execute(select(schema.feedback.c.id)).scalars().first()
        theme = opened.themes()[0].theme.id
        opened.open_action_by_hand(theme, markets=["US"], clause="4.1", duty=HOSTILE, owner=HOSTILE, due="2030-01-01")
        from voc.search.filters import Asked

        opened.save_search(HOSTILE[:60], HOSTILE, Asked(), mode="lexical")
        opened.write_report("2024-W39", headline=HOSTILE, comment=HOSTILE, theme_comments={theme: HOSTILE})
        ids = {
            "theme_id": theme,
            "feedback_id": comment,
            "proposal_id": opened.proposals()[0].id,
            "change_id": opened.proposals()[0].id,
            "action_id": opened.actions()[0].id,
            "document": "delivery",
            "name": "admin.one",
            "figure": "rate",
            "run_id": opened.runs()[0].id,
            "batch_id": opened.batches()[0].id,
        }
        yield client, ids


QUERIES = {
    "/search": "?q=parcel",
    "/report": "?week=2024-W39&draft=1",
    "/report/file": "?week=2024-W39&form=html&draft=1",
    "/proposals/{proposal_id}/file": "?form=page.html",
}


class Scan(HTMLParser):
    """Finds what a strict policy would stop, and what came out of a comment."""

    def __init__(self, *, is_file):
        super().__init__(convert_charrefs=True)
        self.is_file, self.found, self.text, self.inside = is_file, [], [], ""

    def handle_starttag(self, tag, attrs):
        given, self.inside = dict(attrs), tag
        # What people typed comes back into the form as it was.
        told = [value for name, value in attrs if value and not (tag in {"input", "option"} and name == "value")]
        self.found += [f"{tag} steers: {value[:60]}" for value in told if "\u202e" in value]
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]
        if tag in {"script", "style"} and not given.get("nonce") and not (self.is_file and tag == "style"):
            self.found.append(f"{tag} without nonce")
        if "style" in given and not self.is_file:
            self.found.append(f"{tag} style")
        for name in ("href", "src", "action", "formaction", "data"):
            value = (given.get(name) or "").strip().lower()
            if re.match(r"(javascript|data|vbscript):", value) and not value.startswith("data:image/"):
                self.found.append(f"{tag} {name}={value[:30]}")
            if value.startswith(("http://", "https://", "//")) and name != "href" and not self.is_file:
                self.found.append(f"{tag} {name} elsewhere")

    def handle_data(self, data):
        if "\u202e" in data and self.inside != "textarea":
            self.found.append(f"{self.inside} steers: {data[:60]}")
        self.text.append(data)


def test_no_page_lets_a_hostile_text_do_anything(hostile):
    client, ids = hostile
    shown, wrong = [], {}
    for route in guarded(client.app):
        if route.method != "GET" or route.path.startswith(("/api/", "/static", "/favicon")) or "events" in route.path:
            continue
        path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "zz"), route.path) + QUERIES.get(route.path, "")
        answer = client.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        scan = Scan(is_file="attachment" in answer.headers.get("content-disposition", ""))
        scan.feed(answer.text)
        found = [*scan.found]
        found += [
            f"{one!r} in {answer.text[max(0, place - 160) : place]!r}"
            for one in RAW
            for place in [answer.text.find(one)]
            if place >= 0
        ]
        if "49 " in "".join(scan.text) and "{{ 7*7 }}" not in "".join(scan.text) and "alert(1)" in "".join(scan.text):
            found.append("a template in a template")
        if found or answer.status_code >= 500:
            wrong[path] = (answer.status_code, found[:5])
        if "alert(1)" in "".join(scan.text):
            shown.append(route.path)
    assert wrong == {}
    expected = {"/comments/{feedback_id}", "/themes/{theme_id}", "/search", "/report", "/proposals/{proposal_id}"}
    assert expected <= set(shown)


def test_data_gives_a_hostile_text_as_it_is_and_says_that_it_is_data(hostile):
    client, ids = hostile
    answer = client.get(f"/api/v1/comments/{ids['feedback_id']}")
    assert answer.json()["comment"]["text"].startswith(HOSTILE)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/1/none.css", "/comments/{}", "/themes/{}", "/overview?week={}", "/report?week={}"]
)
def test_a_hostile_address_is_answered_as_text(owner, path):
    answer = owner.get(path.format(quote(HOSTILE, safe="")))
    scan = Scan(is_file=False)
    scan.feed(answer.text)
    assert scan.found == []
    assert "\u202e" not in answer.text
    assert answer.status_code in {404, 422}


# Forms from elsewhere


FORM = {"why": "it says more", "act": "rename", "name": "Wet parcels"}


@pytest.fixture
def form(workspace):
    return f"/themes/{workspace.themes()[0].theme.id}/edit"


def test_our_own_form_is_taken(owner, form):
    answer = owner.fill(form, **FORM)
    assert answer.status_code == 303


@pytest.mark.parametrize("csrf", ["", "x", "é", "0" * 5000])
def test_a_form_without_the_sessions_token_is_refused(owner, form, csrf):
    assert owner.post(form, data=FORM | ({"csrf": csrf} if csrf else {})).status_code == 403


def test_a_form_with_the_token_of_another_session_is_refused(workspace, app, owner, form):
    other = browser(workspace, "owner", name="owner.two", app=app)
    assert owner.post(form, data=FORM | {"csrf": other.csrf}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_a_form_that_the_browser_says_is_from_elsewhere_is_refused(owner, form, site):
    answer = owner.post(form, data=FORM | {"csrf": owner.csrf}, headers={"sec-fetch-site": site})
    assert answer.status_code == 403
    api = owner.post("/api/v1/actions", json={}, headers={"sec-fetch-site": site, "x-csrf-token": owner.csrf})
    assert api.status_code == 403


def test_the_token_does_not_count_in_the_address(owner, form):
    assert owner.post(f"{form}?csrf={owner.csrf}", data=FORM).status_code == 403


def test_the_api_takes_a_session_only_with_the_header(owner):
    assert owner.post("/api/v1/actions", json={}).status_code == 403
    assert owner.post("/api/v1/actions", json={}, headers={"x-csrf-token": "x"}).status_code == 403
    assert owner.post("/api/v1/actions", json={}, headers={"x-csrf-token": owner.csrf}).status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_the_api_takes_nothing_that_a_form_could_send(workspace, app, kind):
    client = program(workspace, "owner", app=app)
    answer = client.post("/api/v1/actions", content=b'{"owner": "x"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["kind"]) == (415, "InputError")


def test_nobody_is_signed_in_as_somebody_else_by_a_form_of_another_site(app):
    """A form without the cookie that our sign-in page set is from another site."""
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    csrf = field(client.get("/sign-in"), "csrf")
    client.cookies.clear()
    answer = client.post("/sign-in", data={"csrf": csrf, "name": "ana", "password": PASSWORD})
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies


def test_nobody_is_signed_out_by_another_site(owner):
    assert owner.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert owner.get("/overview").status_code == 200


# Sessions


def test_the_cookies_are_for_this_host_over_tls_and_not_for_scripts(nobody):
    for answer in (nobody.get("/sign-in"), sign_in(nobody)):
        assert answer.headers.get_list("set-cookie")
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            assert name.startswith("__Host-")
            parts = {one.strip().lower() for one in rest.split(";")[1:]}
            assert {"secure", "httponly", "path=/"} <= parts
            assert parts & {"samesite=lax", "samesite=strict"}
            assert not [one for one in parts if one.startswith("domain")]


def test_a_session_from_before_the_sign_in_is_never_taken_over(nobody):
    nobody.cookies.set(COOKIE, "chosen-by-a-stranger")
    answer = sign_in(nobody)
    assert answer.status_code == 303
    token = re.search(rf"{COOKIE}=([^;]+)", "; ".join(answer.headers.get_list("set-cookie")))[1]
    assert token != "chosen-by-a-stranger"
    stranger = TestClient(nobody.app, base_url=HOST, follow_redirects=False)
    stranger.cookies.set(COOKIE, "chosen-by-a-stranger")
    assert stranger.get("/overview").status_code == 303


def test_each_sign_in_is_another_session_and_signing_out_ends_it(app):
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    tokens = set()
    for _ in range(2):
        answer = sign_in(client)
        tokens.add(re.search(rf"{COOKIE}=([^;]+)", "; ".join(answer.headers.get_list("set-cookie")))[1])
    assert len(tokens) == 2
    held = client.cookies[COOKIE]
    client.post("/sign-out")
    again = TestClient(app, base_url=HOST, follow_redirects=False)
    again.cookies.set(COOKIE, held)
    assert again.get("/overview").status_code == 303


def test_a_session_that_was_not_used_for_long_is_over(owner, clock):
    assert owner.get("/overview").status_code == 200
    clock.ahead = IDLE + timedelta(minutes=1)
    answer = owner.get("/overview?week=2024-W39")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Foverview%3Fweek%3D2024-W39"


def test_what_was_typed_outlives_the_session_and_can_be_sent_again(workspace, app, form, clock):
    client = browser(workspace, "owner", name="owner.late", app=app)
    clock.ahead = IDLE + timedelta(minutes=1)
    typed = FORM | {"name": 'Late "parcels" <b>'}
    over = client.fill(form, **typed)
    assert over.status_code == 401
    assert "nothing that you typed is lost" in over.text
    assert client.csrf not in over.text
    kept = dict(re.findall(r'name="(kept-[^"]+)" value="([^"]*)"', over.text))
    assert kept["kept-name"] == "Late &#34;parcels&#34; &lt;b&gt;"
    fields = {
        name: value.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">") for name, value in kept.items()
    }
    again = client.post(
        "/sign-in",
        data=fields
        | {"csrf": field(over, "csrf"), "target": field(over, "target"), "name": "ana", "password": PASSWORD},
    )
    assert again.status_code == 200
    assert f'action="{form}"' in again.text
    assert "Late &#34;parcels&#34; &lt;b&gt;" in again.text
    sent = client.post(form, data=typed | {"csrf": field(again, "csrf")})
    assert sent.status_code == 303
    assert workspace.themes()[0].label.name == typed["name"]


def test_a_password_is_never_kept_in_a_page(nobody):
    answer = nobody.post("/account/password", data={"password": "a secret password", "why": "kept"})
    if answer.status_code != 404:
        assert "a secret password" not in answer.text


# Guessing


def test_guessing_is_stopped_and_says_when_to_come_again(workspace, app):
    workspace.add_person("guessed", password=PASSWORD, role="viewer")
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    statuses = [sign_in(client, password="wrong wrong wrong", name="guessed") for _ in range(MOST_OF_BOTH + 1)]
    assert [one.status_code for one in statuses] == [401] * MOST_OF_BOTH + [429]
    assert int(statuses[-1].headers["retry-after"]) > 0
    right = sign_in(client, name="guessed")
    assert right.status_code == 429
    assert COOKIE not in right.cookies


def test_it_is_not_said_whether_the_name_or_the_password_is_wrong(nobody):
    strip = re.compile(r'value="[^"]*"|nonce="[^"]*"')
    pages = {strip.sub("", sign_in(nobody, password="wrong wrong wrong", name=name).text) for name in ("ana", "nil")}
    assert len(pages) == 1


@pytest.mark.parametrize("token", ["", "voc_", "voc_" + "x" * 43, "Bearer", "é"])
def test_a_token_that_nobody_made_lets_nobody_in(nobody, token):
    answer = nobody.get("/api/v1/weeks", headers={"authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401


def test_a_wrong_token_is_not_helped_by_a_good_session(owner):
    assert owner.get("/api/v1/weeks", headers={"authorization": "Bearer voc_x"}).status_code == 401


# Ways out of the site, of the folder, and of the answer


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\r\nset-cookie: a=b",
        "/\x00",
        "evil.example",
        " //evil.example",
        "///evil.example",
        "",
    ],
)
def test_nobody_is_led_to_another_site_after_signing_in(app, wanted):
    assert local_path(wanted) == "/"
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    form = client.get("/sign-in", params={"next": wanted})
    assert field(form, "next") == "/"
    answer = sign_in(client, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("wanted", ["/%2f%2fevil.example", "/%5cevil.example", "/.//evil.example", "/overview?a=//b"])
def test_what_only_looks_like_another_site_stays_here(nobody, wanted):
    assert sign_in(nobody, next=wanted).headers["location"].startswith("/")
    assert not sign_in(nobody, next=wanted).headers["location"].startswith("//")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../pyproject.toml",
        "/static/1/../../app.py",
        "/static/1/..%2f..%2fapp.py",
        "/static/1/%2e%2e%2fapp.py",
        "/static/1/%252e%252e%252fapp.py",
        "/static/..%5c..%5capp.py/x",
        "/static/1/%2fetc%2fpasswd",
        "/static/1/.",
        "/static/1/voc.css%00.py",
        "/report/file?week=2024-W39&form=../../key",
        "/report/file?week=..%2f..%2fkey&form=html",
        "/standards/..%2f..%2fkey",
    ],
)
def test_nothing_is_read_from_outside_the_folder(owner, path):
    answer = owner.get(path)
    assert answer.status_code in {404, 422}
    assert "root:" not in answer.text
    assert "import" not in answer.text.split("<main", 1)[-1]


@pytest.mark.parametrize(
    "path",
    [
        "/report/file?week=2024-W39%0d%0aset-cookie:%20a=b&form=md",
        "/report/file?week=2024-W39&market=US%0d%0ax:y&form=md",
        "/report/file?week=2024-W39&form=md%0d%0ax:y",
        "/search/export?q=rain%0d%0ax:y&form=csv%0d%0ax:y",
        '/standards/export?edition=delivery%0d%0ax:y"&form=md',
        "/overview?week=%0d%0aset-cookie:a=b",
    ],
)
def test_an_answer_cannot_be_split(owner, path):
    answer = owner.get(path)
    assert "set-cookie" not in answer.headers
    assert "x" not in answer.headers
    assert all("\r" not in value and "\n" not in value for value in answer.headers.values())
    assert answer.status_code < 500


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "evil.example:443", "", "testserver@evil"])
def test_a_call_by_another_name_is_refused(owner, host):
    answer = owner.get("/overview", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_forwarded_name_is_not_believed(nobody):
    answer = nobody.get("/overview", headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})
    assert answer.headers["location"].startswith("/sign-in")


# Too much


def test_a_body_that_says_it_is_too_large_is_refused(owner, form):
    answer = owner.post(form, content=b"x", headers={"content-length": str(50 << 20), **_FORM})
    assert answer.status_code == 413


_FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_a_body_that_does_not_say_how_large_it_is_is_counted(owner, form, workspace, app):
    def much():
        for _ in range(40):
            yield b"a" * (1 << 16)

    assert owner.post(form, content=much(), headers=_FORM).status_code == 413
    client = program(workspace, "owner", app=app)
    answer = client.post("/api/v1/actions", content=much(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["kind"]) == (413, "InputError")


def test_a_length_that_is_no_number_is_no_fault(owner, form):
    assert owner.post(form, content=b"x", headers={"content-length": "many", **_FORM}).status_code < 500


def test_a_form_of_too_many_fields_is_refused(owner, form):
    data = {f"f{place}": "x" for place in range(MOST_FIELDS + 1)} | {"csrf": owner.csrf}
    assert owner.post(form, data=data).status_code in {400, 413, 422}
    parts = {f"f{place}": (None, "x") for place in range(MOST_FIELDS + 1)}
    assert owner.post(form, files=parts, headers={"x-csrf-token": owner.csrf}).status_code in {400, 413, 422}


def test_a_stranger_cannot_make_the_server_take_a_file(nobody, monkeypatch):
    from starlette.requests import Request

    small = nobody.post("/start/upload", files={"file": ("a.csv", b"x" * 1000)}, data={"why": "typed"})
    if small.status_code != 405:
        assert small.status_code in {401, 404}
    monkeypatch.setattr(Request, "form", lambda *args, **more: pytest.fail("it was read"))
    for sent in ({"content": b"x" * (SMALL_BODY + 1)}, {"content": iter([b"x" * 10])}):
        answer = nobody.post("/report/write", headers=_FORM, **sent)
        assert answer.status_code in {401, 413}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"[" * 50_000, b'{"owner": "\\ud800"}', b"\xff\xfe", b"null"])
def test_json_that_is_none_is_no_fault(workspace, app, body):
    client = program(workspace, "owner", app=app)
    client.raise_server_exceptions = False
    answer = client.post("/api/v1/actions", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["kind"]) == (422, "InputError")


# Kinds of request


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/overview", "/api/v1/weeks", "/sign-in"])
def test_only_the_kinds_of_request_that_are_meant_are_answered(owner, method, path):
    answer = owner.request(method, path, headers={"origin": "https://evil.example"})
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert owner.cookies[COOKIE] not in answer.text


def test_a_head_tells_no_more_than_the_page(nobody, owner):
    assert nobody.head("/overview").status_code in {303, 405}
    assert owner.head("/overview").content == b""


# What is written down


def test_no_log_holds_what_people_ask_type_or_hold(workspace, app, caplog):
    caplog.set_level(logging.DEBUG)
    client = browser(workspace, "owner", name="owner.logged", app=app)
    token = program(workspace, "owner", app=app)
    sign_in(TestClient(app, base_url=HOST, follow_redirects=False), password="a secret password")
    client.get("/search", params={"q": "a secret question"})
    token.get("/api/v1/search", params={"q": "a secret question"})
    client.fill(
        f"/themes/{workspace.themes()[0].theme.id}/edit", act="rename", name="a secret name", why="a secret why"
    )
    client.get("/comments/a-secret-id")
    told = "\n".join(one.getMessage() + str(one.__dict__) for one in caplog.records if not one.name.startswith("http"))
    assert "secret" not in told
    for held in (client.cookies[COOKIE], client.csrf, token.headers["authorization"].split()[1], PASSWORD):
        assert held not in told


def test_the_cookie_of_the_sign_in_form_ends_with_it(nobody):
    answer = sign_in(nobody)
    assert any(one.startswith(f"{BEFORE}=") and "Max-Age=0" in one for one in answer.headers.get_list("set-cookie"))
