"""Sentences of a rationale with quotes, labelled by hand: do the quotes bear the sentence out.

Written for this project. One JSON object a line of support_pairs.jsonl: `id`, `subject` (16, held out together),
`kind`, `sentence` (English), `quotes` (one or two, each with `lang` and `text`) and `supported`: at least one of the
quotes says what the sentence says. Kinds of what is supported: said; said beside another matter. Of what is not: other
claim (of the same subject: rang but did not wait, against did not ring), praise (of the same thing), overgeneral (the
quotes say less) and other subject.
"""

from __future__ import annotations

import csv
import json
import random
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


SAMPLE: Final = Path(__file__).resolve().parents[2] / "voc" / "sample"
TOLD: Final = {
    "damaged": "Customers report that goods arrived broken because parcels were handled roughly.",
    "false_attempt": "Customers report that a failed attempt was recorded although they were at home and nobody rang.",
    "late_no_notice": "Customers report that parcels came after the promised date and nobody told them.",
    "locker_code": "Customers report that the code for their locker did not arrive.",
    "lost_delivered": "Customers report that tracking says delivered while they received nothing.",
    "pickup_far": "Customers report that parcels were sent to a pick-up point far from their home.",
    "rain_unsafe": "Customers report that parcels were left outside in the rain.",
    "refund_slow": "Customers report that they wait for weeks for the refund of a delivery charge.",
    "rude_driver": "Customers report that the courier was rude to them.",
    "support_unreachable": "Customers report that they cannot reach anybody at customer support.",
    "wrong_address": "Customers report that parcels were delivered to a wrong address.",
}
"""What customers of each theme planted in the sample report."""

_OF_EACH: Final = 20
_PRAISE: Final = ("praise_courier", "praise_fast")


def sample_pairs() -> tuple[Pair, ...]:
    """Return pairs with comments of the sample by a fixed draw: their theme's sentence, and those of other themes.

    The comments were written by others than the pairs and are longer. A comment counts as supporting the sentence of
    its theme, which is not always so.
    """
    with (SAMPLE / "truth.csv").open(encoding="utf-8") as handle:
        truth = {row["id"]: row for row in csv.DictReader(handle)}
    comments: dict[str, list[tuple[str, str]]] = {}
    with (SAMPLE / "feedback.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            known = truth.get(row["id"])
            if known and not known["hostile"] and not known["personal_data"]:
                comments.setdefault(known["theme"], []).append((known["language"], row["comment"]))
    draw = random.Random(0)
    found = []
    for theme, sentence in TOLD.items():
        picked = [("said", one) for one in draw.sample(comments[theme], _OF_EACH)]
        for place in range(_OF_EACH):
            praised = place % 3 == 0
            others = _PRAISE if praised else tuple(other for other in TOLD if other != theme)
            picked.append((PRAISE if praised else OTHER_SUBJECT, draw.choice(comments[draw.choice(others)])))
        for number, (kind, (language, text)) in enumerate(picked, 1):
            found.append(Pair(f"{theme}-{number}", theme, kind, sentence, (text,), (language,), kind == "said"))
    return tuple(found)
