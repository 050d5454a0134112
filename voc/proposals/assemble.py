"""Put a duty into a clause: strengthen the sentence that asks for it weakly, else add one; no limit is ever lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from voc.proposals.catalogue import Duty
from voc.themes.words import tokens

_SENTENCE: Final = re.compile(r"[^.!?]+(?:[.!?](?=\d)[^.!?]+)*[.!?]?\s*")
_WEAK: Final = re.compile(r"\b(?:should|may)\b")
_STOP: Final = frozenset(
    """
    the and for not with that this from each every when where which while until unless before after than has have been
    are was were its his her their may shall should must only any all one recipient courier carrier parcel
    """.split()  # noqa: SIM905  a list of words reads best as words
)
SAME_SUBJECT: Final = 0.5
"""Share of a weak sentence's words that the duty repeats before it counts as the same matter."""
ALREADY: Final = 0.75
"""Share of a duty's words in one "shall" sentence of the clause before it counts as required already."""


def assemble(old: str, duties: Sequence[Duty]) -> str:
    """Return the clause with the duties in it."""
    sentences = _sentences(old)
    for duty in duties:
        weak = [place for place, one in enumerate(sentences) if _is_weaker_form(one, duty)]
        if weak:
            sentences[weak[0]] = duty.sentence
        else:
            sentences.append(duty.sentence)
    return " ".join(sentences)


def required_already(old: str, duty: Duty) -> bool:
    """Say whether the clause asks for the duty in so many words: then practice is at fault, not the text."""
    wanted = _content(duty.text)
    strong = [one for one in _sentences(old) if re.search(r"\bshall\b", one)]
    return any(len(wanted & _content(one)) >= ALREADY * len(wanted) for one in strong)


def _is_weaker_form(sentence: str, duty: Duty) -> bool:
    if not _WEAK.search(sentence) or re.search(r"\d", sentence) or duty.actor.split()[0] not in sentence.casefold():
        return False
    own = _content(sentence)
    return bool(own) and len(own & _content(duty.text)) >= SAME_SUBJECT * len(own)


def _content(text: str) -> set[str]:
    plain = re.sub(r"\[[^\]]*\]", " ", text)
    return {word.rstrip("s") for word in tokens(plain) if word not in _STOP}


def _sentences(text: str) -> list[str]:
    return [match.strip() for match in _SENTENCE.findall(text) if match.strip()]
