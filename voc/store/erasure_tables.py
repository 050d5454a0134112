"""The table of erasures: what was asked for, and what of it is still to be done outside of the store."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, Table

from voc.store.tables import metadata, text_column

erasure = Table(
    "erasure",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    text_column("state"),  # begun, done
    Column("comments", Integer, nullable=False),
    Column("themes", JSON, nullable=False),  # ids whose centroid and name are to be made again
    Column("reports", JSON, nullable=False),  # names of report files to be written again or removed
    text_column("why"),
    text_column("actor"),
    text_column("at"),
    text_column("ended_at", null=True),
)
