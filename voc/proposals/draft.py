"""A draft: what is proposed, what it rests on, and every figure as code computed it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Sentence(BaseModel):
    """A sentence of the rationale with the feedback that it rests on, and how near the nearest of it is (cosine)."""

    model_config = ConfigDict(frozen=True)

    text: str
    evidence: tuple[str, ...]
    support: float


class ChosenDuty(BaseModel):
    """A duty of the draft and how many of the offered comments ask for it."""

    model_config = ConfigDict(frozen=True)

    id: str
    sentence: str
    supporters: int


class Draft(BaseModel):
    """Everything that a person reads before deciding."""

    model_config = ConfigDict(frozen=True)

    theme: str
    scope: str
    markets: tuple[str, ...]
    document: str = ""
    edition: str = ""
    clause_number: str = ""
    clause_title: str = ""
    verdict: str = ""
    old_text: str = ""
    new_text: str = ""
    duties: tuple[ChosenDuty, ...] = ()
    rationale: tuple[Sentence, ...] = ()
    figures: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    success: str = ""
    offered: int = 0
    note: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a gate compares a draft with: offered comments by id, and who wrote orders instead of feedback."""

    texts: dict[str, str]
    clause_number: str
    old_text: str
    language: str
