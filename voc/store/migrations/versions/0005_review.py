"""Review of proposals: versions, consultations, cost, adoptions, reasons for rejection, and actions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _of_proposal(table: str, *, cascade: bool = True) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_proposal_id_proposal"
    return sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=name, ondelete="CASCADE" if cascade else None)


def upgrade() -> None:
    op.add_column("proposal_event", _text("reason", null=True))
    op.create_table(
        "proposal_version",
        _text("proposal_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("gate", sa.JSON(), nullable=False),
        *(_text(name) for name in ("why", "actor", "at")),
        sa.PrimaryKeyConstraint("proposal_id", "version", name="pk_proposal_version"),
        _of_proposal("proposal_version"),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *(_text(name) for name in ("proposal_id", "reviewer", "part", "due", "actor", "at")),
        *(_text(name, null=True) for name in ("answer", "text", "answered_by", "answered_at")),
        sa.Column("answered_version", sa.Integer(), nullable=True),
        *(_text(name, null=True) for name in ("override_why", "override_by", "override_at")),
        sa.PrimaryKeyConstraint("id", name="pk_consultation"),
        _of_proposal("consultation"),
    )
    op.create_index("ix_consultation_proposal_id", "consultation", ["proposal_id"])
    op.create_table(
        "assessment",
        _text("proposal_id"),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        *(_text(name) for name in ("cost", "feasibility", "actor", "at")),
        sa.PrimaryKeyConstraint("proposal_id", "ordinal", name="pk_assessment"),
        _of_proposal("assessment"),
    )
    op.create_table(
        "adoption",
        *(_text(name) for name in ("proposal_id", "market", "since")),
        _text("edition_id", null=True),
        *(_text(name) for name in ("actor", "at")),
        sa.PrimaryKeyConstraint("proposal_id", "market", name="pk_adoption"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_adoption_edition_id_edition"),
        _of_proposal("adoption"),
    )
    _actions()


def _actions() -> None:
    op.create_table(
        "action",
        *(_text(name) for name in ("id", "theme_id")),
        _text("proposal_id", null=True),
        _text("market"),
        sa.Column("markets", sa.JSON(), nullable=False),
        *(_text(name) for name in ("document", "clause_number", "duty", "owner")),
        _text("due", null=True),
        _text("state"),
        *(_text(name, null=True) for name in ("result", "done_on")),
        *(_text(name) for name in ("week", "actor", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_action"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name="fk_action_theme_id_theme"),
        _of_proposal("action", cascade=False),
    )
    op.create_index("ix_action_proposal_id", "action", ["proposal_id"])
    op.create_table(
        "action_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("action_id"),
        _text("from_state", null=True),
        *(_text(name) for name in ("to_state", "note", "actor", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_action_event"),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_action_event_action_id_action"),
    )
    op.create_index("ix_action_event_action_id", "action_event", ["action_id"])


def downgrade() -> None:
    """Refuse: decisions would be lost."""
    raise NotImplementedError("going below this migration would lose what people decided")
