"""The quotes that a report shows: verbatim clauses of stored comments, the markets taking turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.llm.fence import gives_orders
from voc.report.model import NOTHING_CHOSEN, Chosen
from voc.store import assignments, feedback
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.types import Feedback, Polarity, Quote

QUOTE_CHARACTERS: Final = 280


def theme_quotes(
    database: Database,
    theme_id: str,
    polarity: Polarity,
    *,
    week: str,
    markets: Sequence[str],
    most: int,
    chosen: Chosen = NOTHING_CHOSEN,
) -> tuple[Quote, ...]:
    """Return what was said of a theme in a week and markets, by its stronger half: a weak member may be a stranger.

    Pinned ones come first, all of them; hidden ones never come.
    """
    with database.read() as connection:
        units = assignments.members(connection, theme_id=theme_id, first_week=week, last_week=week)
    seen = [unit for unit in units if unit.market in markets and unit.feedback_id not in chosen.hidden]
    wanted = [unit for unit in seen if unit.polarity == polarity]
    first = _pinned(seen, chosen.pinned.get(theme_id, ()), praise=polarity is Polarity.PRAISE)
    told = {unit.same_as for unit in first}
    rest = [unit for unit in wanted[: max(most, -(-len(wanted) // 2))] if unit.same_as not in told]
    return (*_verbatim(database, first), *_quotes(database, rest, most=max(0, most - len(first))))


def quotes_without_theme(
    database: Database, *, week: str, markets: Sequence[str], most: int, chosen: Chosen = NOTHING_CHOSEN
) -> tuple[Quote, ...]:
    """Return what was said in a week and markets that belongs to no theme; hidden ones never come."""
    with database.read() as connection:
        units = assignments.without_theme(connection, first_week=week, last_week=week)
    seen = [unit for unit in units if unit.market in markets and unit.feedback_id not in chosen.hidden]
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
    distinct = {unit.same_as: unit for unit in reversed(units)}
    chosen = {unit.feedback_id: unit for unit in reversed(distinct.values())}
    with database.read() as connection:
        comments = {one.id: one for one in feedback.get(connection, list(chosen))}
    seen: dict[str, int] = {}
    ranked = []
    for place, unit in enumerate(reversed(chosen.values())):
        comment = comments[unit.feedback_id]
        turn = seen.get(comment.market, 0)
        seen[comment.market] = turn + 1
        ranked.append((gives_orders(comment.text), turn, place, _quote(comment, unit)))
    return tuple(one[3] for one in sorted(ranked, key=lambda one: one[:3])[:most])


def _quote(comment: Feedback, unit: UnitRow) -> Quote:
    """Return the beginning of a clause, cut between words when it is long."""
    end = unit.end
    if end - unit.start > QUOTE_CHARACTERS:
        longest = unit.start + QUOTE_CHARACTERS
        cut = comment.text.rfind(" ", unit.start + QUOTE_CHARACTERS // 2, longest)
        end = cut if cut > 0 else longest
    text = comment.text[unit.start : end]
    return Quote(comment.id, unit.start, end, text, comment.language, comment.market)
