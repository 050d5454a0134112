"""Groups of themes: the upper of two levels."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp


def put(connection: Connection, stamp: Stamp, groups: Mapping[str, str], *, week: str) -> None:
    """Write the group of each theme by id; a group that is not known yet is born in the week, without a name."""
    known = set(names(connection))
    now = {"actor": stamp.actor, "at": to_text(stamp.at)}
    fresh = sorted(set(groups.values()) - known)
    if fresh:
        connection.execute(
            insert(schema.theme_group), [{"id": one, "born_week": week, "name": "", **now} for one in fresh]
        )
    for theme_id, group_id in groups.items():
        connection.execute(update(schema.theme).where(schema.theme.c.id == theme_id).values(group_id=group_id))


def rename(connection: Connection, stamp: Stamp, names: Mapping[str, str]) -> None:
    """Give groups names."""
    table = schema.theme_group
    for group_id, name in sorted(names.items()):
        values = {"name": name, "actor": stamp.actor, "at": to_text(stamp.at)}
        connection.execute(update(table).where(table.c.id == group_id).values(**values))


def names(connection: Connection) -> dict[str, str]:
    """Return the name of each group, empty before it has one."""
    table = schema.theme_group
    return {row.id: row.name for row in connection.execute(select(table.c.id, table.c.name).order_by(table.c.id))}
