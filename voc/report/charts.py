"""Trend charts as SVG that needs nothing else: one line a theme, the last point marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.proposals.blocks_html import safe

_WIDTH: Final = 168
_HEIGHT: Final = 40
_PAD: Final = 4
_LINE: Final = "#1f5f99"
_AXIS: Final = "#d9dfe6"
"""Colours stand in the drawing itself, because a PDF takes none from the style sheet of the page."""


def trend(values: Sequence[float | None], label: str) -> str:
    """Return a line chart of weekly rates, oldest first; weeks without a rate leave a gap."""
    known = [value for value in values if value is not None]
    top = max(known, default=0.0) or 1.0
    step = (_WIDTH - 2 * _PAD) / max(1, len(values) - 1)
    points = [
        (round(_PAD + place * step, 1), round(_HEIGHT - _PAD - (_HEIGHT - 2 * _PAD) * value / top, 1))
        for place, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{'M' if place == 0 else 'L'}{x} {y}" for place, (x, y) in enumerate(points))
    last = f'<circle cx="{points[-1][0]}" cy="{points[-1][1]}" r="3" fill="{_LINE}"/>' if points else ""
    return (
        f'<svg class="trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="{safe(label)}"><line x1="{_PAD}" y1="{_HEIGHT - _PAD}" x2="{_WIDTH - _PAD}" '
        f'y2="{_HEIGHT - _PAD}" class="axis" stroke="{_AXIS}"/>'
        f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="1.8"/>{last}</svg>'
    )
