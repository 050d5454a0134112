"""One page that needs nothing else: the verdict, what speaks for and against it, both plots, and their tables."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
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
th:first-child{text-align:left}tbody th{font-weight:400}summary{cursor:pointer;padding:.3rem 0}
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


def as_section(effect: Effect, name: str, *, least: int = 0, own_only: bool = False) -> str:
    """Return what the page says, below its title, as HTML without styles.

    Weeks with 1 to `least` - 1 complaints are not told. With `own_only`, figures of markets without the change are left
    out; the verdict rests on them all the same.
    """
    shown = _without_others(effect) if own_only else effect
    withheld = any(None in (row.own_complaints, row.other_complaints) for row in week_rates(shown, least=least))
    body = [
        f'<p class="verdict {effect.verdict.value.replace(" ", "-")}">{_escaped(sentence(effect))}</p>',
        "<ul>" + "".join(f"<li>{_escaped(one)}</li>" for one in notes(effect, own_only=own_only)) + "</ul>",
        _sides(shown, least),
        "<h2>Rates by week</h2>",
        f"<p>Weeks with fewer than {least} complaints are left out of plot and table.</p>" if withheld else "",
        _scroll("Plot of rates by week", rates_chart(shown, name, least=least)),
        _details("The same as a table", _rates_table(shown, least)),
    ]
    if shown.weeks and not withheld:
        body += [
            "<h2>Week by week around the change</h2>",
            _scroll("Plot of weekly ratios", weeks_chart(shown, name)),
            _details("The same as a table", _weeks_table(shown)),
        ]
    if shown.other_markets or shown.earlier:
        body += ["<h2>Where nothing was changed</h2>", _scroll("Table of pretended changes", _placebos(shown))]
    return "".join(body)


def _without_others(effect: Effect) -> Effect:
    return replace(effect, panel=effect.panel.of(effect.own.markets), others=None, weeks=(), other_markets=())


def _sides(effect: Effect, least: int) -> str:
    rows = [(f"changed: {listed(effect.own.markets)}", described(effect.own, least=least))]
    if effect.others is not None:
        rows.append((f"others: {listed(effect.others.markets)}", described(effect.others, least=least)))
    lines = "".join(f"<dt>{_escaped(one)}</dt><dd>{_escaped(told)}</dd>" for one, told in rows)
    return f'<h2>What was counted</h2><dl class="facts">{lines}</dl>'


def _rates_table(effect: Effect, least: int) -> str:
    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    def count(value: int | None) -> str:
        return f"fewer than {least}" if value is None else str(value)

    def part(left_out: bool, after: bool) -> str:
        return "left out" if left_out else "after" if after else "before"

    rows = [
        (
            row.week,
            part(row.left_out, row.after),
            count(row.own_complaints),
            shown(row.own),
            *((count(row.other_complaints), shown(row.others)) if effect.others is not None else ()),
        )
        for row in week_rates(effect, least=least)
    ]
    beside = ("others: complaints", "per 1,000") if effect.others is not None else ()
    head = ("week", "part", "changed: complaints", "per 1,000", *beside)
    return _table("Complaints by week", head, rows)


def _weeks_table(effect: Effect) -> str:
    rows = [
        (f"{one.week:+d}" if one.week else "0", *_ratio(one.ratio), "left out" if one.left_out else "")
        for one in effect.weeks
    ]
    return _table("Weeks since the change", ("week", "ratio", "95 % interval", "part"), rows)


def _placebos(effect: Effect) -> str:
    rows = [(f"{one.what} taken for the adopter", *_ratio(one.ratio)) for one in effect.other_markets]
    rows += [(f"change taken to be in {one.what}", *_ratio(one.ratio)) for one in effect.earlier]
    rows.append(("the change itself", *_ratio(effect.ratio)))
    return _table("What is measured where nothing was changed", ("what", "ratio", "95 % interval"), rows)


def _ratio(found: Estimate) -> tuple[str, str]:
    return f"{found.value:.2f}", interval(found)


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{_escaped(one)}</th>' for one in head)
    lines = "".join("<tr>" + _cells(row) + "</tr>" for row in rows)
    return (
        f"<table><caption>{_escaped(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"
    )


def _cells(row: Sequence[str]) -> str:
    return f'<th scope="row">{_escaped(row[0])}</th>' + "".join(f"<td>{_escaped(one)}</td>" for one in row[1:])


def _scroll(label: str, inner: str) -> str:
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{_escaped(label)}">{inner}</div>'


def _details(summary: str, inner: str) -> str:
    return f"<details><summary>{_escaped(summary)}</summary>{_scroll(summary, inner)}</details>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
