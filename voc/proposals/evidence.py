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
class Nearness:
    """Vectors of stored texts by hash, of other texts by encoding, and the space that both are compared in."""

    vectors: Callable[[Sequence[str]], Vectors]
    encode: Callable[[Sequence[str]], Vectors]
    space: Space

    def comments(self, comments: Sequence[Feedback]) -> Vectors:
        """Return comments as unit rows `(n, c)`."""
        return self.space.place(self.vectors([one.text_hash for one in comments]), [one.language for one in comments])

    def wordings(self, texts: Sequence[str]) -> Vectors:
        """Return wordings of one kind as unit rows `(n, c)`, what they have in common taken out."""
        rows = self.encode(texts)
        return unit_rows((rows - rows.mean(axis=0)) @ self.space.projection)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A comment and the duty that would have prevented its cause, None where none of the catalogue would."""

    comment: Feedback
    duty: Duty | None


def offered_evidence(
    database: Database, theme_id: str, *, markets: Sequence[str], week: str, most: int
) -> tuple[Feedback, ...]:
    """Return recent complaints of a theme, distinct texts, strongest first, the markets taking turns."""
    first = weeks_before(week, WEEKS - 1)[0]
    with database.read() as connection:
        units = [
            unit
            for unit in assignments.members(connection, theme_id=theme_id, first_week=first, last_week=week)
            if unit.market in markets
        ]
        polarity = assignments.of_feedback(connection, [unit.feedback_id for unit in units])
        complaints = [unit for unit in units if polarity[unit.feedback_id][1] is Polarity.COMPLAINT]
        distinct: dict[str, UnitRow] = {}
        for unit in complaints:
            distinct.setdefault(unit.text_hash, unit)
        found = feedback.get(connection, [unit.feedback_id for unit in distinct.values()])
    harmless = [one for one in found if not gives_orders(one.text)]
    return tuple(_take_turns(harmless, markets)[:most])


def map_duties(
    comments: Sequence[Feedback], duties: Sequence[Duty], nearness: Nearness, chain: Chain
) -> tuple[Mapped, ...]:
    """Return each comment with the duty that the model chose among the nearest of the catalogue.

    Raises:
        LLMError: the model cannot be asked; an answer of the wrong form only leaves that comment without a duty.
    """
    prompt = read_prompt("map_duty")
    cosines = nearness.comments(comments) @ nearness.wordings([duty.about for duty in duties]).T
    mapped = []
    for row, comment in enumerate(comments):
        near = [duties[int(place)] for place in np.argsort(-cosines[row], kind="stable")[:OFFERED]]
        listed = "\n".join(f"{number}. {duty.sentence}" for number, duty in enumerate(near, 1))
        try:
            answer = chain.ask(
                prompt,
                DutyChoice,
                {"comment": fenced([comment.text]), "duties": listed},
                feedback_ids=[comment.id],
                objections=lambda found: () if found.number <= OFFERED else (f"the numbers end at {OFFERED}",),
            )
        except InvalidAnswer:
            mapped.append(Mapped(comment, None))
            continue
        number = answer.value.number
        mapped.append(Mapped(comment, near[number - 1] if number else None))
    return tuple(mapped)


def best_supported(mapped: Sequence[Mapped], *, least: int) -> tuple[Duty, ...]:
    """Return the duties that at least so many comments ask for, the most wanted first; at most two."""
    support = Counter(one.duty for one in mapped if one.duty is not None)
    wanted = [duty for duty, count in support.items() if count >= least]
    return tuple(sorted(wanted, key=lambda duty: (-support[duty], duty.id))[:2])


def counter_evidence(
    database: Database, duty: Duty, *, markets: Sequence[str], week: str, nearness: Nearness
) -> tuple[Feedback, ...]:
    """Return the praise of the same weeks and markets that is nearest to the complaint a duty is about."""
    first = weeks_before(week, WEEKS - 1)[0]
    with database.read() as connection:
        units = [u for u in assignments.units(connection, first_week=first, last_week=week) if u.market in markets]
        known = assignments.of_feedback(connection, [unit.feedback_id for unit in units])
        praise = [u.feedback_id for u in units if known.get(u.feedback_id, (None, None))[1] is Polarity.PRAISE]
        comments = [one for one in feedback.get(connection, praise) if not gives_orders(one.text)]
    if not comments:
        return ()
    wanted = unit_rows(nearness.encode([duty.about]) @ nearness.space.projection)[0]
    cosines = nearness.comments(comments) @ wanted
    return tuple(comments[int(place)] for place in np.argsort(-cosines, kind="stable")[:COUNTER])


def quote(comment: Feedback) -> Quote:
    """Return the beginning of a comment, verbatim, cut between words when it is long."""
    end = len(comment.text)
    if end > QUOTE_CHARACTERS:
        cut = comment.text.rfind(" ", QUOTE_CHARACTERS // 2, QUOTE_CHARACTERS)
        end = cut if cut > 0 else QUOTE_CHARACTERS
    return Quote(comment.id, 0, end, comment.text[:end], comment.language, comment.market)


def quotes(comments: Sequence[Feedback]) -> tuple[Quote, ...]:
    """Return a few verbatim quotes, from as many markets as there are."""
    markets = tuple(dict.fromkeys(one.market for one in comments))
    return tuple(quote(one) for one in _take_turns(comments, markets)[:QUOTES])


def _take_turns(comments: Sequence[Feedback], markets: Sequence[str]) -> list[Feedback]:
    queues = [[one for one in comments if one.market == market] for market in markets]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
