"""A draft: what is proposed, what it rests on, and every figure as code computed it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Sentence(BaseModel):
    """A sentence of the rationale with the feedback that it rests on.

    `support` is the probability that the quotes of that feedback bear the sentence out; `weak` marks one below the
    threshold.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    evidence: tuple[str, ...]
    support: float
    weak: bool = False


class Obligation(BaseModel):
    """One duty in its controlled form: when, who, shall, what, within which limit, how proved.

    `sentence` is how code assembled it, `evidence` the feedback whose authors it would have spared the complaint, and
    `supporters` how many different comments these are. With a `matter`, they ask for this or another duty of it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    who: str
    what: str
    when: str = ""
    limit: str = ""
    proof: str = ""
    sentence: str
    supporters: int
    matter: str = ""
    evidence: tuple[str, ...] = ()


class Figure(BaseModel):
    """A figure as code computed it: its name, its value (None where the data cannot say) and how it is said."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float | None
    text: str


class Cost(BaseModel):
    """What the drafting took, cached answers included: tokens, seconds, questions and how often one was asked again."""

    model_config = ConfigDict(frozen=True)

    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    questions: int = 0
    re_asked: int = 0


class Draft(BaseModel):
    """Everything that a person reads before deciding.

    `relevant` of the `offered` comments ask for its obligations; `refused` names the rules of the gate that each
    earlier one of `attempts` failed. `erased` counts the comments that it cited and that were erased since.
    """

    model_config = ConfigDict(frozen=True)

    theme: str
    scope: str
    markets: tuple[str, ...]
    document: str = ""
    edition: str = ""
    clause_number: str = ""
    clause_title: str = ""
    verdict: str = ""
    language: str = "en"
    old_text: str = ""
    new_text: str = ""
    obligations: tuple[Obligation, ...] = ()
    rationale: tuple[Sentence, ...] = ()
    figures: tuple[Figure, ...] = ()
    signals: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    success: str = ""
    offered: int = 0
    relevant: int = 0
    note: str = ""
    method: str = ""
    attempts: int = 1
    refused: tuple[tuple[str, ...], ...] = ()
    erased: int = 0
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Offered:
    """What a gate compares a draft with: offered comments by id, the clause in force, and the standard's language."""

    texts: dict[str, str]
    clause_number: str
    old_text: str
    language: str
