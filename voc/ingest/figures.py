"""Deliveries and business signals from small files; a file is taken whole or not at all."""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from voc.errors import InputError
from voc.files import sha256_file
from voc.ingest.cells import Row
from voc.store import batches, exposure
from voc.store.batches import Batch, Tally
from voc.store.database import Database
from voc.store.exposure import Deliveries, Signal
from voc.types import Stamp
from voc.weeks import parse_week

DELIVERIES = ("market", "week", "deliveries")
SIGNALS = ("market", "week", "attribute", "name", "value")


@dataclass(frozen=True, slots=True)
class FiguresReport:
    """What a file of deliveries or signals brought: its kind and how many rows."""

    batch_id: str
    file_name: str
    kind: str
    rows: int


def kind_of(columns: Collection[str]) -> str:
    """Return "deliveries", "signals" or "feedback", by the columns of a file."""
    if set(columns) >= set(DELIVERIES):
        return "deliveries"
    return "signals" if set(columns) >= set(SIGNALS) else "feedback"


def load_figures(
    database: Database, path: Path, rows: Iterable[Row], kind: str, *, markets: Sequence[str], stamp: Stamp
) -> FiguresReport:
    """Store the rows of a file of deliveries or signals, as `DELIVERIES` and `SIGNALS` name their columns.

    Raises:
        InputError: a row cannot be taken; nothing of the file is stored.
    """
    read = list(_sound(path, rows))
    batch = Batch(secrets.token_hex(8), kind, path.name, sha256_file(path), "")
    if kind == "deliveries":
        deliveries = [_deliveries(path, row, markets) for row in read]
    else:
        signals = [_signal(path, row, markets) for row in read]
    with database.write() as connection:
        batches.begin(connection, stamp, batch)
        if kind == "deliveries":
            exposure.put_deliveries(connection, stamp, deliveries, batch_id=batch.id)
        else:
            exposure.put_signals(connection, stamp, signals, batch_id=batch.id)
        batches.tally(connection, batch.id, counts=Tally(rows=len(read), added=len(read)))
    return FiguresReport(batch.id, path.name, kind, len(read))


def _sound(path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.problem:
            raise InputError(f"{path}, row {row.number} {row.problem}. Nothing of the file was stored.")
        yield row


def _deliveries(path: Path, row: Row, markets: Sequence[str]) -> Deliveries:
    market, week = _market_week(path, row, markets)
    return Deliveries(market, week, int(_number(path, row, "deliveries", whole=True)))


def _signal(path: Path, row: Row, markets: Sequence[str]) -> Signal:
    market, week = _market_week(path, row, markets)
    name = row.cells["name"].strip()
    if not name:
        raise InputError(f"{path}, row {row.number}: name is empty. Nothing of the file was stored.")
    return Signal(market, week, row.cells["attribute"].strip(), name, _number(path, row, "value"))


def _market_week(path: Path, row: Row, markets: Sequence[str]) -> tuple[str, str]:
    market = row.cells["market"].strip()
    if market not in markets:
        raise InputError(
            f"{path}, row {row.number}: the market '{market}' is not configured; configured: {', '.join(markets)}. "
            "Nothing of the file was stored."
        )
    try:
        return market, parse_week(row.cells["week"])
    except InputError as error:
        raise InputError(f"{path}, row {row.number}: {error} Nothing of the file was stored.") from error


def _number(path: Path, row: Row, column: str, *, whole: bool = False) -> float:
    text = row.cells[column].strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (whole and (value < 0 or value != int(value))):
        wanted = "a whole number from 0 on" if whole else "a number"
        raise InputError(
            f"{path}, row {row.number}: {column} '{text}' is not {wanted}. Nothing of the file was stored."
        )
    return value
