"""How a figure of the week came about: its formula with its own numbers, what it counts, over what, and what not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from voc.errors import NotAllowedError, NotFoundError
from voc.report.render import number, percent, signed
from voc.report.week_page import WeekPage
from voc.report.week_told import Told
from voc.store.counts import Counting
from voc.trends.collection import collection_changes
from voc.trends.rated import Rated
from voc.trends.table import Coverage, ThemeWeek
from voc.trends.week import NETWORK, exposure_of, has_deliveries

FIGURES: Final = ("complaints", "rate", "change", "impact")

_COPIES: Final = "Copies and near-copies of a text count once within a market and week."
_QUOTA: Final = "What lies beyond the quota of its source counts nowhere."
_MUTED: Final = "Muted themes enter no rate."
_KINDS: Final = "Praise, requests and other comments of the theme are not complaints and are not in the numerator."


@dataclass(frozen=True, slots=True)
class Side:
    """The ratings of a market, how many and their mean: of the comments with a theme, and of all others."""

    market: str
    with_theme: int
    mean_with: float
    without: int
    mean_without: float

    @property
    def own(self) -> float:
        """Return the mean of all less the mean of those without the theme."""
        every = self.with_theme + self.without
        return (self.with_theme * self.mean_with + self.without * self.mean_without) / every - self.mean_without


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure explained: in words and symbols, with its numbers, over which exposure, without what, and by what means.

    `over` are (market, deliveries or comments), `sides` what an impact compares. `kind` is that of the comments in the
    numerator, "" for all of them, None where there are none to list; they are those of the week, or of all weeks from
    `since` on.
    """

    title: str
    figure: str
    formula: str
    symbols: str
    worked: str
    without: tuple[str, ...]
    method: str
    over: tuple[tuple[str, str], ...] = ()
    sides: tuple[Side, ...] = ()
    kind: str | None = "complaint"
    since: str = ""


def explain(
    figure: str,
    page: WeekPage,
    theme_id: str,
    market: str,
    *,
    counting: Counting | None = None,
    told: Told | None = None,
) -> Explained:
    """Return how a figure of a theme came about, in one market or the network (""); `counting` is its numerator's.

    Without `told`, everything may be told.

    Raises:
        NotFoundError: there is no such figure, or the theme has no comment in these weeks.
        NotAllowedError: it rests on too few complaints to be told.
    """
    row = next((one for one in page.rows if one.theme_id == theme_id and one.market == (market or NETWORK)), None)
    if figure not in FIGURES:
        raise NotFoundError(f"There is no figure '{figure[:20]}'. Figures that are explained: {', '.join(FIGURES)}.")
    if row is None:
        raise NotFoundError("This theme has no comment in these weeks, so there is nothing to explain.")
    least = 0 if told is None else told.k
    if told is not None and row.complaints and not told.tells(row):
        raise _too_few(least)
    _check_size(row.compared, least)
    if figure == "complaints":
        return _complaints(page, row, counting, least)
    return {"rate": _rate, "change": _change, "impact": _impact}[figure](page, row, least)


def explain_coverage(page: WeekPage, market: str, *, told: Told | None = None) -> Explained:
    """Return how the share of comments with a theme came about; without `told`, everything may be told.

    Raises:
        NotFoundError: the market is not among those of the page.
        NotAllowedError: there are too few comments to be told.
    """
    found = next((one for one in page.coverage if one.market == (market or NETWORK)), None)
    if found is None:
        raise NotFoundError(f"The market '{market[:20]}' is not among those that are shown.")
    _check_size(found.comments, 0 if told is None else told.k)
    figure, worked, rest = _share(found, told)
    return Explained(
        "Share of comments in a theme",
        figure,
        "Comments of the week of which at least one part belongs to a theme, over all comments of the week.",
        "share = a ÷ n",
        worked,
        ("Nothing is left out: every comment that was taken in counts, copies too.", rest),
        "A comment joins the theme whose centroid and neighbours are near enough; how near is calibrated by theme.",
        kind=None,
    )


def _share(found: Coverage, told: Told | None) -> tuple[str, str, str]:
    """Return the share, how it comes about, and how many comments have no theme, as far as that may be told."""
    if told is not None and found.comments and told.share(found) is None:
        few = f"Fewer than {told.k} comments of some part: the share would tell how many."
        return "not told", few, few
    worked = f"{found.assigned:,} ÷ {found.comments:,} comments = {percent(found.share)}"
    return percent(found.share), worked, f"Without a theme: {found.comments - found.assigned:,} comments of the week."


def _check_size(count: int, least: int) -> None:
    if 0 < count < least:
        raise _too_few(least)


def _too_few(least: int) -> NotAllowedError:
    return NotAllowedError(
        f"This figure rests on fewer than {least} comments, or would tell of so few together with another. It is "
        "shown only to those who may read comments."
    )


def _complaints(page: WeekPage, row: ThemeWeek, counting: Counting | None, least: int) -> Explained:
    worked = f"{row.complaints:,} different texts in {page.week.week}"
    parts = (counting.beyond_quota, counting.copies) if counting else ()
    if counting and not any(0 < one < least for one in parts):
        worked = (
            f"{counting.comments:,} complaints − {counting.beyond_quota:,} beyond a quota − {counting.copies:,} copies "
            f"= {counting.texts:,} in {page.week.week}"
        )
    return Explained(
        "Complaints",
        f"{row.complaints:,}",
        "Comments of the week with a part that belongs to the theme and complains, each text once.",
        "c = n − q − s",
        worked,
        (_COPIES, _QUOTA, _KINDS, _MUTED, *_unassigned(page, row.market)),
        "Whether a comment complains is learned from its words, with the rating as a hint; people's corrections count "
        "first.",
    )


