"""Ask a model questions: cached, within a budget, validated, asked again at most twice with the reasons."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from voc.errors import BudgetSpent, InvalidAnswer, LLMRefused, LLMUnavailable
from voc.llm.prompts import Prompt
from voc.llm.protocol import ChatModel, Completion, Message
from voc.store import answers
from voc.store.answers import AnswerRow
from voc.store.database import Database
from voc.types import Stamp

RE_ASKS: Final = 2
_PROBABILITY: Final = "probability"

SIDE_BY_SIDE: Final = 8
"""Questions asked at once: on 2 cores the local model then gives a short answer in .4 s instead of 1.5."""

T = TypeVar("T", bound=BaseModel)


@dataclass
class Budget:
    """What a run may still spend; cached answers cost nothing."""

    tokens: int
    seconds: float

    def check(self) -> None:
        """Raise when nothing is left.

        Raises:
            BudgetSpent: tokens or seconds are used up.
        """
        if self.tokens <= 0 or self.seconds <= 0:
            raise BudgetSpent(
                "The language-model budget of this run is used up ([llm] tokens_per_run, seconds_per_run in voc.toml)."
            )


@dataclass(frozen=True, slots=True)
class _Completed:
    """A completion and the seconds that it took, its share of those asked side by side."""

    completion: Completion
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A validated answer, the key under which it is cached, and how probable the model held it, where it says."""

    value: T
    key: str
    cached: bool
    attempts: int
    probability: float | None = None


