"""A decision pack of a workspace: what the store has, and the smallest effect that could be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voc.errors import InputError
from voc.proposals.pack import PackTask, build_pack
from voc.proposals.pack_model import Detectable, Pack
from voc.weeks import shift_week

if TYPE_CHECKING:
    from voc.proposals.shown import Shown
    from voc.wiring import Services

_TOLD_WEEKS: Final = (8, 13, 26)
"""Two months, a quarter, half a year: when committees look again."""


def decision_pack(services: Services, shown: Shown) -> Pack:
    """Return the pack of a proposal that was loaded."""
    settings = services.settings
    task = PackTask(settings.markets, settings.report.baseline_weeks, settings.workspace.k)
    return build_pack(services.database, shown.row.id, task=task, shown=shown, detectable=_detectable(services, shown))


def _detectable(services: Services, shown: Shown) -> tuple[Detectable, ...]:
    """Return what could be seen if the markets concerned adopted in the week after the proposal's; () where unknown."""
    from voc.effect.detect import detectable
    from voc.effect.read import read_history

    row, every = shown.row, services.settings.market_codes()
    adopters = every if not row.market else (row.market,)
    try:
        history = read_history(services.database, row.theme_id, adopters, markets=every, last=row.week)
        found = detectable(history)
    except InputError:  # too few weeks of history, or none of this theme
        return ()
    return tuple(
        Detectable(weeks, shift_week(row.week, weeks), fall, found.power)
        for weeks, fall in found.smallest
        if weeks in _TOLD_WEEKS
    )
