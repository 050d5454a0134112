"""Feedback on its way into a prompt: numbered, fenced, cut, and with everything that could end its fence taken out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 400
"""Characters of a comment that a model sees."""

_TOKENS: Final = re.compile(
    r"<\|[^|<>]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?\s*(?:feedback|comment|s|system|clause)\b[^>]{0,40}>", re.IGNORECASE
)
_ROLE: Final = re.compile(r"^\s*(?:system|assistant|user|human|developer)\s*:", re.IGNORECASE | re.MULTILINE)
_ORDERS: Final = re.compile(
    r"(?:ignor\w*|disregard\w*|forget|vergiss\w*|oublie\w*|esque[cç]\w*)\b.{0,40}"
    r"\b(?:instruct\w*|anweisung\w*|consigne\w*|instru[cç]\w*|rules|prompt)|"
    r"\b(?:you are now|you must output|output only|antworte nur|neue anweisung|new instructions?)\b|"
    r"\b(?:approve|genehmige|approuve\w*|aprov\w*)\b.{0,30}\b(?:proposal|draft|rule|entwurf|projet|proposta)|"
    r"<\|im_(?:start|end)\|>|name this theme|add clause|maintenance mode|[ée]cris que|setze die frist",
    re.IGNORECASE,
)


def neutral(text: str, longest: int = LONGEST) -> str:
    """Return one line of plain text that cannot close a fence, open a role or run past its length."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(" " if unicodedata.category(mark) in ("Cc", "Cf", "Co") else mark for mark in plain)
    plain = _ROLE.sub(" ", _TOKENS.sub(" ", plain))
    plain = " ".join(plain.replace("`", "'").replace("<", "(").replace(">", ")").replace("|", "/").split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def fenced(texts: Sequence[str]) -> str:
    """Return comments as a numbered list between fences; the first number is 1."""
    lines = [f'<comment number="{number}">{neutral(text)}</comment>' for number, text in enumerate(texts, 1)]
    return "\n".join(lines)


def gives_orders(text: str) -> bool:
    """Say whether a comment speaks to a model and not to the carrier; such comments are quoted but never prompted."""
    return bool(_ORDERS.search(unicodedata.normalize("NFKC", text)))
