"""What was found strange about a batch, and the counts that tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, distinct, func, insert, or_, select

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

_BATCH, _FEEDBACK = schema.batch_check, schema.feedback


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a batch: what was measured against what was expected, and a sentence that says it.

    `subject` is the field, market or source that it is about, `market` "" where it is about all of them.
    """

    name: str
    subject: str
    market: str
    weeks: tuple[str, str]
    measured: float
    expected: float
    is_warning: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Span:
    """The comments of a batch, or (`earlier`) those of the same source that came with others, in some weeks.

    What was read of the same bytes in several goes is one batch here, so that a stop in the middle changes nothing.
    """

    batch_id: str
    source: str
    first_week: str
    last_week: str
    earlier: bool = False

    @property
    def condition(self) -> ColumnElement[bool]:
        """Return what rows of feedback must fulfil."""
        batch = schema.batch
        sha256 = select(batch.c.sha256).where(batch.c.id == self.batch_id).scalar_subquery()
        own = _FEEDBACK.c.batch_id.in_(select(batch.c.id).where(batch.c.sha256 == sha256))
        return and_(
            _FEEDBACK.c.week.between(self.first_week, self.last_week),
            _FEEDBACK.c.source == self.source,
            ~own if self.earlier else own,
        )


def weeks_of(connection: Connection, *, batch_id: str) -> tuple[str, str] | None:
    """Return the first and the last week of a batch; None where it brought nothing new."""
    weeks = func.min(_FEEDBACK.c.week), func.max(_FEEDBACK.c.week)
    first, last = connection.execute(select(*weeks).where(_FEEDBACK.c.batch_id == batch_id)).one()
    return None if first is None else (first, last)


def put(connection: Connection, stamp: Stamp, batch_id: str, *, checks: Sequence[Check]) -> None:
    """Keep the checks of a batch, in place of earlier ones."""
    connection.execute(delete(_BATCH).where(_BATCH.c.batch_id == batch_id))
    if checks:
        connection.execute(
            insert(_BATCH),
            [
                {
                    "batch_id": batch_id,
                    "name": one.name,
                    "subject": one.subject,
                    "market": one.market,
                    "first_week": one.weeks[0],
                    "last_week": one.weeks[1],
                    "measured": one.measured,
                    "expected": one.expected,
                    "state": "warning" if one.is_warning else "ok",
                    "sentence": one.sentence,
                    "actor": stamp.actor,
                    "at": to_text(stamp.at),
                }
                for one in checks
            ],
        )


def of_batch(connection: Connection, *, batch_id: str) -> tuple[Check, ...]:
    """Return the checks of a batch, warnings first."""
    rows = connection.execute(
        select(_BATCH)
        .where(_BATCH.c.batch_id == batch_id)
        .order_by(_BATCH.c.state.desc(), _BATCH.c.name, _BATCH.c.subject)
    )
    return tuple(
        Check(
            row.name,
            row.subject,
            row.market,
            (row.first_week, row.last_week),
            row.measured,
            row.expected,
            row.state == "warning",
            row.sentence,
        )
        for row in rows
    )


def warnings(connection: Connection, *, week: str, markets: Sequence[str]) -> tuple[str, ...]:
    """Return what is strange about the data of a week in these markets ("" is all of them), in order of its words.

    Of two batches that were checked for the same thing the later one counts: what was late or mended is no longer told.
    """
    rows = connection.execute(
        select(_BATCH.c.name, _BATCH.c.subject, _BATCH.c.state, _BATCH.c.sentence)
        .where(_BATCH.c.first_week <= week, _BATCH.c.last_week >= week, _BATCH.c.market.in_(markets))
        .order_by(_BATCH.c.at, _BATCH.c.batch_id)
    )
    newest = {(row.name, row.subject): (row.state, row.sentence) for row in rows}
    return tuple(sorted(sentence for state, sentence in newest.values() if state == "warning"))


def empty_fields(connection: Connection, span: Span, *, attributes: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return how many comments there are, and in how many of them each field is empty."""
    columns = {
        "rating": _FEEDBACK.c.rating.is_(None),
        "channel": _FEEDBACK.c.channel == "",
        "source_id": _FEEDBACK.c.source_id == "",
        **{name: _FEEDBACK.c.attributes[name].as_string().is_(None) for name in attributes},
    }
    found = connection.execute(
        select(func.count(), *(func.count().filter(empty) for empty in columns.values())).where(span.condition)
    ).one()
    return found[0], dict(zip(columns, found[1:], strict=True))


def newest_weeks(connection: Connection, span: Span, *, before: str) -> dict[str, str]:
    """Return the newest week of each market in a batch that ended before a week began."""
    rows = connection.execute(
        select(_FEEDBACK.c.market, func.max(_FEEDBACK.c.week))
        .where(span.condition, _FEEDBACK.c.week < before)
        .group_by(_FEEDBACK.c.market)
    )
    return {row[0]: row[1] for row in rows}


def languages(connection: Connection, *, market: str, weeks: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return how many comments of a market each week and language has, of all sources."""
    keys = (_FEEDBACK.c.week, _FEEDBACK.c.language)
    rows = connection.execute(
        select(*keys, func.count())
        .where(_FEEDBACK.c.market == market, or_(*(_FEEDBACK.c.week == week for week in weeks)))
        .group_by(*keys)
    )
    return {(week, language): count for week, language, count in rows}


def copied(connection: Connection, span: Span, *, least_letters: int) -> tuple[int, int]:
    """Return how many texts of some length there are, and how many different ones."""
    found = connection.execute(
        select(func.count(), func.count(distinct(_FEEDBACK.c.text_hash))).where(
            span.condition, func.length(_FEEDBACK.c.text) >= least_letters
        )
    ).one()
    return found[0], found[1]


def days_and_texts(connection: Connection, span: Span) -> Iterator[tuple[str, str, str]]:
    """Yield week, day (UTC) and text of every comment, a thousand in memory at a time."""
    rows = connection.execution_options(yield_per=1000).execute(
        select(_FEEDBACK.c.week, func.substr(_FEEDBACK.c.created_at, 1, 10), _FEEDBACK.c.text).where(span.condition)
    )
    yield from (tuple(row) for row in rows)
