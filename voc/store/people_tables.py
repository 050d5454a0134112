"""Tables of people: who may sign in, their sessions, their tokens, and failed tries to sign in."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text

from voc.store.tables import metadata, text_column


def _person_ref() -> Column[str]:
    """Return a column that names a person, and whose row goes with them."""
    return Column("person", Text, ForeignKey("person.name", ondelete="CASCADE"), nullable=False)


person = Table(
    "person",
    metadata,
    text_column("name", key=True),  # stands as the actor of what they do
    text_column("password_hash"),  # argon2id, with its salt and costs
    text_column("role"),
    Column("markets", JSON, nullable=False),  # [] is every market
    text_column("state"),  # active, disabled
    text_column("actor"),
    text_column("at"),
)

session = Table(  # a signed-in browser; the cookie itself is not kept
    "session",
    metadata,
    text_column("id_hash", key=True),
    _person_ref(),
    text_column("csrf"),
    text_column("begun_at"),
    text_column("seen_at"),
    Index(None, "person"),
)

api_token = Table(  # for programs; the token itself is not kept
    "api_token",
    metadata,
    text_column("id", key=True),
    text_column("token_hash"),
    _person_ref(),
    text_column("title"),
    Column("scopes", JSON, nullable=False),
    text_column("expires_at"),
    text_column("used_at", null=True),
    text_column("revoked_at", null=True),
    text_column("actor"),
    text_column("at"),
    Index(None, "token_hash", unique=True),
)

failed_sign_in = Table(  # forgotten after a while; names and addresses only as keyed hashes
    "failed_sign_in",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    text_column("name_hash"),
    text_column("address_hash"),
    text_column("at"),
    Index(None, "at"),
)
