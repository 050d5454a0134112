"""The weekly report with an author: what is being written, which quotes were chosen, and what was published.

Every write stands in the list of events and in the audit log, in the same transaction. Both hold ids and whatever
`detail` the caller adds; the caller hashes text with the workspace key before it hands it over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from voc.errors import ConflictError, DamageError
from voc.store import audit, schema
from voc.store.times import to_text
from voc.types import Stamp

Detail = Mapping[str, object]
_NOTHING: Final[Detail] = MappingProxyType({})
DRAFT: Final = "draft"
PUBLISHED: Final = "published"
PINNED: Final = "pinned"
HIDDEN: Final = "hidden"


@dataclass(frozen=True, slots=True)
class Place:
    """Which report: a week and a market; "" is the network."""

    week: str
    market: str = ""

    @property
    def subject(self) -> str:
        """Return what the audit log calls it."""
        return f"report {self.week} {self.market or 'network'}"

    @property
    def told(self) -> str:
        """Return what people call it."""
        return f"report of {self.week} ({self.market or 'all markets'})"


@dataclass(frozen=True, slots=True)
class Words:
    """What an author says: a headline, a comment on the whole and one on single themes (by id); plain text."""

    headline: str = ""
    comment: str = ""
    themes: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Say whether nothing was written."""
        return not (self.headline or self.comment or self.themes)


