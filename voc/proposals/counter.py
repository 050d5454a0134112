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


def counter_evidence(
    database: Database, duty: Duty, *, markets: Sequence[str], week: str, nearness: Nearness
) -> tuple[Evidence, ...]:
    """Return the praise of the same weeks and markets that is nearest to the complaint a duty is about."""
    first = weeks_before(week, WEEKS - 1)[0]
    with database.read() as connection:
        units = assignments.units(connection, first_week=first, last_week=week)
    praise = [unit for unit in units if unit.market in markets and unit.polarity == Polarity.PRAISE]
    found = first_of_each(database, praise)
    if not found:
        return ()
    wanted = unit_rows(nearness.encode([duty.about]) @ nearness.space.projection)[0]
    cosines = nearness.clauses(found) @ wanted
    return tuple(found[int(place)] for place in np.argsort(-cosines, kind="stable")[:_MOST])
