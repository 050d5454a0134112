"""Actions as the report of a week shows them: what is open, overdue first, and what was done in that week.

A report carries no clock: what is overdue and what is open is said as of the last day of its week.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from voc.report.model import ActionLine
from voc.store.actions import ActionRow
from voc.weeks import monday, week_of_date


def action_lines(
    rows: Sequence[ActionRow], *, week: str, markets: Sequence[str], names: Mapping[str, str]
) -> tuple[ActionLine, ...]:
    """Return the actions of some markets: overdue, then open by due day, then those done in the week.

    What was done later was open then; what was dropped is not shown. `names` are those of themes, by id.
    """
    found = []
    for row in rows:
        where = [one for one in row.markets if one in markets]
        state = _state(row, week)
        if where and state:
            found.append((_order(row, state), _line(row, state, where, names)))
    return tuple(line for _, line in sorted(found, key=lambda one: one[0]))


def _state(row: ActionRow, week: str) -> str:
    """Return overdue, open or done as of a week, "" where the action does not stand in its report."""
    if row.week > week or row.state == "dropped":
        return ""
    done_week = week_of_date(date.fromisoformat(row.done_on)) if row.done_on else ""
    if row.state == "done" and done_week <= week:
        return "done" if done_week == week else ""
    last = monday(week) + timedelta(days=6)
    return "overdue" if row.due is not None and date.fromisoformat(row.due) < last else "open"


def _order(row: ActionRow, state: str) -> tuple[int, str, str]:
    return ("overdue", "open", "done").index(state), row.due or "9999", row.id


def _line(row: ActionRow, state: str, where: Sequence[str], names: Mapping[str, str]) -> ActionLine:
    return ActionLine(
        id=row.id,
        state=state,
        theme=names.get(row.theme_id, row.theme_id),
        markets=tuple(where),
        clause=row.clause_number,
        duty=" ".join(row.duty.split()),
        owner=row.owner,
        due=row.due or "",
        done_on=(row.done_on or "") if state == "done" else "",
        result=(row.result or "") if state == "done" else "",
    )
