"""A proposal as it is opened: what was drafted, beside what has changed in the store since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.proposals.draft import Figure
from voc.proposals.evidence import distinct_complaints
from voc.proposals.figures import Scope, figures
from voc.proposals.notices import clause_notices, figure_notices, quote_notices
from voc.proposals.shown import Shown, load
from voc.trends.read import read_week
from voc.trends.table import theme_weeks

if TYPE_CHECKING:
    from voc.wiring import Services


def opened(services: Services, proposal_id: str) -> Shown:
    """Return a proposal by the beginning of its id, with a notice for everything that has changed since the draft.

    Raises:
        NotFoundError: no proposal, or more than one, begins with it.
    """
    database = services.database
    shown = load(database, proposal_id)
    notices = (
        *quote_notices(database, shown),
        *clause_notices(database, shown, on=services.stamp.at.date().isoformat()),
        *figure_notices(shown.draft, figures_now(services, shown)),
    )
    return replace(shown, notices=notices)


def figures_now(services: Services, shown: Shown) -> tuple[Figure, ...]:
    """Return the figures of a draft as the store gives them now, for the week that it was drafted for."""
    row, draft, settings = shown.row, shown.draft, services.settings
    scope = Scope(row.theme_id, row.market, draft.markets)
    try:
        week = read_week(
            services.database,
            row.week,
            markets=settings.market_codes(),
            baseline_weeks=settings.report.baseline_weeks,
        )
    except InputError:  # the feedback of that week is gone
        return ()
    distinct = distinct_complaints(services.database, row.theme_id, markets=draft.markets, week=row.week)
    return figures(scope, week, theme_weeks(week), distinct=distinct)
