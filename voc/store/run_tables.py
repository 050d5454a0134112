"""Tables of runs at work: how far each is, and whether somebody wants it stopped."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from voc.store.tables import metadata, text_column


def _run_ref() -> Column[str]:
    """Return a column that names a run, and whose row goes with it."""
    return Column("run_id", Text, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True, nullable=False)


run_progress = Table(  # the step at work; a total of 0 is not known
    "run_progress",
    metadata,
    _run_ref(),
    text_column("step"),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    text_column("at"),
)

run_cancel = Table("run_cancel", metadata, _run_ref(), text_column("actor"), text_column("at"))
