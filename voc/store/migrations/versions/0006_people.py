"""People: who may sign in, their sessions and tokens, and failed tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person"], ["person.name"], name=f"fk_{table}_person_person", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "person",
        *(_text(name) for name in ("name", "password_hash", "role")),
        sa.Column("markets", sa.JSON(), nullable=False),
        *(_text(name) for name in ("state", "actor", "at")),
        sa.PrimaryKeyConstraint("name", name="pk_person"),
    )
    op.create_table(
        "session",
        *(_text(name) for name in ("id_hash", "person", "csrf", "begun_at", "seen_at")),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
        _of_person("session"),
    )
    op.create_index("ix_session_person", "session", ["person"])
    op.create_table(
        "api_token",
        *(_text(name) for name in ("id", "token_hash", "person", "title")),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _text("expires_at"),
        *(_text(name, null=True) for name in ("used_at", "revoked_at")),
        *(_text(name) for name in ("actor", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        _of_person("api_token"),
    )
    op.create_index("ix_api_token_token_hash", "api_token", ["token_hash"], unique=True)
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *(_text(name) for name in ("name_hash", "address_hash", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_failed_sign_in"),
    )
    op.create_index("ix_failed_sign_in_at", "failed_sign_in", ["at"])


def downgrade() -> None:
    """Refuse: people could no longer sign in."""
    raise NotImplementedError("going below this migration would lose who may sign in")
