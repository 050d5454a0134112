"""The quotes that a report shows: verbatim clauses of stored comments, the markets taking turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.llm.fence import gives_orders
from voc.store import assignments, feedback
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.types import Feedback, Polarity, Quote

QUOTE_CHARACTERS: Final = 280


def theme_quotes(
    database: Database, theme_id: str, polarity: Polarity, *, week: str, markets: Sequence[str], most: int
) -> tuple[Quote, ...]:
    """Return what was said of a theme in a week and markets, by its stronger half: a weak member may be a stranger."""
    with database.read() as connection:
        units = assignments.members(connection, theme_id=theme_id, first_week=week, last_week=week)
    wanted = [unit for unit in units if unit.market in markets and unit.polarity == polarity]
    return _quotes(database, wanted[: max(most, -(-len(wanted) // 2))], most=most)


def quotes_without_theme(database: Database, *, week: str, markets: Sequence[str], most: int) -> tuple[Quote, ...]:
    """Return what was said in a week and markets that belongs to no theme."""
    with database.read() as connection:
        units = assignments.without_theme(connection, first_week=week, last_week=week)
    return _quotes(database, [unit for unit in units if unit.market in markets], most=most)


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
