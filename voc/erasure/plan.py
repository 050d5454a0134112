"""What an erasure is about: which comments, and what would go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from voc.erasure import reports
from voc.erasure.act import spoken_of
from voc.errors import InputError, NotFoundError
from voc.ingest.identity import keyed_hash
from voc.ingest.rows import lookup_form
from voc.store import backups, erase, feedback
from voc.store.database import Connection
from voc.store.times import to_text
from voc.wiring import Services

_LOOKED_FOR: Final = 200
"""Most texts that are looked for in files that are not voc's."""


_TOLD: Final = 8
"""Characters of an id that are shown to people, and enough to say that it was erased before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which comments: by id or its beginning, by a number or source id of a customer, or created before a day (UTC).

    `expired` is what `[retention]` says; a market limits what is chosen by day.
    """

    feedback_ids: tuple[str, ...] = ()
    subject: str = ""
    before: date | None = None
    expired: bool = False
    market: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go: `texts` are those that no other comment has, `names` versions of names made from the comments.

    `reports` are names of report files that show them; `backups` and `yours` are files that voc leaves alone.
    """

    feedback_ids: tuple[str, ...]
    texts: int = 0
    vectors: int = 0
    themes: int = 0
    names: int = 0
    answers: int = 0
    proposals: int = 0
    reports: tuple[str, ...] = ()
    backups: tuple[Path, ...] = ()
    yours: tuple[Path, ...] = ()


def plan(services: Services, asked: Asked) -> Plan:
    """Return what would be erased; nothing is changed.

    Raises:
        NotFoundError: an id is of no comment, or nothing carries the number.
        InputError: nothing is asked for, or no retention is set.
    """
    folder = services.paths.folder
    with services.database.read() as connection:
        ids = _chosen(services, connection, asked)
        held = erase.held(connection, ids)
        spoken = spoken_of(connection, held)
        files = backups.written(connection)
    shown = reports.affected(services.paths.reports, held.feedback_ids, spoken) if ids else ()
    return Plan(
        held.feedback_ids,
        len(held.texts),
        held.vectors,
        len(held.themes),
        len(held.labels),
        len(held.answers),
        len(held.proposals),
        shown,
        files if ids else (),
        reports.holding(folder, held.texts[:_LOOKED_FOR]) if ids else (),
    )


def expires_before(today: date, months: int) -> date:
    """Return the day before which comments are older than so many months; the 31st becomes the last of a month."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    for day in range(today.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _chosen(services: Services, connection: Connection, asked: Asked) -> tuple[str, ...]:
    before = asked.before
    if asked.expired:
        months = services.settings.retention.months
        if not months:
            raise InputError("No retention is set. Set one in voc.toml: [retention] months = 24")
        before = expires_before(services.stamp.at.astimezone(UTC).date(), months)
    services.settings.market_codes(asked.market or None)
    found = [one for each in asked.feedback_ids for one in _by_id(connection, each)]
    if asked.subject:
        found += _of_subject(services, connection, asked.subject)
    if before is not None:
        moment = to_text(datetime.combine(before, time(), UTC))
        found += erase.chosen(connection, before=moment, market=asked.market)
    if not (asked.feedback_ids or asked.subject or before):
        raise InputError("Say what to erase: --feedback ID, --subject NUMBER, --before DATE or --expired.")
    return tuple(dict.fromkeys(found))


def _by_id(connection: Connection, feedback_id: str) -> tuple[str, ...]:
    """Return the id of a comment by the beginning of it; of one that was erased before there is nothing to erase.

    Raises:
        NotFoundError: no comment, or more than one, begins with it.
    """
    try:
        return (feedback.begins_with(connection, feedback_id).id,)
    except NotFoundError:
        if len(feedback_id) >= _TOLD and erase.was_erased(connection, feedback_id):
            return ()
        raise


def _of_subject(services: Services, connection: Connection, subject: str) -> Sequence[str]:
    """Return the ids of the comments that carry a tracking or order number, or came under an id of their source.

    Raises:
        NotFoundError: none does.
    """
    plain, key = lookup_form(subject), services.key
    found = [
        one.id
        for kind in ("tracking", "order")
        if plain
        for one in feedback.by_lookup(connection, keyed_hash(key, kind, plain))
    ]
    own = subject.strip()
    found += erase.chosen(connection, source_ids=[own, keyed_hash(key, "source_id", own)] if own else [])
    if not found:
        raise NotFoundError(
            "No stored comment carries that number or source id. If it was erased before, 'voc audit list' says so."
        )
    return found


def written_on(path: Path) -> str:
    """Return the day (UTC) on which a file was written."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
