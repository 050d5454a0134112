"""What speaks against a proposal: praise of the same weeks and markets that is nearest to what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from voc.proposals.catalogue import Duty
from voc.proposals.evidence import WEEKS, Evidence, first_of_each
from voc.proposals.nearness import Nearness
from voc.store import assignments
from voc.store.database import Database
from voc.themes.space import unit_rows
from voc.types import Polarity
from voc.weeks import weeks_before

_MOST: Final = 2
_ALIKE: Final = 0.8
"""Cosine from which two comments say the same: one with other first and last words lies at about .9."""


def counter_evidence(
    database: Database, duty: Duty, *, markets: Sequence[str], week: str, nearness: Nearness
) -> tuple[Evidence, ...]:
    """Return the praise of the same weeks and markets that is nearest to the complaint a duty is about, none twice."""
    first = weeks_before(week, WEEKS - 1)[0]
    with database.read() as connection:
        units = assignments.units(connection, first_week=first, last_week=week)
    praise = [unit for unit in units if unit.market in markets and unit.polarity == Polarity.PRAISE]
    found = first_of_each(database, praise)
    if not found:
        return ()
    wanted = unit_rows(nearness.encode([duty.about]) @ nearness.space.projection)[0]
    rows = nearness.clauses(found)
    kept: list[int] = []
    for place in np.argsort(-(rows @ wanted), kind="stable"):
        if len(kept) < _MOST and all(float(rows[place] @ rows[other]) < _ALIKE for other in kept):
            kept.append(int(place))
    return tuple(found[place] for place in kept)
