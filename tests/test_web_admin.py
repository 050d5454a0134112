"""The page of people and tokens: only for admins, nothing lost where something is refused, two admins at once."""

import shutil

import pytest
from conftest import BARE
from visitors import browser, known, program

from voc.access import Role
from voc.workspace import Workspace

GOOD = "four words make good"
POSTS = (
    "/admin/people",
    "/admin/people/ana",
    "/admin/people/ana/state",
    "/admin/people/ana/password",
    "/admin/tokens/x/revoke",
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("admin") / "w"
    Workspace.init(folder, environment=BARE).close()
    return folder


@pytest.fixture
def workspace(template, tmp_path):
    shutil.copytree(template, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE) as opened:
        known(opened, "ana", "viewer")
        yield opened


@pytest.fixture
def client(workspace):
    return browser(workspace)


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
def test_the_page_and_its_forms_are_for_admins(workspace, role):
    client = browser(workspace, role.value)
    assert client.get("/admin").status_code == 403
    assert client.get("/admin/people/ana").status_code == 403
    assert {client.fill(path).status_code for path in POSTS} == {403}


def test_no_token_manages_people(workspace):
    client = program(workspace, "admin", scopes=["work"])
    assert client.get("/admin").status_code == 403
    assert {client.post(path).status_code for path in POSTS} == {403}


def test_somebody_is_let_in(workspace, client):
    answer = client.fill("/admin/people", name="ben", role="analyst", market=["DE", "FR"], password=GOOD)
    assert answer.headers["location"] == "/admin"
    row = workspace.person("ben")
    assert (row.role, row.markets) == ("analyst", ("DE", "FR"))
    assert ">ben</a>" in client.get("/admin").text


def test_what_is_refused_stays_typed_but_the_password(client):
    answer = client.fill("/admin/people", name="Ben <b>", role="owner", market=["DE"], password=GOOD)
    assert answer.status_code == 422
    assert 'value="Ben &lt;b&gt;"' in answer.text
    assert '<option value="owner" selected>' in answer.text
    assert 'value="DE" checked' in answer.text
    assert GOOD not in answer.text


def test_role_and_markets_are_changed(workspace, client):
    client.fill("/admin/people/ana", seen="viewer", role="owner", market=["BR"], why="new work")
    row = workspace.person("ana")
    assert (row.role, row.markets) == ("owner", ("BR",))


def test_what_another_admin_changed_meanwhile_is_shown_and_not_written_over(workspace, client):
    workspace.change_person("ana", role="analyst")
    answer = client.fill("/admin/people/ana", seen="viewer", role="owner", market=["BR"])
    assert answer.status_code == 409
    assert "<dd>analyst</dd>" in answer.text
    assert '<option value="owner" selected>' in answer.text
    assert workspace.person("ana").role == "analyst"


def test_the_last_admin_stays_and_the_page_says_so(workspace, client):
    answer = client.fill("/admin/people/admin.one", seen="admin", role="viewer")
    assert answer.status_code == 422
    assert "last active admin" in answer.text
    assert workspace.person("admin.one").role == "admin"


def test_disabling_wants_a_reason(workspace, client):
    assert client.fill("/admin/people/ana/state", to="disable", why=" ").status_code == 422
    assert workspace.person("ana").is_active
    assert client.fill("/admin/people/ana/state", to="disable", why="left").status_code == 303
    assert not workspace.person("ana").is_active
    client.fill("/admin/people/ana/state", to="enable", why="is back")
    assert workspace.person("ana").is_active


def test_a_disabled_persons_browser_is_out_at_once(workspace, client):
    theirs = browser(workspace, "viewer", name="ana", app=client.app)
    assert theirs.get("/account").status_code == 200
    client.fill("/admin/people/ana/state", to="disable", why="left")
    assert theirs.get("/account").status_code == 303


def test_a_new_password_ends_sessions(workspace, client):
    theirs = browser(workspace, "viewer", name="ana", app=client.app)
    assert client.fill("/admin/people/ana/password", password="other words are fine").status_code == 303
    assert theirs.get("/account").status_code == 303


def test_a_weak_password_is_refused(client):
    assert client.fill("/admin/people/ana/password", password="short").status_code == 422


def test_anybodys_token_is_ended(workspace, client):
    row, _ = workspace.add_token(person="ana", title="script", scopes=["counts"])
    assert "script" in client.get("/admin").text
    client.fill(f"/admin/tokens/{row.id}/revoke")
    assert [one.revoked_at is not None for one in workspace.tokens(everybodys=True)] == [True]


def test_a_title_of_a_token_is_text(workspace, client):
    workspace.add_token(person="ana", title="<script>x</script>\u202e", scopes=["counts"])
    text = client.get("/admin").text
    assert "<script>x" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("path", ["/admin/people/nobody", "/admin/people/%3Cb%3E"])
def test_who_is_not_there_is_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<b>" not in answer.text


def test_a_form_without_the_sessions_token_changes_nothing(workspace, client):
    assert client.post("/admin/people/ana/state", data={"to": "disable", "why": "x"}).status_code == 403
    assert workspace.person("ana").is_active
