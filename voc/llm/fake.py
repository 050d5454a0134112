"""A model without weights, for tests and for trying a chain: it answers what was put in, and remembers what it saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voc.errors import LLMUnavailable
from voc.llm.protocol import Completion, Message


class FakeChatModel:
    """Answers enqueued texts in order; an enqueued error is raised; with nothing left it is unavailable."""

    model_id = "fake/1"
    holds_schema = False

    def __init__(self) -> None:
        self.history: list[tuple[Message, ...]] = []
        self._queue: list[str | Exception] = []

    def enqueue(self, *answers: str | Exception) -> None:
        """Add answers, or errors to raise."""
        self._queue.extend(answers)

    def complete_many(
        self,
        asked: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, object],
        temperature: float,
        max_tokens: int,
    ) -> list[Completion]:
        """Return the next answer for each conversation; a token is a word.

        Raises:
            LLMUnavailable: no answer is left.
        """
        return [self._next(messages) for messages in asked]

    def _next(self, messages: Sequence[Message]) -> Completion:
        self.history.append(tuple(messages))
        if not self._queue:
            raise LLMUnavailable("The fake model has no answer left. Enqueue one.")
        answer = self._queue.pop(0)
        if isinstance(answer, Exception):
            raise answer
        words = sum(len(message.text.split()) for message in messages)
        return Completion(answer, words, len(answer.split()))
