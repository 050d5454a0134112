"""Files in object stores and wherever else fsspec reaches: listed, copied here within a limit, read as local ones are.

Who may read them is the provider's own matter: its usual chain of environment, files and roles is used, and no key ever
stands in our settings or messages.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from voc.errors import InputError, NotFoundError, VocError
from voc.files import disk_full
from voc.ingest.readers import ENDINGS, MAX_FILE_BYTES
from voc.scrub import scrub, scrub_url

EXTRAS: Final = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gs",
    "gcs": "gs",
    "az": "az",
    "abfs": "az",
    "abfss": "az",
    "adl": "az",
}
"""The extra of ours that brings what a kind of address needs."""

MAX_FILES: Final = 10_000
_CHUNK: Final = 4 << 20
_VERSIONS: Final = ("ETag", "etag", "md5Hash", "content_md5", "generation", "LastModified", "last_modified", "mtime")
_REFUSED: Final = (
    "forbidden",
    "accessdenied",
    "access denied",
    "signaturedoesnotmatch",
    "invalidaccesskeyid",
    "authorizationfailure",
    "authenticationfailed",
    "authorizationpermissionmismatch",
    "invalid credentials",
)
_TALKATIVE: Final = ("adlfs", "aiobotocore", "azure", "botocore", "fsspec", "gcsfs", "google", "s3fs")
"""Loggers that print warnings and whole tracebacks of what is told in one line here."""

_SILENCE: Final = logging.NullHandler()
_NO_KEYS: Final = re.compile(r"(?<!invalid )credential|anonymous caller|unable to locate")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of an object store: its address without user and query, and what tells its version ("": nothing)."""

    url: str
    version: str
    path: str
    place: Any


def is_remote(source: str) -> bool:
    """Say whether a source is an address and no local file."""
    return "://" in source


def listing(url: str) -> tuple[RemoteFile, ...]:
    """Return the files that an address stands for: one, those of a folder, or those that a pattern fits, by name.

    Raises:
        NotFoundError: there are none.
        InputError: the address cannot be used, or may not be read.
    """
    import fsspec

    with _told(url):
        place, path = fsspec.core.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
        if any(char in path for char in "*["):  # "?" begins the query of a signed address
            found = place.glob(path, detail=True)
        else:
            info = place.info(path)
            found = place.find(path, detail=True) if info["type"] == "directory" else {path: info}
        files = [_file(place, name, about) for name, about in sorted(found.items()) if _is_wanted(name, about)]
    if not files:
        raise NotFoundError(
            f"{scrub_url(url)} has no file to read. Name files, a folder or a pattern of files that end in "
            f"{', '.join(ENDINGS)}."
        )
    if len(files) > MAX_FILES:
        raise InputError(
            f"{scrub_url(url)} has {len(files):,} files; at most {MAX_FILES:,} are read. Narrow the pattern."
        )
    return tuple(files)


def fetch(file: RemoteFile, folder: Path) -> Path:
    """Copy a file into a folder of ours, and return where it lies.

    Raises:
        InputError: it is too large, or may not be read.
        DiskFullError: no room for it.
    """
    target = folder / PurePosixPath(file.path).name
    with _told(file.url), file.place.open(file.path, "rb", cache_type="none") as source, target.open("wb") as copy:
        for number in itertools.count(1):
            chunk = source.read(_CHUNK)
            if not chunk:
                break
            if number * _CHUNK > MAX_FILE_BYTES + _CHUNK:
                raise InputError(f"{file.url} has more than {MAX_FILE_BYTES:,} bytes, which is not read. Split it.")
            copy.write(chunk)
    return target


def _file(place: Any, path: str, about: Mapping[str, Any]) -> RemoteFile:  # noqa: ANN401  an fsspec file system
    version = next((str(about[name]) for name in _VERSIONS if about.get(name)), "")
    size = about.get("size")
    return RemoteFile(scrub_url(place.unstrip_protocol(path)), f"{size} {version}" if version else "", path, place)


def _is_wanted(path: str, about: Mapping[str, Any]) -> bool:
    name = PurePosixPath(path)
    return about.get("type") == "file" and name.suffix.lower() in ENDINGS and not name.name.startswith((".", "_"))


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what a provider's library says into one line for people; no key, user or signed query is in it."""
    shown = scrub_url(url)
    for name in _TALKATIVE:
        logging.getLogger(name).addHandler(_SILENCE)
    try:
        yield
    except VocError:
        raise
    except ImportError as error:
        raise _not_installed(url, error) from None
    except Exception as error:  # each provider has a family of errors of its own
        if disk_full(error) is not None:
            raise
        raise _said(shown, error, url) from None


def _not_installed(url: str, error: ImportError) -> InputError:
    protocol = url.partition("://")[0]
    extra = EXTRAS.get(protocol)
    how = f"pip install 'voc[{extra}]'" if extra else f"pip install {error.name or 'the package that fsspec names'}"
    return InputError(f"Addresses that begin with {protocol}:// need a package that is not installed: {how}")


def _said(shown: str, error: Exception, url: str) -> InputError:
    said = scrub(str(error).replace(url, shown))
    known = f"{type(error).__name__} {said}".casefold()
    if isinstance(error, FileNotFoundError) or "nosuchbucket" in known:
        return NotFoundError(f"{shown} does not exist. Look at its bucket, path and spelling.")
    if _NO_KEYS.search(known):
        return InputError(
            f"{shown} may not be read: no credentials were found. Set them as the provider says (environment, its own "
            "files, or a role of the machine); they never stand in voc.toml."
        )
    if isinstance(error, PermissionError) or any(word in known for word in _REFUSED):
        return InputError(
            f"{shown} may not be read: the credentials are wrong, or may not list and read there. Ask its owner for "
            "leave to list the bucket and read its files."
        )
    return InputError(f"{shown} cannot be read ({type(error).__name__}: {said}). Try again, or look at the address.")
