"""Tables of standards and proposals, with what all tables are made of; `schema` gathers every table."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text_column(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    """Return a column of text, not null unless told so."""
    return Column(name, Text, nullable=null, primary_key=key)


def feedback_ref(*, key: bool = True) -> Column[str]:
    """Return a column that names a feedback, and whose row goes with it."""
    return Column("feedback_id", Text, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=key, nullable=False)


edition = Table(  # immutable
    "edition",
    metadata,
    text_column("id", key=True),  # sha256 of the source
    text_column("document"),
    text_column("name"),
    text_column("title"),
    text_column("market"),  # "" is the global edition
    text_column("owner"),
    text_column("language"),
    text_column("effective"),
    text_column("source"),
    text_column("proposal_id", null=True),
    text_column("actor"),
    text_column("at"),
    UniqueConstraint("document", "market", "name"),
)

clause = Table(
    "clause",
    metadata,
    Column("edition_id", Text, ForeignKey("edition.id"), primary_key=True),
    text_column("number", key=True),
    Column("ordinal", Integer, nullable=False),
    text_column("chapter"),
    text_column("title"),
    text_column("action"),  # base, add, replace, exempt
    text_column("text"),
    text_column("text_hash"),
)

proposal = Table(
    "proposal",
    metadata,
    text_column("id", key=True),
    Column("theme_id", Text, ForeignKey("theme.id"), nullable=False),
    text_column("market"),  # "" is the global edition
    text_column("week"),
    text_column("document"),
    text_column("clause_number", null=True),
    Column("edition_id", Text, ForeignKey("edition.id")),
    text_column("outcome"),  # revision, action, brief, failed
    text_column("state"),  # draft, in_review, approved, rejected, adopted, superseded, failed
    Column("draft", JSON, nullable=False),
    text_column("basis_hash"),
    Column("run_id", Text, ForeignKey("run.id")),
    text_column("actor"),
    text_column("at"),
)

proposal_evidence = Table(
    "proposal_evidence",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    feedback_ref(),
    text_column("role"),  # evidence, counter
    text_column("duty", null=True),
)

proposal_quote = Table(
    "proposal_quote",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    feedback_ref(),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    text_column("text"),
)

gate_result = Table(
    "gate_result",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    text_column("rule", key=True),
    Column("passed", Integer, nullable=False),
    text_column("reason"),
)

proposal_event = Table(
    "proposal_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("proposal_id", Text, ForeignKey("proposal.id", ondelete="CASCADE"), nullable=False),
    text_column("from_state", null=True),
    text_column("to_state"),
    text_column("why"),
    text_column("actor"),
    text_column("at"),
    text_column("reason", null=True),  # of a rejection, from a closed list
)
