"""Tables of what comes in: how far each source has been read, and what was found strange about a batch."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Table, Text

from voc.store.tables import metadata
from voc.store.tables import text_column as _text

source_cursor = Table(  # how far a source has been read: a watermark of a query, the mark of a file
    "source_cursor",
    metadata,
    _text("source", key=True),  # "sql/NAME", or "file"
    _text("name", key=True),  # "" of a query, the address of a file
    _text("value"),  # JSON
    _text("actor"),
    _text("at"),
)

batch_check = Table(
    "batch_check",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True),
    _text("name", key=True),  # null_rate, volume, languages, duplicates, burst
    _text("subject", key=True),  # the field, market or source that it is about
    _text("market"),  # "" is all of them
    _text("first_week"),
    _text("last_week"),
    Column("measured", Float, nullable=False),
    Column("expected", Float, nullable=False),
    _text("state"),  # ok, warning
    _text("sentence"),
    _text("actor"),
    _text("at"),
)
