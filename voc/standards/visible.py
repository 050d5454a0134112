"""Make characters that steer a screen, a page or the direction of reading visible, so that no text can act."""

from __future__ import annotations

import re
from typing import Final

_PICTURES: Final = 0x2400
"""Where Unicode has a picture for each of the control characters. Source: Unicode, block Control Pictures."""
_DELETE: Final = 0x7F
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_STEERING: Final = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]")
_LINES: Final = re.compile(r"\r\n?")


def visible(text: str) -> str:
    """Return a text in which control and direction characters stand as signs; letters of all scripts are untouched."""
    return _STEERING.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", _pictured(text))


def storable(text: str) -> str:
    """Return a text that XML can hold, changed as little as can be.

    Line ends become line feeds, forbidden control characters their pictures, half characters the replacement character.
    """
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", _pictured(text))


def _pictured(text: str) -> str:
    return _CONTROL.sub(lambda found: _picture(ord(found[0])), _LINES.sub("\n", text))


def _picture(code: int) -> str:
    return chr(0x2421 if code == _DELETE else _PICTURES + code)
