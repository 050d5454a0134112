"""Plots as SVG that needs nothing else: rates by week with the adoption, and the ratio of each week of the change."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voc.effect.measure import Effect
from voc.effect.studies import WeekOfChange
from voc.effect.table import WeekRates, week_rates
from voc.effect.words import interval, listed

WIDTH: Final = 720
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 34, 44
_OWN, _OTHERS, _QUIET, _LINE = "#9a3412", "#1d4ed8", "#e7e5e4", "#57534e"
_LEAST, _MOST = 1 / 16, 16.0
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values lie: `columns` places from left to right, values from `low` to `high` from bottom to top."""

    columns: int
    low: float
    high: float

    def x(self, place: float) -> float:
        """Return the middle of a column; half columns are edges."""
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (place + 0.5) / max(1, self.columns), 1)

    def y(self, value: float) -> float:
        """Return the height of a value, held inside the frame."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)


def rates_chart(effect: Effect, name: str, *, least: int = 0) -> str:
    """Return the plot of complaints per 1,000 by week of adopters and of the others; see `week_rates`."""
    rows = week_rates(effect, least=least)
    top = max((value for row in rows for value in (row.own, row.others) if value is not None), default=0.0)
    ticks = _ticks(top)
    frame = Frame(len(rows), 0.0, ticks[-1])
    own, others = listed(effect.own.markets), listed(effect.others.markets) if effect.others else ""
    beside = [("others", _OTHERS, f"{others} (did not)")] if others else []
    unit = "complaints per 1,000 comments" if effect.panel.by_share else "complaints per 1,000 deliveries"
    parts = [
        _axis(unit),
        _bands(frame, [row.left_out for row in rows]),
        _grid(frame, [(value, f"{value:g}") for value in ticks]),
        _week_names(frame, [row.week for row in rows]),
        _adoption(frame, next((place for place, row in enumerate(rows) if row.after), len(rows))),
        _course(frame, [row.others for row in rows], _OTHERS, "others", dashed=True),
        _course(frame, [row.own for row in rows], _OWN, "own", dashed=False),
        _legend([("own", _OWN, f"{own} (changed)"), *beside, ("out", _QUIET, "left out")]),
    ]
    title = f"{name}: {unit} by week"
    return _svg("rates", title, _rates_told(rows, effect), parts)


def weeks_chart(effect: Effect, name: str) -> str:
    """Return the event study: the ratio of adopters to the others in each week around the adoption, logarithmic."""
    weeks = effect.weeks
    bounds = [_edge(value) for one in weeks for value in (one.ratio.low, one.ratio.high)]
    reach = max([abs(math.log(one)) for one in bounds] + [math.log(2)])
    ticks = [
        one for one in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0) if abs(math.log(one)) <= reach + 1e-9
    ]
    frame = Frame(len(weeks), -reach, reach)
    middle = frame.y(0.0)
    parts = [
        _axis("ratio to the weeks before" + (", beside the others" if effect.others else "")),
        _bands(frame, [one.left_out for one in weeks]),
        _grid(frame, [(math.log(one), f"{one:g}" if one >= 1 else f"1/{1 / one:g}") for one in ticks]),
        f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{middle}" y2="{middle}" stroke="{_LINE}" class="none"/>',
        _week_numbers(frame, weeks),
        _adoption(frame, next((place for place, one in enumerate(weeks) if one.week >= 0), len(weeks))),
        "".join(_whisker(frame, place, one) for place, one in enumerate(weeks)),
        _overall(frame, effect),
    ]
    title = f"{name}: each week against the weeks before, beside the others"
    return _svg("weeks", title, _weeks_told(effect), parts)


def standalone(effect: Effect, name: str) -> str:
    """Return both plots as one SVG file."""
    charts = [rates_chart(effect, name)] + ([weeks_chart(effect, name)] if effect.weeks else [])
    inner = "".join(
        chart.replace("<svg ", f'<svg y="{place * (HEIGHT + 10)}" height="{HEIGHT}" ', 1)
        for place, chart in enumerate(charts)
    )
    height = len(charts) * (HEIGHT + 10)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{inner}</svg>\n'
    )


def _svg(key: str, title: str, told: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'role="img" aria-labelledby="{key}-title {key}-told" font-family="system-ui, sans-serif" font-size="13">'
        f'<title id="{key}-title">{_escaped(title)}</title><desc id="{key}-told">{_escaped(told)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _bands(frame: Frame, marked: Sequence[bool]) -> str:
    found, height = [], HEIGHT - _TOP - _BOTTOM
    begin: int | None = None
    for place, held in enumerate([*marked, False]):
        if held and begin is None:
            begin = place
        if not held and begin is not None:
            left, right = frame.x(begin - 0.5), frame.x(place - 0.5)
            found.append(
                f'<rect x="{left}" y="{_TOP}" width="{round(right - left, 1)}" height="{height}" fill="{_QUIET}" '
                'class="out"/>'
            )
            begin = None
    return "".join(found)


def _axis(label: str) -> str:
    return f'<text x="4" y="{_TOP - 18}" fill="{_LINE}">{_escaped(label)}</text>'


def _grid(frame: Frame, ticks: Sequence[tuple[float, str]]) -> str:
    return "".join(
        f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{frame.y(value)}" y2="{frame.y(value)}" stroke="{_QUIET}" '
        f'class="grid"/><text x="{_LEFT - 8}" y="{frame.y(value) + 4}" text-anchor="end" fill="{_LINE}">{label}</text>'
        for value, label in ticks
    )


def _week_names(frame: Frame, weeks: Sequence[str]) -> str:
    every = max(1, math.ceil(len(weeks) / 8))
    return "".join(_below(frame.x(place), week) for place, week in enumerate(weeks) if place % every == 0)


def _week_numbers(frame: Frame, weeks: Sequence[WeekOfChange]) -> str:
    numbers = "".join(
        _below(frame.x(place), f"{one.week:+d}" if one.week else "0")
        for place, one in enumerate(weeks)
        if one.week % (4 if len(weeks) > 16 else 2) == 0
    )
    return numbers + (
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 6}" text-anchor="end" fill="{_LINE}">weeks since the change</text>'
    )


def _below(x: float, label: str) -> str:
    return f'<text x="{x}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle" fill="{_LINE}">{_escaped(label)}</text>'


def _adoption(frame: Frame, place: int) -> str:
    x = frame.x(place - 0.5)
    return (
        f'<line x1="{x}" x2="{x}" y1="{_TOP - 6}" y2="{HEIGHT - _BOTTOM}" stroke="{_LINE}" stroke-width="1.5" '
        'class="change"/>'
        f'<text x="{min(x, WIDTH - 60)}" y="{_TOP - 10}" text-anchor="middle" fill="{_LINE}">change</text>'
    )


def _course(frame: Frame, values: Sequence[float | None], colour: str, kind: str, *, dashed: bool) -> str:
    path, gap = [], True
    for place, value in enumerate(values):
        if value is not None:
            path.append(f"{'M' if gap else 'L'}{frame.x(place)} {frame.y(value)}")
        gap = value is None
    style = ' stroke-dasharray="5 3"' if dashed else ""
    dots = "".join(
        f'<circle cx="{frame.x(place)}" cy="{frame.y(value)}" r="2.2" fill="{colour}"/>'
        for place, value in enumerate(values)
        if value is not None and not dashed
    )
    line = f'<path d="{" ".join(path)}" fill="none" stroke="{colour}" stroke-width="1.8"{style}/>'
    return f'<g class="{kind}">{line}{dots}</g>'


def _legend(entries: Sequence[tuple[str, str, str]]) -> str:
    found, x = [], _LEFT
    for kind, colour, label in entries:
        style = ' stroke-dasharray="5 3"' if kind == "others" else ""
        shown, width = label if len(label) <= 40 else label[:39] + "…", 8 if kind == "out" else 2
        colour_of_text = _LINE if kind == "out" else colour
        ends = f'x1="{x}" x2="{x + 24}" y1="{HEIGHT - 10}" y2="{HEIGHT - 10}"'
        found.append(
            f'<g class="{kind}"><line {ends} stroke="{colour}" stroke-width="{width}"{style}/>'
            f'<text x="{x + 30}" y="{HEIGHT - 6}" fill="{colour_of_text}">{_escaped(shown)}</text></g>'
        )
        x += 46 + round(6.8 * len(shown))
    return "".join(found)


def _whisker(frame: Frame, place: int, one: WeekOfChange) -> str:
    x, middle = frame.x(place), frame.y(math.log(_edge(one.ratio.value)))
    low, high = frame.y(math.log(_edge(one.ratio.low))), frame.y(math.log(_edge(one.ratio.high)))
    fill = "#fff" if one.left_out else _OWN
    return (
        f'<g class="own"><line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="{_OWN}"/>'
        f'<circle cx="{x}" cy="{middle}" r="3.2" fill="{fill}" stroke="{_OWN}"/></g>'
    )


def _overall(frame: Frame, effect: Effect) -> str:
    places = [place for place, one in enumerate(effect.weeks) if one.week >= 0]
    if not places:
        return ""
    left, right = frame.x(places[0] - 0.5), frame.x(places[-1] + 0.5)
    high, low = (frame.y(math.log(_edge(one))) for one in (effect.ratio.high, effect.ratio.low))
    middle = frame.y(math.log(_edge(effect.ratio.value)))
    return (
        f'<rect x="{left}" y="{high}" width="{round(right - left, 1)}" height="{round(low - high, 1)}" fill="{_OWN}" '
        f'fill-opacity="0.15" class="overall"/><line x1="{left}" x2="{right}" y1="{middle}" y2="{middle}" '
        f'stroke="{_OWN}" stroke-width="2"/>'
    )


def _edge(value: float | None) -> float:
    return min(max(value if value is not None else _MOST, _LEAST), _MOST)


def _ticks(top: float) -> list[float]:
    wanted = max(top, 1e-3) / 4
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(one * power for one in _STEPS if one * power >= wanted)
    return [round(step * count, 10) for count in range(math.ceil(max(top, 1e-3) / step) + 1)]


def _rates_told(rows: Sequence[WeekRates], effect: Effect) -> str:
    return (
        f"Weeks {rows[0].week} to {rows[-1].week}. The change is in {effect.after[0]}; grey weeks are left out. "
        f"Ratio after to before, beside the others: {effect.ratio.value:.2f} ({interval(effect.ratio)})."
    )


def _weeks_told(effect: Effect) -> str:
    return (
        "A ratio and its 95 % interval for each week, counted from the change. 1 means as before, beside the others; "
        f"hollow points are left out of the comparison. All weeks after together: {effect.ratio.value:.2f} "
        f"({interval(effect.ratio)}), the shaded band."
    )


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
