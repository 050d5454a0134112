"""What an author does with a weekly report: write, pin and hide quotes, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from voc.access import Act, Role, check
from voc.errors import ConflictError, InputError, NotFoundError
from voc.proposals.desk import plain
from voc.standards.document import unkept
from voc.store import assignments, feedback, reports, themes
from voc.store.database import Connection, Database
from voc.store.reports import EditionRow, Place, Words, WorkingRow
from voc.types import Stamp

MOST_HEADLINE: Final = 200
MOST_COMMENT: Final = 10_000
"""The longest headline and comment that are kept, in characters."""


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who writes reports; `seal` hashes text with the workspace key, for the audit log."""

    database: Database
    stamp: Stamp
    role: Role
    seal: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """What an author changes: None leaves it; of themes only those that are named change, and "" takes one out."""

    headline: str | None = None
    comment: str | None = None
    themes: Mapping[str, str] | None = None


def write(author: Author, place: Place, change: Change, *, on_version: int | None, why: str = "") -> WorkingRow:
    """Keep what the author says from now on, as the next version.

    Raises:
        NotAllowedError: the role may not.
        NotFoundError: there is no such theme.
        InputError: a text is too long, or nothing changes.
        ConflictError: somebody changed it since `on_version`.
    """
    check(author.role, Act.WRITE_REPORT)
    reason = plain(why)
    headline = None if change.headline is None else _headline(change.headline)
    comment = None if change.comment is None else _comment(change.comment, "comment")
    with author.database.write() as connection:
        named = {
            themes.get(connection, theme).id: _comment(text, f"comment on theme {theme}")
            for theme, text in (change.themes or {}).items()
        }
        row = _held(connection, place, on_version, headline or comment or next(iter(named.values()), ""))
        words = Words(
            row.words.headline if headline is None else headline,
            row.words.comment if comment is None else comment,
            {theme: text for theme, text in {**row.words.themes, **named}.items() if text},
        )
        if words == replace(row.words, themes=dict(row.words.themes)):
            raise InputError("That is what the report says already. Give another headline or comment.")
        texts = {"headline": words.headline, "comment": words.comment, **words.themes}
        sealed = {name: author.seal(text) for name, text in texts.items() if text}
        return reports.write(connection, author.stamp, row, words=words, why=reason, detail={"texts": sealed})


def choose_quote(
    author: Author, place: Place, theme_id: str, feedback_id: str, *, state: str, why: str, on_version: int | None
) -> WorkingRow:
    """Pin or hide a comment under a theme, or with state "" neither.

    Raises:
        NotAllowedError: the role may not.
        NotFoundError: there is no such theme or comment, or the theme has no such comment in the week and market.
        InputError: nothing changes.
        ConflictError: somebody changed the report since `on_version`.
    """
    check(author.role, Act.WRITE_REPORT)
    reason = plain(why)
    with author.database.write() as connection:
        theme, comment = _quotable(connection, place, theme_id, feedback_id)
        row = _held(connection, place, on_version, "")
        now = next(
            (
                one.state
                for one in reports.quotes(connection, place)
                if (one.theme_id, one.feedback_id) == (theme, comment)
            ),
            "",
        )
        if now == state:
            raise InputError(f"The comment {comment[:8]} is {state or 'neither pinned nor hidden'} already.")
        return reports.choose(
            connection, author.stamp, row, theme_id=theme, feedback_id=comment, state=state, why=reason
        )


def publish(author: Author, place: Place, figures: str, *, why: str, on_version: int) -> EditionRow:
    """Keep figures and words as an edition that nothing changes; a later edition needs a reason.

    Raises:
        NotAllowedError: the role may not.
        ConflictError: somebody changed the report since `on_version`.
        InputError: no reason is given, or nothing differs from the edition in force.
    """
    check(author.role, Act.PUBLISH_REPORT)
    reason = plain(why)
    with author.database.write() as connection:
        row = reports.hold(connection, place, on_version=on_version)
        last = reports.edition(connection, place)
        if last is not None:
            if last.sha256 == reports.seal(figures, row.words):
                raise InputError(f"Edition {last.number} of the {place.told} says exactly this. Nothing to publish.")
            plain(reason, need="Say why it is published again: --why TEXT. Readers see the reason.")
        detail = {"why": author.seal(reason)} if reason else {}
        return reports.publish(connection, author.stamp, row, figures=figures, why=reason, detail=detail)


def _held(connection: Connection, place: Place, on_version: int | None, typed: str) -> WorkingRow:
    try:
        return reports.hold(connection, place, on_version=on_version)
    except ConflictError as error:
        raise ConflictError(f"{error}\nYours, which is not kept: {typed}" if typed else str(error)) from error


def _quotable(connection: Connection, place: Place, theme_id: str, feedback_id: str) -> tuple[str, str]:
    theme = themes.get(connection, theme_id).id
    comment = feedback.begins_with(connection, feedback_id)
    where = f"{place.week}{f' in {place.market}' if place.market else ''}"
    if comment.week != place.week or place.market not in ("", comment.market):
        raise NotFoundError(
            f"The comment {comment.id[:8]} is of {comment.week} in {comment.market}, not of {where}. "
            "Choose a comment of the report."
        )
    units = assignments.members(connection, theme_id=theme, first_week=place.week, last_week=place.week)
    if comment.id not in {unit.feedback_id for unit in units}:
        raise NotFoundError(f"The theme {theme} has no comment {comment.id[:8]} in {where}.")
    return theme, comment.id


def _headline(text: str) -> str:
    said = plain(text)
    if len(said) > MOST_HEADLINE:
        raise InputError(f"The headline has {len(said)} characters; at most {MOST_HEADLINE} are kept. Say it shorter.")
    return said


def _comment(text: str, what: str) -> str:
    """Return plain text with its paragraphs, which blank lines part."""
    parts = [" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n")]
    said = "\n\n".join(part for part in parts if part)
    if len(said) > MOST_COMMENT:
        raise InputError(f"The {what} has {len(said):,} characters; at most {MOST_COMMENT:,} are kept.")
    odd = unkept(said)
    if odd:
        raise InputError(f"The {what} holds the invisible character {odd}. Take it out.")
    return said
