"""Filters as people write them, checked against what there is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from voc.errors import InputError, NotFoundError
from voc.store import feedback, groups, labels, search, themes
from voc.store.database import Connection, Database
from voc.store.filters import NONE, Filter, conditions
from voc.types import Polarity
from voc.weeks import parse_week

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as people write it; an empty field asks nothing.

    `week` is one week or a span such as 2024-W36..2024-W40, `rating` one or a span such as 1-2, `theme` and `group` the
    beginning of an id, or a name, `where` conditions such as depot=B3.
    """

    markets: Sequence[str] = ()
    week: str = ""
    since: str = ""
    until: str = ""
    theme: str = ""
    group: str = ""
    rating: str = ""
    languages: Sequence[str] = ()
    channels: Sequence[str] = ()
    kinds: Sequence[str] = ()
    where: Sequence[str] = ()


def make_filter(database: Database, asked: Asked, *, markets: Sequence[str], language: str) -> Filter:
    """Return the filter that is asked for; `markets` are the configured ones, `language` that of theme names.

    Raises:
        InputError: something is not written as it must be, or names what does not exist; the message says what does.
    """
    first, last = _weeks(asked.week)
    with database.read() as connection:
        return Filter(
            markets=_among("market", asked.markets, markets),
            since=_day(asked.since),
            until=_day(asked.until),
            first_week=first,
            last_week=last,
            theme_id=_theme(connection, asked.theme, language) if asked.theme else "",
            group_id=_group(connection, asked.group) if asked.group else "",
            ratings=_ratings(asked.rating),
            languages=_among("language", asked.languages, feedback.languages(connection) if asked.languages else ()),
            channels=_among("channel", asked.channels, search.channels(connection) if asked.channels else ()),
            polarities=_among("kind", asked.kinds, [one.value for one in Polarity]),
            attributes=_attributes(connection, asked.where),
        )


def emptied_by(database: Database, wanted: Filter) -> str:
    """Return in one sentence which part of a filter leaves nothing, and what there would be without it."""
    names = list(conditions(wanted))
    with database.read() as connection:
        if search.comments(connection, wanted):
            return ""
        if not search.comments(connection, Filter()):
            return "There is no feedback yet."
        others = {one: [name for name in names if name != one] for one in names}
        alone = {one: search.comments(connection, wanted, without=others[one]) for one in names}
        freed = {one: search.comments(connection, wanted, without=[one]) for one in names}
    nobody = [name for name, count in alone.items() if not count]
    if nobody:
        return f"No comment at all passes the filter '{nobody[0]}'."
    helped = {name: count for name, count in freed.items() if count}
    if helped:
        said = ", ".join(f"without '{name}' {count:,}" for name, count in helped.items())
        return f"No comment passes all filters together; {said} would."
    counts = ", ".join(f"'{name}' {count:,}" for name, count in alone.items())
    return f"No comment passes all filters together; alone they let through: {counts}."


def _weeks(text: str) -> tuple[str, str]:
    if not text:
        return "", ""
    first, separator, last = text.partition("..")
    found = parse_week(first), parse_week(last if separator else first)
    if found[0] > found[1]:
        raise InputError(f"The span of weeks '{text}' ends before it begins.")
    return found


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(f"'{text}' is not a day such as 2024-09-30.") from error


def _ratings(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    match = re.fullmatch(r"([1-5](?:\.\d+)?)(?:-([1-5](?:\.\d+)?))?", text.strip())
    if match is None or float(match[2] or match[1]) < float(match[1]):
        raise InputError(f"'{text}' is not a rating from 1 to 5 or a span such as 1-2.")
    return float(match[1]), float(match[2] or match[1])


def _among(name: str, asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    forms = {one.casefold(): one for one in known}
    for one in asked:
        if one.casefold() not in forms:
            raise InputError(f"There is no {name} '{one}'. Known: {_list(known)}.")
    return tuple(sorted({forms[one.casefold()] for one in asked}))


def _theme(connection: Connection, asked: str, language: str) -> str:
    if asked == NONE:
        return NONE
    names = {theme: label.name for theme, label in labels.newest(connection, language=language).items()}
    named = [theme for theme, name in names.items() if name.casefold() == asked.casefold()]
    if len(named) == 1:
        return named[0]
    try:
        return themes.get(connection, asked).id
    except NotFoundError as error:
        known = [f"{theme} {name}" for theme, name in sorted(names.items(), key=lambda one: one[1])]
        raise InputError(f"There is no theme '{asked}'. Known: {_list(known) or 'none yet'}.") from error


def _group(connection: Connection, asked: str) -> str:
    known = groups.names(connection)
    found = [one for one, name in known.items() if asked.casefold() == name.casefold() or one.startswith(asked)]
    if len(found) != 1:
        raise InputError(f"There is no theme group '{asked}'. Known: {_list(sorted(known.values())) or 'none yet'}.")
    return found[0]


def _attributes(connection: Connection, asked: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in asked:
        name, separator, value = (part.strip() for part in one.partition("="))
        if not separator or not name or not value:
            raise InputError(f"'{one}' is not a condition such as depot=B3.")
        if name not in search.attribute_names(connection):
            known = _list(search.attribute_names(connection)) or "none: the mapping declares them"
            raise InputError(f"There is no attribute '{name}'. Known: {known}.")
        values = search.attribute_values(connection, name)
        if value not in values:
            raise InputError(f"No comment has {name}={value}. Known: {_list(values)}.")
        found[name] = (*found.get(name, ()), value)
    return found


def _list(known: Sequence[str]) -> str:
    more = len(known) - _MOST_SHOWN
    return ", ".join(known[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
