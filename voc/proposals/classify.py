"""How a clause stands to a duty: silent, ambiguous, too weak, or clear and not followed (contradicted by practice).

What binds is read from the modal verbs. Whether a binding sentence demands the duty is the model's yes or no, weighed
by how likely it held that answer and by how near sentence and duty are in meaning. On 47 pairs of duty and clause that
were written for this, the model alone tells them apart with an area under the curve of .86, nearness alone with .92,
both together with .95 (docs/decisions.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.llm.chain import Chain, Question
from voc.llm.outputs import YesNo
from voc.llm.prompts import read_prompt
from voc.proposals.catalogue import Duty
from voc.proposals.gate.modals import force_of
from voc.proposals.gate.sentences import sentences
from voc.proposals.nearness import Nearness
from voc.standards.registry import Clause

SILENT: Final = "silent"
AMBIGUOUS: Final = "ambiguous"
TOO_WEAK: Final = "too weak"
PRACTICE: Final = "contradicted by practice"
UNRELATED: Final = "unrelated"

_NEARNESS: Final = 6.0
_DEMANDED: Final = 2.35
_DOUBTFUL: Final = 1.9
_SAID: Final = 0.73
"""The probability of a yes or no from a model that does not tell it."""
_ADVICE_IS_ABOUT_IT: Final = 0.3
"""Nearness from which an advice ("should") speaks of the duty."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict and the sentence of the clause that it rests on, "" where the clause says nothing of the duty."""

    verdict: str
    sentence: str


def classify(
    clause: Clause, duty: Duty, others: Sequence[Duty], *, language: str, nearness: Nearness, chain: Chain
) -> Verdict:
    """Say how a clause stands to a duty; `others` are duties, whose common wording is no likeness.

    Raises:
        LLMError: the model cannot be asked.
    """
    parts = sentences(clause.text)
    binding = [one for one in parts if force_of(one, language).binding]
    advice = [one for one in parts if not force_of(one, language).binding and force_of(one, language).advice]
    likeness = dict(zip(parts, _likeness(parts, duty, others, nearness), strict=True))
    if binding:
        scores = _demanded(binding, duty, chain)
        weighed = [score + _NEARNESS * likeness[one] for one, score in zip(binding, scores, strict=True)]
        best = max(range(len(binding)), key=lambda place: weighed[place])
        nearer_advice = max((likeness[one] for one in advice), default=-1.0) > likeness[binding[best]]
        if weighed[best] >= _DEMANDED and not nearer_advice:
            return Verdict(PRACTICE, binding[best])
    weak = max(advice, key=lambda one: likeness[one], default="")
    if weak and likeness[weak] >= _ADVICE_IS_ABOUT_IT:
        return Verdict(TOO_WEAK, weak)
    if binding and weighed[best] >= _DOUBTFUL:
        return Verdict(AMBIGUOUS, binding[best])
    return Verdict(SILENT, "")


def _likeness(parts: Sequence[str], duty: Duty, others: Sequence[Duty], nearness: Nearness) -> list[float]:
    wanted = nearness.among([duty.what], [other.what for other in others])[0]
    return [float(one) for one in nearness.among(parts, [other.sentence for other in others]) @ wanted]


def _demanded(rules: Sequence[str], duty: Duty, chain: Chain) -> list[float]:
    """Return for each rule the log odds that it demands the duty."""
    questions = [Question({"rule": rule, "duty": duty.what}) for rule in rules]
    found = []
    for answer in chain.ask_many(read_prompt("covers_duty"), YesNo, questions):
        if answer is None:
            found.append(0.0)
            continue
        sure = min(max(_SAID if answer.probability is None else answer.probability, 0.001), 0.999)
        odds = math.log(sure / (1 - sure))
        found.append(odds if answer.value.answer == "yes" else -odds)
    return found
