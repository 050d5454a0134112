"""The part of the Python door that brings feedback in by hand: uploads, a look before anything is stored, mappings."""

from __future__ import annotations

import itertools
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from voc.errors import InputError, NotFoundError
from voc.types import Progress, no_progress
from voc.wiring import Services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voc.ingest.figures import FiguresReport
    from voc.ingest.load import IngestReport
    from voc.ingest.readers import Row
    from voc.ingest.rows import RowReader
    from voc.types import Feedback

ROWS: Final = 20
"""Rows of a preview."""

_LONGEST_BYTES: Final = 150
_OLD_S: Final = 24 * 3600
_NAME: Final = re.compile(r"[0-9a-f]{32}\.(?:csv|tsv|txt|jsonl|ndjson|json|parquet|xlsx|xlsb|ods)")


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it would be read: a comment, or why it cannot be taken."""

    number: int
    comment: Feedback | None
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would bring: its kind, the mapping (TOML) that reads it, rows, fields without a column, columns."""

    kind: str
    mapping: str
    rows: tuple[PreviewRow, ...]
    missing: tuple[str, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a workspace has: comments by market, weeks, rows of deliveries and signals, editions of standards."""

    comments: Mapping[str, int]
    weeks: tuple[str, ...]
    deliveries: int
    signals: int
    editions: int
    has_mapping: bool


class StartCalls:
    """What a workspace does before its first week; `Workspace` has these calls as its own."""

    services: Services

    def holdings_now(self) -> Holdings:
        """Return what there is."""
        from voc.store import counts, editions, exposure

        with self.services.database.read() as connection:
            span = counts.bounds(connection)
            first, last = span or ("", "9999-W53")
            found: dict[str, int] = {}
            for row in counts.totals(connection, first_week=first, last_week=last):
                found[row.market] = found.get(row.market, 0) + row.comments
            return Holdings(
                comments=found,
                weeks=counts.weeks_with_feedback(connection),
                deliveries=len(exposure.deliveries(connection, first_week="", last_week="9999-W53")),
                signals=len(exposure.signals(connection, first_week="", last_week="9999-W53")),
                editions=len(editions.every(connection)),
                has_mapping=self.services.paths.mapping.is_file(),
            )

    def keep_upload(self, source: IO[bytes], name: str) -> str:
        """Keep an uploaded file for a day under a name of ours, and return that name.

        Raises:
            NotAllowedError: the role may not.
            InputError: the file's ending is none that can be read.
        """
        from voc.ingest.readers import ENDINGS

        self._check_brings_in()
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise InputError(f"'{name[:80]}' cannot be read here. Files end in {', '.join(ENDINGS)}.")
        folder = self._uploads()
        _forget_old(folder)
        kept = f"{secrets.token_hex(16)}{ending}"
        with (folder / kept).open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        return kept

    def drop_upload(self, kept: str) -> None:
        """Forget an uploaded file."""
        self._check_brings_in()
        self._upload(kept).unlink(missing_ok=True)

    def preview_upload(self, kept: str, mapping: str = "", *, name: str = "") -> Preview:
        """Return what an upload would bring, read by a mapping (TOML): the given, the workspace's, or a guessed one.

        Raises:
            NotAllowedError: the role may not.
            NotFoundError: it is no longer there.
            InputError: the file or the mapping cannot be used.
        """
        from voc.ingest.figures import kind_of
        from voc.ingest.guess import LOOKED_AT, guess_columns
        from voc.ingest.load import row_reader
        from voc.ingest.mapping import parse_mapping
        from voc.ingest.readers import form_of, open_table

        self._check_brings_in()
        services = self.services
        with _named(self._upload(kept), name) as path:
            form, missing = form_of(path), tuple[str, ...]()
            with open_table(path, form) as table:
                columns, first = table.columns, tuple(itertools.islice(table.rows, LOOKED_AT))
            kind = kind_of(columns) if form.has_columns else "feedback"
            if kind != "feedback":
                return Preview(kind, "", (), ())
            if not mapping:
                guess = guess_columns(path.stem, columns, first, markets=services.settings.market_codes())
                mapping, missing = guess.toml, tuple(guess.missing)
            if missing:
                return Preview(kind, mapping, (), missing, columns)
            reader = row_reader(parse_mapping(mapping, "the mapping"), services.settings.markets, services.key)
            rows = tuple(_read(reader, row) for row in first[:ROWS])
        return Preview(kind, mapping, rows, (), columns)

    def take_upload(self, kept: str, *, name: str, mapping: str = "") -> IngestReport | FiguresReport:
        """Take an upload in: feedback by a mapping (TOML), or deliveries or signals.

        Raises:
            NotAllowedError: the role may not.
            NotFoundError: it is no longer there.
            InputError: the file or the mapping cannot be used; of deliveries and signals nothing is stored then.
        """
        self._check_brings_in()
        with _named(self._upload(kept), name) as file:
            columns = file.with_name("mapping.toml")
            columns.write_text(mapping, encoding="utf-8")
            return self.take(file, mapping=columns)

    def save_mapping(self, mapping: str) -> None:
        """Make a mapping (TOML) the workspace's; the one before is kept beside it as mapping.toml.old.

        Raises:
            NotAllowedError: the role may not.
            InputError: it cannot be used.
        """
        from voc.access import Act, check
        from voc.files import write_atomic
        from voc.ingest.mapping import parse_mapping

        check(self.services.role, Act.SET_UP)
        parse_mapping(mapping, "the mapping")
        path = self.services.paths.mapping
        if path.is_file():
            write_atomic(path.with_name("mapping.toml.old"), path.read_bytes())
        write_atomic(path, mapping.encode())

    def take(
        self, file: Path | str, *, mapping: Path | None = None, progress: Progress = no_progress
    ) -> IngestReport | FiguresReport:
        """Read a file, whatever it holds; `Workspace` has it."""
        raise NotImplementedError

    def _check_brings_in(self) -> None:
        from voc.access import Act, check

        check(self.services.role, Act.INGEST)

    def _uploads(self) -> Path:
        folder = self.services.paths.private / "uploads"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _upload(self, kept: str) -> Path:
        """Return where an upload lies; only a name of ours leads anywhere."""
        path = self._uploads() / kept if _NAME.fullmatch(kept) else None
        if path is None or not path.is_file():
            raise NotFoundError("This upload is no longer there. Uploads are kept for a day; choose the file again.")
        return path


@contextmanager
def _named(path: Path, name: str) -> Iterator[Path]:
    """Yield the file under the name that its sender gave it, as imports tell it; refusals tell no folder."""
    printed = "".join(char for char in Path(name).name if char.isprintable())
    shown = printed.encode(errors="ignore")[-_LONGEST_BYTES:].decode(errors="ignore") or path.name
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        link = Path(folder) / (shown if Path(shown).suffix.lower() == path.suffix else f"{shown}{path.suffix}")
        link.hardlink_to(path)
        try:
            yield link
        except InputError as error:
            raise type(error)(str(error).replace(f"{folder}/", "")) from error


def _read(reader: RowReader, row: Row) -> PreviewRow:
    from voc.ingest.rows import RowError

    if row.problem:
        return PreviewRow(row.number, None, row.problem)
    try:
        return PreviewRow(row.number, reader.read(row.cells).feedback, "")
    except RowError as error:
        return PreviewRow(row.number, None, error.reason)


def _forget_old(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > _OLD_S:
            path.unlink(missing_ok=True)
