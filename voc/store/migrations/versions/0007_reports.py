"""The weekly report with an author: drafts, published editions, chosen quotes, events, and where it was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "weekly_report",
        *(_text(name) for name in ("week", "market", "state")),
        _number("version"),
        *(_text(name) for name in ("headline", "comment")),
        sa.Column("theme_comments", sa.JSON(), nullable=False),
        *(_text(name) for name in ("actor", "at")),
        sa.PrimaryKeyConstraint("week", "market", name="pk_weekly_report"),
    )
    op.create_table(
        "report_quote",
        *(_text(name) for name in ("week", "market", "theme_id", "feedback_id", "state")),
        _number("ordinal"),
        *(_text(name) for name in ("actor", "at")),
        sa.PrimaryKeyConstraint("week", "market", "theme_id", "feedback_id", name="pk_report_quote"),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name="fk_report_quote_feedback_id_feedback", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_report_quote_feedback_id", "report_quote", ["feedback_id"])
    op.create_table(
        "report_edition",
        *(_text(name) for name in ("week", "market")),
        _number("number"),
        *(_text(name) for name in ("figures", "headline", "comment")),
        sa.Column("theme_comments", sa.JSON(), nullable=False),
        _number("on_version"),
        *(_text(name) for name in ("sha256", "why", "actor", "at")),
        sa.PrimaryKeyConstraint("week", "market", "number", name="pk_report_edition"),
    )
    op.create_table(
        "report_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *(_text(name) for name in ("week", "market", "what")),
        _number("version"),
        sa.Column("detail", sa.JSON(), nullable=False),
        *(_text(name) for name in ("why", "actor", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_report_event"),
    )
    op.create_index("ix_report_event_week_market", "report_event", ["week", "market"])
    op.create_table(
        "report_sent",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *(_text(name) for name in ("week", "market", "version", "channel", "destination_hash", "state", "actor", "at")),
        _text("ended_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_report_sent"),
    )
    op.create_index("ix_report_sent_week_market", "report_sent", ["week", "market"])


def downgrade() -> None:
    """Refuse: what was published could no longer be shown."""
    raise NotImplementedError("going below this migration would lose published reports")
