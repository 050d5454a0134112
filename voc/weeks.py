"""ISO weeks as text ("2024-W40"), counted in a market's own time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from voc.errors import InputError

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def week_of(moment: datetime, time_zone: str) -> str:
    """Return the ISO week in which an aware moment falls in that time zone."""
    return week_of_date(moment.astimezone(ZoneInfo(time_zone)).date())


def week_of_date(day: date) -> str:
    """Return the ISO week of a calendar day."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def parse_week(text: str) -> str:
    """Return the week when it exists.

    Raises:
        InputError: the text is not an ISO week of the calendar.
    """
    match = _WEEK.fullmatch(text.strip())
    if match:
        year, week = int(match[1]), int(match[2])
        try:
            date.fromisocalendar(year, week, 1)
        except ValueError:
            pass
        else:
            return f"{year:04d}-W{week:02d}"
    raise InputError(f"'{text}' is not an ISO week. Write it as 2024-W40 (year, W, two digits from 01 to 52 or 53).")


def monday(week: str) -> date:
    """Return the first day of a week."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def shift_week(week: str, by: int) -> str:
    """Return the week `by` weeks later; negative for earlier."""
    return week_of_date(monday(week) + timedelta(weeks=by))


def weeks_before(week: str, count: int) -> tuple[str, ...]:
    """Return the `count` weeks before a week, oldest first, the week itself left out."""
    return tuple(shift_week(week, -back) for back in range(count, 0, -1))


def week_range(first: str, last: str) -> tuple[str, ...]:
    """Return every week from first to last, both included; empty when last is earlier."""
    span = (monday(last) - monday(first)).days // 7
    return tuple(shift_week(first, ahead) for ahead in range(span + 1))
