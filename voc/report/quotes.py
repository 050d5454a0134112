"""The quotes that a report shows: verbatim clauses of stored comments, the markets taking turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.llm.fence import gives_orders
from voc.store import assignments, feedback
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.types import Feedback, Polarity, Quote

QUOTE_CHARACTERS: Final = 280
_READ: Final = 20
"""Comments read at a time: three or so are shown, and few are passed over."""


@dataclass(frozen=True, slots=True)
class WeekUnits:
    """What was said in a week: the units of each theme, strongest first, and those that a run put into none."""

    by_theme: Mapping[str, Sequence[UnitRow]]
    without_theme: Sequence[UnitRow]


def week_units(database: Database, week: str) -> WeekUnits:
    """Return what was said in a week, read once for all themes and markets."""
    with database.read() as connection:
        units = assignments.units(connection, first_week=week, last_week=week)
    by_theme: dict[str, list[UnitRow]] = defaultdict(list)
    for unit in units:
        if unit.theme_id is not None:
            by_theme[unit.theme_id].append(unit)
    for found in by_theme.values():
        found.sort(key=assignments.by_strength)
    return WeekUnits(by_theme, [unit for unit in units if unit.theme_id is None and unit.method == "machine"])


def theme_quotes(
    database: Database,
    units: Sequence[UnitRow],
    polarity: Polarity,
    *,
    markets: Sequence[str],
    most: int,
    pinned: Sequence[str] = (),
    hidden: frozenset[str] = frozenset(),
) -> tuple[Quote, ...]:
    """Return quotes from the units of a theme in some markets, of its stronger half: a weak member may be a stranger.

    Pinned ones come first, all of them; hidden ones never come.
    """
    seen = [unit for unit in units if unit.market in markets and unit.feedback_id not in hidden]
    wanted = [unit for unit in seen if unit.polarity == polarity]
    first = _pinned(seen, pinned, praise=polarity is Polarity.PRAISE)
    told = {unit.same_as for unit in first}
    rest = [unit for unit in wanted[: max(most, -(-len(wanted) // 2))] if unit.same_as not in told]
    return (*_verbatim(database, first), *_quotes(database, rest, most=max(0, most - len(first))))


def quotes_without_theme(
    database: Database,
    units: Sequence[UnitRow],
    *,
    markets: Sequence[str],
    most: int,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Quote, ...]:
    """Return quotes from the units that belong to no theme, in some markets; hidden ones never come."""
    seen = [unit for unit in units if unit.market in markets and unit.feedback_id not in hidden]
    return _quotes(database, seen, most=most)


def _pinned(units: Sequence[UnitRow], ids: Sequence[str], *, praise: bool) -> list[UnitRow]:
    """Return one unit of each pinned comment, in the order of pinning: praise where praise is shown, else the rest."""
    kind = [unit for unit in units if (unit.polarity == Polarity.PRAISE) is praise]
    by_comment = {unit.feedback_id: unit for unit in sorted(kind, key=lambda unit: unit.start, reverse=True)}
    return [by_comment[one] for one in ids if one in by_comment]


def _verbatim(database: Database, units: Sequence[UnitRow]) -> tuple[Quote, ...]:
    with database.read() as connection:
        comments = {one.id: one for one in feedback.get(connection, [unit.feedback_id for unit in units])}
    return tuple(_quote(comments[unit.feedback_id], unit) for unit in units)


def _quotes(database: Database, units: Sequence[UnitRow], *, most: int) -> tuple[Quote, ...]:
    """Return quotes of different comments, the markets taking turns; those that give orders to a model come last."""
    chosen = _in_turn(units)
    found: list[Quote] = []
    orders: list[Quote] = []
    for start in range(0, len(chosen), _READ):
        part = chosen[start : start + _READ]
        with database.read() as connection:
            comments = {one.id: one for one in feedback.get(connection, [unit.feedback_id for unit in part])}
        for unit in part:
            if len(found) >= most:
                return tuple(found)
            comment = comments[unit.feedback_id]
            (orders if gives_orders(comment.text) else found).append(_quote(comment, unit))
    return tuple([*found, *orders][:most])


def _in_turn(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Return one unit of each comment and text, the first of each market, then the second of each, and so on."""
    distinct = {unit.same_as: unit for unit in reversed(units)}
    chosen = {unit.feedback_id: unit for unit in reversed(distinct.values())}
    seen: dict[str, int] = {}
    ranked = []
    for place, unit in enumerate(reversed(chosen.values())):
        turn = seen.get(unit.market, 0)
        seen[unit.market] = turn + 1
        ranked.append((turn, place, unit))
    return [unit for _, _, unit in sorted(ranked, key=lambda one: one[:2])]


def _quote(comment: Feedback, unit: UnitRow) -> Quote:
    """Return the beginning of a clause, cut between words when it is long."""
    end = unit.end
    if end - unit.start > QUOTE_CHARACTERS:
        longest = unit.start + QUOTE_CHARACTERS
        cut = comment.text.rfind(" ", unit.start + QUOTE_CHARACTERS // 2, longest)
        end = cut if cut > 0 else longest
    text = comment.text[unit.start : end]
    return Quote(comment.id, unit.start, end, text, comment.language, comment.market)
