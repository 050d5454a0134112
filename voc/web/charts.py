"""Charts as SVG: no script, no style of their own; every one stands beside a table or a text with its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from voc.types import Estimate

_WIDTH: Final = 120
_HEIGHT: Final = 32
_PAD: Final = 4


def spark(values: Sequence[float | None], label: str) -> Markup:
    """Return a small line of weekly rates, oldest first; weeks without a rate leave a gap."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    step = (_WIDTH - 2 * _PAD) / max(1, len(values) - 1)
    path, pen = [], "M"
    last = None
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        last = (_PAD + place * step, _HEIGHT - _PAD - (_HEIGHT - 2 * _PAD) * value / top)
        path.append(f"{pen}{last[0]:.1f} {last[1]:.1f}")
        pen = "L"
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(*last) if last else ""
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}"><path d="{}"/>{}'
        "</svg>"
    ).format(_WIDTH, _HEIGHT, _WIDTH, _HEIGHT, label, " ".join(path), dot)


def weekly_spark(rates: Sequence[float | None], counts: Sequence[int | None], *, least: int = 0) -> Markup:
    """Return a small line of weekly rates that says the complaints of each week; those below `least` are withheld."""
    few = [count is None or 0 < count < least for count in counts]
    said = ", ".join("few" if one else str(count) for one, count in zip(few, counts, strict=True))
    known = [None if one else rate for one, rate in zip(few, rates, strict=True)]
    return spark(known, f"Complaints a week: {said}")


@dataclass(frozen=True, slots=True)
class Point:
    """One week of a trend: its rate with interval (None where there is no exposure), and whether it alarmed."""

    week: str
    rate: Estimate | None
    alarmed: bool = False


def trend(points: Sequence[Point], usual: float | None, label: str) -> Markup:
    """Return weekly rates as a line with their 95 % intervals as a band, the usual rate dashed, alarms as triangles."""
    width, height, left, bottom, top_pad = 640, 220, 46, 26, 10
    known = [one.rate for one in points if one.rate is not None]
    highest = max([one.high if one.high is not None else one.value for one in known] + [usual or 0.0], default=0.0)
    top = highest * 1.05 or 1.0
    step = (width - left - 30) / max(1, len(points) - 1)

    def x(place: int) -> float:
        return left + 6 + place * step

    def y(value: float) -> float:
        return height - bottom - (height - bottom - top_pad) * min(value, top) / top

    parts = [_grid(top, y, left=left, right=width)]
    for run in _runs(points):
        upper = [f"{x(place):.1f} {y(one.high if one.high is not None else one.value):.1f}" for place, one in run]
        lower = [f"{x(place):.1f} {y(one.low or 0.0):.1f}" for place, one in reversed(run)]
        middle = [f"{x(place):.1f} {y(one.value):.1f}" for place, one in run]
        parts.append(Markup('<path class="band" d="M{}Z"/>').format("L".join(upper + lower)))
        parts.append(Markup('<path class="line" d="M{}"/>').format("L".join(middle)))
    if usual is not None:
        level = f"{y(usual):.1f}"
        parts.append(Markup('<path class="usual" d="M{} {}H{}"/>').format(left, level, width - 6))
    for place, one in enumerate(points):
        if one.rate is not None:
            parts.append(_mark(x(place), y(one.rate.value), alarmed=one.alarmed))
        every = max(1, len(points) // 9)
        if place % every == 0 or place == len(points) - 1:
            text = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
            parts.append(text.format(x(place), height - 6, one.week[5:]))
    inner = Markup("").join(parts)
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, height, label, inner
    )


def _runs(points: Sequence[Point]) -> list[list[tuple[int, Estimate]]]:
    """Return stretches of weeks that have a rate, with their places."""
    found: list[list[tuple[int, Estimate]]] = [[]]
    for place, one in enumerate(points):
        if one.rate is None:
            found.append([])
        else:
            found[-1].append((place, one.rate))
    return [run for run in found if run]


def _grid(top: float, y: Callable[[float], float], *, left: int, right: int) -> Markup:
    lines = []
    for share in (0.0, 0.5, 1.0):
        value = top * share
        line = Markup('<path class="axis" d="M{} {:.1f}H{}"/><text x="{}" y="{:.1f}" text-anchor="end">{:.2f}</text>')
        lines.append(line.format(left, y(value), right - 6, left - 6, y(value) + 4, value))
    return Markup("").join(lines)


def _mark(x: float, y: float, *, alarmed: bool) -> Markup:
    if alarmed:
        return Markup('<path class="alert" d="M{:.1f} {:.1f}l6 10h-12z"/>').format(x, y - 13)
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(x, y)
