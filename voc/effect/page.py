"""One page that needs nothing else: the verdict, what speaks for and against it, both plots, and their tables."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

from voc.effect.chart import rates_chart, weeks_chart
from voc.effect.measure import Effect
from voc.effect.table import week_rates
from voc.effect.words import described, interval, listed, notes, sentence
from voc.types import Estimate

_STYLE: Final = """
body{font:16px/1.5 system-ui,"Noto Sans","DejaVu Sans",sans-serif;margin:0;background:#fff;color:#1c1917}
main{max-width:48rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.15rem;margin:1.5rem 0 .5rem}
.verdict{border-left:.4rem solid #78716c;padding:.6rem 1rem;background:#f5f5f4;margin:1rem 0}
.verdict.improved{border-color:#15803d}.verdict.worsened{border-color:#b91c1c}
.scroll{overflow-x:auto}.scroll:focus{outline:2px solid #1d4ed8}
.plot{display:block;min-width:32rem;width:100%;height:auto}
table{border-collapse:collapse;font-size:.9rem;width:100%}caption{text-align:left;padding:.3rem 0}
th,td{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #e7e5e4;white-space:nowrap}
th:first-child,td:first-child{text-align:left}summary{cursor:pointer;padding:.3rem 0}
@media print{details>*{display:block}}
"""


def as_page(effect: Effect, name: str) -> str:
    """Return the page as HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Did it work? {_escaped(name)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Did it work? {_escaped(name)}</h1>{as_section(effect, name)}</main></body></html>\n"
    )


def as_section(effect: Effect, name: str) -> str:
    """Return what the page says, below its title, as HTML without styles."""
    body = [
        f'<p class="verdict {effect.verdict.value.replace(" ", "-")}">{_escaped(sentence(effect))}</p>',
        "<ul>" + "".join(f"<li>{_escaped(one)}</li>" for one in notes(effect)) + "</ul>",
        _sides(effect),
        "<h2>Rates by week</h2>",
        _scroll("Plot of rates by week", rates_chart(effect, name)),
        _details("The same as a table", _rates_table(effect)),
    ]
    if effect.weeks:
        body += [
            "<h2>Week by week around the change</h2>",
            _scroll("Plot of weekly ratios", weeks_chart(effect, name)),
            _details("The same as a table", _weeks_table(effect)),
        ]
    if effect.other_markets or effect.earlier:
        body += ["<h2>Where nothing was changed</h2>", _scroll("Table of pretended changes", _placebos(effect))]
    return "".join(body)


def _sides(effect: Effect) -> str:
    rows = [(f"changed: {listed(effect.own.markets)}", described(effect.own))]
    if effect.others is not None:
        rows.append((f"others: {listed(effect.others.markets)}", described(effect.others)))
    lines = "".join(f"<dt>{_escaped(one)}</dt><dd>{_escaped(told)}</dd>" for one, told in rows)
    return f"<h2>What was counted</h2><dl>{lines}</dl>"


def _rates_table(effect: Effect) -> str:
    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    def part(left_out: bool, after: bool) -> str:
        return "left out" if left_out else "after" if after else "before"

    rows = [
        (
            row.week,
            part(row.left_out, row.after),
            str(row.own_complaints),
            shown(row.own),
            str(row.other_complaints),
            shown(row.others),
        )
        for row in week_rates(effect)
    ]
    head = ("week", "part", "changed: complaints", "per 1,000", "others: complaints", "per 1,000")
    return _table("Complaints by week", head, rows)


def _weeks_table(effect: Effect) -> str:
    rows = [
        (f"{one.week:+d}" if one.week else "0", *_ratio(one.ratio), "left out" if one.left_out else "")
        for one in effect.weeks
    ]
    return _table("Weeks since the change", ("week", "ratio", "95 % interval", ""), rows)


def _placebos(effect: Effect) -> str:
    rows = [(f"{one.what} taken for the adopter", *_ratio(one.ratio)) for one in effect.other_markets]
    rows += [(f"change taken to be in {one.what}", *_ratio(one.ratio)) for one in effect.earlier]
    rows.append(("the change itself", *_ratio(effect.ratio)))
    return _table("What is measured where nothing was changed", ("", "ratio", "95 % interval"), rows)


def _ratio(found: Estimate) -> tuple[str, str]:
    return f"{found.value:.2f}", interval(found)


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{_escaped(one)}</th>' for one in head)
    lines = "".join("<tr>" + "".join(f"<td>{_escaped(one)}</td>" for one in row) + "</tr>" for row in rows)
    return (
        f"<table><caption>{_escaped(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"
    )


def _scroll(label: str, inner: str) -> str:
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{_escaped(label)}">{inner}</div>'


def _details(summary: str, inner: str) -> str:
    return f"<details><summary>{_escaped(summary)}</summary>{_scroll(summary, inner)}</details>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
