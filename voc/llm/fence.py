"""Feedback on its way into a prompt: numbered, fenced, cut, and with everything that could end its fence taken out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from voc.llm.orders import is_order, is_visible

LONGEST: Final = 400
"""Characters of a comment that a model sees."""

_READ: Final = 4 * LONGEST
"""Characters of a comment that are looked at; hidden ones among them are dropped."""

_TOKENS: Final = re.compile(
    r"<\|[^|<>]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?\s{0,3}(?:feedback|comment|s|system|clause)\b[^>]{0,40}>",
    re.IGNORECASE,
)
_SAFE: Final = str.maketrans({"<": "(", ">": ")", "[": "(", "]": ")", "{": "(", "}": ")", "|": "/", "`": "'"})
"""Fences, tags, chat templates and fields of JSON need these; a complaint reads the same without them."""

_LIKE: Final = str.maketrans(
    dict.fromkeys("‹〈⟨˂ᐸ❮❰", "(") | dict.fromkeys("›〉⟩˃ᐳ❯❱", ")") | {"∶": ":", "꞉": ":", "ː": ":"}
)
_ROLES: Final = (
    "system|assistant|user|human|developer|model|tool|instructions?|prompt|ai|role|content|système|utilisateur"
    "|benutzer|assistent|sistema|asistente|usuario|assistente|usuário|utente|sistem|asistan|kullanıcı|pengguna"
    "|系统|用户|助手|システム|ユーザー|アシスタント|النظام|المستخدم|المساعد"
)
_ROLE: Final = re.compile(rf"(?<!\w)(?P<role>{_ROLES})(?P<close>[\"'*_)\s]{{0,6}}):", re.IGNORECASE)


def neutral(text: str, longest: int = LONGEST) -> str:
    """Return one line of plain text that cannot close a fence, open a role or run past its length.

    That holds in every normal form of Unicode. A role keeps its word and loses its colon.
    """
    plain = unicodedata.normalize("NFKC", text[: max(_READ, longest)])
    plain = "".join(mark for mark in plain if is_visible(mark) and not _is_selector(mark))
    plain = _TOKENS.sub(" ", unicodedata.normalize("NFKC", plain))
    plain = "".join(_safe(mark) for mark in plain.translate(_LIKE))
    plain = " ".join(_ROLE.sub(r"\g<role>\g<close> -", " ".join(plain.split())).split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def fenced(texts: Sequence[str]) -> str:
    """Return comments as a numbered list between fences; the first number is 1."""
    lines = [f'<comment number="{number}">{neutral(text)}</comment>' for number, text in enumerate(texts, 1)]
    return "\n".join(lines)


def gives_orders(text: str) -> bool:
    """Say whether a comment speaks to a model and not to the carrier; such comments are quoted but never prompted."""
    return is_order(text)


def _safe(mark: str) -> str:
    """Return a character, or its harmless sister when any form of it holds what could end a fence."""
    if mark.isascii():
        return mark.translate(_SAFE)
    parts = unicodedata.normalize("NFKD", mark)
    return parts.translate(_SAFE) if any(one in parts for one in "<>[]{}|`") else mark


def _is_selector(mark: str) -> bool:
    """Say whether a character only chooses how another looks; a row of them can carry hidden text."""
    return "\ufe00" <= mark <= "\ufe0f" or "\U000e0100" <= mark <= "\U000e01ef"
