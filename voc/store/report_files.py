"""What was written into the folder of reports: for each week and market, the sha256 of each form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from voc.store import schema

_KEY = "report files/"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files of one report by name, with their sha256; `market` "" is the network."""

    week: str
    market: str
    files: Mapping[str, str]


def put(connection: Connection, written: ReportFiles) -> None:
    """Keep what was written, in place of what was kept of the same report."""
    table, key = schema.workspace, f"{_KEY}{written.week}/{written.market}"
    connection.execute(delete(table).where(table.c.key == key))
    connection.execute(insert(table).values(key=key, value=json.dumps(dict(written.files), sort_keys=True)))


def every(connection: Connection) -> tuple[ReportFiles, ...]:
    """Return what was written, in order of week and market."""
    table = schema.workspace
    query = select(table.c.key, table.c.value).where(table.c.key.startswith(_KEY)).order_by(table.c.key)
    found = []
    for row in connection.execute(query):
        week, market = row.key.removeprefix(_KEY).split("/", 1)
        found.append(ReportFiles(week, market, json.loads(row.value)))
    return tuple(found)
