"""A plan: which partitions a source is cut into, and all that a worker needs to know to read one.

Its id is a hash of what it says, so that the same source under the same mapping is the same plan, and what was done
of it is found again after any crash. The workspace key is never part of it: workers read it where it lies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from voc.errors import DamageError
from voc.files import write_atomic
from voc.ingest.mapping import parse_mapping
from voc.ingest.readers import Form
from voc.types import Market

PLAN: Final = "plan.json"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the source, and how it is written (`voc.ingest.readers.Form`)."""

    path: str
    sha256: str
    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @property
    def form(self) -> Form:
        """Return how it is written."""
        return Form(self.kind, self.encoding, self.delimiter, self.sheet)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of a file, by its place in the plan: `rows` of them after the first `first_row`.

    Of a query they are those above the cursor `low` and up to `high` (`voc.store.cursors`). Of a file they lie from
    byte `start` to byte `end`, or in the row group `start` from its row `end` on; both are 0 where they are counted.
    """

    file: int
    first_row: int
    rows: int
    start: int = 0
    end: int = 0
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read, by what mapping (TOML), for which markets and workspace, with which encoder and versions.

    `key` is a fingerprint of the workspace key, `models` the folder of models where a setting names one.
    """

    workspace: str
    source: str
    files: tuple[SourceFile, ...]
    mapping: str
    markets: tuple[Market, ...]
    key: str
    encoder: str
    model_id: str
    models: str
    versions: Mapping[str, str]
    slices: tuple[Slice, ...]

    @property
    def id(self) -> str:
        """Return the hash of what is read and how; where the files lie has no part in it."""
        said = asdict(self)
        del said["workspace"], said["models"], said["source"]
        for one in said["files"]:
            one["path"] = Path(one["path"]).name
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def mapping_hash(self) -> str:
        """Return the hash of the mapping, as every batch of feedback has it."""
        return parse_mapping(self.mapping, "the mapping of the plan").hash

    def write(self, folder: Path) -> None:
        """Put the plan into a folder."""
        write_atomic(folder / PLAN, json.dumps(asdict(self), ensure_ascii=False, indent=1).encode())


def read_plan(folder: Path) -> Plan:
    """Read the plan of a folder.

    Raises:
        DamageError: there is none, or it cannot be read.
    """
    try:
        said: dict[str, Any] = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        said["files"] = tuple(SourceFile(**one) for one in said["files"])
        said["slices"] = tuple(Slice(**one) for one in said["slices"])
        said["markets"] = tuple(Market(**{**one, "languages": tuple(one["languages"])}) for one in said["markets"])
        return Plan(**said)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamageError(f"There is no readable plan in {folder}. Name the source to 'voc backfill' again.") from error
