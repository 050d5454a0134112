"""A sample that a large fit is made of: as many of each market, language and week as there are of all texts.

Neighbours of every text among all of a million cost hours, and communities of so large a graph its memory; the texts
that are left out are decided by the rule that later weeks are decided by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from voc.store.assignments import UnitRow

FITTED: Final = 100_000
"""Most texts of one fit."""


def sample_of(firsts: Sequence[UnitRow], most: int = FITTED) -> list[UnitRow]:
    """Return at most so many of the units, one a text in canonical order, in that order.

    Every market, language and week gives in proportion, by largest remainders; within one, the first by hash are
    taken, which is chance that is the same whenever it is asked.
    """
    if len(firsts) <= most:
        return list(firsts)
    strata: dict[tuple[str, str, str], list[UnitRow]] = defaultdict(list)
    for unit in firsts:
        strata[unit.market, unit.language, unit.week].append(unit)
    share = most / len(firsts)
    taken = {key: int(len(units) * share) for key, units in strata.items()}
    by_remainder = sorted(strata, key=lambda key: (taken[key] - len(strata[key]) * share, key))
    for key in by_remainder[: most - sum(taken.values())]:
        taken[key] += 1
    chosen = [unit for key, units in strata.items() for unit in units[: taken[key]]]
    return sorted(chosen, key=lambda unit: (unit.same_as, unit.unit_id))
