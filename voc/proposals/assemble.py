"""Put a duty into a clause: make advice about it binding, else add a sentence; all else stays."""

from __future__ import annotations

import re
from typing import Final

from voc.proposals.catalogue import Duty
from voc.proposals.gate.sentences import content
from voc.proposals.quantities import quantities

_SHOULD: Final = re.compile(r"\bshould\b")
COVERED: Final = 0.6
"""Share of a duty's words that an advice holds before making it binding says all of the duty."""


def assemble(old: str, duty: Duty, *, advice: str = "", sentence: str = "") -> str:
    """Return the clause with a duty in it.

    Args:
        old: the clause in force.
        duty: what shall be asked for.
        advice: the sentence of the clause that only advises it, "" where there is none.
        sentence: the duty in the language of the clause; without it, in English.
    """
    said = sentence or duty.sentence
    if advice and advice in old and _SHOULD.search(advice):
        return old.replace(advice, _bound(advice, duty, said), 1)
    return f"{old.rstrip()} {said}".strip()


def _bound(advice: str, duty: Duty, said: str) -> str:
    """Return an advice as a rule: its own words where these hold the duty or a limit, else the duty in its place."""
    binding = _SHOULD.sub("shall", advice, count=1)
    wanted = content(duty.what)
    if quantities(advice, "en") or len(wanted & content(advice)) >= COVERED * len(wanted):
        return binding
    rest = content(advice) - content(said)
    return said if len(rest) <= 0.5 * len(content(advice)) else f"{binding} {said}"
