"""Runs at work: how far each is, and whether somebody wants it stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=f"fk_{table}_run_id_run", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "run_progress",
        _text("run_id"),
        _text("step"),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        _text("at"),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_progress"),
        _of_run("run_progress"),
    )
    op.create_table(
        "run_cancel",
        *(_text(name) for name in ("run_id", "actor", "at")),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_cancel"),
        _of_run("run_cancel"),
    )


def downgrade() -> None:
    """Take both tables away: they hold nothing that outlives a run."""
    op.drop_table("run_cancel")
    op.drop_table("run_progress")
