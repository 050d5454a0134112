"""Numbers of clauses: "1.1", "3a", "§ 18a", "A.2"; how they are written, and their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NUMBER: Final = r"(?:(?:§|Art\.) ?)?(?:\d{1,4}[a-z]?|[A-Z](?=\.\d))(?:\.\d{1,4}[a-z]?){0,5}"
"""A clause number as a pattern: digits with at most one letter, in parts, after § or Art. where the document has it."""

ACTIONS: Final = ("add", "replace", "exempt")
"""What a clause of an addendum does to the global edition."""

_NUMBER = re.compile(NUMBER)
_HEADING = re.compile(
    rf"(?P<number>{NUMBER})\.?\s+(?P<title>(?:\\.|[^\[\]\\])*(?:\\.|[^\[\]\\\s]))(?:\s+\[(?P<action>\w+)\])?\s*"
)
_PART = re.compile(r"(\d*)([A-Za-z]?)")


@dataclass(frozen=True, slots=True)
class Heading:
    """The line that a clause begins with; `action` is "" where none is marked."""

    number: str
    title: str
    action: str


def normal_number(text: str) -> str | None:
    """Return a number as it is stored ("§3." becomes "§ 3"), or None when it is no number."""
    plain = re.sub(r"^(§|Art\.) ?", r"\1 ", " ".join(text.split())).removesuffix(".")
    return plain if _NUMBER.fullmatch(plain) else None


def read_heading(text: str) -> Heading | None:
    """Read "1.1 Title [replace]", or None; in titles a backslash stands before square brackets and itself."""
    match = _HEADING.fullmatch(" ".join(text.split()))
    number = normal_number(match["number"]) if match else None
    if match is None or number is None:
        return None
    return Heading(number, re.sub(r"\\([\[\]\\])", r"\1", match["title"]), match["action"] or "")


def write_heading(number: str, title: str, action: str) -> str:
    """Return the line that `read_heading` reads back."""
    safe = re.sub(r"([\[\]\\])", r"\\\1", title)
    return f"{number} {safe} [{action}]" if action in ACTIONS else f"{number} {safe}"


def natural_key(number: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return a key that sorts numbers as people count: 2 before 10, 18 before 18a before 19, letters after digits."""
    bare = re.sub(r"^(§|Art\.) ?", "", number)
    parts = []
    for part in bare.split("."):
        match = _PART.match(part)
        digits, letter = (match[1], match[2]) if match else ("", part)
        parts.append((0, int(digits), letter) if digits else (1, 0, letter))
    return tuple(parts), number
