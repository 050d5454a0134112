"""Which duty would have prevented each complaint, and which duties enough different customers ask for.

One comment a question: asked about ten at once, a small model deals out ids by rote. It first chooses among the nearest
duties of the catalogue; where it takes none, it words one itself, and duties of one meaning are gathered. The duty
nearest in meaning counts beside the choice of the model, because a small one often takes the first of a list. So the
evidence of a duty is whoever asked for it, never a list of ids that a model wrote.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.llm.chain import Chain, Question
from voc.llm.fence import fenced, gives_orders
from voc.llm.outputs import DutyChoice, OwnDuty
from voc.llm.prompts import read_prompt
from voc.proposals.catalogue import Duty
from voc.proposals.evidence import Evidence
from voc.proposals.gate import new_numbers
from voc.proposals.nearness import Nearness

OFFERED: Final = 4
"""Duties that a model chooses among; on the sample the right one is among the nearest 4 for 92 % of complaints."""
ALIKE: Final = 0.45
"""Cosine from which two duties in own words mean the same, what the catalogue's duties have in common taken out."""
_PLAIN: Final = re.compile(r"[a-z][a-z ,'’-]*[a-z]")
_LEAST_WORDS: Final = 2
_MOST_WORDS: Final = 18
_NO_ONE: Final = "no one"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A comment, the duty that the model says would have prevented its cause, and the one nearest in meaning.

    Either is None where none would; they are often the same.
    """

    evidence: Evidence
    duty: Duty | None
    nearest: Duty | None = None

    @property
    def duties(self) -> tuple[Duty, ...]:
        """Return the duties that the comment asks for by either reading."""
        return tuple(dict.fromkeys(one for one in (self.duty, self.nearest) if one is not None))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A duty and the comments that ask for it, or, with `matter`, for it or another duty of that matter."""

    duty: Duty
    supporters: tuple[Evidence, ...]
    matter: str = ""


def map_duties(
    evidence: Sequence[Evidence], duties: Sequence[Duty], nearness: Nearness, chain: Chain
) -> tuple[Mapped, ...]:
    """Return each comment with the duty that the model chose among the nearest of the catalogue, or worded itself.

    Where it worded one itself, what is nearest in the catalogue does not count.

    Raises:
        LLMError: the model cannot be asked; an answer of the wrong form only leaves that comment without a duty.
    """
    if not evidence:
        return ()
    near = _near(evidence, duties, nearness)
    chosen = _chosen(evidence, near, chain)
    without = [one for one, duty in zip(evidence, chosen, strict=True) if duty is None]
    own = dict(zip((one.id for one in without), _worded(without, nearness, duties, chain), strict=True))
    return tuple(
        Mapped(one, own[one.id]) if duty is None else Mapped(one, duty, listed[0])
        for one, duty, listed in zip(evidence, chosen, near, strict=True)
    )


def wanted_duties(mapped: Sequence[Mapped], *, least: int) -> tuple[Wanted, ...]:
    """Return the duties that at least so many comments ask for, the most wanted first; both readings of each count.

    Where no duty alone is asked for so often, duties of one matter count together, under the most wanted of them.
    """
    groups: dict[Duty, list[Evidence]] = defaultdict(list)
    votes: Counter[Duty] = Counter()
    for one in mapped:
        votes.update(reading for reading in (one.duty, one.nearest) if reading is not None)
        for duty in one.duties:
            groups[duty].append(one.evidence)
    found = [Wanted(duty, tuple(who)) for duty, who in groups.items() if len(who) >= least]
    found = found or _by_matter(mapped, votes, least)
    return tuple(sorted(found, key=lambda one: (-votes[one.duty], one.duty.id)))


def _by_matter(mapped: Sequence[Mapped], votes: Counter[Duty], least: int) -> list[Wanted]:
    found = []
    for matter in sorted({duty.matter for duty in votes if duty.matter}):
        who = [one.evidence for one in mapped if any(duty.matter == matter for duty in one.duties)]
        first = min((duty for duty in votes if duty.matter == matter), key=lambda duty: (-votes[duty], duty.id))
        if len(who) >= least:
            found.append(Wanted(first, tuple(who), matter))
    return found


def _near(evidence: Sequence[Evidence], duties: Sequence[Duty], nearness: Nearness) -> list[list[Duty]]:
    cosines = nearness.clauses(evidence) @ nearness.wordings([duty.about for duty in duties]).T
    return [[duties[int(place)] for place in np.argsort(-row, kind="stable")[:OFFERED]] for row in cosines]


def _chosen(evidence: Sequence[Evidence], near: Sequence[Sequence[Duty]], chain: Chain) -> list[Duty | None]:
    questions = [
        Question(
            {
                "comment": fenced([one.text]),
                "duties": "\n".join(f"{number}. {duty.sentence}" for number, duty in enumerate(listed, 1)),
            },
            [one.id],
        )
        for one, listed in zip(evidence, near, strict=True)
    ]
    answers = chain.ask_many(
        read_prompt("map_duty"),
        DutyChoice,
        questions,
        objections=lambda found: () if found.number <= OFFERED else (f"the numbers end at {OFFERED}",),
    )
    return [
        listed[answer.value.number - 1] if answer is not None and answer.value.number else None
        for answer, listed in zip(answers, near, strict=True)
    ]


def _worded(
    evidence: Sequence[Evidence], nearness: Nearness, duties: Sequence[Duty], chain: Chain
) -> list[Duty | None]:
    """Return a duty in the model's words for each comment, those of one meaning under the wording nearest to all."""
    questions = [Question({"comment": fenced([one.text])}, [one.id]) for one in evidence]
    answers = chain.ask_many(read_prompt("word_duty"), OwnDuty, questions, objections=_wording_objections)
    own = [None if answer is None or answer.value.actor == _NO_ONE else answer.value for answer in answers]
    said = [one for one in own if one is not None]
    if not said:
        return [None] * len(evidence)
    rows = nearness.among([one.duty for one in said], [duty.what for duty in duties])
    leaders = _leaders(rows @ rows.T >= ALIKE)
    named = [
        _own_duty([said[place] for place in range(len(said)) if leaders[place] == leader], said[leader].duty)
        for leader in leaders
    ]
    by_order = iter(named)
    return [None if one is None else next(by_order) for one in own]


def _leaders(alike: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[int]:
    """Return for each row the row that leads its group: whoever has the most alike among those left leads them."""
    left, leader = np.ones(len(alike), dtype=bool), [0] * len(alike)
    while left.any():
        counts = (alike & left).sum(axis=1) * left
        first = int(counts.argmax())
        for place in np.flatnonzero(alike[first] & left | (np.arange(len(alike)) == first)):
            leader[int(place)], left[place] = first, False
    return leader


def _own_duty(group: Sequence[OwnDuty], what: str) -> Duty:
    actor = Counter(one.actor for one in group).most_common(1)[0][0]
    plain = what.strip().rstrip(".")
    return Duty(f"own-{hashlib.sha256(plain.encode()).hexdigest()[:8]}", actor, plain, plain, plain)


def _wording_objections(found: OwnDuty) -> tuple[str, ...]:
    if found.actor == _NO_ONE:
        return ()
    plain = found.duty.strip().rstrip(".")
    if new_numbers(plain, "") or not _PLAIN.fullmatch(plain):
        return ("write an English phrase in small letters, without numbers, names or signs",)
    if not _LEAST_WORDS <= len(plain.split()) <= _MOST_WORDS or gives_orders(plain):
        return (f"write a duty of {_LEAST_WORDS} to {_MOST_WORDS} words, such as 'ring the bell and wait'",)
    return ()
