"""Any LangChain chat model as our `ChatModel`: messages in, text out, its errors sorted into ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from voc.errors import LLMRefused, LLMUnavailable, SettingsError, VocError
from voc.llm.protocol import Completion, Message

_KINDS: Final[Mapping[str, type[BaseMessage]]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_REFUSED: Final = ("authentication", "permission", "quota", "unauthorized", "forbidden", "insufficient", "notfound")
_AT_ONCE: Final = 4
_REFUSED_STATUS: Final = {401, 402, 403, 404}


class LangChainModel:
    """A LangChain chat model under our protocol; `holds_schema` says that it can be held to a JSON schema."""

    def __init__(self, chat: BaseChatModel, model_id: str, *, holds_schema: bool) -> None:
        self.model_id = model_id
        self._chat = chat
        self.holds_schema = holds_schema

    def complete_many(
        self,
        asked: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, object],
        temperature: float,
        max_tokens: int,
    ) -> list[Completion]:
        """Answer each conversation.

        Raises:
            LLMUnavailable: time-out, connection or server error.
            LLMRefused: the provider does not accept key, model or quota.
        """
        turns = [[_KINDS[message.role](content=message.text) for message in messages] for messages in asked]
        extra: dict[str, Any] = {"json_schema": schema} if self.holds_schema else {"temperature": temperature}
        try:
            answers = self._answers(turns, max_tokens=max_tokens, **extra)
        except VocError:
            raise
        except Exception as error:
            raise _sorted(error, self.model_id) from error
        return [_completion(answer, messages) for answer, messages in zip(answers, asked, strict=True)]

    def _answers(self, turns: list[list[BaseMessage]], **extra: Any) -> list[AIMessage]:  # noqa: ANN401  as LangChain
        together = getattr(self._chat, "answer_together", None)
        if together is not None and len(turns) > 1:
            return list(together(turns, **extra))
        return self._chat.batch(list(turns), {"max_concurrency": _AT_ONCE}, **extra)


def _completion(answer: AIMessage, messages: Sequence[Message]) -> Completion:
    usage, text = answer.usage_metadata, str(answer.text)
    tokens_in = usage["input_tokens"] if usage else sum(len(message.text) for message in messages) // 4
    sure = answer.response_metadata.get("probability")
    return Completion(text, tokens_in, usage["output_tokens"] if usage else len(text) // 4, sure)


def local(gguf: Path, model_id: str, *, timeout_s: float) -> LangChainModel:
    """Return the local model; its weights are loaded when it is first asked."""
    from voc.llm.local import LocalChat

    return LangChainModel(LocalChat(gguf=gguf, timeout_s=timeout_s), model_id, holds_schema=True)


def hosted(model: str, *, timeout_s: float, base_url: str = "", api_key: str = "") -> LangChainModel:
    """Return a hosted model ("anthropic:NAME", "openai:NAME", …), or one behind an OpenAI-compatible address.

    Raises:
        SettingsError: the provider's package is not installed, or the name has no provider.
    """
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"timeout": timeout_s, "max_retries": 1}
    if base_url:
        options |= {"model_provider": "openai", "base_url": base_url, "api_key": api_key or "none"}
    elif api_key:
        options["api_key"] = api_key
    try:
        chat = init_chat_model(model, **options)
    except ImportError as error:
        raise SettingsError(f"The model '{model}' needs a package that is not installed: {error}.") from error
    except ValueError as error:
        raise SettingsError(f"The model '{model}' cannot be used: {error}. Write it as provider:name.") from error
    return LangChainModel(chat, f"{base_url or 'hosted'}/{model}", holds_schema=False)


def _sorted(error: Exception, model_id: str) -> VocError:
    status = getattr(error, "status_code", None)
    name = type(error).__name__.casefold()
    if status in _REFUSED_STATUS or any(word in name for word in _REFUSED):
        return LLMRefused(f"{model_id} refused: {type(error).__name__} {status or ''}. Check its key, name and quota.")
    return LLMUnavailable(f"{model_id} did not answer: {type(error).__name__}. Check its address, or run again later.")