def _rate(page: WeekPage, row: ThemeWeek, least: int) -> Explained:
    exposure, per = exposure_of(page.week, row.market, page.week.week), _per(page, row.market)
    value = "no rate, for nothing was counted to divide by" if row.rate is None else f"{row.rate.value:.2f}"
    return Explained(
        f"Complaints per 1,000 {per}",
        number(row.rate),
        f"Complaints of the week, times 1,000, over the {per} of the same week.",
        "r = 1,000 × c ÷ d",
        f"{row.complaints:,} × 1,000 ÷ {exposure:,.0f} = {value}",
        (_COPIES, _QUOTA, _KINDS, *_unassigned(page, row.market)),
        "95 % interval: quantiles of the gamma distribution that a Poisson count has with Jeffreys' prior, over the "
        "exposure (Brown, Cai and DasGupta 2003).",
        over=_over(page, row.market, least),
    )


def _change(page: WeekPage, row: ThemeWeek, least: int) -> Explained:
    past = page.week.past
    span = f"{past[0]} to {past[-1]}" if past else "no earlier week"
    return Explained(
        "Against usual",
        _times(row),
        "The rate of the week over the usual rate of the same theme in the same market.",
        "x = c ÷ u, where u is the count that the usual rate leads to expect over the exposure of the week",
        _change_worked(row),
        (_COPIES, _QUOTA, _KINDS, *_apart(page, row.market)),
        f"Baseline: weeks of {span}, the newest two left out where there are five or more, outbreaks weighted down; "
        "interval of the ratio of two Poisson rates given their sum, widened for overdispersion (Noufaily et al. 2013; "
        "Hutwagner et al. 2003). Alarms: at most 5 % false over all themes and markets of the week "
        "(Benjamini and Hochberg).",
        over=_over(page, row.market, least),
    )


def _times(row: ThemeWeek) -> str:
    if row.change is None:
        return "–"
    return "new" if row.change.ratio.value == math.inf else f"×{row.change.ratio.value:.2f}"


def _change_worked(row: ThemeWeek) -> str:
    if row.change is None or row.usual is None:
        return "Nothing to compare with: no complaint in the week and before, or no exposure."
    if row.change.ratio.value == math.inf:
        return f"{row.compared:,} complaints where none was usual: no ratio can be told."
    low, high = row.change.ratio.low or 0.0, row.change.ratio.high
    until = "no upper end" if high is None else f"{high:.2f}"
    return (
        f"{row.compared:,} ÷ {row.usual:.1f} expected = {row.change.ratio.value:.2f}, "
        f"95 % interval {low:.2f} to {until}; spread {row.dispersion:.2f} times that of chance"
    )


def _impact(page: WeekPage, row: ThemeWeek, least: int) -> Explained:
    found, weeks = row.impact, page.week.weeks
    every = Rated.of(page.week).sides(row.theme_id, row.market).items()
    sides = tuple(
        Side(market, one.with_theme.count, one.with_theme.mean, one.without.count, one.without.mean)
        for market, one in every
        if one.without.count and one.with_theme.count >= least
    )
    worked = "Fewer than five ratings with or without the theme."
    if found is not None:
        worked = f"{signed(found.value)} points, the mean of all markets, each by its ratings"
    if found is not None and len(sides) == 1 and row.market != NETWORK:
        only = sides[0]
        worked = f"{only.own + only.mean_without:.2f} − {only.mean_without:.2f} = {signed(found.value)} points"
    return Explained(
        "Impact on the mean rating",
        "–" if found is None else signed(found.value),
        "Mean rating of all comments less the mean of those without the theme, on the scale from 1 to 5; over several "
        "markets the mean of theirs, weighted by their ratings.",
        "i = Σ (nₘ ÷ N) × (mean of all in m − mean without the theme in m)",
        f"{worked}, over {weeks[0]} to {weeks[-1]}",
        ("Comments without a rating.", _QUOTA),
        "95 % interval: Welch's standard error of the difference, times the share of the theme. All comments of the "
        "theme count, not its complaints alone.",
        sides=sides,
        kind="",
        since=weeks[0],
    )


def _per(page: WeekPage, market: str) -> str:
    return "deliveries" if has_deliveries(page.week, market) else "comments"


def _over(page: WeekPage, market: str, least: int) -> tuple[tuple[str, str], ...]:
    """Return what the markets were counted over; fewer than `least` comments are not told."""
    found = []
    for one in page.week.markets if market == NETWORK else (market,):
        exposure, per = exposure_of(page.week, one, page.week.week), _per(page, one)
        is_few = per == "comments" and 0 < exposure < least
        found.append((one, f"fewer than {least} comments" if is_few else f"{exposure:,.0f} {per}"))
    return tuple(found)


def _unassigned(page: WeekPage, market: str) -> tuple[str, ...]:
    found = next((one for one in page.coverage if one.market == market), None)
    if found is None or not found.comments:
        return ()
    share = percent(1 - found.assigned / found.comments)
    return (f"Comments of the week without a theme ({share}) are in no numerator.",)


def _apart(page: WeekPage, market: str) -> tuple[str, ...]:
    markets = page.week.markets if market == NETWORK else (market,)
    channels = [
        f"Channel '{one.channel or 'not known'}' of {one.market} is set apart: {_volume(one.ratio)}."
        for one in page.week.apart.changes
        if one.market in markets
    ]
    shares = [
        f"{one.market} is judged by shares of its feedback: its volume is {one.ratio:.1f} times what is usual."
        for one in collection_changes(page.week)
        if one.market in markets
    ]
    return (*channels, *shares)


def _volume(ratio: float) -> str:
    if ratio == math.inf:
        return "it sent nothing before"
    return "it sends nothing any more" if ratio == 0 else f"it sent {ratio:.1f} times the usual"
