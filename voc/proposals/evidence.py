"""The comments that a draft may rest on, and their verbatim quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.llm.fence import gives_orders
from voc.store import assignments, counts, feedback
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.types import Feedback, Polarity, Quote
from voc.weeks import weeks_before

WEEKS: Final = 8
QUOTES: Final = 3
QUOTE_CHARACTERS: Final = 280


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a comment says about a theme: the clause of it, whole or a part, with the hash of its text."""

    comment: Feedback
    start: int
    end: int
    text_hash: str

    @property
    def id(self) -> str:
        """Return the feedback id of the comment."""
        return self.comment.id

    @property
    def language(self) -> str:
        """Return the language of the comment."""
        return self.comment.language

    @property
    def text(self) -> str:
        """Return the words of the clause."""
        return self.comment.text[self.start : self.end]


def offered_evidence(
    database: Database, theme_id: str, *, markets: Sequence[str], week: str, most: int
) -> tuple[Evidence, ...]:
    """Return recent complaints of a theme, one clause a comment, strongest first, the markets taking turns.

    Copies are one comment, and what lies beyond the quota of its source is none.
    """
    first = weeks_before(week, WEEKS - 1)[0]
    with database.read() as connection:
        units = assignments.members(connection, theme_id=theme_id, first_week=first, last_week=week)
    wanted = [unit for unit in units if unit.market in markets and unit.counted]
    found = first_of_each(database, [unit for unit in wanted if unit.polarity == Polarity.COMPLAINT])
    return tuple(_take_turns(found, markets)[:most])


def distinct_complaints(database: Database, theme_id: str, *, markets: Sequence[str], week: str) -> int:
    """Return how many different complaints a theme has in these markets in the weeks that are read for a draft."""
    span = (weeks_before(week, WEEKS - 1)[0], week)
    with database.read() as connection:
        return sum(
            counts.distinct_texts(connection, theme_id=theme_id, market=market, weeks=span) for market in markets
        )


def quote(evidence: Evidence) -> Quote:
    """Return the beginning of a clause, verbatim, cut between words when it is long."""
    comment, end = evidence.comment, evidence.end
    if end - evidence.start > QUOTE_CHARACTERS:
        longest = evidence.start + QUOTE_CHARACTERS
        cut = comment.text.rfind(" ", evidence.start + QUOTE_CHARACTERS // 2, longest)
        end = cut if cut > 0 else longest
    text = comment.text[evidence.start : end]
    return Quote(comment.id, evidence.start, end, text, comment.language, comment.market)


def quotes(evidence: Sequence[Evidence]) -> tuple[Quote, ...]:
    """Return a few verbatim quotes, from as many markets as there are."""
    markets = tuple(dict.fromkeys(one.comment.market for one in evidence))
    return tuple(quote(one) for one in _take_turns(evidence, markets)[:QUOTES])


def first_of_each(database: Database, units: Sequence[UnitRow]) -> list[Evidence]:
    """Return the first unit of each comment and of each text, without comments that give orders to a model."""
    distinct: dict[str, UnitRow] = {}
    for unit in units:
        distinct.setdefault(unit.same_as, unit)
    firsts: dict[str, UnitRow] = {}
    for unit in distinct.values():
        firsts.setdefault(unit.feedback_id, unit)
    with database.read() as connection:
        comments = feedback.get(connection, list(firsts))
    found = [(one, firsts[one.id]) for one in comments if not gives_orders(one.text)]
    return [Evidence(one, unit.start, unit.end, unit.text_hash) for one, unit in found]


def _take_turns(evidence: Sequence[Evidence], markets: Sequence[str]) -> list[Evidence]:
    queues = [[one for one in evidence if one.comment.market == market] for market in markets]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
