"""What people decide about themes: locked, muted, merged into another; and assignments made by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("locked", "muted"):
        op.add_column("theme", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("theme", sa.Column("into", sa.Text(), nullable=True))
    op.add_column("assignment", sa.Column("method", sa.Text(), nullable=False, server_default="machine"))


def downgrade() -> None:
    """Refuse: what people decided would be lost."""
    raise NotImplementedError("going below this migration would lose what people decided about themes")
