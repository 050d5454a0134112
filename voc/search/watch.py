"""Searches that are kept: saved by name, and watched for comments that they have not shown yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from voc.errors import InputError
from voc.ingest.redact import Redactor
from voc.search.desk import SearchDesk
from voc.search.filters import Asked, make_filter
from voc.search.fuse import Mode, mode_named
from voc.store import feedback, saved
from voc.store.filters import Filter
from voc.store.saved import SavedSearch
from voc.types import Feedback, Stamp

_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Watched:
    """A saved search with the comments that match and were not shown before, the newest first."""

    saved: SavedSearch
    fresh: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True)
class WeekOfSearch:
    """How many comments of a week match a saved search, and how many of the week before.

    Both are None where the encoder was not calibrated, so that how near is near enough is not known.
    """

    name: str
    text: str
    comments: int | None
    before: int | None


@dataclass(frozen=True)
class Watch:
    """The saved searches of a workspace; `markets` are the configured ones."""

    desk: SearchDesk
    markets: Sequence[str]

    def save(self, stamp: Stamp, name: str, text: str, asked: Asked, *, mode: str) -> int:
        """Keep a search; return how many comments match now, which are not new later.

        Personal data in the text is taken out before it is stored.

        Raises:
            InputError: the name, text, mode or filter cannot be used, or the name is taken.
        """
        plain = " ".join(name.split())
        if not plain or len(plain) > _LONGEST_NAME:
            raise InputError(f"A saved search needs a name of 1 to {_LONGEST_NAME} characters; '{plain[:80]}' is none.")
        kept = Redactor(self.markets).redact(text).text
        matching = self._matching(kept, self._filter(asked), mode)
        with self.desk.database.write() as connection:
            saved.save(connection, stamp, plain, text=kept, mode=mode, asked=_plain(asked))
            saved.see(connection, plain, matching)
        return len(matching)

    def watch(
        self, name: str = "", *, within: Sequence[str] | None = None, remember: bool = True
    ) -> tuple[Watched, ...]:
        """Return what is new for every saved search, or for one, in some markets; remember it as shown if asked to.

        Raises:
            NotFoundError: there is no saved search of that name.
        """
        with self.desk.database.read() as connection:
            kept = (saved.get(connection, name),) if name else saved.every(connection)
        found = []
        for one in kept:
            wanted = self._filter(_asked(one))
            inside = wanted if within is None else _among(wanted, within)
            matching = self._matching(one.text, inside, one.mode) if inside else frozenset()
            with self.desk.database.read() as connection:
                fresh = matching - saved.seen(connection, one.name)
                comments = feedback.get(connection, sorted(fresh))
            if remember:
                self.see(one.name, fresh)
            newest = sorted(comments, key=lambda comment: (comment.created_at, comment.id), reverse=True)
            found.append(Watched(one, tuple(newest)))
        return tuple(found)

    def see(self, name: str, feedback_ids: Iterable[str]) -> int:
        """Remember comments as shown by a saved search, and return how many of them were not yet.

        Raises:
            NotFoundError: there is no saved search of that name.
        """
        with self.desk.database.write() as connection:
            saved.get(connection, name)
            fresh = set(feedback_ids) - saved.seen(connection, name)
            saved.see(connection, name, fresh)
        return len(fresh)

    def week(self, week: str, before: str, *, markets: Sequence[str]) -> tuple[WeekOfSearch, ...]:
        """Return how many comments of a week, and of the one before, match each saved search in some markets."""
        with self.desk.database.read() as connection:
            kept = saved.every(connection)
        counts = [[self._matching_in(one, each, markets) for each in (week, before)] for one in kept]
        return tuple(WeekOfSearch(one.name, one.text, *of) for one, of in zip(kept, counts, strict=True))

    def _matching_in(self, one: SavedSearch, week: str, markets: Sequence[str]) -> int | None:
        if not self.desk.is_calibrated and mode_named(one.mode) is not Mode.LEXICAL:
            return None
        wanted = _within(self._filter(_asked(one)), week, markets)
        return len(self._matching(one.text, wanted, one.mode)) if wanted else 0

    def _matching(self, text: str, wanted: Filter, mode: str) -> frozenset[str]:
        units = self.desk.matching_units(text, wanted, mode=mode_named(mode))
        return frozenset(unit.feedback_id for unit in units)

    def _filter(self, asked: Asked) -> Filter:
        return make_filter(self.desk.database, asked, markets=self.markets, language=self.desk.language)


def _within(wanted: Filter, week: str, markets: Sequence[str]) -> Filter | None:
    """Return a filter for one week of some markets; None where it lets nothing of them through."""
    inside = _among(wanted, markets)
    if not inside or (wanted.first_week and not wanted.first_week <= week <= wanted.last_week):
        return None
    return replace(inside, first_week=week, last_week=week)


def _among(wanted: Filter, markets: Sequence[str]) -> Filter | None:
    """Return a filter for some markets; None where it lets nothing of them through."""
    inside = tuple(one for one in wanted.markets or markets if one in markets)
    return replace(wanted, markets=inside) if inside else None


def _plain(asked: Asked) -> dict[str, object]:
    values = {key: value if isinstance(value, str) else list(value) for key, value in asdict(asked).items()}
    return {key: value for key, value in values.items() if value}


def _asked(one: SavedSearch) -> Asked:
    return Asked(**one.asked)  # type: ignore[arg-type]