def no_objection(_value: object) -> tuple[str, ...]:
    """Accept every answer that has the right form."""
    return ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the variables of a prompt, and the feedback in them, so that erasing one erases the answer."""

    values: Mapping[str, str]
    feedback_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What answers took when they were made, cached ones included; `re_asked` counts second and third tries."""

    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    questions: int = 0
    re_asked: int = 0

    def less(self, other: Spent) -> Spent:
        """Return what was spent since."""
        return Spent(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class _Form(Generic[T]):
    """A prompt with the form of its answers and what may be wrong with one of the right form."""

    prompt: Prompt
    output: type[T]
    objections: Callable[[T], Sequence[str]]
    schema: Mapping[str, object]

    @property
    def params(self) -> dict[str, object]:
        """Return what the answer depends on beside the words."""
        prompt = self.prompt
        return {"temperature": prompt.temperature, "max_tokens": prompt.max_tokens, "schema": _digest(self.schema)}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the model sees it."""

    messages: tuple[Message, ...]
    key: str
    feedback_ids: Sequence[str]


@dataclass
class Chain:
    """A model with its cache and budget; once nothing answers, every further question fails at once."""

    database: Database
    model: ChatModel
    stamp: Callable[[], Stamp]
    budget: Budget
    clock_s: Callable[[], float] = time.monotonic
    spent: Spent = field(default_factory=Spent, init=False)
    _down: LLMUnavailable | LLMRefused | None = field(default=None, init=False)

    def ask(
        self,
        prompt: Prompt,
        output: type[T],
        values: Mapping[str, str],
        *,
        feedback_ids: Sequence[str] = (),
        objections: Callable[[T], Sequence[str]] = no_objection,
    ) -> Answer[T]:
        """Return a validated answer.

        Args:
            prompt: the question.
            output: the form of the answer.
            values: the variables of the prompt; feedback among them is fenced already.
            feedback_ids: the feedback that is in the values, so that erasing one erases the answer.
            objections: what is wrong with an answer of the right form; the model is told and asked again.

        Raises:
            InvalidAnswer: no answer was acceptable.
            BudgetSpent: the run may spend no more.
            LLMUnavailable: nothing answers.
            LLMRefused: key, quota or permission is wrong.
        """
        form = _Form(prompt, output, objections, output.model_json_schema())
        asked = self._asked(form, Question(values, feedback_ids))
        return self._known(form, asked) or self._settle(form, asked, None)

    def ask_many(
        self,
        prompt: Prompt,
        output: type[T],
        questions: Sequence[Question],
        *,
        objections: Callable[[T], Sequence[str]] = no_objection,
    ) -> tuple[Answer[T] | None, ...]:
        """Return a validated answer to each question, None where none was acceptable; several are asked side by side.

        Raises:
            BudgetSpent: the run may spend no more.
            LLMUnavailable: nothing answers.
            LLMRefused: key, quota or permission is wrong.
        """
        form = _Form(prompt, output, objections, output.model_json_schema())
        asked = [self._asked(form, question) for question in questions]
        found = {one.key: known for one in asked if (known := self._known(form, one)) is not None}
        open_ones = list({one.key: one for one in asked if one.key not in found}.values())
        for start in range(0, len(open_ones), SIDE_BY_SIDE):
            some = open_ones[start : start + SIDE_BY_SIDE]
            for one, first in zip(some, self._complete_many([each.messages for each in some], form), strict=True):
                with contextlib.suppress(InvalidAnswer):
                    found[one.key] = self._settle(form, one, first)
        return tuple(found.get(one.key) for one in asked)

    def _asked(self, form: _Form[T], question: Question) -> _Asked:
        rendered = form.prompt.render(question.values)
        messages = rendered if self.model.holds_schema else _with_schema(rendered, form.schema)
        said = [[message.role, message.text] for message in messages]
        prompt = form.prompt
        key = _digest([prompt.name, prompt.version, prompt.hash, self.model.model_id, form.params, said])
        return _Asked(messages, key, question.feedback_ids)

    def _known(self, form: _Form[T], asked: _Asked) -> Answer[T] | None:
        with self.database.read() as connection:
            known = answers.get(connection, asked.key)
        if known is None:
            return None
        value = form.output.model_validate_json(known.answer)
        if form.objections(value):
            return None
        self._count(known)
        sure = known.params.get(_PROBABILITY)
        return Answer(value, asked.key, True, known.attempts, sure if isinstance(sure, float) else None)

    def _settle(self, form: _Form[T], asked: _Asked, first: _Completed | None) -> Answer[T]:
        messages, prompt = list(asked.messages), form.prompt
        tokens_in = tokens_out = 0
        seconds, reasons = 0.0, ["no answer"]
        for attempt in range(1, RE_ASKS + 2):
            done = first if first is not None and attempt == 1 else self._complete_many([messages], form)[0]
            tokens_in, tokens_out = tokens_in + done.completion.tokens_in, tokens_out + done.completion.tokens_out
            seconds += done.seconds
            text = done.completion.text
            value, reasons = _read(text, form.output)
            if value is not None:
                reasons = list(form.objections(value))
                if not reasons:
                    spent = (tokens_in, tokens_out, seconds, attempt)
                    sure = done.completion.probability
                    params = form.params | ({} if sure is None else {_PROBABILITY: sure})
                    made = (prompt.name, prompt.version, prompt.hash, self.model.model_id, params)
                    row = AnswerRow(asked.key, *made, value.model_dump_json(), *spent)
                    with self.database.write() as connection:
                        answers.put(connection, self.stamp(), row, feedback_ids=asked.feedback_ids)
                    self._count(row)
                    return Answer(value, asked.key, False, attempt, sure)
            said = "; ".join(reasons)
            messages = [
                *messages[:2],
                Message("assistant", text[:2000]),
                Message("user", f"That answer cannot be used: {said}. Answer again, in the same form, without that."),
            ]
        self._add(Spent(tokens_in, tokens_out, seconds, 1, RE_ASKS))
        raise InvalidAnswer(f"The model gave no usable answer to '{prompt.name}': {'; '.join(reasons)}.")

    def _count(self, row: AnswerRow) -> None:
        self._add(Spent(row.tokens_in, row.tokens_out, row.seconds, 1, row.attempts - 1))

    def _add(self, more: Spent) -> None:
        own = self.spent
        self.spent = Spent(*(getattr(own, name) + getattr(more, name) for name in Spent.__slots__))

    def _complete_many(self, asked: Sequence[Sequence[Message]], form: _Form[T]) -> list[_Completed]:
        if self._down is not None:
            raise self._down
        self.budget.check()
        start, prompt = self.clock_s(), form.prompt
        extra = {"schema": form.schema, "temperature": prompt.temperature, "max_tokens": prompt.max_tokens}
        try:
            done = self.model.complete_many(asked, **extra)  # type: ignore[arg-type]
        except (LLMUnavailable, LLMRefused) as error:
            self._down = error
            raise
        finally:
            seconds = self.clock_s() - start
            self.budget.seconds -= seconds
        self.budget.tokens -= sum(one.tokens_in + one.tokens_out for one in done)
        return [_Completed(one, seconds / len(done)) for one in done]


def _read(text: str, output: type[T]) -> tuple[T | None, list[str]]:
    start, end = text.find("{"), text.rfind("}")
    try:
        return output.model_validate_json(text[start : end + 1] if start >= 0 else text), []
    except ValidationError as error:
        return None, [
            f"{'.'.join(str(part) for part in found['loc']) or 'the answer'}: {found['msg']}"
            for found in error.errors()[:3]
        ]


def _with_schema(messages: Sequence[Message], schema: Mapping[str, object]) -> tuple[Message, ...]:
    form = json.dumps(schema, sort_keys=True, ensure_ascii=False)
    system = Message(
        "system", f"{messages[0].text}\n\nAnswer with one JSON object of this schema and nothing else: {form}"
    )
    return (system, *messages[1:])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
