"""What a worker does with units that wait for a theme: it decides them by a ruling, with the vectors that are stored.

The driver leaves the ruling and, for every run of units, a file of them with the places of their vectors; workers read
the vector segments of the workspace, which only grow.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from voc.backfill.output import drop_output, read_output, write_output
from voc.backfill.plan import Plan, read_plan
from voc.backfill.reading import check_versions
from voc.embed.vectors import VectorFiles, VectorReader
from voc.files import write_atomic
from voc.store.assignments import UnitRow
from voc.themes.ruling import Ruling, ruling_from
from voc.types import Assignment, Polarity
from voc.wiring import Paths

DECIDE: Final = "decide"
_RULING: Final = "ruling.npz"
_NAMES: Final = tuple(field.name for field in fields(UnitRow))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Units to be decided, and segment and row of the vector of each text that they count as, by hash."""

    units: Sequence[UnitRow]
    places: Mapping[str, tuple[int, int]]


class Deciding:
    """A worker's ruling and open segments, kept between runs of units."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plan: Plan = read_plan(folder)

    def prepare(self) -> None:
        """Make sure that this worker runs what the plan was made with.

        Raises:
            SettingsError: it does not.
        """
        check_versions(self._plan)

    def do(self, number: int) -> None:
        """Leave the decisions about a run of units.

        Raises:
            DamageError: a vector is missing.
        """
        self.prepare()
        waiting = read_waiting(self._folder, number)
        hashes = list(dict.fromkeys(unit.same_as for unit in waiting.units))
        rows = self._vectors.take(np.array([waiting.places[one] for one in hashes], dtype=np.uint32).reshape(-1, 2))
        decided = self._ruling.decide(waiting.units, dict(zip(hashes, rows, strict=True)))
        write_output(self._folder, DECIDE, number, {"decisions.parquet": _decisions_bytes(decided)}, {})

    @cached_property
    def _ruling(self) -> Ruling:
        return ruling_from((self._folder / _RULING).read_bytes())

    @cached_property
    def _vectors(self) -> VectorReader:
        files = VectorFiles(Paths(Path(self._plan.workspace)).vectors)
        return VectorReader(files, self._plan.model_id, self._ruling.rule.space.mean.shape[0])


def leave_ruling(folder: Path, ruling: Ruling) -> None:
    """Put the ruling where workers find it."""
    write_atomic(folder / _RULING, ruling.to_bytes())


def leave_waiting(folder: Path, number: int, waiting: Waiting) -> None:
    """Put a run of units where workers find it."""
    told = [asdict(unit) for unit in waiting.units]
    columns: dict[str, list[Any]] = {name: [one[name] for one in told] for name in _NAMES}
    columns["segment"] = [waiting.places[unit.same_as][0] for unit in waiting.units]
    columns["row"] = [waiting.places[unit.same_as][1] for unit in waiting.units]
    write_atomic(_waiting_path(folder, number), _parquet_bytes(columns))


def read_waiting(folder: Path, number: int) -> Waiting:
    """Read a run of units that `leave_waiting` left."""
    from pyarrow import parquet

    told = parquet.read_table(_waiting_path(folder, number), memory_map=False).to_pylist()
    places = {one["same_as"]: (one.pop("segment"), one.pop("row")) for one in told}
    return Waiting([UnitRow(**one) for one in told], places)


def decisions_of(folder: Path, number: int) -> tuple[Assignment, ...]:
    """Return the decisions about a run of units.

    Raises:
        DamageError: the output was changed.
    """
    from pyarrow import parquet

    place, _ = read_output(folder, DECIDE, number)
    found = parquet.read_table(place / "decisions.parquet", memory_map=False).to_pylist()
    return tuple(Assignment(**{**one, "polarity": Polarity(one["polarity"])}) for one in found)


def drop_deciding(folder: Path, numbers: Sequence[int]) -> None:
    """Take away all that was left for and by workers."""
    (folder / _RULING).unlink(missing_ok=True)
    for number in numbers:
        _waiting_path(folder, number).unlink(missing_ok=True)
        drop_output(folder, DECIDE, number)


def _waiting_path(folder: Path, number: int) -> Path:
    return folder / f"units-{number:06d}.parquet"


def _decisions_bytes(decided: Sequence[Assignment]) -> bytes:
    names = [field.name for field in fields(Assignment)]
    told = [{**asdict(one), "polarity": one.polarity.value} for one in decided]
    return _parquet_bytes({name: [one[name] for one in told] for name in names})


def _parquet_bytes(columns: Mapping[str, list[Any]]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {name: _kind(name) for name in columns}
    table = pa.table({name: pa.array(values, type=kinds[name]) for name, values in columns.items()})
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _kind(name: str) -> Any:  # noqa: ANN401  a pyarrow type
    import pyarrow as pa

    if name in {"start", "end", "segment", "row"}:
        return pa.int64()
    if name in {"is_clause", "counted"}:
        return pa.bool_()
    return pa.float64() if name in {"rating", "score", "polarity_score"} else pa.string()
