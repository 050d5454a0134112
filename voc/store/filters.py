"""Which feedback is wanted, as conditions in SQL that can also be taken one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement, or_, select

from voc.store import schema

NONE: Final = "none"
"""Stands for "in no theme" where a theme is named."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which feedback is wanted; every field that is set must hold.

    Days (first and last, ISO text), weeks (first and last) and ratings are inclusive; `theme_id` "none" is feedback
    without theme; `attributes` are declared ones, such as depot, with the values that are wanted. `not_ids` are
    comments that are left out.
    """

    markets: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    first_week: str = ""
    last_week: str = ""
    theme_id: str = ""
    group_id: str = ""
    ratings: tuple[float, float] | None = None
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    polarities: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_ids: tuple[str, ...] = ()


def conditions(wanted: Filter) -> dict[str, ColumnElement[bool]]:
    """Return the conditions of a filter on feedback joined with assignment, by the name of what they ask."""
    return {**of_comment(wanted), **of_assignment(wanted)}


def of_comment(wanted: Filter) -> dict[str, ColumnElement[bool]]:
    """Return the conditions on feedback alone."""
    return {**_of_time(wanted), **_of_fields(wanted)}


def _of_time(wanted: Filter) -> dict[str, ColumnElement[bool]]:
    feedback = schema.feedback.c
    asked = {
        "first week": (wanted.first_week, feedback.week >= wanted.first_week),
        "last week": (wanted.last_week, feedback.week <= wanted.last_week),
        "since": (wanted.since, feedback.created_at >= wanted.since),
        "until": (wanted.until, feedback.created_at < wanted.until + "T99"),
    }
    return {name: condition for name, (value, condition) in asked.items() if value}


def _of_fields(wanted: Filter) -> dict[str, ColumnElement[bool]]:
    feedback = schema.feedback.c
    lists = {
        "market": (feedback.market, wanted.markets),
        "language": (feedback.language, wanted.languages),
        "channel": (feedback.channel, wanted.channels),
    }
    found: dict[str, ColumnElement[bool]] = {
        name: column.in_(values) for name, (column, values) in lists.items() if values
    }
    if wanted.ratings is not None:
        found["rating"] = feedback.rating.between(*wanted.ratings)
    for name, values in sorted(wanted.attributes.items()):
        column = feedback.attributes[name].as_string()
        found[name] = or_(*(column == value for value in values))
    if wanted.not_ids:
        found["left out"] = feedback.id.not_in(wanted.not_ids)
    return found


def of_assignment(wanted: Filter) -> dict[str, ColumnElement[bool]]:
    """Return the conditions on the assignment of a unit, which may be missing."""
    assignment = schema.assignment.c
    found: dict[str, ColumnElement[bool]] = {}
    if wanted.polarities:
        found["kind"] = assignment.polarity.in_(wanted.polarities)
    if wanted.theme_id == NONE:
        found["theme"] = assignment.theme_id.is_(None)
    elif wanted.theme_id:
        found["theme"] = assignment.theme_id == wanted.theme_id
    if wanted.group_id:
        inside = select(schema.theme.c.id).where(schema.theme.c.group_id == wanted.group_id)
        found["theme group"] = assignment.theme_id.in_(inside)
    return found
