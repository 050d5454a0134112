"""Sentences of a rationale with quotes, labelled by hand: do the quotes bear the sentence out.

Written for this project. One JSON object a line of support_pairs.jsonl: `id`, `subject` (16, held out together),
`kind`, `sentence` (English), `quotes` (one or two, each with `lang` and `text`) and `supported`: at least one of the
quotes says what the sentence says. Kinds of what is supported: said; said beside another matter. Of what is not: other
claim (of the same subject: rang but did not wait, against did not ring), praise (of the same thing), overgeneral (the
quotes say less) and other subject.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAIRS: Final = Path(__file__).with_name("support_pairs.jsonl")
OTHER_CLAIM, PRAISE, OVERGENERAL, OTHER_SUBJECT = "other claim", "praise", "overgeneral", "other subject"


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, its quotes with their languages, and whether they bear it out."""

    id: str
    subject: str
    kind: str
    sentence: str
    quotes: tuple[str, ...]
    languages: tuple[str, ...]
    supported: bool


def read_pairs(path: Path = PAIRS) -> tuple[Pair, ...]:
    """Return the pairs in the order of the file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(
        Pair(
            row["id"],
            row["subject"],
            row["kind"],
            row["sentence"],
            tuple(one["text"] for one in row["quotes"]),
            tuple(one["lang"] for one in row["quotes"]),
            row["supported"],
        )
        for row in rows
    )
