"""Charts as SVG: no script, no style of their own; every one stands beside a table or a text with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

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
