"""People for tests of the pages: signed in without the slow hashing of a password."""

from __future__ import annotations

from fastapi.testclient import TestClient

from voc.access import Role
from voc.people.sign_in import Doorkeeper
from voc.people.tokens import make_token
from voc.store import people, sign_ins
from voc.types import Stamp
from voc.web.app import create_app
from voc.web.visit import COOKIE
from voc.wiring import utc_now

NO_PASSWORD = "$argon2id$nobody"
HOST = "https://testserver"


def known(workspace, name, role, markets=()):
    """Take somebody in who cannot sign in by a password."""
    with workspace.services.database.write() as connection:
        if people.find(connection, name) is None:
            stamp = Stamp("tests", utc_now())
            people.add(connection, stamp, name, password_hash=NO_PASSWORD, role=Role(role), markets=markets)


_newest = {}


def app_of(workspace):
    """Return the app over the newest workspace that was asked for; `create_app` makes one of another kind."""
    if workspace not in _newest:
        _newest.clear()
        _newest[workspace] = create_app(workspace)
    return _newest[workspace]


class Browser(TestClient):
    """A signed-in browser; `fill` posts a form with the session's token."""

    csrf = ""

    def fill(self, path, **fields):
        return self.post(path, data={"csrf": self.csrf, **fields}, headers={"referer": f"{HOST}/"})


def browser(workspace, role="admin", *, name="", markets=(), app=None):
    """Return a browser that is signed in under a role."""
    name = name or f"{role}.one"
    known(workspace, name, role, markets)
    keeper: Doorkeeper = workspace.doorkeeper
    token, now = f"{name}-session", workspace.services.clock()
    csrf = f"{name}-csrf"
    with workspace.services.database.write() as connection:
        sign_ins.end_session(connection, keeper.keyed("session", token))
        sign_ins.begin_session(
            connection, Stamp(name, now), id_hash=keeper.keyed("session", token), person=name, csrf=csrf
        )
    client = Browser(app or app_of(workspace), base_url=HOST, follow_redirects=False, raise_server_exceptions=True)
    client.cookies.set(COOKIE, token)
    client.csrf = csrf
    return client


def program(workspace, role="admin", *, scopes=("work",), name="", markets=(), app=None):
    """Return a client that comes with a token."""
    name = name or f"{role}.one"
    known(workspace, name, role, markets)
    stamp = Stamp("tests", workspace.services.clock())
    _, text = make_token(workspace.doorkeeper, stamp, person=name, title="test", scopes=scopes, days=1)
    client = TestClient(app or app_of(workspace), base_url=HOST, follow_redirects=False)
    client.headers["authorization"] = f"Bearer {text}"
    return client
