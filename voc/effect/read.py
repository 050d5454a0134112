"""Read from the store what is compared: weekly complaints of a theme, and who adopted what since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from voc.effect.panel import LEAST_BEFORE, LEAST_OUT, WASHOUT, Panel
from voc.errors import InputError, NotFoundError
from voc.store import actions, counts, proposals, review
from voc.store.database import Connection, Database
from voc.trends.grid import complaint, deliveries_by_market, texts_by_market, theme_grid
from voc.trends.predict import Flags, Floats
from voc.trends.read import read_week
from voc.trends.week import Week
from voc.weeks import monday, parse_week, shift_week, week_of_date

BEFORE: Final = 52
"""Weeks before an adoption that are compared, beside those left out: a year, so that every season is in it once."""
LONGEST_AFTER: Final = 26
"""Weeks after an adoption; later ones tell more of other changes than of this one."""
_MOSTLY: Final = 0.8
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Begin:
    """The first whole week with a change, and the week in which it began when that was not on a Monday."""

    week: str
    partial: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """Since when (ISO date) markets follow what a proposal or an action asks for about a theme."""

    id: str
    theme_id: str
    since: Mapping[str, str]


def begin_of(text: str) -> Begin:
    """Return when a change begins that is given as a day (2024-07-22) or as a week (2024-W30).

    Raises:
        InputError: it is neither.
    """
    try:
        day = date.fromisoformat(text.strip()) if "W" not in text.upper() else monday(parse_week(text.strip().upper()))
    except ValueError as error:
        raise InputError(f"'{text}' is neither a day such as 2024-07-22 nor a week such as 2024-W30.") from error
    week = week_of_date(day)
    return Begin(week) if day == monday(week) else Begin(shift_week(week, 1), week)


def read_panel(
    database: Database,
    theme_id: str,
    since: Mapping[str, str],
    *,
    markets: Sequence[str],
    last: str,
    washout: int | None = None,
) -> Panel:
    """Return the weekly complaints of a theme in all markets; `since` has a day or week for each market that adopted.

    Without `washout`, as many weeks are left out as the history allows, at most `WASHOUT`.

    Raises:
        InputError: an adoption lies after the last week, or before the first with feedback.
    """
    begins = {market: begin_of(text) for market, text in since.items()}
    _check_dates(database, begins, last)
    first = min(one.week for one in begins.values())
    end = min(last, shift_week(max(one.week for one in begins.values()), LONGEST_AFTER - 1))
    out = WASHOUT if washout is None else washout
    found = _panel(database, theme_id, begins, markets, (shift_week(first, -out - BEFORE), end), out)
    if washout is not None:
        return found
    allowed = min(found.first_after(market) for market in begins) - LEAST_BEFORE
    fitting = max(0, min(WASHOUT, allowed))
    return replace(found, washout=fitting, cut=fitting < LEAST_OUT)


def read_history(
    database: Database, theme_id: str, adopters: Sequence[str], *, markets: Sequence[str], last: str
) -> Panel:
    """Return the weekly complaints of a theme up to a week, as they are before some markets adopt in the week after.

    Raises:
        InputError: the week has no feedback.
    """
    begins = {market: Begin(shift_week(last, 1)) for market in adopters}
    return _panel(database, theme_id, begins, markets, (shift_week(last, -WASHOUT - BEFORE), last), WASHOUT)


def changed_by(connection: Connection, wanted: str, *, markets: Sequence[str]) -> Changed:
    """Return since when which markets follow a proposal or an action, by the beginning of its id.

    Raises:
        NotFoundError: nothing, or more than one, begins with it.
        InputError: it was not adopted, or is not done.
    """
    try:
        proposal = proposals.get(connection, wanted)
    except NotFoundError as missing:
        return _done_action(connection, wanted, markets, missing)
    since = _adopted(review.adoptions(connection, proposal_id=proposal.id), markets)
    for one in actions.every(connection):
        if one.proposal_id == proposal.id and one.state == "done" and one.done_on:
            since |= {market: one.done_on for market in one.markets if market not in since}
    if not since:
        raise InputError(
            f"Proposal {proposal.id} is not adopted in any market; its state is '{proposal.state}'. There is nothing "
            "to compare yet. Say since when it is followed: voc proposals adopt"
        )
    return Changed(proposal.id, proposal.theme_id, since)


def also_changed(connection: Connection, theme_id: str, *, but: str, markets: Sequence[str]) -> tuple[Changed, ...]:
    """Return what else was adopted or done about a theme, in order of id."""
    themes = {row.id: row.theme_id for row in proposals.every(connection)}
    found: dict[str, dict[str, str]] = {}
    for row in review.adoptions(connection):
        if themes.get(row.proposal_id) == theme_id and row.proposal_id != but:
            found.setdefault(row.proposal_id, {}).update(_adopted((row,), markets))
    for one in actions.every(connection):
        if one.theme_id == theme_id and but not in (one.id, one.proposal_id) and one.state == "done" and one.done_on:
            found.setdefault(one.id, {}).update(dict.fromkeys(one.markets, one.done_on))
    return tuple(Changed(key, theme_id, found[key]) for key in sorted(found))


def without_spoiled(panel: Panel, others: Sequence[Changed]) -> Panel:
    """Leave out the markets that changed something else about the theme in these weeks, and remark what cannot be.

    An adopter that changed something else too stays: its effect is that of both.
    """
    gone: set[str] = set()
    remarks = list(panel.remarks)
    for other in others:
        begun = {market: begin_of(day).week for market, day in other.since.items()}
        inside = [one for one in panel.markets if one in begun and panel.weeks[0] < begun[one] <= panel.weeks[-1]]
        own = [one for one in inside if one in panel.since]
        beside = [one for one in inside if one not in panel.since]
        gone.update(beside)
        if own:
            remarks.append(f"In {', '.join(own)} {other.id} began in these weeks too; what each did is not told.")
        if beside:
            remarks.append(f"{', '.join(beside)} began {other.id} in these weeks and cannot be compared with.")
    kept = tuple(one for one in panel.markets if one not in gone)
    return replace(panel.of(kept), remarks=tuple(remarks))


def _done_action(connection: Connection, wanted: str, markets: Sequence[str], missing: NotFoundError) -> Changed:
    try:
        action = actions.get(connection, wanted)
    except NotFoundError:
        raise missing from None
    if action.state != "done" or not action.done_on:
        raise InputError(
            f"Action {action.id} is {action.state}, not done, so there is nothing to compare yet. Close it with its "
            "day: voc actions close"
        )
    return Changed(action.id, action.theme_id, dict.fromkeys(action.markets or tuple(markets), action.done_on))


def _adopted(rows: Sequence[review.AdoptionRow], markets: Sequence[str]) -> dict[str, str]:
    """Return the first day of each market; an adoption of the global edition is one of every market."""
    since: dict[str, str] = {}
    for row in rows:
        for market in (row.market,) if row.market else markets:
            since[market] = min(row.since, since.get(market, row.since))
    return since


def _check_dates(database: Database, begins: Mapping[str, Begin], last: str) -> None:
    with database.read() as connection:
        span = counts.bounds(connection)
    if span is None:
        raise InputError("There is no feedback at all yet. Ingest some first: voc ingest FILE")
    for market, begin in begins.items():
        if begin.week > last:
            raise InputError(
                f"The change in {market} begins in {begin.week}, after {last}, the last week that is compared. There "
                "is nothing after it to compare yet; ask again some weeks later."
            )
        if begin.week <= span[0]:
            raise InputError(
                f"The change in {market} began in {begin.week}, but the first week with feedback is {span[0]}: there "
                "is nothing before it to compare. Ingest earlier feedback, if there is any."
            )


def _panel(
    database: Database,
    theme_id: str,
    begins: Mapping[str, Begin],
    markets: Sequence[str],
    edges: tuple[str, str],
    washout: int,
) -> Panel:
    with database.read() as connection:
        collected = [one for one in counts.weeks_with_feedback(connection) if one <= edges[1]]
    last = collected[-1] if collected else edges[1]
    span = read_week(database, last, markets=markets, baseline_weeks=_SHOWN).compared
    keys = [(theme_id, market) for market in span.markets]
    found = theme_grid(span, keys, by_share=(), counted=complaint)
    weeks = (*span.past, span.week)
    heard = np.flatnonzero(np.nansum(found.counts, axis=0) > 0)  # before a theme was heard of, nothing was counted
    first = int(heard[0]) if len(heard) else 0
    held = [place for place, week in enumerate(weeks) if week >= edges[0] and place >= first]
    exposures, shares = _exposures(span, held)
    return Panel(
        markets=tuple(span.markets),
        weeks=tuple(weeks[place] for place in held),
        counts=found.counts[:, held],
        exposures=exposures,
        since={market: begin.week for market, begin in begins.items()},
        changing={market: begin.partial for market, begin in begins.items() if begin.partial},
        washout=washout,
        theme_id=theme_id,
        by_share=tuple(one for one, share in zip(span.markets, shares, strict=True) if share),
    )


def _exposures(span: Week, held: Sequence[int]) -> tuple[Floats, Flags]:
    """Return deliveries where nearly all weeks of a market have them, else all feedback; and where it is feedback."""
    feedback = texts_by_market(span)[:, held]
    wide = replace(span, baseline=())  # deliveries of single weeks may be missing: those weeks fall out, no others
    delivered = deliveries_by_market(wide)[:, held]
    known = ~np.isnan(delivered) & (np.nan_to_num(delivered) > 0)
    collected = np.maximum((~np.isnan(feedback)).sum(axis=1), 1)
    over = (known & ~np.isnan(feedback)).sum(axis=1) / collected >= _MOSTLY
    return np.asarray(np.nan_to_num(np.where(over[:, None], delivered, feedback))), np.asarray(~over)
