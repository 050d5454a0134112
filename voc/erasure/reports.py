"""Report files on disk that show erased comments: found, then written again from the store, or removed."""

from __future__ import annotations

import html
import json
import mmap
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from voc.erasure.spoken import Spoken
from voc.errors import InputError, ModelError
from voc.files import fsync_dir, write_atomic
from voc.report.forms import files
from voc.runner import steps
from voc.runner.job import Job
from voc.store.reports import Place
from voc.types import no_progress
from voc.wiring import Services

_SHOWN: Final = 8
"""Characters of a comment's id that a report shows."""

_ID: Final = re.compile(r"\b[0-9a-f]{8,}\b")
_STEM: Final = re.compile(r"(\d{4}-W\d{2})(?:-([A-Z][A-Z0-9_-]{1,15}))?")
_TEXTS: Final = (".json", ".html", ".md", ".txt", ".csv", ".svg")


def affected(folder: Path, feedback_ids: Collection[str], spoken: Spoken) -> tuple[str, ...]:
    """Return the names, without endings, of the reports in a folder that show any of the comments, in order.

    What cannot be read as text, as a PDF, counts as its siblings of the same name do, and alone as if it showed them.
    """
    beginnings = {one[:_SHOWN] for one in feedback_ids}
    found: dict[str, bool] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            stem = str(path.relative_to(folder).with_suffix(""))
            if path.suffix in _TEXTS:
                found[stem] = found.get(stem, False) or _shows(path, beginnings, spoken)
    blind = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.*") if path.suffix not in _TEXTS}
    return tuple(sorted({one for one, shows in found.items() if shows} | {one for one in blind if one not in found}))


def write_again(services: Services, stems: Collection[str]) -> tuple[int, int]:
    """Write reports again in the forms in which they are there; return how many were written and how many removed.

    What is no report of a week that can be written any more is removed. So are files that a stop left half written.
    """
    folder, written, removed = services.paths.reports, 0, 0
    for stem in sorted(stems):
        forms = {path.suffix[1:] for path in _forms(folder, stem)}
        if forms and _again(services, folder, stem, forms):
            written += 1
        else:
            for path in _forms(folder, stem):
                path.unlink()
            removed += bool(forms)
    for left in folder.glob(".*.tmp") if folder.is_dir() else ():
        left.unlink()
    if folder.is_dir():
        fsync_dir(folder)
    return written, removed


def holding(folder: Path, texts: Collection[str]) -> tuple[Path, ...]:
    """Return files of a workspace that are not voc's own and hold one of the texts as it stands, as UTF-8."""
    wanted = [text.encode() for text in texts if text]
    own = (folder / ".voc", folder / "reports")
    return tuple(
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(path.is_relative_to(one) for one in own) and _has(path, wanted)
    )


def _again(services: Services, folder: Path, stem: str, forms: Collection[str]) -> bool:
    matched = _STEM.fullmatch(stem)
    if matched is None:
        return False
    week, market = matched[1], matched[2]
    try:
        services.settings.market_codes(market)
        found = steps.report(Job(services, week, market, ""), no_progress)
    except InputError:  # none of that week's feedback is left, or its market is no longer configured
        return False
    if "pdf" in forms:
        try:
            for file in files(found.report, found.cover, Place(week, market or ""), ["pdf"]):
                write_atomic(folder / file.name, file.data)
        except (InputError, ModelError):  # nothing that could print it is installed
            (folder / f"{stem}.pdf").unlink(missing_ok=True)
    for form in {"html", "md", "json"} - set(forms):
        (folder / f"{stem}.{form}").unlink(missing_ok=True)
    return True


def _forms(folder: Path, stem: str) -> Iterator[Path]:
    place = folder / stem
    return (path for path in sorted(place.parent.glob("*")) if path.is_file() and path.with_suffix("") == place)


def _shows(path: Path, beginnings: Collection[str], spoken: Spoken) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".json":
        try:
            text = "\n".join(_leaves(json.loads(text)))
        except ValueError:
            return True
    elif path.suffix == ".html":
        text = html.unescape(text)
    return any(one[:_SHOWN] in beginnings for one in _ID.findall(text)) or spoken.holds(text)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)


def _has(path: Path, wanted: Collection[bytes]) -> bool:
    """Look through a file of any size without reading it into memory."""
    if not wanted or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(one) >= 0 for one in wanted)
