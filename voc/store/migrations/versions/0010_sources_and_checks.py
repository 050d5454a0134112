"""How far each source has been read, and the checks of each batch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "source_cursor",
        *_texts("source", "name", "value", "actor", "at"),
        sa.PrimaryKeyConstraint("source", "name", name="pk_source_cursor"),
    )
    op.create_table(
        "batch_check",
        *_texts("batch_id", "name", "subject", "market", "first_week", "last_week"),
        sa.Column("measured", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        *_texts("state", "sentence", "actor", "at"),
        sa.PrimaryKeyConstraint("batch_id", "name", "subject", name="pk_batch_check"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_batch_check_batch_id_batch", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Take both tables away: sources are then read from their start, which changes nothing that is stored."""
    op.drop_table("batch_check")
    op.drop_table("source_cursor")
