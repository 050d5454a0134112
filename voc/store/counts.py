"""Counts by week, market, theme and polarity: the numerators of every rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, distinct, func, null, select

from voc.store import schema
from voc.store.copies import same_as
from voc.types import Polarity


@dataclass(frozen=True, slots=True)
class CountRow:
    """Feedback of one week, market, theme (None is unassigned) and polarity.

    `comments` counts feedback; `texts` what enters rates: within a market and week, copies and near-copies count once,
    and what lies beyond the quota of its source does not count.
    """

    week: str
    market: str
    theme_id: str | None
    polarity: Polarity
    comments: int
    texts: int


@dataclass(frozen=True, slots=True)
class WeekTotal:
    """All feedback of a market and week, with and without a theme, in comments and in texts as rates count them."""

    week: str
    market: str
    comments: int
    texts: int


@dataclass(frozen=True, slots=True)
class Counting:
    """How comments become a numerator: all, those beyond the quota of their source, and the texts that count."""

    comments: int
    beyond_quota: int
    texts: int

    @property
    def copies(self) -> int:
        """Return how many say the same as another one of their market and week."""
        return self.comments - self.beyond_quota - self.texts


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a market's feedback: what came through some channels, or (`inside` is false) through all others."""

    market: str
    channels: tuple[str, ...]
    inside: bool = True


