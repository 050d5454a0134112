"""A report in a few lines, for the text part of a mail and for a chat: no count below k, no single comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.report.cover import Cover, paragraphs
from voc.report.model import ActionLine, Report, Scope
from voc.report.render import action_state, count_text, percent, ratio_text
from voc.standards.visible import visible

_THEMES: Final = 5
_ACTIONS: Final = 8
_BLOCK: Final = 2_900
"""Characters of a block of text. Source: Slack takes 3,000 in a section and 150 in a header (Block Kit reference)."""
_HEADER: Final = 150


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a digest: its title ("" for none) and its lines."""

    title: str
    lines: tuple[str, ...]


def subject(report: Report, cover: Cover) -> str:
    """Return the subject of a mail: the week, the market, and the author's headline."""
    place = report.where
    about = f"{report.title}: week {report.week}{f', {place}' if place else ''}"
    text = f"{about}: {cover.words.headline}" if cover.words.headline else about
    return visible(" ".join((text if cover.published else f"Draft. {text}").split()))


def digest(report: Report, cover: Cover) -> tuple[Part, ...]:
    """Return what a reader needs first: the author's words, what changed, the largest themes, what is to be done."""
    words = cover.words
    parts = [Part(words.headline, (cover.state, *paragraphs(words.comment)))]
    parts += [Part(cover.names.get(theme, theme), paragraphs(text)) for theme, text in sorted(words.themes.items())]
    if cover.restated:
        number = len(cover.restated)
        parts.append(Part("", (f"{number} figure{'' if number == 1 else 's'} restated since it was published.",)))
    parts.append(Part("What changed", report.headlines or ("Nothing moved beyond chance.",)))
    parts += [_themes(report, report.shown_scopes[0])] if report.scopes else []
    todo = [one for one in report.actions if one.state != "done"]
    parts += [Part("Open actions", tuple(map(_action, todo[:_ACTIONS])))] if todo else []
    parts += [Part("Proposals of the week", report.proposals)] if report.proposals else []
    return tuple(Part(visible(one.title), tuple(map(visible, one.lines))) for one in parts if one.title or one.lines)


def as_text(parts: Sequence[Part]) -> str:
    """Return a digest as plain text."""
    pieces = []
    for one in parts:
        lines = [one.title, "-" * min(60, len(one.title))] if one.title else []
        pieces.append("\n".join([*lines, *one.lines]))
    return "\n\n".join(pieces) + "\n"


def as_chat(title: str, parts: Sequence[Part]) -> Mapping[str, object]:
    """Return a digest as the JSON that Slack and what is compatible take; text in it calls nobody and is no markup."""
    blocks: list[dict[str, object]] = [{"type": "header", "text": _plain(title, _HEADER)}]
    for one in parts:
        text = "\n".join([*([one.title] if one.title else []), *(f"• {line}" for line in one.lines)])
        blocks.append({"type": "section", "text": _plain(text, _BLOCK)})
    return {"text": _escaped(title), "blocks": blocks}


def _themes(report: Report, scope: Scope) -> Part:
    count, found = count_text(report.k), scope.coverage
    share = f", {percent(found.share)} in a theme" if found.comments >= report.k else ""
    lines = [f"{count(found.comments)} comments{share}."]
    for line in scope.themes[:_THEMES]:
        against = ratio_text(line)
        usual = f", {against} against usual" if against not in ("–", "new") else ""
        lines.append(f"{line.name}: {count(line.row.complaints)} complaints{usual}")
    return Part(scope.title, tuple(lines))


def _action(line: ActionLine) -> str:
    return f"{line.duty} ({', '.join(line.markets)}; {line.owner}; {action_state(line)})"


def _plain(text: str, most: int) -> dict[str, object]:
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return {"type": "plain_text", "text": cut, "emoji": False}


def _escaped(text: str) -> str:
    """Return a text in which Slack sees no link, no mention and no entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
