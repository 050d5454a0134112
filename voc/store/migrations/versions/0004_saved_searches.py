"""Searches that people keep, and what each has shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_saved_search"),
    )
    op.create_table(
        "saved_search_seen",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feedback_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "feedback_id", name="pk_saved_search_seen"),
        sa.ForeignKeyConstraint(["name"], ["saved_search.name"], name="fk_saved_search_seen_name_saved_search"),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name="fk_saved_search_seen_feedback_id_feedback", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Refuse: what people keep would be lost."""
    raise NotImplementedError("going below this migration would lose the searches that people keep")
