"""Redacted feedback as a Parquet file, as it travels from a worker to the store."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from voc.store.batches import DeadLetter
from voc.store.feedback import NewFeedback
from voc.store.times import from_text, to_text
from voc.types import Feedback

_NESTED: Final = ("attributes", "lookups", "clauses")
_NAMES: Final = tuple(field.name for field in fields(Feedback))


def feedback_bytes(rows: Sequence[NewFeedback]) -> bytes:
    """Return feedback as Parquet; equal rows give equal bytes."""
    import pyarrow as pa
    from pyarrow import parquet

    told = [_flat(row) for row in rows]
    columns = {name: [one[name] for one in told] for name in (*_NAMES, "lookups", "clauses")}
    kinds = {name: pa.float64() if name == "rating" else pa.string() for name in columns}
    table = pa.table({name: pa.array(values, type=kinds[name]) for name, values in columns.items()})
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def read_feedback(path: Path) -> list[NewFeedback]:
    """Read feedback that `feedback_bytes` wrote."""
    from pyarrow import parquet

    return list(_whole(parquet.read_table(path, memory_map=False).to_pylist()))


def letters_bytes(letters: Sequence[DeadLetter]) -> bytes:
    """Return rows that were not taken as lines of JSON."""
    lines = (json.dumps(asdict(one), ensure_ascii=False) for one in letters)
    return "".join(f"{line}\n" for line in lines).encode()


def read_letters(path: Path) -> list[DeadLetter]:
    """Read rows that `letters_bytes` wrote."""
    return [DeadLetter(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _flat(row: NewFeedback) -> dict[str, Any]:
    one = row.feedback
    told: dict[str, Any] = {name: getattr(one, name) for name in _NAMES}
    told["created_at"] = to_text(one.created_at)
    told |= {"attributes": dict(one.attributes), "lookups": row.lookups, "clauses": row.clauses}
    return told | {name: json.dumps(told[name], ensure_ascii=False, sort_keys=True) for name in _NESTED}


def _whole(found: list[dict[str, Any]]) -> Iterator[NewFeedback]:
    for told in found:
        lookups = tuple((kind, digest) for kind, digest in json.loads(told.pop("lookups")))
        clauses = tuple((start, end, digest) for start, end, digest in json.loads(told.pop("clauses")))
        told |= {"created_at": from_text(told["created_at"]), "attributes": json.loads(told["attributes"])}
        yield NewFeedback(Feedback(**told), lookups, clauses)
