"""The JSON API, one file a noun; everything that pages show, under the same roles."""

from __future__ import annotations

from fastapi import APIRouter

from voc.web.api import schema, search


def routers() -> tuple[APIRouter, ...]:
    """Return every router of the API."""
    return (schema.router(), search.router())
