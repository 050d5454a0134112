"""The rationale of a draft: what supporters have in common, what customers report, and how well quotes bear it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from voc.errors import InvalidAnswer
from voc.llm.chain import Chain
from voc.llm.fence import fenced, gives_orders
from voc.llm.outputs import Rationale
from voc.llm.prompts import read_prompt
from voc.proposals.draft import Sentence
from voc.proposals.evidence import Evidence, quote
from voc.proposals.gate import new_numbers
from voc.proposals.gate.pasting import taken_from
from voc.proposals.gate.sentences import sentences
from voc.proposals.mapping import Wanted
from voc.proposals.nearness import Nearness

Support = Callable[[str, Sequence[str]], float]
"""Returns the probability that quotes bear a sentence out."""

_CITED: Final = 2
"""Comments cited under a sentence: the nearest of those that asked for the duty."""
_SHOWN: Final = 6
_VERB: Final = re.compile(r"\b(?:is|are|was|were|has|have|had|did|do|does|could|cannot|came|went|got)\b", re.IGNORECASE)
_OWN: Final = "own-"
_FIRST_PERSON: Final = re.compile(r"\b(?:I|me|my|mine|we|our|us|thanks)\b|\.\.\.|…", re.IGNORECASE)
_OURS: Final = re.compile(
    r"\b(?:standards?(?! delivery| shipping| post| parcel)|clauses?|polic(?:y|ies)|requirements?|procedures?)\b",
    re.IGNORECASE,
)
"""What only the reader of a draft speaks of, unless a customer named it."""
_MOST_WORDS: Final = 32
_CHARACTERS: Final = (20, 320)


def rationale(
    wanted: Wanted,
    *,
    offered: int,
    nearness: Nearness,
    chain: Chain | None,
    support: Support,
    weak_below: float,
    avoid: Sequence[str] = (),
) -> tuple[Sentence, ...]:
    """Return the sentences, each with the nearest of the comments that asked for the duty.

    Without a chain, only the sentence that code writes; `avoid` are reasons for which an earlier try was refused.

    Raises:
        LLMError: the model cannot be asked; an answer of the wrong form only leaves its sentence out.
    """
    texts = [_said_by(wanted, offered)]
    if chain is not None:
        texts += _reported(wanted.supporters[:_SHOWN], chain, avoid)
    rows = nearness.comments(wanted.supporters)
    found = []
    for text, row in zip(texts, nearness.among(texts, [wanted.duty.sentence, *_UNRELATED]), strict=True):
        near = np.argsort(-(rows @ row), kind="stable")[:_CITED]
        cited = [wanted.supporters[int(place)] for place in near]
        score = support(text, [quote(one).text for one in cited])
        found.append(
            Sentence(
                text=text, evidence=tuple(one.id for one in cited), support=round(score, 2), weak=score < weak_below
            )
        )
    return tuple(found)


_UNRELATED: Final = (
    "Customers report that the parcel was late.",
    "Customers report that nobody rang the bell.",
    "Customers report that the box was damaged.",
    "Customers report that nobody answers their questions.",
)
"""Sentences of the same form, so that the form itself is no likeness."""


def _said_by(wanted: Wanted, offered: int) -> str:
    """Return what the supporters of a duty have in common, in the words of the catalogue or of the duty."""
    share = "Most" if 2 * len(wanted.supporters) > offered else "Several"
    duty = wanted.duty
    if wanted.matter:
        return f"{share} of the comments read for this draft are about {wanted.matter}, among them: {duty.about}"
    if duty.id.startswith(_OWN):
        return f"{share} of the comments read for this draft ask for this: that the {duty.actor} {duty.what}."
    return f"{share} of the comments read for this draft describe this: {duty.about[0].lower()}{duty.about[1:]}"


def _reported(shown: Sequence[Evidence], chain: Chain, avoid: Sequence[str]) -> list[str]:
    try:
        answer = chain.ask(
            read_prompt("rationale"),
            Rationale,
            {
                "comments": fenced([one.text for one in shown]),
                "avoid": f"An earlier answer was refused: {'; '.join(avoid)}.\n" if avoid else "",
            },
            feedback_ids=[one.id for one in shown],
            objections=lambda found: _objections(found, [one.text for one in shown]),
        )
    except InvalidAnswer:
        return []
    return [" ".join(text.split()) for text in answer.value.sentences]


def _objections(found: Rationale, comments: Sequence[str]) -> tuple[str, ...]:
    """Return what is wrong with a sentence: figures, orders, one customer's own words, or not one plain sentence."""
    words = " ".join(found.sentences)
    problems = []
    if taken_from(words.removeprefix("Customers report that "), comments, ""):
        problems.append("do not copy a comment; say in your own words what most comments have in common")
    if _FIRST_PERSON.search(words):
        problems.append("write about customers, without I, me, my, we, our or us")
    if (ours := _OURS.search(words)) and not any(_OURS.search(one) for one in comments):
        problems.append(f"customers do not speak of a '{ours[0]}'; say what happened to them or their parcel")
    if len(words.split()) > _MOST_WORDS or len(sentences(words)) > len(found.sentences):
        problems.append(f"write one sentence of at most {_MOST_WORDS} words")
    if numbers := new_numbers(words, ""):
        problems.append(f"leave out the figures {', '.join(numbers)}")
    if gives_orders(words) or not words.replace("’", "'").isascii():
        problems.append("write plain English about what customers report")
    if not found.sentences[0].casefold().startswith(("customers", "recipients")):
        problems.append("begin the first sentence with 'Customers report that' and say what happened to them")
    if not all(_VERB.search(sentence) for sentence in found.sentences):
        problems.append("write whole sentences, such as 'Customers report that their parcels were left outside.'")
    least, most = _CHARACTERS
    if any(not least <= len(sentence) <= most for sentence in found.sentences):
        problems.append(f"each sentence has {least} to {most} characters")
    return tuple(problems)
