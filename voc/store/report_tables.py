"""Tables of the weekly report with an author: what is being written, what was published, and where it was sent."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, Text

from voc.store.tables import feedback_ref, metadata, text_column

weekly_report = Table(  # what an author is writing; what was published stands in report_edition
    "weekly_report",
    metadata,
    text_column("week", key=True),
    text_column("market", key=True),  # "" is the network
    text_column("state"),  # draft, published
    Column("version", Integer, nullable=False),  # grows with every change
    text_column("headline"),
    text_column("comment"),
    Column("theme_comments", JSON, nullable=False),  # {theme id: text}
    text_column("actor"),
    text_column("at"),
)

report_quote = Table(
    "report_quote",
    metadata,
    text_column("week", key=True),
    text_column("market", key=True),
    text_column("theme_id", key=True),
    feedback_ref(),
    text_column("state"),  # pinned, hidden
    Column("ordinal", Integer, nullable=False),  # pinned ones are shown in this order
    text_column("actor"),
    text_column("at"),
    Index(None, "feedback_id"),
)

report_edition = Table(  # as published; never changed
    "report_edition",
    metadata,
    text_column("week", key=True),
    text_column("market", key=True),
    Column("number", Integer, primary_key=True),
    Column("figures", Text, nullable=False),  # JSON; quotes as ids and spans, never their text
    text_column("headline"),
    text_column("comment"),
    Column("theme_comments", JSON, nullable=False),
    Column("on_version", Integer, nullable=False),  # of weekly_report
    text_column("sha256"),
    text_column("why"),
    text_column("actor"),
    text_column("at"),
)

report_event = Table(
    "report_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    text_column("week"),
    text_column("market"),
    text_column("what"),
    Column("version", Integer, nullable=False),
    Column("detail", JSON, nullable=False),  # ids only
    text_column("why"),
    text_column("actor"),
    text_column("at"),
    Index(None, "week", "market"),
)

report_sent = Table(  # one try to send one version to one place
    "report_sent",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    text_column("week"),
    text_column("market"),
    text_column("version"),  # "edition 2", or "draft" with a hash of what it said
    text_column("channel"),  # mail, webhook
    text_column("destination_hash"),  # keyed; addresses are not kept
    text_column("state"),  # sending, sent, failed
    text_column("actor"),
    text_column("at"),
    text_column("ended_at", null=True),
    Index(None, "week", "market"),
)
