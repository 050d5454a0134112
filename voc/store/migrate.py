"""Bring a store's tables to the newest migration, by Alembic; a store that has it is left without loading Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect

from voc.errors import StoreError

if TYPE_CHECKING:
    from voc.store.database import Database

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_REVISION_DIGITS: Final = 4


def revisions() -> tuple[str, ...]:
    """Return the migrations there are, the oldest first; their files begin with their number."""
    return tuple(sorted(path.name[:_REVISION_DIGITS] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")))


def migrate(database: Database) -> None:
    """Apply what migrations a store does not have yet.

    Raises:
        StoreError: a newer voc wrote it.
    """
    with database.read() as connection:
        current = _revision(connection)
    known = revisions()
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise StoreError(
            f"This store was written by a newer voc (its schema is '{current}'). Update voc: pip install -U voc."
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)
