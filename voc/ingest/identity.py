"""What makes a feedback text itself: its id from identity fields only, and the hash of its words."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from typing import Final

_HEX: Final = 32
_KEPT_CONTROLS: Final = "\n\t"


def clean(text: str) -> str:
    """Return text in NFC without control characters, its white space trimmed."""
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        character for character in normal if character in _KEPT_CONTROLS or unicodedata.category(character) != "Cc"
    ).strip()


def text_hash(text: str) -> str:
    """Return the hash under which a text's vector is kept: 32 hexadecimal digits of sha256 over NFC text."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()[:_HEX]


def keyed_hash(key: bytes, *fields: str) -> str:
    """Return a hash that only the holder of the workspace key can make: HMAC-SHA256, 32 hexadecimal digits."""
    content = "\x1f".join(fields).encode()
    return hmac.new(key, content, hashlib.sha256).hexdigest()[:_HEX]


def feedback_id(key: bytes, *, source: str, source_id: str, revision: str, created_at: str, text: str) -> str:
    """Return the id: from source, source id and revision, or without a source id from source, time and raw text."""
    if source_id:
        return keyed_hash(key, "id", source, source_id, revision)
    return keyed_hash(key, "text", source, created_at, text)
