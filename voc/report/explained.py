"""How a figure of the week came about: its formula with its own numbers, what it counts, over what, and what not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voc.errors import NotAllowedError, NotFoundError
from voc.report.render import number, percent, signed
from voc.report.week_page import WeekPage
from voc.trends.collection import collection_changes
from voc.trends.table import ThemeWeek
from voc.trends.week import NETWORK, exposure_of, has_deliveries

FIGURES: Final = ("complaints", "rate", "change", "impact")

_COPIES: Final = "Copies and near-copies of a text count once within a market and week."
_QUOTA: Final = "What lies beyond the quota of its source counts nowhere."
_MUTED: Final = "Muted themes enter no rate."
_KINDS: Final = "Praise, requests and other comments of the theme are not complaints and are not in the numerator."


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure explained: in words, with its numbers, over which exposure (market, deliveries), without what, and why.

    `kind` is that of the comments in the numerator, "" for all of them, None where there are none to list.
    """

    title: str
    figure: str
    formula: str
    worked: str
    over: tuple[tuple[str, str], ...]
    without: tuple[str, ...]
    method: str
    kind: str | None = "complaint"


def explain(figure: str, page: WeekPage, theme_id: str, market: str, *, least: int = 0) -> Explained:
    """Return how a figure of a theme came about, in one market or the network ("").

    Raises:
        NotFoundError: there is no such figure, or the theme has no comment in these weeks.
        NotAllowedError: it rests on fewer than `least` complaints.
    """
    row = next((one for one in page.rows if one.theme_id == theme_id and one.market == (market or NETWORK)), None)
    if figure not in FIGURES:
        raise NotFoundError(f"There is no figure '{figure[:20]}'. Figures that are explained: {', '.join(FIGURES)}.")
    if row is None:
        raise NotFoundError("This theme has no comment in these weeks, so there is nothing to explain.")
    _check_size(row.complaints, least)
    _check_size(row.compared, least)
    return {"complaints": _complaints, "rate": _rate, "change": _change, "impact": _impact}[figure](page, row)


def explain_coverage(page: WeekPage, market: str, *, least: int = 0) -> Explained:
    """Return how the share of comments with a theme came about.

    Raises:
        NotFoundError: the market is not among those of the page.
        NotAllowedError: there are fewer than `least` comments.
    """
    found = next((one for one in page.coverage if one.market == (market or NETWORK)), None)
    if found is None:
        raise NotFoundError(f"The market '{market[:20]}' is not among those that are shown.")
    _check_size(found.comments, least)
    return Explained(
        "Share of comments in a theme",
        percent(found.share),
        "Comments of the week of which at least one part belongs to a theme, over all comments of the week.",
        f"{found.assigned:,} of {found.comments:,} comments = {percent(found.share)}",
        (),
        ("Nothing is left out: every comment that was taken in counts, copies too.",),
        "A comment joins the theme whose centroid and neighbours are near enough; how near is calibrated by theme.",
        kind=None,
    )


def _check_size(count: int, least: int) -> None:
    if 0 < count < least:
        raise NotAllowedError(
            f"This figure rests on fewer than {least} comments. It is shown only to those who may read comments."
        )


def _complaints(page: WeekPage, row: ThemeWeek) -> Explained:
    return Explained(
        "Complaints",
        f"{row.complaints:,}",
        "Different texts of the week that belong to the theme and are judged to be complaints.",
        f"{row.complaints:,} complaints among {row.comments:,} comments of the theme in {page.week.week}",
        (),
        (_COPIES, _QUOTA, _KINDS, _MUTED),
        "Whether a comment complains is learned from its words, with the rating as a hint; people's corrections count "
        "first.",
    )


def _rate(page: WeekPage, row: ThemeWeek) -> Explained:
    exposure, per = exposure_of(page.week, row.market, page.week.week), _per(page, row.market)
    value = 0.0 if row.rate is None else row.rate.value
    return Explained(
        f"Complaints per 1,000 {per}",
        number(row.rate),
        f"Complaints of the week, times 1,000, over the {per} of the same week.",
        f"{row.complaints:,} × 1,000 ÷ {exposure:,.0f} = {value:.2f}",
        _over(page, row.market),
        (_COPIES, _QUOTA, _KINDS),
        "95 % interval: quantiles of the gamma distribution that a Poisson count has with Jeffreys' prior, over the "
        "exposure (Brown, Cai and DasGupta 2003).",
    )


def _change(page: WeekPage, row: ThemeWeek) -> Explained:
    if row.change is None or row.usual is None:
        worked = "Nothing to compare with: no complaint in the week and before, or no exposure."
    else:
        worked = (
            f"{row.compared:,} complaints, {row.usual:.1f} expected at the usual rate: "
            f"{row.change.ratio.value:.2f} times; spread allowed for: {row.dispersion:.2f} times that of chance alone"
        )
    past = page.week.past
    span = f"{past[0]} to {past[-1]}" if past else "no earlier week"
    return Explained(
        "Against usual",
        "–" if row.change is None else f"×{row.change.ratio.value:.2f}",
        "The rate of the week over the usual rate of the same theme in the same market.",
        worked,
        _over(page, row.market),
        (_COPIES, _QUOTA, _KINDS, *_apart(page, row.market)),
        f"Baseline: weeks of {span}, the newest two left out where there are five or more, outbreaks weighted down; "
        "interval of the ratio of two Poisson rates given their sum, widened for overdispersion (Noufaily et al. 2013; "
        "Hutwagner et al. 2003). Alarms: at most 5 % false over all themes and markets of the week "
        "(Benjamini and Hochberg).",
    )


def _impact(page: WeekPage, row: ThemeWeek) -> Explained:
    found = row.impact
    worked = "Fewer than five ratings with or without the theme." if found is None else f"{signed(found.value)} points"
    weeks = page.week.weeks
    return Explained(
        "Impact on the mean rating",
        "–" if found is None else signed(found.value),
        "Mean rating of all comments less the mean of those without the theme, on the scale from 1 to 5.",
        f"{worked}, over {weeks[0]} to {weeks[-1]}",
        (),
        ("Comments without a rating.", _QUOTA),
        "95 % interval: Welch's standard error of the difference, times the share of the theme; over several markets "
        "their mean by number of ratings. All comments of the theme count, not its complaints alone.",
        kind="",
    )


def _per(page: WeekPage, market: str) -> str:
    return "deliveries" if has_deliveries(page.week, market) else "comments"


def _over(page: WeekPage, market: str) -> tuple[tuple[str, str], ...]:
    markets = page.week.markets if market == NETWORK else (market,)
    return tuple((one, f"{exposure_of(page.week, one, page.week.week):,.0f} {_per(page, one)}") for one in markets)


def _apart(page: WeekPage, market: str) -> tuple[str, ...]:
    markets = page.week.markets if market == NETWORK else (market,)
    channels = [
        f"Channel '{one.channel or 'not known'}' of {one.market} is set apart: it sent {one.ratio:.1f} times the usual."
        for one in page.week.apart.changes
        if one.market in markets
    ]
    shares = [
        f"{one.market} is judged by shares of its feedback: its volume is {one.ratio:.1f} times what is usual."
        for one in collection_changes(page.week)
        if one.market in markets
    ]
    return (*channels, *shares)
