"""Which letters of a text no font of this machine has: a PDF would show them as boxes, and say nothing."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from collections.abc import Iterable
from itertools import chain
from typing import Final

_SECONDS: Final = 20
_UNDRAWN: Final = ("C", "Z", "M")
"""Categories without a form of their own: controls, spaces, and marks, which come with their letters."""


def undrawn(text: str, charsets: Iterable[str]) -> tuple[str, ...]:
    """Return the scripts that no character set has whole, such as "Thai", in order of name; "signs" for emoji.

    A character set is written as fontconfig does: "20-7e a0-ff 131", in hexadecimal.
    """
    letters = {letter for letter in text if unicodedata.category(letter)[0] not in _UNDRAWN}
    known = set(chain.from_iterable(_span(part) for one in charsets for part in one.split()))
    missing = {letter for letter in letters if ord(letter) not in known}
    return tuple(sorted({_script(letter) for letter in missing}))


def charsets() -> tuple[str, ...]:
    """Return the character set of every font of this machine; none where fontconfig's `fc-list` is not installed."""
    tool = shutil.which("fc-list")
    if tool is None:
        return ()
    done = subprocess.run(  # noqa: S603  a fixed command without input
        [tool, "--format=%{charset}\n"], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    return tuple(sorted(set(done.stdout.splitlines())))


def _script(letter: str) -> str:
    """Return the first word of a letter's Unicode name, which is that of its script."""
    named = unicodedata.name(letter, "").split() if unicodedata.category(letter)[0] == "L" else []
    return named[0].capitalize() if named else "signs"


def _span(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)
