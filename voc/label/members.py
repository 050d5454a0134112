"""The members of themes as texts, and the few that stand for a theme in a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.llm.fence import gives_orders
from voc.store import assignments, feedback
from voc.store.database import Database

LOOKED_AT: Final = 400
"""Members that keywords are counted over, the strongest ones."""


@dataclass(frozen=True, slots=True)
class Member:
    """A comment of a theme that may be shown to a model."""

    feedback_id: str
    text_hash: str
    language: str
    text: str


def members_of(database: Database, theme_id: str, *, last_week: str) -> tuple[Member, ...]:
    """Return distinct texts of a theme, strongest first; comments that give orders to a model are left out."""
    with database.read() as connection:
        units = assignments.members(connection, theme_id=theme_id, last_week=last_week)
        firsts = list({unit.text_hash: unit for unit in reversed(units)}.values())[::-1][:LOOKED_AT]
        texts = feedback.texts_by_hash(connection, [unit.text_hash for unit in firsts])
    return tuple(
        Member(unit.feedback_id, unit.text_hash, unit.language, texts[unit.text_hash])
        for unit in firsts
        if not gives_orders(texts[unit.text_hash])
    )


def representatives(members: Sequence[Member], *, count: int, language: str) -> tuple[Member, ...]:
    """Return the strongest members, up to two thirds of them in the reader's language, which small models read best."""
    own = [member for member in members if member.language == language][: -(-count * 2 // 3)]
    others = [member for member in members if member not in own]
    chosen = [*own, *others[: count - len(own)]]
    return tuple(member for member in members if member in chosen)
