"""Styles and scripts of ours: three files, found by name only, which browsers keep until they change."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from voc.errors import NotFoundError
from voc.proposals.blocks_html import css

_FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_KEEP: Final = "public, max-age=31536000, immutable"


def router() -> APIRouter:
    """Return the addresses of static files."""
    known = {path.name: path for path in sorted(_FOLDER.iterdir()) if path.suffix in _KINDS}
    found = APIRouter(include_in_schema=False)

    def static(version: str, name: str) -> Response:
        """Return a static file; the version only tells browsers files apart."""
        if name not in known:
            raise NotFoundError(f"There is no file '{name[:40]}'.")
        body = known[name].read_bytes()
        if name == "voc.css":
            body += css().encode()
        return Response(body, media_type=_KINDS[known[name].suffix], headers={"cache-control": _KEEP})

    def icon() -> Response:
        return static("", "icon.svg")

    found.add_api_route("/static/{version}/{name}", static, methods=["GET"])
    found.add_api_route("/favicon.ico", icon, methods=["GET"])
    return found
