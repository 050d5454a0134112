"""Near-copies, quotas, what waits for a decision, groups of themes, and scores of polarity and names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_copy",
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("first_hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("text_hash", name="pk_text_copy"),
    )
    op.create_index("ix_text_copy_first_hash", "text_copy", ["first_hash"])
    op.create_table(
        "beyond_quota",
        sa.Column("feedback_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_beyond_quota"),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name="fk_beyond_quota_feedback_id_feedback", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "undecided",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_undecided"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_undecided_unit_id_unit", ondelete="CASCADE"),
    )
    op.execute("insert into undecided (unit_id) select id from unit where id not in (select unit_id from assignment)")
    op.create_table(
        "theme_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("born_week", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme_group"),
    )
    op.add_column("theme", sa.Column("group_id", sa.Text(), nullable=True))
    op.add_column("assignment", sa.Column("polarity_score", sa.Float(), nullable=True))
    op.add_column("label", sa.Column("faithfulness", sa.Float(), nullable=True))


def downgrade() -> None:
    """Refuse: what was folded and scored would be lost."""
    raise NotImplementedError("going below this migration would lose which comments are copies of which")
