"""Pages from templates: one environment, with what every page needs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from voc.access import Act
from voc.web import words

if TYPE_CHECKING:
    from voc.web.visit import Visit

_HERE: Final = Path(__file__).parent
SAID: Final = "__Host-voc-said"
_MOST_SAID: Final = 600


@cache
def environment() -> Environment:
    """Return the templates; everything is escaped, and a name that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= words.FILTERS
    made.globals |= {"Act": Act, "asset": asset}
    return made


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the file, so that browsers may keep it."""
    return f"/static/{fingerprint(name)}/{name}"


@cache
def fingerprint(name: str) -> str:
    """Return the beginning of the hash of a static file."""
    return hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:12]


def page(visit: Visit, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page for somebody who is signed in."""
    request = visit.request
    told = _told(request)
    text = (
        environment()
        .get_template(template)
        .render(
            visit=visit,
            title_of=visit.workspace.services.settings.workspace.name,
            path=request.url.path,
            nonce=request.state.nonce,
            said=told,
            **values,
        )
    )
    answer = HTMLResponse(text, status_code=status)
    if SAID in request.cookies:
        answer.delete_cookie(SAID, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def fragment(template: str, **values: object) -> Markup:
    """Return a part of a page that is the same for everybody who sees the same, so that it can be kept."""
    return Markup(environment().get_template(template).render(**values))  # noqa: S704  the template escapes


def plain_page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page for anybody."""
    nonce = getattr(request.state, "nonce", "")
    text = environment().get_template(template).render(visit=None, nonce=nonce, path=request.url.path, **values)
    return HTMLResponse(text, status_code=status)


def after(visit: Visit, path: str, said: str = "") -> RedirectResponse:
    """Return the way to a page of ours after a form was taken, with what is said there once."""
    answer = RedirectResponse(path, status_code=303)
    if said:
        key = visit.workspace.services.key
        body = base64.urlsafe_b64encode(json.dumps(said[:_MOST_SAID]).encode()).decode()
        answer.set_cookie(
            SAID, f"{body}.{_seal(key, body)}", max_age=60, path="/", secure=True, httponly=True, samesite="strict"
        )
    return answer


def local_path(text: str) -> str:
    """Return a path of this site, "/" for anything that a browser could read as another site."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or any(ord(char) < 32 for char in text):
        return "/"
    return text


def _told(request: Request) -> str:
    """Return what is to be said once; only what this server wrote."""
    body, _, seal = request.cookies.get(SAID, "").partition(".")
    key = request.app.state.workspace.services.key
    if not body or not hmac.compare_digest(seal.encode(), _seal(key, body).encode()):
        return ""
    return str(json.loads(base64.urlsafe_b64decode(body)))


def _seal(key: bytes, body: str) -> str:
    return hmac.new(key, b"said\0" + body.encode(), hashlib.sha256).hexdigest()
