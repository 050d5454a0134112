"""The part of the Python door that finds: searches, counts, saved searches, look-up, and how good the index is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import InputError, NotAllowedError, NotFoundError
from voc.store import saved
from voc.wiring import Services

_MOST_VALUES = 200

if TYPE_CHECKING:
    from voc.index.tune import IndexStatus, Tuning
    from voc.runner.job import Announce
    from voc.search.count import Count
    from voc.search.evaluate import SearchEvaluation
    from voc.search.filters import Asked
    from voc.search.result import SearchResult
    from voc.search.watch import Watched
    from voc.store.filters import Filter
    from voc.store.saved import SavedSearch
    from voc.store.theme_comments import ThemeComment
    from voc.types import Feedback


@dataclass(frozen=True, slots=True)
class FilterValues:
    """The values that filters of a search can have: themes and groups as (id, name), and ids of themes by name."""

    themes: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    attributes: tuple[str, ...]
    theme_ids: Mapping[str, str]


class SearchCalls:
    """What a workspace does to find comments; `Workspace` has these calls as its own."""

    services: Services

    def search(
        self,
        text: str = "",
        *,
        like: str = "",
        wanted: Filter | None = None,
        mode: str = "hybrid",
        limit: int = 10,
        cursor: str = "",
    ) -> SearchResult:
        """Return the comments that answer a text best, or that are like a stored comment; `wanted` comes from `filter`.

        Raises:
            InputError: the question, mode, limit or cursor cannot be used.
            NotFoundError: there is no index yet, or no such comment.
            DamageError: index and vectors are damaged.
        """
        from voc.access import check_reads
        from voc.search.find import Page
        from voc.search.fuse import mode_named

        check_reads(self.services.role)
        self._check_like(like)
        page = Page(limit, self._seen(wanted), cursor)
        return self.services.desk.search(text, page, mode=mode_named(mode), like=like)

    def count(self, text: str = "", *, like: str = "", wanted: Filter | None = None, mode: str = "hybrid") -> Count:
        """Return how many comments are about a text, or like a stored comment, with facets and weekly trend.

        Raises:
            InputError: the question or mode cannot be used, or the encoder was not calibrated.
            NotFoundError: there is no index yet, or no such comment.
            NotAllowedError: the reader's role sees no group as small as this.
        """
        from voc.access import Role
        from voc.search.fuse import mode_named
        from voc.search.tables import for_viewer

        services = self.services
        self._check_like(like)
        found = services.desk.count(text, self._seen(wanted), mode=mode_named(mode), like=like)
        return for_viewer(found, k=services.settings.workspace.k) if services.role is Role.VIEWER else found

    def export_search(
        self, file: Path | str, text: str = "", *, like: str = "", wanted: Filter | None = None, mode: str = "hybrid"
    ) -> int:
        """Write the best 1,000 hits to a CSV, XLSX or JSONL file, and return how many rows it has.

        A viewer gets counts of markets, weeks and themes instead, groups of fewer than k comments withheld.

        Raises:
            InputError: the question or mode cannot be used, or the file's ending is none of the three.
            NotFoundError: there is no index yet, or no such comment.
        """
        from voc.access import Role
        from voc.search.export import write_table
        from voc.search.fuse import mode_named
        from voc.search.question import MOST_HITS
        from voc.search.tables import table_of_groups, table_of_hits
        from voc.store import labels

        services = self.services
        if services.role is Role.VIEWER:
            self._check_like(like)
            found = services.desk.matching_units(text, self._seen(wanted), mode=mode_named(mode), like=like)
            with services.database.read() as connection:
                known = labels.newest(connection, language=services.settings.workspace.reader_language)
            names = {theme: label.name for theme, label in known.items()}
            table = table_of_groups(found, names, k=services.settings.workspace.k)
        else:
            table = table_of_hits(self.search(text, like=like, wanted=wanted, mode=mode, limit=MOST_HITS).hits)
        write_table(Path(file), table)
        return len(table.rows)

    def save_search(self, name: str, text: str, asked: Asked, *, mode: str = "hybrid") -> int:
        """Keep a search under a name, and return how many comments match it now.

        Raises:
            InputError: the name, text, mode or filter cannot be used, or the name is taken.
        """
        return self.services.watch.save(self.services.stamp, name, text, asked, mode=mode)

    def watch_searches(self, name: str = "", *, remember: bool = True) -> tuple[Watched, ...]:
        """Return what is new for every saved search, or for one, in the markets that the reader sees.

        It counts as shown from then on, for everybody, unless `remember` is false.

        Raises:
            NotFoundError: there is no saved search of that name.
        """
        from voc.access import check_reads

        check_reads(self.services.role)
        return self.services.watch.watch(name, within=self._only, remember=remember)

    def see_matches(self, name: str, feedback_ids: Sequence[str]) -> int:
        """Remember comments as shown by a saved search, and return how many of them were not yet.

        Raises:
            NotFoundError: there is no saved search of that name.
            NotAllowedError: the reader's role may not.
        """
        from voc.access import Act, check
        from voc.store import feedback

        services = self.services
        check(services.role, Act.SAVE_SEARCH)
        with services.database.read() as connection:
            known = feedback.get(connection, list(feedback_ids))
        return services.watch.see(name, [one.id for one in known if one.market in services.seen_markets])

    def saved_searches(self) -> tuple[SavedSearch, ...]:
        """Return every saved search by name."""
        with self.services.database.read() as connection:
            return saved.every(connection)

    def forget_search(self, name: str) -> None:
        """Forget a saved search.

        Raises:
            NotFoundError: there is none of that name.
        """
        with self.services.database.write() as connection:
            saved.forget(connection, self.services.stamp, name)

    def filter(self, asked: Asked) -> Filter:
        """Return the filter that is asked for, as `search` takes it.

        Raises:
            InputError: something is not written as it must be, or names what does not exist.
        """
        from voc.search.filters import make_filter

        services = self.services
        language = services.settings.workspace.reader_language
        return make_filter(services.database, asked, markets=services.settings.market_codes(), language=language)

    def lookup(self, number: str) -> tuple[Feedback, ...]:
        """Return the comments that came with a tracking or order number, which itself is stored nowhere.

        Raises:
            InputError: the number is empty.
            NotAllowedError: the reader's role may not.
        """
        from voc.access import check_looks_up
        from voc.ingest.identity import keyed_hash
        from voc.ingest.rows import lookup_form
        from voc.store import feedback

        check_looks_up(self.services.role)
        plain = lookup_form(number)
        if not plain:
            raise InputError("The number is empty. Write a tracking or order number: voc lookup VX123456789US")
        with self.services.database.read() as connection:
            found = {
                one.id: one
                for kind in ("tracking", "order")
                for one in feedback.by_lookup(connection, keyed_hash(self.services.key, kind, plain))
            }
        return tuple(one for one in found.values() if one.market in self.services.seen_markets)

    def filter_values(self) -> FilterValues:
        """Return the values that filters can have, as the store has them now in the markets that the reader sees."""
        from voc.store import feedback, groups, labels, search

        language, markets = self.services.settings.workspace.reader_language, self._only
        with self.services.database.read() as connection:
            names = {theme: label.name for theme, label in labels.newest(connection, language=language).items()}
            called = groups.names(connection)
            attributes = tuple(
                f"{name}={value}"
                for name in search.attribute_names(connection, markets=markets)
                for value in search.attribute_values(connection, name, markets=markets)[:_MOST_VALUES]
            )
            return FilterValues(
                themes=tuple(sorted(names.items(), key=lambda one: one[1].casefold())),
                groups=tuple(sorted(called.items(), key=lambda one: one[1].casefold())),
                languages=tuple(feedback.languages(connection, markets=markets)),
                channels=tuple(one for one in search.channels(connection, markets=markets) if one),
                attributes=attributes,
                theme_ids={name: theme for theme, name in names.items()},
            )

    def comments_of_theme(
        self,
        theme_id: str,
        *,
        market: str = "",
        week: str = "",
        kind: str = "",
        language: str = "",
        limit: int = 100,
        after: tuple[str, str] | None = None,
    ) -> tuple[ThemeComment, ...]:
        """Return so many comments of a theme, the newest first, or those after a comment (its time and id).

        Raises:
            NotAllowedError: the reader's role sees no single comments, or they do not see the market.
            NotFoundError: no theme, or more than one, begins with that id.
            InputError: the market is not configured.
        """
        from voc.access import check_reads
        from voc.store import theme_comments, themes
        from voc.store.filters import Filter
        from voc.store.theme_comments import Wanted

        services = self.services
        check_reads(services.role)
        asked = services.settings.market_codes(market) if market else ()
        markets = self._seen(Filter(markets=tuple(asked))).markets or services.seen_markets
        with services.database.read() as connection:
            wanted = Wanted(themes.get(connection, theme_id).id, tuple(markets), week, kind, language)
            return theme_comments.comments(connection, wanted, limit=limit, after=after)

    def _seen(self, wanted: Filter | None) -> Filter:
        """Return a filter within the markets that the reader sees.

        Raises:
            NotAllowedError: it names a market that they do not see.
        """
        from voc.store.filters import Filter

        asked, only = wanted or Filter(), self._only
        if only is None:
            return asked
        hidden = [one for one in asked.markets if one not in only]
        if hidden:
            raise NotAllowedError(f"You do not see the market {', '.join(hidden)}. You see {', '.join(only)}.")
        return replace(asked, markets=asked.markets or only)

    @property
    def _only(self) -> tuple[str, ...] | None:
        """Return the markets that the reader is limited to, None for all."""
        who = self.services.who
        return None if who is None or who.markets is None else self.services.seen_markets

    def _check_like(self, like: str) -> None:
        """Let nobody ask for what is like a comment of a market that they do not see.

        Raises:
            NotFoundError: no comment, or more than one, begins with that id.
            NotAllowedError: the reader does not see its market.
        """
        from voc.store import feedback

        if not like or self._only is None:
            return
        with self.services.database.read() as connection:
            market = feedback.begins_with(connection, like).market
        if market not in self._only:
            raise NotAllowedError("This comment is of a market that you do not see. An admin can change that.")

    def evaluate_search(
        self,
        queries: Path | str,
        qrels: Path | str,
        *,
        corpus: Path | str | None = None,
        modes: Sequence[str] = (),
        limit: int | None = None,
        announce: Announce | None = None,
    ) -> SearchEvaluation:
        """Ask judged queries of the passages of a file or, without one, of the stored comments; nothing is stored.

        Raises:
            InputError: a file, mode or limit cannot be used, or no judged passage is in what is searched.
            NotFoundError: a file does not exist, or there is no index yet.
            NotAllowedError: the reader's role sees no single comments, and stored ones are to be searched.
        """
        from voc.access import check_reads
        from voc.ingest.language import LanguageGuesser
        from voc.runner.job import silent
        from voc.search.evaluate import SearchEvaluator
        from voc.search.fuse import Mode, mode_named
        from voc.search.judged import read_corpus, read_judged

        services = self.services
        asked = tuple(dict.fromkeys(mode_named(one) for one in modes)) or tuple(Mode)
        if corpus is None:
            check_reads(services.role)
        judged = read_judged(Path(queries), Path(qrels))
        passages = None if corpus is None else read_corpus(Path(corpus))
        spoken = list(dict.fromkeys(one for market in services.settings.markets for one in market.languages))
        guesser = LanguageGuesser(spoken)
        evaluator = SearchEvaluator(
            services.embedder, lambda text: guesser.guess(text, spoken), asked, limit, announce or silent
        )
        if passages is not None:
            return evaluator.corpus(judged, passages)
        return evaluator.stored(judged, services.database, services.reader.now())

    def index_status(self) -> IndexStatus:
        """Return how the search index stands on the disk; nothing is mended.

        Raises:
            NotFoundError: there is none yet.
        """
        from voc.index.tune import status

        return status(self.services.paths.index, self.services.database)

    def compact_index(self) -> IndexStatus:
        """Write a new generation of the search index now, and return how it stands.

        Raises:
            NotFoundError: nothing was embedded yet.
            DamageError: vectors that the store knows are missing.
            DiskFullError: no room; the current generation stays.
        """
        from voc.store import vectors

        services = self.services
        with services.database.read() as connection:
            held = vectors.count(connection, model_id=services.embedder.model_id)
        if not held:
            raise NotFoundError("No text has a vector yet. Run 'voc run --week WEEK' first.")
        services.holdings.build()
        return self.index_status()

    def tune_index(self, *, questions: int = 200) -> Tuning:
        """Compare the tiers of the index on its own vectors, so many stored texts as questions; nothing is stored.

        Raises:
            NotFoundError: there is no index yet.
            DamageError: it is damaged.
            InputError: there are too few texts or questions.
        """
        from voc.index.tune import tune

        return tune(self.services.paths.index, self.services.vector_files, questions=questions)
