"""The comments that a draft may rest on, those that speak against it, and which duty each would have wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.errors import InvalidAnswer
from voc.llm.chain import Chain
from voc.llm.fence import fenced, gives_orders
from voc.llm.outputs import DutyChoice
from voc.llm.prompts import read_prompt
from voc.proposals.catalogue import Duty
from voc.store import assignments, feedback
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.themes.space import Space, unit_rows
from voc.types import Feedback, Polarity, Quote, Vectors
from voc.weeks import weeks_before

WEEKS: Final = 8
OFFERED: Final = 4
"""Duties that a model chooses among; on the sample the right one is among the nearest 4 for 92 % of complaints."""
COUNTER: Final = 2
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
    def text(self) -> str:
        """Return the words of the clause."""
        return self.comment.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Nearness:
    """Vectors of stored texts by hash, of other texts by encoding, and the space that both are compared in."""

    vectors: Callable[[Sequence[str]], Vectors]
    encode: Callable[[Sequence[str]], Vectors]
    space: Space

    def clauses(self, evidence: Sequence[Evidence]) -> Vectors:
        """Return the clauses of comments as unit rows `(n, c)`."""
        languages = [one.comment.language for one in evidence]
        return self.space.place(self.vectors([one.text_hash for one in evidence]), languages)

    def wordings(self, texts: Sequence[str]) -> Vectors:
        """Return wordings of one kind as unit rows `(n, c)`, what they have in common taken out."""
        rows = self.encode(texts)
        return unit_rows((rows - rows.mean(axis=0)) @ self.space.projection)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A comment and the duty that would have prevented its cause, None where none of the catalogue would."""

    evidence: Evidence
    duty: Duty | None


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
    found = _evidence(database, [unit for unit in wanted if unit.polarity == Polarity.COMPLAINT])
    return tuple(_take_turns(found, markets)[:most])


def map_duties(
    evidence: Sequence[Evidence], duties: Sequence[Duty], nearness: Nearness, chain: Chain
) -> tuple[Mapped, ...]:
    """Return each comment with the duty that the model chose among the nearest of the catalogue.

    Raises:
        LLMError: the model cannot be asked; an answer of the wrong form only leaves that comment without a duty.
    """
    prompt = read_prompt("map_duty")
    cosines = nearness.clauses(evidence) @ nearness.wordings([duty.about for duty in duties]).T
    mapped = []
    for row, one in enumerate(evidence):
        near = [duties[int(place)] for place in np.argsort(-cosines[row], kind="stable")[:OFFERED]]
        listed = "\n".join(f"{number}. {duty.sentence}" for number, duty in enumerate(near, 1))
        try:
            answer = chain.ask(
                prompt,
                DutyChoice,
                {"comment": fenced([one.text]), "duties": listed},
                feedback_ids=[one.comment.id],
                objections=lambda found: () if found.number <= OFFERED else (f"the numbers end at {OFFERED}",),
            )
        except InvalidAnswer:
            mapped.append(Mapped(one, None))
            continue
        number = answer.value.number
        mapped.append(Mapped(one, near[number - 1] if number else None))
    return tuple(mapped)


def best_supported(mapped: Sequence[Mapped], *, least: int) -> tuple[Duty, ...]:
    """Return the duties that at least so many comments ask for, the most wanted first; at most two."""
    support = Counter(one.duty for one in mapped if one.duty is not None)
    wanted = [duty for duty, count in support.items() if count >= least]
    return tuple(sorted(wanted, key=lambda duty: (-support[duty], duty.id))[:2])


def counter_evidence(
    database: Database, duty: Duty, *, markets: Sequence[str], week: str, nearness: Nearness
) -> tuple[Evidence, ...]:
    """Return the praise of the same weeks and markets that is nearest to the complaint a duty is about."""
    first = weeks_before(week, WEEKS - 1)[0]
    with database.read() as connection:
        units = assignments.units(connection, first_week=first, last_week=week)
    praise = [unit for unit in units if unit.market in markets and unit.polarity == Polarity.PRAISE]
    found = _evidence(database, praise)
    if not found:
        return ()
    wanted = unit_rows(nearness.encode([duty.about]) @ nearness.space.projection)[0]
    cosines = nearness.clauses(found) @ wanted
    return tuple(found[int(place)] for place in np.argsort(-cosines, kind="stable")[:COUNTER])


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


def _evidence(database: Database, units: Sequence[UnitRow]) -> list[Evidence]:
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
