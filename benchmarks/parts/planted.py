"""Groups of complaints, written for this project, whose clause in the sample's standard is known.

One JSON object a line of planted.jsonl: `clause` (a number of `voc/sample/standards/global.md`, empty where no clause
is about it), `market` (where there is no addendum the global clause is in force), `lang`, `theme` (an English name as a
theme would bear it) and `comments` (3 to 5 complaints in that language). There are two groups for each clause, in two
languages, and 12 groups about other things than the delivery of parcels.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PLANTED: Final = Path(__file__).with_name("planted.jsonl")


@dataclass(frozen=True, slots=True)
class Planted:
    """One group of complaints and the number of its clause, empty where none fits."""

    clause: str
    market: str
    language: str
    theme: str
    comments: tuple[str, ...]


def read_planted(path: Path = PLANTED) -> tuple[Planted, ...]:
    """Return the groups in the order of the file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(
        Planted(row["clause"], row["market"], row["lang"], row["theme"], tuple(row["comments"])) for row in rows
    )
