"""A folder that files are put into: each is taken once it is complete, and told once when it cannot be read.

A file is complete when two looks find it alike (size and time of change); hidden and temporary names are no files. That
it was read stands in the store; that it failed is remembered here, so that it blocks no other and is tried again only
when it changes or when the watch begins anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from voc.errors import NotFoundError
from voc.ingest.parts import Failed, Known, Outcome, Part, is_wanted, local

Take = Callable[[Sequence[Part]], Iterator[Outcome]]


class Watch:
    """One watched folder; `look` is called again and again."""

    def __init__(self, folder: Path, take: Take) -> None:
        self._folder, self._take = folder, take
        self._seen: dict[str, str] = {}
        self._settled: dict[str, str] = {}

    @property
    def is_waiting(self) -> bool:
        """Say whether there are files that only one look has seen."""
        return any(self._settled.get(url) != version for url, version in self._seen.items())

    def look(self) -> Iterator[Outcome]:
        """Take the files that are complete, and yield what became of those that are new.

        Raises:
            NotFoundError: the folder is not there.
        """
        found = {part.url: part for part in self._parts()}
        complete = [part for url, part in found.items() if self._seen.get(url) == part.version]
        self._seen = {url: part.version for url, part in found.items()}
        for part in complete:
            if self._settled.get(part.url) == part.version:
                continue
            for done in self._take([part]):
                self._settled[part.url] = part.version
                if not isinstance(done, Known):
                    yield done

    def _parts(self) -> Iterator[Part]:
        if not self._folder.is_dir():
            raise NotFoundError(f"{self._folder} is not a folder. Make it, or name another one.")
        for path in sorted(self._folder.iterdir()):
            try:
                if is_wanted(path) and path.is_file():
                    yield local(path)
            except FileNotFoundError:
                continue  # it was taken away between two looks


def watch(folder: Path, take: Take, *, every_s: float, once: bool = False, stop: threading.Event) -> Iterator[Outcome]:
    """Look at a folder every so many seconds until `stop` is set, or, with `once`, until nothing waits any more.

    Raises:
        NotFoundError: the folder is not there when the watch begins; later on it is waited for.
    """
    found = Watch(folder, take)
    yield from found.look()
    while not stop.is_set() and (found.is_waiting or not once):
        if stop.wait(every_s):
            return
        try:
            yield from found.look()
        except NotFoundError as error:
            yield Failed(str(folder), str(error))
