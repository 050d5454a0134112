"""A comparison as plain values, for JSON and for tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from voc.effect.measure import Effect, Side
from voc.effect.words import notes, sentence
from voc.trends.predict import Flags
from voc.trends.rates import PER
from voc.types import Estimate


@dataclass(frozen=True, slots=True)
class WeekRates:
    """Complaints per 1,000 of adopters and of the others in one week; None where nothing is known.

    Complaints are None where they are too few to be told.
    """

    week: str
    own: float | None
    others: float | None
    own_complaints: int | None
    other_complaints: int | None
    left_out: bool
    after: bool


def week_rates(effect: Effect, *, least: int = 0) -> tuple[WeekRates, ...]:
    """Return the rates of every week, oldest first; those of 1 to `least` - 1 complaints are withheld."""
    panel = effect.panel
    known = panel.known
    own, others = panel.adopters, ~panel.adopters
    counts = np.where(known, panel.counts, 0.0)
    over = np.where(known, panel.exposures, 0.0)
    out, after = np.asarray(panel.left_out[own].any(axis=0)), np.asarray(panel.after[own].any(axis=0))

    def rate(rows: Flags, place: int) -> float | None:
        exposure = float(over[rows, place].sum())
        return float(counts[rows, place].sum()) / exposure * PER if exposure > 0 else None

    def told(rows: Flags, place: int) -> tuple[float | None, int | None]:
        complaints = round(counts[rows, place].sum())
        return (None, None) if 0 < complaints < least else (rate(rows, place), complaints)

    found = []
    for place, week in enumerate(panel.weeks):
        (own_rate, own_count), (other_rate, other_count) = told(own, place), told(others, place)
        found.append(
            WeekRates(week, own_rate, other_rate, own_count, other_count, bool(out[place]), bool(after[place]))
        )
    return tuple(found)


def as_values(effect: Effect, name: str) -> dict[str, object]:
    """Return everything that is told, as values that JSON has."""
    return {
        "theme_id": effect.theme_id,
        "theme": name,
        "verdict": effect.verdict.value,
        "reason": effect.reason.value if effect.reason else None,
        "sentence": sentence(effect),
        "notes": list(notes(effect)),
        "ratio": asdict(effect.ratio),
        "p_value": effect.p_value,
        "changed": _side(effect.own),
        "others": _side(effect.others) if effect.others else None,
        "weeks_before": list(effect.before),
        "weeks_left_out": list(effect.out),
        "weeks_after": list(effect.after),
        "before_the_change": asdict(effect.course) if effect.course else None,
        "carried_on": _ratio(effect.carried_on),
        "smallest_fall_seen": effect.could_see,
        "rates": [asdict(one) for one in week_rates(effect)],
        "event_study": [asdict(one) for one in effect.weeks],
        "other_markets": [asdict(one) for one in effect.other_markets],
        "earlier": [asdict(one) for one in effect.earlier],
    }


def _side(side: Side) -> dict[str, object]:
    return asdict(side) | {"markets": list(side.markets)}


def _ratio(found: Estimate | None) -> dict[str, object] | None:
    return asdict(found) if found else None
