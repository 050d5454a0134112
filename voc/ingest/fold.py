"""Fold what came since the last run: near-copies count once, and no source counts for more than its quota."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.ingest.copies import copies
from voc.store import copies as stored
from voc.store.copies import SeenText, SourceWeek
from voc.store.database import Database
from voc.types import Stamp
from voc.weeks import weeks_before

LOOKED_BACK: Final = 8
"""Weeks in which the first text of a copy is looked for: a flood lasts days, and the cost follows the week."""


@dataclass(frozen=True, slots=True)
class FoldReport:
    """How many texts were looked at, how many of them are near-copies, how many comments lie beyond a quota."""

    texts: int
    near_copies: int
    beyond_quota: int


def fold(database: Database, *, week: str, quotas: Mapping[str, int], stamp: Stamp) -> FoldReport:
    """Find near-copies among the texts that wait for a decision, then apply the quotas of sources.

    A unit is a copy of a unit, so that its first has a vector; a comment that was cut into clauses is one of a comment.

    Args:
        database: the store.
        week: the newest week that is looked at.
        quotas: for a source, how many different comments a market and week of it count at most.
        stamp: who acts.
    """
    with database.read() as connection:
        fresh = {one.text_hash: one for one in stored.undecided_texts(connection, last_week=week)}
        if not fresh:
            return FoldReport(0, 0, 0)
        first = weeks_before(min(one.week for one in fresh.values()), LOOKED_BACK)[0]
        seen = stored.firsts_since(connection, first_week=first, last_week=week)
        known = {*stored.of_texts(connection, list(fresh)), *(old := stored.decided_on(connection, list(fresh)))}
    earlier = [one for one in seen if one.text_hash not in fresh or one.text_hash in old]
    new = [one for name, one in fresh.items() if name not in known]
    found = copies(_texts(one for one in earlier if one.is_unit), _texts(one for one in new if one.is_unit))
    wholes = [one for one in (*earlier, *new) if one.is_whole and one.is_unit and one.text_hash not in found]
    wholes += [one for one in earlier if one.is_whole and not one.is_unit]
    found |= copies(_texts(_in_order(wholes)), _texts(one for one in new if not one.is_unit))
    with database.write() as connection:
        stored.add(connection, stamp, found)
        weeks = stored.source_weeks(connection, sorted(quotas), last_week=week) if quotas else ()
        held_back = 0
        for one in weeks:
            beyond = beyond_quota(one, quotas[one.source])
            stored.put_beyond_quota(connection, one, beyond)
            held_back += len(beyond)
    return FoldReport(len(fresh), len(found), held_back)


def _texts(seen: Iterable[SeenText]) -> dict[str, str]:
    return {one.text_hash: one.text for one in seen}


def _in_order(seen: Iterable[SeenText]) -> list[SeenText]:
    return sorted(seen, key=lambda one: (one.week, one.text_hash))


def beyond_quota(found: SourceWeek, most: int) -> Sequence[str]:
    """Return the comments that come after so many different ones; a copy of one that counts is no further one."""
    counted: set[str] = set()
    beyond = []
    for feedback_id, same_as in found.comments:
        if same_as not in counted and len(counted) == most:
            beyond.append(feedback_id)
        else:
            counted.add(same_as)
    return beyond
