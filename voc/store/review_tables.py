"""Tables of review: versions of a draft, consultations, cost, adoptions, and the actions that follow from proposals."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text

from voc.store.tables import metadata, text_column


def _proposal_ref(*, key: bool = False) -> Column[str]:
    """Return a column that names a proposal, and whose row goes with it."""
    return Column("proposal_id", Text, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=key, nullable=False)


proposal_version = Table(  # a draft as it was, from the first edit on with version 1 the machine's
    "proposal_version",
    metadata,
    _proposal_ref(key=True),
    Column("version", Integer, primary_key=True),
    Column("draft", JSON, nullable=False),
    Column("gate", JSON, nullable=False),  # list of {rule, passed, reason}
    text_column("why"),
    text_column("actor"),
    text_column("at"),
)

consultation = Table(
    "consultation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _proposal_ref(),
    text_column("reviewer"),
    text_column("part"),  # legal, operations, market, or another one
    text_column("due"),  # ISO date
    text_column("actor"),
    text_column("at"),
    text_column("answer", null=True),  # agree, object
    text_column("text", null=True),
    text_column("answered_by", null=True),
    text_column("answered_at", null=True),
    Column("answered_version", Integer),  # what the answer is about
    text_column("override_why", null=True),
    text_column("override_by", null=True),
    text_column("override_at", null=True),
    Index(None, "proposal_id"),
)

assessment = Table(  # what a change costs and whether it can be done; the newest counts
    "assessment",
    metadata,
    _proposal_ref(key=True),
    Column("ordinal", Integer, primary_key=True),
    text_column("cost"),
    text_column("feasibility"),
    text_column("actor"),
    text_column("at"),
)

adoption = Table(
    "adoption",
    metadata,
    _proposal_ref(key=True),
    text_column("market", key=True),
    text_column("since"),  # ISO date
    Column("edition_id", Text, ForeignKey("edition.id")),
    text_column("actor"),
    text_column("at"),
)

action = Table(  # a clause that is right and is not followed
    "action",
    metadata,
    text_column("id", key=True),
    Column("theme_id", Text, ForeignKey("theme.id"), nullable=False),
    Column("proposal_id", Text, ForeignKey("proposal.id")),
    text_column("market"),  # "" is several markets
    Column("markets", JSON, nullable=False),
    text_column("document"),
    text_column("clause_number"),
    text_column("duty"),
    text_column("owner"),
    text_column("due", null=True),  # ISO date
    text_column("state"),  # open, done, dropped
    text_column("result", null=True),
    text_column("done_on", null=True),  # ISO date
    text_column("week"),
    text_column("actor"),
    text_column("at"),
    Index(None, "proposal_id"),
)

action_event = Table(
    "action_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("action_id", Text, ForeignKey("action.id"), nullable=False),
    text_column("from_state", null=True),
    text_column("to_state"),
    text_column("note"),
    text_column("actor"),
    text_column("at"),
    Index(None, "action_id"),
)