def by_theme(
    connection: Connection, *, first_week: str, last_week: str, part: Part | None = None
) -> tuple[CountRow, ...]:
    """Return counts of every week of a span, by week, market, theme and polarity; muted themes are left out."""
    feedback, unit, assignment, theme = schema.feedback, schema.unit, schema.assignment, schema.theme
    keys = (feedback.c.week, feedback.c.market, assignment.c.theme_id, assignment.c.polarity)
    rows = connection.execute(
        select(*keys, func.count(distinct(feedback.c.id)), func.count(distinct(_counted_text())))
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .outerjoin(theme, theme.c.id == assignment.c.theme_id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(*_inside(first_week, last_week, part), func.coalesce(theme.c.muted, 0) == 0)
        .group_by(*keys)
    )
    polarities = {one.value: one for one in Polarity}
    ordered = sorted(map(tuple, rows), key=lambda row: (row[0], row[1], row[2] or "", row[3]))
    return tuple(
        CountRow(week, market, theme_id, polarities[polarity], comments, texts)
        for week, market, theme_id, polarity, comments, texts in ordered
    )


def counting(connection: Connection, *, theme_id: str, week: str, markets: Sequence[str]) -> Counting:
    """Return how the complaints of a theme, in some markets and a week, become the numerator of its rate."""
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    beyond = case((schema.beyond_quota.c.feedback_id.is_not(None), feedback.c.id), else_=null())
    rows = connection.execute(
        select(*(func.count(distinct(one)) for one in (feedback.c.id, beyond, _counted_text())))
        .select_from(feedback)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(
            assignment.c.theme_id == theme_id,
            assignment.c.polarity == Polarity.COMPLAINT.value,
            feedback.c.week == week,
            feedback.c.market.in_(list(markets)),
        )
        .group_by(feedback.c.market)
    ).all()
    comments, beyond_quota, texts = (sum(int(row[place]) for row in rows) for place in range(3))
    return Counting(comments, beyond_quota, texts)


def by_language(
    connection: Connection, *, weeks: tuple[str, str], markets: Sequence[str], theme_id: str | None = None
) -> dict[str, int]:
    """Return the texts of a span of weeks by language, as rates count them: the complaints of a theme, or all.

    A text counts once in every week and market that it came in.
    """
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    query = (
        select(feedback.c.language, func.count(distinct(_counted_text())))
        .select_from(feedback)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(*_inside(*weeks, None), feedback.c.market.in_(list(markets)))
        .group_by(feedback.c.week, feedback.c.market, feedback.c.language)
    )
    if theme_id is not None:
        query = (
            query.join(unit, unit.c.feedback_id == feedback.c.id)
            .join(assignment, assignment.c.unit_id == unit.c.id)
            .where(assignment.c.theme_id == theme_id, assignment.c.polarity == Polarity.COMPLAINT.value)
        )
    found: dict[str, int] = defaultdict(int)
    for language, texts in connection.execute(query):
        found[language] += int(texts)
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def totals(
    connection: Connection, *, first_week: str, last_week: str, part: Part | None = None
) -> tuple[WeekTotal, ...]:
    """Return totals of every market and week of a span that has feedback, in order of week and market."""
    feedback = schema.feedback
    rows = connection.execute(
        select(feedback.c.week, feedback.c.market, func.count(), func.count(distinct(_counted_text())))
        .select_from(feedback)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(*_inside(first_week, last_week, part))
        .group_by(feedback.c.week, feedback.c.market)
    )
    return tuple(sorted((WeekTotal(*row) for row in rows), key=lambda row: (row.week, row.market)))


def assigned(connection: Connection, *, week: str) -> dict[str, int]:
    """Return how many comments of a week have a theme, by market; markets without any are left out."""
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    rows = connection.execute(
        select(feedback.c.market, func.count(distinct(feedback.c.id)))
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .where(feedback.c.week == week, assignment.c.theme_id.is_not(None))
        .group_by(feedback.c.market)
    )
    return {market: comments for market, comments in rows}


def distinct_texts(connection: Connection, *, theme_id: str, market: str | None, weeks: tuple[str, str]) -> int:
    """Return how many distinct complaint texts a theme has in a market (None is all) over a span of weeks.

    Near-copies are one text, and what lies beyond the quota of its source is none.
    """
    feedback, unit, assignment = schema.feedback, schema.unit, schema.assignment
    query = (
        select(func.count(distinct(_counted_text())))
        .select_from(feedback)
        .join(unit, unit.c.feedback_id == feedback.c.id)
        .join(assignment, assignment.c.unit_id == unit.c.id)
        .outerjoin(schema.text_copy, schema.text_copy.c.text_hash == feedback.c.text_hash)
        .outerjoin(schema.beyond_quota, schema.beyond_quota.c.feedback_id == feedback.c.id)
        .where(
            assignment.c.theme_id == theme_id,
            assignment.c.polarity == Polarity.COMPLAINT.value,
            feedback.c.week >= weeks[0],
            feedback.c.week <= weeks[1],
        )
    )
    if market is not None:
        query = query.where(feedback.c.market == market)
    return int(connection.execute(query).scalar_one())


def bounds(connection: Connection) -> tuple[str, str] | None:
    """Return the oldest and the newest week that have feedback, None where there is none at all."""
    week = schema.feedback.c.week
    first, last = (connection.execute(select(edge(week))).scalar_one() for edge in (func.min, func.max))
    return None if first is None else (first, last)


def markets_of(connection: Connection, *, week: str) -> tuple[str, ...]:
    """Return the markets that have feedback in a week, in order of their codes."""
    feedback = schema.feedback
    found = select(feedback.c.market).where(feedback.c.week == week).distinct().order_by(feedback.c.market)
    return tuple(connection.execute(found).scalars())


def weeks_with_feedback(connection: Connection) -> tuple[str, ...]:
    """Return every week that has feedback, oldest first."""
    week = schema.feedback.c.week
    return tuple(connection.execute(select(week).distinct().order_by(week)).scalars())


def theme_sizes(connection: Connection, *, markets: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many comments each theme has in all, or in some markets; themes without any are left out."""
    unit, assignment, feedback = schema.unit, schema.assignment, schema.feedback
    query = (
        select(assignment.c.theme_id, func.count(distinct(unit.c.feedback_id)).label("comments"))
        .join(unit, unit.c.id == assignment.c.unit_id)
        .where(assignment.c.theme_id.is_not(None))
        .group_by(assignment.c.theme_id)
    )
    if markets is not None:
        query = query.join(feedback, feedback.c.id == unit.c.feedback_id).where(feedback.c.market.in_(list(markets)))
    return {row.theme_id: int(row.comments) for row in connection.execute(query)}


def _inside(first_week: str, last_week: str, part: Part | None) -> tuple[ColumnElement[bool], ...]:
    feedback = schema.feedback
    span = (feedback.c.week >= first_week, feedback.c.week <= last_week)
    if part is None:
        return span
    through = feedback.c.channel.in_(part.channels)
    return (*span, feedback.c.market == part.market, through if part.inside else ~through)


def _counted_text() -> ColumnElement[str | None]:
    """Return the hash of the text that a comment counts as; null beyond the quota of its source."""
    counts_as = same_as(schema.feedback.c.text_hash)
    return case((schema.beyond_quota.c.feedback_id.is_(None), counts_as), else_=null())
