"""Put other columns into a mapping, leaving everything else of it as it was written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Final

from voc.errors import SettingsError

FIELDS: Final = (
    "text",
    "created_at",
    "market",
    "source_id",
    "language",
    "rating",
    "channel",
    "tracking",
    "order",
)
"""The fields that a person gives columns to; `revision` stays as the mapping says."""

_TABLE: Final = re.compile(r"^\[columns\][^\n]*\n?.*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


def columns_in(toml: str) -> dict[str, str]:
    """Return the column of each field that a mapping (TOML) names; none where it cannot be read."""
    try:
        found = tomllib.loads(toml).get("columns", {})
    except tomllib.TOMLDecodeError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def assign(toml: str, columns: Mapping[str, str]) -> str:
    """Return a mapping (TOML) in which fields have these columns; an empty one takes the field away.

    Raises:
        SettingsError: the mapping is not TOML.
    """
    try:
        tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The mapping is not TOML: {error}. Mend that line.") from error
    wanted = {**columns_in(toml), **columns}
    lines = [f"{name} = {_quoted(value)}" for name, value in wanted.items() if value]
    table = "\n".join(["[columns]", *lines]) + "\n\n"
    if _TABLE.search(toml):
        return _TABLE.sub(lambda _: table, toml, count=1)
    at = re.search(r"^\[", toml, re.MULTILINE)
    return f"{toml[: at.start()]}{table}{toml[at.start() :]}" if at else f"{toml}\n{table}"


def _quoted(text: str) -> str:
    """Return a text as a TOML string on one line."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", plain) + '"'
