"""Send a letter to some places, each once: what was sent, or may have been, is not sent again by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.errors import SendError, UnsureSendError
from voc.report.carriers import Carrier
from voc.report.letter import Letter
from voc.store import reports_sent
from voc.store.database import Database
from voc.store.reports_sent import FAILED, SENDING, SENT, SentRow
from voc.types import Stamp

WOULD: Final = "would be sent"
ALREADY: Final = "was sent before"
UNSURE: Final = "may have been sent"
DONE: Final = "sent"
REFUSED: Final = "not sent"


@dataclass(frozen=True, slots=True)
class How:
    """How to send: the draft in place of what was published, a PDF beside, again, or only saying what would go."""

    draft: bool = False
    pdf: bool = False
    again: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to: the channel (mail, webhook), the address, and what of it may be told."""

    channel: str
    to: str
    told: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one destination; `said` is why, or when."""

    destination: Destination
    state: str
    said: str = ""

    @property
    def good(self) -> bool:
        """Say whether nothing is left to do."""
        return self.state in (DONE, ALREADY, WOULD)


@dataclass(frozen=True, slots=True)
class Post:
    """What sends: carriers by channel, `seal` for addresses (with the workspace key), and who acts when."""

    database: Database
    carriers: Mapping[str, Carrier]
    seal: Callable[[str], str]
    stamp: Callable[[], Stamp]


def send(
    post: Post, letter: Letter, destinations: Sequence[Destination], *, again: bool = False
) -> tuple[Outcome, ...]:
    """Send a letter to every destination in turn; one that fails keeps none of the others from it."""
    return tuple(_send(post, letter, one, again=again) for one in dict.fromkeys(destinations))


def dry_run(destinations: Sequence[Destination]) -> tuple[Outcome, ...]:
    """Return what would go where; nothing is sent and nothing is written."""
    return tuple(Outcome(one, WOULD) for one in dict.fromkeys(destinations))


def _send(post: Post, letter: Letter, destination: Destination, *, again: bool) -> Outcome:
    hashed = post.seal(f"{destination.channel} {destination.to.lower()}")
    stamp = post.stamp()
    with post.database.write() as connection:
        begun = reports_sent.begin(
            connection,
            stamp,
            letter.place,
            version=letter.version,
            channel=destination.channel,
            destination=hashed,
            again=again,
        )
    if isinstance(begun, SentRow):
        return _before(destination, begun)
    identity = post.seal(f"{letter.place.subject} {letter.version} {hashed}")
    try:
        post.carriers[destination.channel].carry(letter, destination.to, stamp=stamp, identity=identity)
    except UnsureSendError as error:
        return Outcome(destination, UNSURE, str(error))
    except SendError as error:
        _end(post, letter, begun, FAILED)
        return Outcome(destination, REFUSED, str(error))
    _end(post, letter, begun, SENT)
    return Outcome(destination, DONE)


def _before(destination: Destination, row: SentRow) -> Outcome:
    when = f"{row.version} on {row.at[:16]} by {row.actor}"
    if row.state == SENDING:
        said = f"{when}, and nothing says how it ended. Ask whether it arrived; else send it --again."
        return Outcome(destination, UNSURE, said)
    return Outcome(destination, ALREADY, when)


def _end(post: Post, letter: Letter, number: int, state: str) -> None:
    with post.database.write() as connection:
        reports_sent.end(connection, post.stamp(), letter.place, number, state=state)
