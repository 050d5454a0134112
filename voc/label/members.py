"""The members of themes as texts, the few that stand for a theme in a prompt, and a sample to measure names on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.label.languages import base_language
from voc.llm.fence import gives_orders
from voc.store import assignments, feedback
from voc.store.database import Database

LOOKED_AT: Final = 400
"""Members that keywords are counted over, the strongest ones."""
SAMPLED: Final = 110
"""Members that a name is measured on: a hundred, and as many more as a model may have been shown."""


@dataclass(frozen=True, slots=True)
class Member:
    """A comment of a theme that may be shown to a model."""

    feedback_id: str
    text_hash: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """A comment of a theme that a name is measured on; its text is not needed for that."""

    feedback_id: str
    text_hash: str
    language: str


@dataclass(frozen=True, slots=True)
class Comments:
    """Distinct comments of a theme, near-copies as one: the strongest as texts, and a sample in order of hash.

    The sample is as like the whole theme as chance makes it, and hardly changes from week to week.
    """

    strongest: tuple[Member, ...]
    sample: tuple[Sampled, ...]


def comments_of(database: Database, theme_id: str, *, last_week: str) -> Comments:
    """Return the comments of a theme up to a week; texts that give orders to a model are left out of the strongest."""
    with database.read() as connection:
        strongest = assignments.strongest(connection, theme_id=theme_id, last_week=last_week, most=LOOKED_AT)
        sample = assignments.first_by_hash(connection, theme_id=theme_id, last_week=last_week, most=SAMPLED)
        texts = feedback.texts_by_hash(connection, [unit.text_hash for unit in strongest])
    shown = tuple(
        Member(unit.feedback_id, unit.text_hash, unit.language, texts[unit.text_hash])
        for unit in strongest
        if not gives_orders(texts[unit.text_hash])
    )
    return Comments(shown, tuple(Sampled(unit.feedback_id, unit.text_hash, unit.language) for unit in sample))


def representatives(members: Sequence[Member], *, count: int, language: str) -> tuple[Member, ...]:
    """Return the strongest members, up to two thirds of them in the reader's language, which small models read best."""
    wanted = base_language(language)
    own = [member for member in members if base_language(member.language) == wanted][: -(-count * 2 // 3)]
    others = [member for member in members if member not in own]
    chosen = [*own, *others[: count - len(own)]]
    return tuple(member for member in members if member in chosen)
