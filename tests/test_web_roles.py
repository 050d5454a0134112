"""Every address, every kind of request, every role: who is let in is what the table of acts says, and nobody else."""

import re

import pytest
from conftest import BARE
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from visitors import HOST, browser, program

from voc.access import MAY, Act, Role
from voc.web import app as web
from voc.web import views
from voc.web.guard import OPEN, check_guarded, guarded
from voc.web.visit import needs
from voc.workspace import Workspace

OWN = "/account"
"""What is one's own there is changed by a person at a browser only, and only what is one's own."""

NAMES = {"week": "2024-W39", "document": "delivery", "name": "voc.css", "version": "1"}


@pytest.fixture(scope="module")
def app(ready_folder):
    with Workspace.open(ready_folder, environment=BARE) as opened:
        yield web.create_app(opened)


@pytest.fixture(scope="module")
def people(ready_folder, tmp_path_factory):
    """A client of each role, and one of nobody, upon a workspace of their own."""
    import shutil

    folder = tmp_path_factory.mktemp("roles") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        made = web.create_app(opened)
        found = {role: browser(opened, role.value, app=made) for role in Role}
        for one in found.values():
            one.raise_server_exceptions = False
        nobody = TestClient(made, base_url=HOST, follow_redirects=False)
        yield found, nobody


def routes():
    """Return every route, without a workspace."""
    made = FastAPI(openapi_url=None)
    for one in (*views.routers(), *web.api.routers()):
        made.include_router(one)
    return sorted(guarded(made), key=lambda one: one.name)


ROUTES = routes()


def ask(client, route):
    """Ask for an address with ids that nothing has, and a body with nothing but the session's token."""
    path = re.sub(r"{(\w+)(?::\w+)?}", lambda found: NAMES.get(found[1], "zz"), route.path)
    csrf = getattr(client, "csrf", "")
    if path.startswith("/api/"):
        body = {} if route.method == "GET" else {"json": {}, "headers": {"x-csrf-token": csrf}}
    else:
        body = {} if route.method == "GET" else {"data": {"csrf": csrf}}
    return client.request(route.method, path, **body)


def test_there_is_something_to_walk():
    assert len(ROUTES) > 40
    assert all(one.acts for one in ROUTES)


def test_what_is_open_is_open_by_name_and_no_more(app):
    bare = {one.name for one in guarded(app) if not one.acts}
    assert bare <= OPEN
    assert {"GET /sign-in", "POST /sign-in", "POST /sign-out"} <= bare


@pytest.mark.parametrize("route", ROUTES, ids=[one.name for one in ROUTES])
def test_each_role_is_let_in_as_the_table_says(people, route):
    known, _ = people
    answers = {role: ask(client, route) for role, client in known.items()}
    shut = {role for role, answer in answers.items() if answer.status_code == 403}
    assert {answer.status_code for answer in answers.values()} & {401, 500} == set()
    assert not [one for one in answers.values() if one.headers.get("location", "").startswith("/sign-in")]
    allowed = frozenset.intersection(*(MAY[act] for act in route.acts))
    assert shut >= set(Role) - allowed
    assert shut == set(Role) - allowed or route.path.startswith(OWN)


@pytest.mark.parametrize("route", ROUTES, ids=[one.name for one in ROUTES])
def test_nobody_is_led_to_the_sign_in(people, route):
    _, nobody = people
    answer = ask(nobody, route)
    if route.path.startswith("/api/"):
        assert (answer.status_code, answer.json()["kind"]) == (401, "SignInError")
    elif route.method == "GET":
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")
    else:
        assert answer.status_code == 401
        assert 'action="/sign-in"' in answer.text


@pytest.mark.parametrize("route", ROUTES, ids=[one.name for one in ROUTES])
def test_a_token_for_counts_reads_counts_only(app, route):
    client = program(app.state.workspace, "admin", name="counter", scopes=("counts",), app=app)
    client.raise_server_exceptions = False
    answer = ask(client, route)
    of_a_person = route.method == "POST" and route.path.startswith(OWN)
    assert (answer.status_code == 403) is (of_a_person or not route.acts <= {Act.VIEW})


def test_an_address_that_nobody_guards_stops_the_app(monkeypatch, app):
    bare = APIRouter()
    bare.add_api_route("/secret", lambda: "told", methods=["GET"])
    monkeypatch.setattr(web, "routers", lambda: (bare,))
    with pytest.raises(RuntimeError, match="Nobody guards GET /secret"):
        web.create_app(app.state.workspace)


def test_a_mounted_app_is_nobodys_either():
    made = FastAPI(openapi_url=None)
    made.mount("/inside", FastAPI())
    with pytest.raises(RuntimeError, match="/inside"):
        check_guarded(made)


def test_an_act_that_is_in_no_table_guards_nothing():
    made = FastAPI(openapi_url=None)

    def let_in():
        return None

    let_in.act = "see everything"
    made.add_api_route("/x", lambda: 1, dependencies=[needs.__globals__["Depends"](let_in)])
    with pytest.raises(RuntimeError, match="/x"):
        check_guarded(made)
