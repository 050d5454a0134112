"""Deliveries and business signals from small CSVs; a file is taken whole or not at all."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from voc.errors import InputError
from voc.files import sha256_file
from voc.ingest.readers import Row, columns_of, form_of, read_rows
from voc.store import batches, exposure
from voc.store.batches import Batch, Tally
from voc.store.database import Database
from voc.store.exposure import Deliveries, Signal
from voc.types import Stamp
from voc.weeks import parse_week

DELIVERIES = ("market", "week", "deliveries")
SIGNALS = ("market", "week", "attribute", "name", "value")


def load_deliveries(database: Database, path: Path, *, markets: Sequence[str], stamp: Callable[[], Stamp]) -> int:
    """Store a file of deliveries (market, week, deliveries) and return its rows.

    Raises:
        InputError: a row cannot be taken; nothing of the file is stored.
    """
    rows = []
    for row in _rows(path, DELIVERIES):
        market, week = _market_week(path, row, markets)
        rows.append(Deliveries(market, week, int(_number(path, row, "deliveries", whole=True))))
    with database.write() as connection:
        batch = _begin(path, "deliveries")
        batches.begin(connection, stamp(), batch)
        exposure.put_deliveries(connection, stamp(), rows, batch_id=batch.id)
        batches.tally(connection, batch.id, counts=Tally(rows=len(rows), added=len(rows)))
    return len(rows)


def load_signals(database: Database, path: Path, *, markets: Sequence[str], stamp: Callable[[], Stamp]) -> int:
    """Store a file of signals (market, week, attribute, name, value) and return its rows.

    Raises:
        InputError: a row cannot be taken; nothing of the file is stored.
    """
    rows = []
    for row in _rows(path, SIGNALS):
        market, week = _market_week(path, row, markets)
        name = row.cells["name"].strip()
        if not name:
            raise InputError(f"{path}, row {row.number}: name is empty. Nothing of the file was stored.")
        rows.append(Signal(market, week, row.cells["attribute"].strip(), name, _number(path, row, "value")))
    with database.write() as connection:
        batch = _begin(path, "signals")
        batches.begin(connection, stamp(), batch)
        exposure.put_signals(connection, stamp(), rows, batch_id=batch.id)
        batches.tally(connection, batch.id, counts=Tally(rows=len(rows), added=len(rows)))
    return len(rows)


def kind_of(path: Path) -> str:
    """Return "deliveries", "signals" or "feedback", by the columns of a file.

    Raises:
        InputError: the file cannot be read.
    """
    form = form_of(path)
    columns = set(columns_of(path, form)) if form.has_columns else set()
    if columns >= set(DELIVERIES):
        return "deliveries"
    return "signals" if columns >= set(SIGNALS) else "feedback"


def _begin(path: Path, kind: str) -> Batch:
    return Batch(secrets.token_hex(8), kind, path.name, sha256_file(path), "")


def _rows(path: Path, needed: Sequence[str]) -> list[Row]:
    form = form_of(path)
    columns = columns_of(path, form)
    missing = [name for name in needed if name not in columns]
    if missing:
        raise InputError(
            f"{path} has no column '{missing[0]}'. Needed: {', '.join(needed)}; found: {', '.join(columns)}."
        )
    rows = list(read_rows(path, form))
    for row in rows:
        if row.problem:
            raise InputError(f"{path}, row {row.number} {row.problem}. Nothing of the file was stored.")
    return rows


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
