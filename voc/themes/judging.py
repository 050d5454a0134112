"""From units to judgements: which comments teach what a complaint is, and what people said about copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from voc.store.assignments import UnitRow
from voc.themes.engine import one_thread
from voc.themes.polarity import CLAUSE_HINT, EXAMPLES, Comments, PolarityModel, learn
from voc.themes.sentences import Sentences
from voc.types import Polarity, Vectors

PERSON = "person"


def learn_from(
    units: Sequence[UnitRow], *, vectors: Callable[[Sequence[str]], Vectors], sentences: Sentences
) -> PolarityModel:
    """Learn what a complaint is from sentences and from units; the same units in any order teach the same.

    Args:
        units: of each text the one that people corrected, else a rated one, counts; near-copies are one text. At most
            EXAMPLES teach, corrected ones first, and as many others show how frequent complaints are.
        vectors: returns the vectors `(n, d)` of text hashes.
        sentences: what teaches before anyone has rated or corrected anything.
    """
    firsts: dict[str, UnitRow] = {}
    for unit in sorted(units, key=_strength):
        firsts.setdefault(unit.same_as, unit)
    speak = [unit for unit in firsts.values() if unit.rating is not None or unit.polarity_method == PERSON]
    silent = [unit for unit in firsts.values() if unit.rating is None and unit.polarity_method != PERSON]
    taught = [*speak[:EXAMPLES], *silent[:EXAMPLES]]
    rows = vectors([unit.same_as for unit in taught]) if taught else sentences.vectors[:0]
    with one_thread():
        return learn(sentences, comments_of(taught, rows))


def _strength(unit: UnitRow) -> tuple[bool, bool, str, str]:
    """Return the place of a unit among those that teach: corrected, rated, then by content only."""
    return unit.polarity_method != PERSON, unit.rating is None, unit.same_as, unit.unit_id


def comments_of(units: Sequence[UnitRow], rows: Vectors) -> Comments:
    """Return units with their vectors `(n, d)` as they teach and are judged."""
    return Comments(
        rows,
        [unit.language for unit in units],
        [unit.rating for unit in units],
        [_said(unit) for unit in units],
        [CLAUSE_HINT if unit.is_clause else 1.0 for unit in units],
    )


def _said(unit: UnitRow) -> Polarity | None:
    return Polarity(unit.polarity) if unit.polarity is not None and unit.polarity_method == PERSON else None


def with_corrections(units: Sequence[UnitRow], corrected: Mapping[str, str]) -> list[UnitRow]:
    """Return units in which whole comments have what a person said about an earlier copy, by the hash they count as.

    A clause keeps only what was said about its own comment: the same words may stand in another.
    """
    return [
        replace(unit, polarity=corrected[unit.same_as], polarity_method=PERSON)
        if unit.same_as in corrected and not unit.is_clause and unit.polarity_method != PERSON
        else unit
        for unit in units
    ]


def judged_rows(units: Sequence[UnitRow], vectors: Mapping[str, Vectors]) -> Comments:
    """Return units with the vectors `(d,)` of the texts that they count as."""
    return comments_of(units, np.stack([vectors[unit.same_as] for unit in units]))
