"""The figures of a draft, each computed from the store and said in one line."""

from __future__ import annotations

from collections.abc import Mapping

from voc.proposals.draft import Figure
from voc.proposals.select import Candidate
from voc.trends.week import Week, has_deliveries
from voc.types import Estimate


def figures(candidate: Candidate, week: Week, *, offered: int) -> tuple[Figure, ...]:
    """Return what is known about the theme in the week and scope of a candidate."""
    row, per = candidate.row, "deliveries" if has_deliveries(week, candidate.market) else "comments"
    text = f"{row.complaints} complaints in {week.week} ({scope_name(candidate, {})})"
    found = [Figure(name="complaints", value=row.complaints, text=text)]
    if row.rate is not None:
        text = f"{interval(row.rate)} complaints per 1,000 {per}"
        found.append(Figure(name="rate", value=row.rate.value, text=text))
    if row.change is not None:
        ratio = row.change.ratio
        found.append(Figure(name="change", value=ratio.value, text=f"{times(ratio)} its usual rate"))
    present = sum(count > 0 for count in row.series)
    text = f"complaints in {present} of the last {len(row.series)} weeks"
    found.append(Figure(name="weeks", value=present, text=text))
    text = f"{offered} different comments were read for this draft"
    found.append(Figure(name="read", value=offered, text=text))
    return tuple(found)


def success(candidate: Candidate, week: Week) -> str:
    """Return how it will be seen whether the change worked."""
    per = "deliveries" if has_deliveries(week, candidate.market) else "comments"
    now = f"{candidate.row.rate.value:.2f}" if candidate.row.rate else "unknown"
    return (
        f"Complaints of this theme per 1,000 {per} in {', '.join(candidate.markets)}: now {now}. Compare the weeks "
        "after adoption with the weeks before, against markets that did not adopt; the target is for the owner to set."
    )


def scope_name(candidate: Candidate, names: Mapping[str, str]) -> str:
    """Return for whom a candidate is: a market's name, or all markets together."""
    return "all markets" if not candidate.market else names.get(candidate.market, candidate.market)


def interval(found: Estimate) -> str:
    """Return an estimate with its interval as text."""
    high = "open" if found.high is None else f"{found.high:.2f}"
    return f"{found.value:.2f} (95 % interval {found.low or 0:.2f} to {high})"


def times(ratio: Estimate) -> str:
    """Return a ratio with its interval as text."""
    value = "from nothing, no multiple of" if ratio.value == float("inf") else f"{ratio.value:.1f} times"
    high = "open" if ratio.high is None else f"{ratio.high:.1f}"
    return f"{value} (95 % interval {ratio.low or 0:.1f} to {high})"
