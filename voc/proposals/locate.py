"""Find the clause that a duty belongs to, and say how the clause stands to what customers complain about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.errors import InvalidAnswer
from voc.llm.chain import Chain
from voc.llm.fence import fenced
from voc.llm.outputs import Verdict
from voc.llm.prompts import read_prompt
from voc.proposals.assemble import required_already
from voc.proposals.catalogue import Duty
from voc.proposals.evidence import Evidence, Nearness
from voc.standards.registry import Clause
from voc.themes.space import unit_rows

TRIED: Final = 2
_SHOWN: Final = 4
PRACTICE: Final = "contradicted by practice"
UNRELATED: Final = "unrelated"


@dataclass(frozen=True, slots=True)
class Located:
    """A clause and the verdict on it."""

    clause: Clause
    verdict: str


def nearest_clauses(clauses: Sequence[Clause], duty: Duty, nearness: Nearness) -> tuple[Clause, ...]:
    """Return clauses, the one that a duty belongs to first, by the cosine of their wordings less what all share."""
    rows = nearness.encode([f"{clause.title}. {clause.text}" for clause in clauses])
    titles = nearness.encode([clause.title for clause in clauses])
    wanted = nearness.encode([f"{duty.clauses}. {duty.text}", duty.clauses])
    by_text = unit_rows(rows - rows.mean(axis=0)) @ unit_rows(wanted[:1] - rows.mean(axis=0))[0]
    by_title = unit_rows(titles - titles.mean(axis=0)) @ unit_rows(wanted[1:] - titles.mean(axis=0))[0]
    return tuple(clauses[int(place)] for place in np.argsort(-(by_text + by_title), kind="stable"))


def locate(
    clauses: Sequence[Clause], duty: Duty, theme: str, comments: Sequence[Evidence], *, nearness: Nearness, chain: Chain
) -> Located | None:
    """Return the clause to change and the verdict; None when the nearest clauses are about something else.

    Raises:
        LLMError: the model cannot be asked.
    """
    for clause in nearest_clauses(clauses, duty, nearness)[:TRIED]:
        if required_already(clause.text, duty):
            return Located(clause, PRACTICE)
        try:
            answer = chain.ask(
                read_prompt("classify_clause"),
                Verdict,
                {
                    "number": clause.number,
                    "clause": clause.text,
                    "theme": theme,
                    "comments": fenced([one.text for one in comments[:_SHOWN]]),
                },
                feedback_ids=[one.id for one in comments[:_SHOWN]],
                objections=lambda found: (
                    ("the clause does not ask for this, so practice cannot contradict it",)
                    if found.verdict == PRACTICE
                    else ()
                ),
            )
        except InvalidAnswer:
            return Located(clause, "too weak")
        if answer.value.verdict != UNRELATED:
            return Located(clause, answer.value.verdict)
    return None
