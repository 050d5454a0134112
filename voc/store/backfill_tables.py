"""The table of partitions that were brought in."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from voc.store.tables import metadata
from voc.store.tables import text_column as _text

backfill_part = Table(
    "backfill_part",
    metadata,
    _text("plan_id", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("batch_id"),
    _text("state"),  # rows, done, quarantined
    _text("reason"),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    _text("actor"),
    _text("at"),
)
