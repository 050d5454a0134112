"""Messages as pages say them: without the commands and options that the command line names beside them."""

from __future__ import annotations

import re
from typing import Final

_COMMANDS: Final = "actions|audit|effect|ingest|proposals|report|run|search|standards|themes|tokens|users"
_ASIDE: Final = re.compile(r"\s*\((?:voc [a-z]|--[a-z]|VOC_)[^)\n]*\)")
_COMMAND: Final = re.compile(rf"(?:\s+with)?:?\s+voc (?:{_COMMANDS})\b[^\n]*?(?=\.?(?:\n|$)|\. [A-Z])")
_OPTION: Final = re.compile(r"(?:\s+with)?:?\s+--[a-z][a-z-]+(?: (?:[A-Z]+|\d+)\b)?")


def spoken(text: str) -> str:
    """Return a message without what only a command line can use; what is left ends as a sentence does."""
    found = _ASIDE.sub("", text)
    for pattern in (_COMMAND, _OPTION):
        found = pattern.sub(_ended, found)
    return found


def _ended(match: re.Match[str]) -> str:
    following = match.string[match.end() : match.end() + 1]
    return "" if following in tuple(".,;:)") else "."
