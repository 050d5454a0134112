"""Blocks as HTML: one article that needs nothing from elsewhere, every text escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import singledispatch
from pathlib import Path
from typing import Final

from voc.proposals.blocks import (
    Block,
    Change,
    Chips,
    Clause,
    Facts,
    Fold,
    Grid,
    Heading,
    Items,
    Notice,
    Paragraph,
    Run,
    Saying,
)
from voc.standards import redline
from voc.standards.visible import visible

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")
_CLASSES: Final = {"plain": "", "strong": "strong", "soft": "soft", "good": "good", "warn": "warn"}


def article(blocks: Iterable[Block], *, anchor: str, top: int = 1) -> str:
    """Return blocks as an article whose title is a heading of level `top`."""
    inner = "".join(_block(one, top) for one in blocks)
    return f'<article class="proposal" id="{_name(anchor)}">{inner}</article>'


def page(title: str, body: str, *, language: str = "en", extra_css: str = "") -> str:
    """Return a whole page that loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html><html lang="{_lang(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>{safe(title)}</title>'
        f"<style>{css()}{extra_css}</style></head><body><main>{body}</main></body></html>\n"
    )


def css() -> str:
    """Return the style of articles, for every page that shows one."""
    own = Path(__file__).with_name("proposal.css").read_text(encoding="utf-8")
    return redline.CSS + own


def safe(text: str) -> str:
    """Return a text as HTML text or attribute value in which nothing steers and nothing is markup."""
    return html.escape(visible(text))


@singledispatch
def _block(block: Block, top: int) -> str:
    raise NotImplementedError(type(block).__name__)


@_block.register
def _(block: Heading, top: int) -> str:
    level = min(6, top + block.level - 1)
    return f"<h{level}>{safe(block.text)}</h{level}>"


@_block.register
def _(block: Chips, top: int) -> str:
    inner = " ".join(f'<span class="chip {_CLASSES[run.tone]}">{safe(run.text)}</span>' for run in block.runs)
    return f'<p class="chips">{inner}</p>'


@_block.register
def _(block: Facts, top: int) -> str:
    rows = "".join(f"<div><dt>{safe(name)}</dt><dd dir=auto>{safe(told)}</dd></div>" for name, told in block.rows)
    return f'<dl class="facts">{rows}</dl>'


@_block.register
def _(block: Notice, top: int) -> str:
    return f'<p class="notice" role="note"><strong>Notice:</strong> {safe(block.text)}</p>'


@_block.register
def _(block: Paragraph, top: int) -> str:
    kept = ' class="leads"' if block.leads else ""
    return f"<p{kept}>{_runs(block.runs)}</p>"


@_block.register
def _(block: Items, top: int) -> str:
    return "<ul>" + "".join(f"<li>{_runs(item)}</li>" for item in block.items) + "</ul>"


@_block.register
def _(block: Saying, top: int) -> str:
    kind = ' class="against"' if block.against else ""
    return (
        f'<blockquote id="{_name(block.anchor)}"{kind}><p lang="{_lang(block.language)}" dir="auto">'
        f"{safe(block.text)}</p><footer>{safe(block.source)}</footer></blockquote>"
    )


@_block.register
def _(block: Change, top: int) -> str:
    inner = redline.as_html(redline.redline(block.old, block.new))
    key = '<p class="key"><del>struck out</del> <ins>put in</ins></p>'
    return f'<div class="redline" lang="{_lang(block.language)}" dir="auto">{inner}</div>{key if block.tracked else ""}'


@_block.register
def _(block: Clause, top: int) -> str:
    return f'<div class="redline" lang="{_lang(block.language)}" dir="auto">{safe(block.text)}</div>'


@_block.register
def _(block: Grid, top: int) -> str:
    kinds = [' class="n"' if column.number else "" for column in block.columns]
    head = "".join(
        f'<th scope="col"{kind}>{safe(column.title)}</th>' for kind, column in zip(kinds, block.columns, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td{kind} data-label="{safe(column.title)}">{safe(cell)}</td>'
            for kind, column, cell in zip(kinds, block.columns, row, strict=True)
        )
        + "</tr>"
        for row in block.rows
    )
    caption = f"<caption>{safe(block.caption)}</caption>" if block.caption else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


@_block.register
def _(block: Fold, top: int) -> str:
    inner = "".join(_block(one, top) for one in block.blocks)
    return f"<details><summary>{safe(block.title)}</summary>{inner}</details>"


def _runs(runs: Iterable[Run]) -> str:
    return "".join(_run(run) for run in runs)


def _run(run: Run) -> str:
    text = f'<a href="#{_name(run.to)}">{safe(run.text)}</a>' if run.to else safe(run.text)
    return text if run.tone == "plain" else f'<span class="{_CLASSES[run.tone]}">{text}</span>'


def _lang(language: str) -> str:
    return language if _LANGUAGE.fullmatch(language) else "und"


def _name(anchor: str) -> str:
    return _UNSAFE.sub("", anchor)
