"""What a worker does with a partition of a source: read, redact, tell languages, embed, leave it in files."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from voc.backfill.output import write_output
from voc.backfill.plan import Plan, read_plan
from voc.backfill.queries import SQL, rows_of_query
from voc.backfill.rows_file import feedback_bytes, letters_bytes
from voc.backfill.split import rows_of
from voc.embed.protocol import Embedder
from voc.errors import SettingsError
from voc.ingest.cells import Row
from voc.ingest.load import row_reader, sort_out
from voc.ingest.mapping import parse_mapping
from voc.ingest.rows import RowReader
from voc.settings import read_settings
from voc.store.feedback import NewFeedback
from voc.versions import versions
from voc.wiring import Paths, named_source, open_encoder

READ: Final = "read"


class Reading:
    """A worker's plan, reader and encoder, kept between partitions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plan = read_plan(folder)

    def prepare(self) -> None:
        """Make sure that this worker would do what the plan means, and load what takes long.

        Raises:
            SettingsError: it runs other versions, or sees another workspace.
            ModelError: the encoder is not here.
        """
        check_versions(self._plan)
        assert self._reader  # noqa: S101  loads it
        assert self._encoder  # noqa: S101  loads it

    def do(self, number: int) -> None:
        """Leave the output of a partition.

        Raises:
            InputError: its rows cannot be read.
            DiskFullError: no room.
        """
        self.prepare()
        rows = list(self._rows(number))
        taken, letters = sort_out(rows, self._reader)
        texts = unit_texts(taken)
        vectors = self._encoder.encode([texts[one] for one in texts])
        arrays = io.BytesIO()
        np.savez(arrays, hashes=np.array(list(texts), dtype=np.str_), vectors=vectors)
        files = {
            "feedback.parquet": feedback_bytes(taken),
            "letters.jsonl": letters_bytes(letters),
            "vectors.npz": arrays.getvalue(),
        }
        told = {"rows": len(rows), "taken": len(taken), "texts": len(texts), "model": self._encoder.model_id}
        write_output(self._folder, READ, number, files, told)

    def _rows(self, number: int) -> Iterator[Row]:
        plan = self._plan
        if plan.files[0].kind != SQL:
            return rows_of(plan, plan.slices[number])
        settings = read_settings(Path(plan.workspace), os.environ)
        return rows_of_query(named_source(settings, os.environ, plan.source), plan.slices[number])

    @cached_property
    def _reader(self) -> RowReader:
        plan = self._plan
        path = Paths(Path(plan.workspace)).key
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise SettingsError(f"This worker cannot read {path}. All must see the workspace folder.") from error
        if fingerprint(key) != plan.key:
            raise SettingsError(f"This worker sees another workspace at {plan.workspace} than the one that plans.")
        return row_reader(parse_mapping(plan.mapping, "the mapping of the plan"), plan.markets, key)

    @cached_property
    def _encoder(self) -> Embedder:
        plan = self._plan
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voc" / "models"
        models = Path(plan.models or os.environ.get("VOC_MODELS_DIR") or cache)
        precision = plan.model_id.split("/")[1] if "/" in plan.model_id else ""
        encoder = open_encoder(plan.encoder, models, precision=precision)
        if encoder.model_id != plan.model_id:
            raise SettingsError(f"This worker has the encoder {encoder.model_id}, the plan wants {plan.model_id}.")
        return encoder


def check_versions(plan: Plan) -> None:
    """Make sure that a worker runs what the plan was made with.

    Raises:
        SettingsError: it does not; the message names the first difference.
    """
    here = told_versions()
    other = sorted(name for name in {*here, *plan.versions} if here.get(name) != plan.versions.get(name))
    if other:
        name = "voc" if "voc" in other else other[0]
        raise SettingsError(
            f"A worker runs {name} {here.get(name, 'not at all')}, the plan was made with "
            f"{plan.versions.get(name, 'none')}. Install the same versions on every machine, then run it again."
        )


def told_versions() -> dict[str, str]:
    """Return the versions on which outputs depend, as text by name."""
    return {name: str(version) for name, version in versions().items()}


def fingerprint(key: bytes) -> str:
    """Return what tells one workspace key from another without telling the key."""
    return hashlib.sha256(b"voc workspace key\n" + key).hexdigest()[:16]


def unit_texts(taken: list[NewFeedback]) -> dict[str, str]:
    """Return each distinct text of units by hash, in the order in which they are encoded: by length, then hash."""
    found = {}
    for row in taken:
        text = row.feedback.text
        for start, end, one in row.clauses or ((0, len(text), row.feedback.text_hash),):
            found[one] = text[start:end]
    return dict(sorted(found.items(), key=lambda item: (len(item[1]), item[0])))
