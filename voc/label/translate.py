"""Machine translations of quotes: labelled, cached, never evidence; off unless the configured model is good enough."""

from __future__ import annotations

from collections.abc import Callable

from voc.errors import LLMError
from voc.llm.chain import Chain
from voc.llm.fence import fenced, gives_orders
from voc.llm.outputs import Translation
from voc.llm.prompts import read_prompt
from voc.types import Quote


def translator(chain: Chain, *, language: str) -> Callable[[Quote], str]:
    """Return a function that translates a quote into the reader's language; "" where no translation could be had."""
    prompt = read_prompt("translate_quote")

    def translate(quote: Quote) -> str:
        if gives_orders(quote.text):
            return ""
        try:
            answer = chain.ask(
                prompt,
                Translation,
                {"language": language, "comment": fenced([quote.text])},
                feedback_ids=[quote.feedback_id],
            )
        except LLMError:
            return ""
        return answer.value.text

    return translate
