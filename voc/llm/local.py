"""The local model as a LangChain chat model: GGUF weights run by OpenVINO GenAI, answers held to a JSON schema."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from voc.errors import LLMUnavailable, ModelError

_CACHE_GIB: Final = 1
"""Room for about 17,000 tokens of what was read: the beginning that all questions of a prompt share is read once."""

PROBABILITY: Final = "probability"
"""Where an answer says how probable the model held it."""

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


class LocalChat(BaseChatModel):
    """A GGUF file, loaded when first asked; greedy, so that answers repeat."""

    gguf: Path
    timeout_s: float = 120
    _pipeline: Any = PrivateAttr(default=None)

    @property
    def _llm_type(self) -> str:
        return "openvino-genai"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        json_schema: Mapping[str, object] | None = None,
        max_tokens: int = 256,
        **_kwargs: object,
    ) -> ChatResult:
        import openvino_genai

        if json_schema is not None and (key := _yes_or_no(json_schema)):
            (message,) = self._decided([messages], key)
            return ChatResult(generations=[ChatGeneration(message=message)])
        pipeline, config = self._load(), _config(max_tokens, json_schema)
        rendered = self._rendered(messages)
        deadline, late = time.monotonic() + self.timeout_s, []

        def watch(_token: str) -> Any:  # noqa: ANN401  an enum of the library
            if time.monotonic() > deadline:
                late.append(True)
                return openvino_genai.StreamingStatus.CANCEL
            return openvino_genai.StreamingStatus.RUNNING

        result = (
            pipeline.generate([rendered], config) if self.timeout_s <= 0 else pipeline.generate(rendered, config, watch)
        )
        if late:
            raise LLMUnavailable(f"The local model did not answer within {self.timeout_s:g} seconds ([llm] timeout_s).")
        return ChatResult(generations=[ChatGeneration(message=_answer(rendered, str(result)))])

    def answer_together(
        self,
        asked: Sequence[list[BaseMessage]],
        *,
        json_schema: Mapping[str, object] | None = None,
        max_tokens: int = 256,
    ) -> list[AIMessage]:
        """Answer several conversations side by side; the weights are read from memory once for all of them."""
        if json_schema is not None and (key := _yes_or_no(json_schema)):
            return self._decided(asked, key)
        pipeline, config = self._load(), _config(max_tokens, json_schema)
        rendered = [self._rendered(messages) for messages in asked]
        texts = pipeline.generate(rendered, config).texts
        return [_answer(question, text) for question, text in zip(rendered, texts, strict=True)]

    def _decided(self, asked: Sequence[list[BaseMessage]], key: str) -> list[AIMessage]:
        """Answer yes or no with the probability of that answer: the JSON is begun for the model, one word is left."""
        config = _config(1, None)
        config.logprobs = 1
        rendered = [f'{self._rendered(messages)}{{"{key}": "' for messages in asked]
        done = self._load().generate(rendered, config)
        found = []
        for question, word, log_probability in zip(rendered, done.texts, done.scores, strict=True):
            said = "yes" if word.strip().casefold() == "yes" else "no"
            found.append(_answer(question, json.dumps({key: said}), min(1.0, math.exp(log_probability))))
        return found

    def _rendered(self, messages: list[BaseMessage]) -> str:
        turns = [{"role": _ROLES[message.type], "content": str(message.content)} for message in messages]
        return str(self._load().get_tokenizer().apply_chat_template(turns, add_generation_prompt=True))

    def _load(self) -> Any:  # noqa: ANN401  the library has no types
        if self._pipeline is None:
            try:
                import openvino_genai
            except ImportError as error:
                raise ModelError(
                    "The local model needs OpenVINO GenAI. Install it: pip install 'voc[local]', or set [llm] provider."
                ) from error
            try:
                scheduler = openvino_genai.SchedulerConfig()
                scheduler.cache_size = _CACHE_GIB
                scheduler.enable_prefix_caching = True
                self._pipeline = openvino_genai.LLMPipeline(
                    str(self.gguf), "CPU", scheduler_config=scheduler, INFERENCE_PRECISION_HINT="f32"
                )
            except RuntimeError as error:
                raise ModelError(
                    f"The model {self.gguf} cannot be loaded: {error}. Run 'voc models verify'."
                ) from error
        return self._pipeline


def _config(max_tokens: int, json_schema: Mapping[str, object] | None) -> Any:  # noqa: ANN401  the library has no types
    import openvino_genai

    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = max_tokens
    config.do_sample = False
    config.apply_chat_template = False
    if json_schema is not None:
        config.structured_output_config = openvino_genai.StructuredOutputConfig(json_schema=json.dumps(json_schema))
    return config


def _yes_or_no(schema: Mapping[str, Any]) -> str:
    """Return the only field of a form whose answer is yes or no, "" for other forms."""
    fields = schema.get("properties", {})
    key = next(iter(fields), "")
    return key if len(fields) == 1 and set(fields[key].get("enum", ())) == {"yes", "no"} else ""


def _answer(rendered: str, text: str, probability: float | None = None) -> AIMessage:
    usage = {"input_tokens": len(rendered) // 4, "output_tokens": max(1, len(text) // 4)}
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    return AIMessage(content=text, usage_metadata=usage, response_metadata={PROBABILITY: probability})
