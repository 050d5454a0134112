"""Streams of server-sent events: few for a person, not for ever, and over when the server stops."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from voc.errors import TooManyTriesError, VocError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import FastAPI

LOOK_S: Final = 0.5
LONGEST_S: Final = 120.0
"""The browser comes again after it, signed in anew: a session that ended meanwhile sees no more."""

STILL_S: Final = 15.0
"""Something is sent at least so often, so that a browser that went is noticed and no proxy closes the line."""

MOST_OF_PERSON: Final = 4

_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Streams:
    """How many streams each person has open, and whether the server is about to stop."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.is_stopping: Callable[[], bool] = lambda: False

    @contextmanager
    def seat(self, person: str) -> Iterator[None]:
        """Hold one stream of somebody while inside."""
        try:
            yield
        finally:
            with self._lock:
                self._open[person] -= 1
                self._open += Counter()

    def take(self, person: str) -> None:
        """Count one more stream of somebody.

        Raises:
            TooManyTriesError: they have as many as they may.
        """
        with self._lock:
            if self._open[person] >= MOST_OF_PERSON:
                raise TooManyTriesError(
                    f"You follow {MOST_OF_PERSON} runs already, in other tabs. Close one, or reload this page by hand."
                )
            self._open[person] += 1


def streams_of(app: FastAPI) -> Streams:
    """Return the streams of an app."""
    found: Streams = app.state.streams
    return found


def follow(
    streams: Streams, person: str, look: Callable[[], Mapping[str, object]], *, longest_s: float = LONGEST_S
) -> StreamingResponse:
    """Stream what `look` returns, as JSON, each time it is another; the last one holds a true `ended`.

    Raises:
        TooManyTriesError: the person has as many streams as they may.
    """
    streams.take(person)

    async def events() -> AsyncIterator[str]:
        with streams.seat(person):
            yield "retry: 1000\n\n"
            last, still, end = "", 0.0, asyncio.get_running_loop().time() + longest_s
            while not streams.is_stopping() and asyncio.get_running_loop().time() < end:
                try:
                    found = await run_in_threadpool(look)
                except VocError:
                    return
                text = json.dumps(found)
                still += LOOK_S
                if text != last:
                    yield f"data: {text}\n\n"
                    last, still = text, 0.0
                elif still >= STILL_S:
                    yield ": still at it\n\n"
                    still = 0.0
                if found.get("ended"):
                    return
                await asyncio.sleep(LOOK_S)

    return StreamingResponse(events(), media_type="text/event-stream", headers=_HEADERS)
