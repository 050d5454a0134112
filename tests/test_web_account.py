"""One's own account: the password, tokens that are shown once, and where one is signed in."""

import re
import shutil

import pytest
from conftest import BARE
from fastapi.testclient import TestClient
from visitors import HOST, browser, program

from voc.access import Role
from voc.web.visit import COOKIE
from voc.workspace import Workspace

GOOD, NEW = "four words make good", "other words are fine"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("account") / "w"
    with Workspace.init(folder, environment=BARE) as made:
        made.add_person("ana", password=GOOD, role="owner", markets=["DE"])
    return folder


@pytest.fixture
def workspace(template, tmp_path):
    shutil.copytree(template, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE) as opened:
        yield opened


@pytest.fixture
def client(workspace):
    return browser(workspace, "owner", name="ana")


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_an_account(workspace, role):
    assert browser(workspace, role.value).get("/account").status_code == 200


def test_it_says_who_one_is(client):
    text = client.get("/account").text
    assert "<dd>owner</dd>" in text
    assert "<dd>DE</dd>" in text


def test_a_password_is_changed_and_this_browser_stays_signed_in(workspace, client):
    elsewhere = browser(workspace, "owner", name="ana", app=client.app)
    elsewhere.cookies.set(COOKIE, workspace.doorkeeper.begin("ana", now=workspace.services.clock()))
    answer = client.fill("/account/password", old=GOOD, new=NEW, again=NEW)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert all(part in answer.headers.get_list("set-cookie")[-1] for part in (COOKIE, "HttpOnly", "Secure", "Path=/"))
    client.cookies.set(COOKIE, re.search(rf"{COOKIE}=([\w-]+)", str(answer.headers.get_list("set-cookie")))[1])
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert GOOD not in cookie


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("not the old one", NEW, NEW, "old password is wrong"),
        (GOOD, NEW, NEW + "!", "in two ways"),
        (GOOD, GOOD, GOOD, "is the old one"),
        (GOOD, "short", "short", "12 to 256"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(client, old, new, again, said):
    answer = client.fill("/account/password", old=old, new=new, again=again)
    assert answer.status_code == 422
    assert said in answer.text
    assert client.get("/account").status_code == 200


def test_guessing_the_old_password_is_limited(client):
    ends = [client.fill("/account/password", old="wrong", new=NEW, again=NEW).status_code for _ in range(6)]
    assert ends == [422] * 5 + [429]


def test_a_token_is_shown_once_and_works(workspace, client):
    text = client.fill("/account/tokens", title="my script", scope="counts", days="30").text
    (token,) = re.findall(r"<code>(voc_[\w-]+)</code>", text)
    assert token not in client.get("/account").text
    caller = TestClient(client.app, base_url=HOST, headers={"authorization": f"Bearer {token}"})
    assert caller.get("/api/v1/weeks").status_code == 200
    assert caller.get("/api/v1/proposals").status_code == 403


@pytest.mark.parametrize("wrong", [{"scope": "all"}, {"days": "0"}, {"days": "9999"}, {"title": " "}])
def test_a_token_that_cannot_be_is_refused_and_what_was_typed_stays(workspace, client, wrong):
    fields = {"title": "my script", "scope": "comments", "days": "30", **wrong}
    answer = client.fill("/account/tokens", **fields)
    assert answer.status_code == 422
    assert f'value="{fields["title"]}"' in answer.text
    assert workspace.tokens(everybodys=True) == ()


def test_one_ends_ones_own_token_and_nobody_elses(workspace, client):
    workspace.add_person("ben", password=GOOD, role="owner")
    mine, _ = workspace.add_token(person="ana", title="mine", scopes=["counts"])
    other, _ = workspace.add_token(person="ben", title="other", scopes=["counts"])
    assert "other" not in client.get("/account").text
    assert client.fill(f"/account/tokens/{other.id}/revoke").status_code == 403
    assert client.fill(f"/account/tokens/{mine.id}/revoke").status_code == 303
    ended = {one.title: one.revoked_at is not None for one in workspace.tokens(everybodys=True)}
    assert ended == {"mine": True, "other": False}


def test_other_browsers_are_signed_out(workspace, client):
    elsewhere = workspace.doorkeeper.begin("ana", now=workspace.services.clock())
    assert "Sign out everywhere but here" in client.get("/account").text
    assert client.fill("/account/sessions/end").status_code == 303
    assert workspace.doorkeeper.session(elsewhere, now=workspace.services.clock()) is None
    assert "Sign out everywhere but here" not in client.get("/account").text


def test_a_token_cannot_make_itself_a_better_one_nor_touch_the_account(workspace):
    caller = program(workspace, "owner", name="ana", scopes=["counts"])
    before = workspace.tokens(everybodys=True)
    for path, fields in (
        ("/account/tokens", {"title": "x", "scope": "work", "days": "9"}),
        ("/account/password", {"old": GOOD, "new": NEW, "again": NEW}),
        ("/account/sessions/end", {}),
        (f"/account/tokens/{before[0].id}/revoke", {}),
    ):
        assert caller.post(path, data=fields).status_code == 403
    assert [one.id for one in workspace.tokens(everybodys=True)] == [one.id for one in before]


@pytest.mark.parametrize("path", ["password", "tokens", "sessions/end"])
def test_a_form_of_another_site_is_refused(client, path):
    assert client.post(f"/account/{path}", data={"csrf": "wrong"}).status_code == 403
