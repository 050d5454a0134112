"""The peer of the proposal chain: one prompt to the same model that asks for the whole proposal at once.

The prompt is meant to be as good as a single one can be: the clauses nearest to the theme, numbered comments, what each
outcome means, how to quote and what to do about numbers, and an answer held to a schema. Nothing is corrected after.
Worked examples were tried, a whole one and one of the wording: the local model quoted or worded the example itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final, Literal, Protocol, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from parts.cases import Case, Row
from parts.checker import NUMBER, WORDING, Cited, Violation, check_proposal
from voc.errors import LLMError
from voc.llm.protocol import ChatModel, Message
from voc.models.pull import model_dir, require
from voc.models.registry import read_registry
from voc.types import Vectors

CLAUSES: Final = 5
COMMENTS: Final = 12
"""As many as the chain is offered."""

LONGEST: Final = 400
"""Characters of a comment, as in the chain."""

MOST_TOKENS: Final = 900

FORM: Final = (
    '\nIts form, with "..." for what you write: {"rationale": [{"sentence": "...", "evidence": [1, 2]}], '
    '"clause_number": "...", "outcome": "...", "missing_rule": "...", "new_text": "...", '
    '"quotes": [{"number": 1, "text": "..."}]}'
)

_MOST: Final = {
    "rationale": 3, "sentence": 300, "evidence": 8, "missing_rule": 300, "new_text": 1200, "quotes": 3, "text": 280,
}  # fmt: skip
"""What the schema lets each part be at most."""


class Worded(Protocol):
    """A clause: its number, title and text."""

    @property
    def number(self) -> str:
        """Return its number."""
        ...

    @property
    def title(self) -> str:
        """Return its title."""
        ...

    @property
    def text(self) -> str:
        """Return its words."""
        ...


T = TypeVar("T", bound=Worded)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sentence(_Form):
    sentence: str = Field(min_length=10, max_length=300)
    evidence: list[int] = Field(min_length=1, max_length=8)


class _Quote(_Form):
    number: int
    text: str = Field(min_length=5, max_length=280)


class _Answer(_Form):
    rationale: list[_Sentence] = Field(min_length=1, max_length=3)
    clause_number: str
    outcome: Literal["revision", "action", "insufficient"]
    missing_rule: str = Field(max_length=300)
    new_text: str = Field(max_length=1200)
    quotes: list[_Quote] = Field(max_length=3)


@dataclass(frozen=True, slots=True)
class OneShot:
    """What one prompt gave, ready for the checker; with a `problem` there is no outcome and nothing to check."""

    case: str
    outcome: str
    clause_number: str
    old_text: str
    fields: Mapping[str, str]
    quotes: tuple[Cited, ...]
    tokens_in: int
    tokens_out: int
    seconds: float
    problem: str = ""

    @property
    def is_shown(self) -> bool:
        """Say whether there is a wording to show that is not the old one."""
        new = self.fields.get(WORDING, "").split()
        return self.outcome == "revision" and bool(new) and new != self.old_text.split()


def one_shot(case: Case, model: ChatModel, clauses: Sequence[Worded], *, most: int = COMMENTS) -> OneShot:
    """Ask a model for the whole proposal about a case in one prompt; an answer that cannot be read is a problem.

    Held to a schema, the local runtime sometimes writes white space until its tokens are used up. That is no fault of
    the prompt, so it is asked once more without the schema and with the form written out.

    Args:
        case: a case with its comments.
        model: the model that the chain is measured with; its time-out should be ten minutes.
        clauses: the candidates, as `nearest_clauses` returns them.
        most: comments shown.
    """
    shown = chosen(case, most=most)
    system, user = _prompt()
    filled = user.substitute(
        theme=case.theme,
        markets=", ".join(case.markets),
        clauses="\n".join(f"{one.number} {one.title}: {' '.join(one.text.split())}" for one in clauses),
        comments="\n".join(f"{number}. {row.text[:LONGEST]}" for number, row in enumerate(shown, 1)),
    )
    messages = (Message("system", system), Message("user", filled))
    start = time.perf_counter()
    spent = [0, 0]
    answer, problem = None, ""
    for schema, form in ((_schema(clauses), ""), (None, FORM)):
        asked = (messages[0], Message("user", filled + form))
        try:
            (done,) = model.complete_many([asked], schema=schema, temperature=0.0, max_tokens=MOST_TOKENS)
        except LLMError as error:
            problem = str(error)
            continue
        spent = [spent[0] + done.tokens_in, spent[1] + done.tokens_out]
        try:
            answer = _read(done.text)
        except (ValidationError, ValueError) as error:
            problem = f"no usable answer: {str(error).splitlines()[-1]}"
            continue
        break
    seconds = time.perf_counter() - start
    if answer is None:
        return OneShot(case.id, "", "", "", {}, (), *spent, seconds, problem)
    return OneShot(
        case.id,
        answer.outcome,
        answer.clause_number,
        next((one.text for one in clauses if one.number == answer.clause_number), ""),
        {
            WORDING: answer.new_text if answer.outcome == "revision" else "",
            NUMBER: answer.clause_number,
            "rationale": " ".join(one.sentence for one in answer.rationale),
        },
        tuple(Cited(_id(shown, one.number), one.text) for one in answer.quotes),
        *spent,
        seconds,
    )


def _read(text: str) -> _Answer:
    """Return the answer in a text; lists and texts that are longer than asked for are cut, not refused.

    Raises:
        ValueError: there is no answer in it.
    """
    found = json.loads(text[text.find("{") : text.rfind("}") + 1])
    if isinstance(found, dict):
        found = {name: _cut(value, _MOST.get(name, 0)) for name, value in found.items() if name in _Answer.model_fields}
    return _Answer.model_validate(found)


def _cut(value: object, most: int) -> object:
    """Return a part of an answer with lists and texts no longer than the form lets them be."""
    if isinstance(value, dict):
        return {name: _cut(one, _MOST.get(name, 0)) for name, one in value.items()}
    if isinstance(value, list):
        value = [_cut(one, 0) for one in value]
    return value[:most] if most and isinstance(value, str | list) else value


def checked(shot: OneShot, case: Case, *, figures_text: str = "") -> tuple[Violation, ...]:
    """Return what the independent checker finds in an answer."""
    stored = {row.id: row.text for row in case.rows}
    return check_proposal(shot.fields, shot.quotes, stored, shot.old_text, figures_text)


def chosen(case: Case, *, most: int) -> tuple[Row, ...]:
    """Return the comments that are shown: so many, evenly over the case."""
    step = max(1.0, len(case.rows) / most)
    return tuple(case.rows[int(number * step)] for number in range(min(most, len(case.rows))))


def nearest_clauses(
    case: Case, clauses: Sequence[T], encode: Callable[[Sequence[str]], Vectors], *, most: int = CLAUSES
) -> tuple[T, ...]:
    """Return the clauses nearest to the comments of a case, the nearest first.

    The mean of plain cosines: on the cases it has an acceptable clause among five in 15 of 18 (languages taken out 15,
    the name of the theme 13), and first in 9 (6, 8).

    Args:
        case: a case with its comments.
        clauses: every clause in force in its market.
        encode: texts to unit rows `(n, d)`.
        most: how many.
    """
    comments = encode([row.text for row in case.rows])
    wordings = encode([f"{one.title}: {one.text}" for one in clauses])
    order = np.argsort(-(wordings @ comments.mean(axis=0)), kind="stable")
    return tuple(clauses[int(place)] for place in order[:most])


def local_model(folder: Path, *, timeout_s: float = 600) -> ChatModel:
    """Return the local model of the registry with the time that a long answer needs.

    Raises:
        ModelError: its weights are not in the folder.
    """
    from voc.llm import langchain

    model = read_registry().get("qwen2.5-coder-1.5b-instruct-q4")
    require(model, folder)
    gguf = model_dir(model, folder) / model.files[0].name
    return langchain.local(gguf, f"{model.id}@{model.weights}", timeout_s=timeout_s)


def _prompt() -> tuple[str, Template]:
    """Return the two parts of the prompt beside this file."""
    text = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    system, user = text.removeprefix("# system\n").split("\n# user\n")
    return system.strip(), Template(user.strip())


def _schema(clauses: Sequence[Worded]) -> dict[str, object]:
    schema = _Answer.model_json_schema()
    schema["properties"]["clause_number"] = {"enum": ["", *(one.number for one in clauses)]}
    return schema


def _id(shown: Sequence[Row], number: int) -> str:
    return shown[number - 1].id if 0 < number <= len(shown) else f"comment {number}"
