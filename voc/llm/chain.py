"""Ask a model one question: cached, within a budget, validated, asked again at most twice with the reasons."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from voc.errors import BudgetSpent, InvalidAnswer, LLMRefused, LLMUnavailable
from voc.llm.prompts import Prompt
from voc.llm.protocol import ChatModel, Message
from voc.store import answers
from voc.store.answers import AnswerRow
from voc.store.database import Database
from voc.types import Stamp

RE_ASKS: Final = 2

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
class Answer(Generic[T]):
    """A validated answer, and the key under which it is cached."""

    value: T
    key: str
    cached: bool
    attempts: int


def no_objection(_value: object) -> tuple[str, ...]:
    """Accept every answer that has the right form."""
    return ()


@dataclass
class Chain:
    """A model with its cache and budget; once nothing answers, every further question fails at once."""

    database: Database
    model: ChatModel
    stamp: Callable[[], Stamp]
    budget: Budget
    clock_s: Callable[[], float] = time.monotonic
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
        schema = output.model_json_schema()
        rendered = prompt.render(values)
        messages = list(rendered if self.model.holds_schema else _with_schema(rendered, schema))
        params = {"temperature": prompt.temperature, "max_tokens": prompt.max_tokens, "schema": _digest(schema)}
        key = _digest(
            [
                prompt.name,
                prompt.version,
                prompt.hash,
                self.model.model_id,
                params,
                [[m.role, m.text] for m in messages],
            ]
        )
        with self.database.read() as connection:
            known = answers.get(connection, key)
        if known is not None:
            value = output.model_validate_json(known.answer)
            if not objections(value):
                return Answer(value, key, cached=True, attempts=known.attempts)
        if self._down is not None:
            raise self._down
        return self._ask(prompt, output, messages, schema, params, key, feedback_ids, objections)

    def _ask(  # noqa: PLR0913  one loop, its state in one place
        self,
        prompt: Prompt,
        output: type[T],
        messages: list[Message],
        schema: Mapping[str, object],
        params: Mapping[str, object],
        key: str,
        feedback_ids: Sequence[str],
        objections: Callable[[T], Sequence[str]],
    ) -> Answer[T]:
        tokens_in = tokens_out = 0
        start, reasons = self.clock_s(), ["no answer"]
        for attempt in range(1, RE_ASKS + 2):
            self.budget.check()
            text, used_in, used_out = self._complete(messages, schema, prompt)
            tokens_in, tokens_out = tokens_in + used_in, tokens_out + used_out
            value, reasons = _read(text, output)
            if value is not None:
                reasons = list(objections(value))
                if not reasons:
                    row = AnswerRow(
                        key,
                        prompt.name,
                        prompt.version,
                        prompt.hash,
                        self.model.model_id,
                        params,
                        value.model_dump_json(),
                        tokens_in,
                        tokens_out,
                        self.clock_s() - start,
                        attempt,
                    )
                    with self.database.write() as connection:
                        answers.put(connection, self.stamp(), row, feedback_ids=feedback_ids)
                    return Answer(value, key, cached=False, attempts=attempt)
            said = "; ".join(reasons)
            messages = [
                *messages[:2],
                Message("assistant", text[:2000]),
                Message("user", f"That answer cannot be used: {said}. Answer again, in the same form, without that."),
            ]
        raise InvalidAnswer(f"The model gave no usable answer to '{prompt.name}': {'; '.join(reasons)}.")

    def _complete(
        self, messages: Sequence[Message], schema: Mapping[str, object], prompt: Prompt
    ) -> tuple[str, int, int]:
        start = self.clock_s()
        try:
            done = self.model.complete(
                messages, schema=schema, temperature=prompt.temperature, max_tokens=prompt.max_tokens
            )
        except (LLMUnavailable, LLMRefused) as error:
            self._down = error
            raise
        finally:
            self.budget.seconds -= self.clock_s() - start
        self.budget.tokens -= done.tokens_in + done.tokens_out
        return done.text, done.tokens_in, done.tokens_out


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
