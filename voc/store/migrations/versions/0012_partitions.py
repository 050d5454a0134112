"""Partitions of sources that many workers read: how far each has been brought in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("batch_id", "state", "reason")
    counts = ("rows", "added", "known", "rejected", "suppressed")
    op.create_table(
        "backfill_part",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "at")),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_backfill_part"),
    )


def downgrade() -> None:
    """Take the table away: a backfill that was begun is read again from its beginning, which changes nothing."""
    op.drop_table("backfill_part")