@dataclass(frozen=True, slots=True)
class WorkingRow:
    """A report that is being written; version 0 is one that nobody has touched yet."""

    place: Place
    state: str
    version: int
    words: Words
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A quote that was pinned or hidden under a theme."""

    theme_id: str
    feedback_id: str
    state: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class EditionRow:
    """A report as it was published; `figures` is JSON, `on_version` what the author had written by then."""

    place: Place
    number: int
    figures: str
    words: Words
    on_version: int
    sha256: str
    why: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """One act upon a report: what was done, under which version it stands since, and why."""

    what: str
    version: int
    detail: Mapping[str, object]
    why: str
    actor: str
    at: str


def working(connection: Connection, place: Place) -> WorkingRow:
    """Return what is being written; version 0 where nothing is."""
    table = schema.weekly_report
    row = connection.execute(select(table).where(_is(table, place))).first()
    return WorkingRow(place, DRAFT, 0, Words(), "", "") if row is None else _working(row)


def every(connection: Connection) -> tuple[WorkingRow, ...]:
    """Return every report that somebody wrote or published, the newest week first, the network before markets."""
    table = schema.weekly_report
    rows = connection.execute(select(table).order_by(table.c.week.desc(), table.c.market))
    return tuple(_working(row) for row in rows)


def hold(connection: Connection, place: Place, *, on_version: int | None) -> WorkingRow:
    """Return what is being written, which nobody else changes until the transaction ends.

    Raises:
        ConflictError: somebody changed it since version `on_version`; None is the newest, whichever that is.
    """
    audit.hold(connection)
    found = working(connection, place)
    if on_version is not None and on_version != found.version:
        raise ConflictError(
            f"The {place.told} was changed meanwhile: you worked on version {on_version}, the newest is "
            f"{found.version} by {found.actor or 'nobody'}. Its headline is now: {found.words.headline or '(none)'}"
        )
    return found


def write(
    connection: Connection, stamp: Stamp, row: WorkingRow, *, words: Words, why: str, detail: Detail = _NOTHING
) -> WorkingRow:
    """Keep what the author says from now on; what was published stays as it is."""
    return _change(connection, stamp, replace(row, words=words), what="write report", why=why, detail=detail)


def choose(
    connection: Connection, stamp: Stamp, row: WorkingRow, *, theme_id: str, feedback_id: str, state: str, why: str
) -> WorkingRow:
    """Pin or hide a quote under a theme; "" undoes both. What is pinned later stands later."""
    table, place = schema.report_quote, row.place
    mine = _is(table, place) & (table.c.theme_id == theme_id)
    connection.execute(delete(table).where(mine, table.c.feedback_id == feedback_id))
    if state:
        last = connection.execute(select(func.max(table.c.ordinal)).where(mine)).scalar()
        connection.execute(
            insert(table).values(
                week=place.week,
                market=place.market,
                theme_id=theme_id,
                feedback_id=feedback_id,
                state=state,
                ordinal=int(last or 0) + 1,
                actor=stamp.actor,
                at=to_text(stamp.at),
            )
        )
    what = {PINNED: "pin quote", HIDDEN: "hide quote"}.get(state, "release quote")
    detail = {"theme": theme_id, "feedback": feedback_id}
    return _change(connection, stamp, row, what=what, why=why, detail=detail)


def quotes(connection: Connection, place: Place) -> tuple[QuoteRow, ...]:
    """Return the quotes that were pinned or hidden, by theme, in the order in which they were chosen."""
    table = schema.report_quote
    rows = connection.execute(select(table).where(_is(table, place)).order_by(table.c.theme_id, table.c.ordinal))
    return tuple(QuoteRow(row.theme_id, row.feedback_id, row.state, row.actor, row.at) for row in rows)


def publish(
    connection: Connection, stamp: Stamp, row: WorkingRow, *, figures: str, why: str, detail: Detail = _NOTHING
) -> EditionRow:
    """Keep figures and words as the next edition; no edition is ever changed."""
    number = newest_number(connection, row.place) + 1
    digest = seal(figures, row.words)
    told = {"edition": number, "sha256": digest} | dict(detail)
    kept = _change(connection, stamp, row, what="publish report", why=why, detail=told, state=PUBLISHED)
    place = row.place
    connection.execute(
        insert(schema.report_edition).values(
            week=place.week,
            market=place.market,
            number=number,
            figures=figures,
            **_words(row.words),
            on_version=kept.version,
            sha256=digest,
            why=why,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )
    return EditionRow(place, number, figures, row.words, kept.version, digest, why, stamp.actor, to_text(stamp.at))


def newest_number(connection: Connection, place: Place) -> int:
    """Return the number of the newest edition, 0 where none was published."""
    table = schema.report_edition
    return int(connection.execute(select(func.max(table.c.number)).where(_is(table, place))).scalar() or 0)


def editions(connection: Connection, place: Place) -> tuple[EditionRow, ...]:
    """Return every edition, the first one first.

    Raises:
        DamageError: an edition is not what was published.
    """
    table = schema.report_edition
    rows = connection.execute(select(table).where(_is(table, place)).order_by(table.c.number))
    return tuple(_edition(row) for row in rows)


def edition(connection: Connection, place: Place) -> EditionRow | None:
    """Return the edition in force, None where none was published.

    Raises:
        DamageError: it is not what was published.
    """
    table = schema.report_edition
    row = connection.execute(select(table).where(_is(table, place)).order_by(table.c.number.desc()).limit(1)).first()
    return None if row is None else _edition(row)


def events(connection: Connection, place: Place) -> tuple[ReportEvent, ...]:
    """Return what was done with a report, in the order in which it was done."""
    table = schema.report_event
    rows = connection.execute(select(table).where(_is(table, place)).order_by(table.c.id))
    return tuple(ReportEvent(row.what, row.version, row.detail, row.why, row.actor, row.at) for row in rows)


def note(
    connection: Connection, stamp: Stamp, place: Place, *, what: str, version: int, why: str, detail: Detail
) -> None:
    """Write an act into the list of events and into the audit log, which holds no reason."""
    connection.execute(
        insert(schema.report_event).values(
            week=place.week,
            market=place.market,
            what=what,
            version=version,
            detail=dict(detail),
            why=why,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )
    audit.record(connection, stamp, action=what, subject=place.subject, detail={"version": version} | dict(detail))


def verify(connection: Connection) -> None:
    """Read every published edition.

    Raises:
        DamageError: one is not what was published.
    """
    for row in connection.execute(select(schema.report_edition)):
        _edition(row)


def seal(figures: str, words: Words) -> str:
    """Return the hash of what was published."""
    said = json.dumps([words.headline, words.comment, dict(words.themes)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{figures}\n{said}".encode()).hexdigest()


def _change(
    connection: Connection,
    stamp: Stamp,
    row: WorkingRow,
    *,
    what: str,
    why: str,
    detail: Detail,
    state: str = DRAFT,
) -> WorkingRow:
    table, place = schema.weekly_report, row.place
    new = replace(row, state=state, version=row.version + 1, actor=stamp.actor, at=to_text(stamp.at))
    values = {"state": state, "version": new.version, **_words(new.words), "actor": new.actor, "at": new.at}
    if row.version:
        connection.execute(update(table).where(_is(table, place)).values(**values))
    else:
        connection.execute(insert(table).values(week=place.week, market=place.market, **values))
    note(connection, stamp, place, what=what, version=new.version, why=why, detail=detail)
    return new


def _is(table: Any, place: Place) -> Any:  # noqa: ANN401  any of the tables here, and SQLAlchemy's condition
    return (table.c.week == place.week) & (table.c.market == place.market)


def _words(words: Words) -> dict[str, object]:
    return {"headline": words.headline, "comment": words.comment, "theme_comments": dict(words.themes)}


def _said(row: Row[Any]) -> Words:
    return Words(row.headline, row.comment, dict(row.theme_comments))


def _working(row: Row[Any]) -> WorkingRow:
    return WorkingRow(Place(row.week, row.market), row.state, row.version, _said(row), row.actor, row.at)


def _edition(row: Row[Any]) -> EditionRow:
    place, words = Place(row.week, row.market), _said(row)
    if seal(row.figures, words) != row.sha256:
        raise DamageError(
            f"Edition {row.number} of the {place.told} is not what was published. Put back your newest backup."
        )
    return EditionRow(place, row.number, row.figures, words, row.on_version, row.sha256, row.why, row.actor, row.at)
