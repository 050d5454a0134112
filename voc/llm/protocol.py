"""What every language model does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer as text, what it cost, and how probable the model held it (None where it does not say)."""

    text: str
    tokens_in: int
    tokens_out: int
    probability: float | None = None


class ChatModel(Protocol):
    """Answers conversations, several side by side where it can; it has no tools and changes nothing."""

    @property
    def model_id(self) -> str:
        """Return the id that answers are cached under: it names the exact weights or the hosted model."""
        ...

    @property
    def holds_schema(self) -> bool:
        """Say whether answers are held to the schema by force, so that a prompt need not spell it out."""
        ...

    def complete_many(
        self,
        asked: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, object],
        temperature: float,
        max_tokens: int,
    ) -> list[Completion]:
        """Answer each conversation, in JSON of that schema where the model can be held to it.

        Raises:
            LLMUnavailable: nothing answered in time.
            LLMRefused: key, quota or permission is wrong.
        """
        ...
