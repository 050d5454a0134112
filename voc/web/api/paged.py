"""Long lists page by page: a cursor tells the last row of a page, so that rows that are added disturb nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from voc.errors import InputError
from voc.web.api.asked import Text

MOST_ROWS: Final = 500

Key = tuple[str | int, ...]
T = TypeVar("T")


class PageQuestion(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(frozen=True)

    limit: int = Field(100, ge=1, le=MOST_ROWS, description="How many rows a page has at most.")
    cursor: Text = Field("", description="Where the page before ended: its cursor. Empty: the first page.")


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """The rows of a page, and the cursor of the next one, "" at the end."""

    rows: tuple[T, ...]
    cursor: str


def paged(rows: Sequence[T], asked: PageQuestion, key: Callable[[T], Key], *, down: bool = False) -> Paged[T]:
    """Return a page of rows in the order of their keys, no two alike; with `down`, the greatest first.

    Raises:
        InputError: the cursor is not one of this list.
    """
    shape = [type(part) for part in key(rows[0])] if rows else []
    after = read_cursor(asked.cursor, shape) if asked.cursor and rows else None
    ordered = sorted(rows, key=key, reverse=down)
    if after is not None:
        ordered = [row for row in ordered if (key(row) < after if down else key(row) > after)]
    found = tuple(ordered[: asked.limit])
    return Paged(found, write_cursor(key(found[-1])) if len(ordered) > len(found) else "")


def write_cursor(key: Key) -> str:
    """Return a key as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str, shape: Sequence[type]) -> Key:
    """Return the key that a cursor holds.

    Raises:
        InputError: it holds none of this shape.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, list) or [type(part) for part in found] != list(shape) or not all(map(_fits, found)):
        raise InputError("The cursor is not one of this list. Take the cursor of the page before, or leave it out.")
    return tuple(found)


def _fits(part: object) -> bool:
    return not isinstance(part, int) or abs(part) < 1 << 63
