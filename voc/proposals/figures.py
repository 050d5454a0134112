"""The figures of a draft, each computed from the store and said in one line."""

from __future__ import annotations

from collections.abc import Mapping

from voc.proposals.select import Candidate
from voc.trends.week import Week, has_deliveries
from voc.types import Estimate


def figures(candidate: Candidate, week: Week, *, offered: int) -> tuple[str, ...]:
    """Return lines about the theme in the week and scope of a candidate."""
    row, per = candidate.row, "deliveries" if has_deliveries(week, candidate.market) else "comments"
    lines = [f"{row.complaints} complaints in {week.week} ({scope_name(candidate, {})})"]
    if row.rate is not None:
        lines.append(f"{interval(row.rate)} complaints per 1,000 {per}")
    if row.change is not None:
        lines.append(f"{times(row.change.ratio)} its usual rate")
    present = sum(count > 0 for count in row.series)
    lines.append(f"complaints in {present} of the last {len(row.series)} weeks")
    lines.append(f"{offered} different comments were read for this draft")
    return tuple(lines)


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
