"""How good search is on judged questions: its quality by mode and by pair of languages, and how long it takes.

What is ranked are texts. One that several passages have takes a place for each of them that is judged for the question,
else a single one; so all passages of a right text are answers, and copies that nobody judged push nothing down.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from voc.embed.protocol import Embedder
from voc.errors import DamageError, InputError
from voc.index.generation import Source, build, open_named, pointer
from voc.index.snapshot import Snapshot, make_delta
from voc.ingest.identity import text_hash
from voc.search.find import rank
from voc.search.fuse import Mode, Scored
from voc.search.judged import Judged, Passage, Query
from voc.search.measures import Latency, Quality, latency, mean_quality
from voc.search.question import Question, ask
from voc.search.ranking import fused, halves
from voc.search.upkeep import Opened
from voc.store import assignments, feedback, search
from voc.store.database import Database
from voc.store.filters import Filter
from voc.types import Feedback, Progress, Vectors, no_progress

PLACES: Final = 100
"""Places of a ranking that count; no measure of quality here needs more."""

_CANDIDATES: Final = 200
"""Texts that each half gives to a ranking, as in a search for up to 100 hits."""

_CHUNK: Final = 500

Announce = Callable[[str], Progress]


@dataclass(frozen=True, slots=True)
class Pair:
    """Quality of questions in the language `asked` where only passages in the language `told` are ranked."""

    asked: str
    told: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class ModeFigures:
    """Figures of one mode; `search` times the ranking alone, `with_encoding` also what the question's vector took."""

    mode: Mode
    quality: Quality
    search: Latency
    with_encoding: Latency
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class SearchEvaluation:
    """Search on judged questions.

    Of `passages` (or comments) there are `texts` different ones. Of the file's queries, `queries` were asked;
    `without_relevant` have no relevant passage here, `refused` are none that search takes. `unknown_queries` are judged
    but not in the file of queries, `unknown_passages` are judged but not in what is searched; both are left out.
    """

    model_id: str
    passages: int
    texts: int
    queries: int
    without_relevant: int
    refused: tuple[str, ...]
    unknown_queries: int
    unknown_passages: tuple[str, ...]
    modes: tuple[ModeFigures, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Hall:
    """What is searched: `answers` has the keys of each passage by its id, `told` its language.

    `rank` returns keys, best first, of one language or, where none is named, of all `languages`.
    """

    snapshot: Snapshot
    passages: int
    answers: Mapping[str, Sequence[str]]
    told: Mapping[str, str]
    languages: frozenset[str]
    rank: Callable[[Question, str], Sequence[str]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Asked:
    """A question with the grades of what is searched; `vectors` `(1, d)` is None where only words count."""

    query: Query
    relevant: Mapping[str, float]
    vectors: Vectors | None = None
    encode_s: float = 0.0

    def encoded(self, _texts: Sequence[str]) -> Vectors:
        """Return the vector that was made before, `(1, d)`."""
        if self.vectors is None:
            raise ValueError(f"The question '{self.query.id}' was not encoded; encode it first.")
        return self.vectors


@dataclass(frozen=True)
class SearchEvaluator:
    """Asks judged questions by some modes, at most `limit` of them; `guess` tells a language that a file does not."""

    embedder: Embedder
    guess: Callable[[str], str]
    modes: tuple[Mode, ...] = tuple(Mode)
    limit: int | None = None
    announce: Announce = field(default=lambda _: no_progress)
    clock: Callable[[], float] = time.perf_counter

    def corpus(self, judged: Judged, passages: Sequence[Passage]) -> SearchEvaluation:
        """Search passages, which are indexed in a temporary folder.

        Raises:
            InputError: no question can be asked, or the limit is below 1.
            DiskFullError: no room for the index.
        """
        asked = self._askable(judged, {one.id for one in passages})
        keys = {one.id: text_hash(one.text) for one in passages}
        texts = {keys[one.id]: one.text for one in passages}
        told = {one.id: one.language or self.guess(one.text) for one in passages}
        spoken = {keys[one]: told[one] for one in sorted(told, key=told.__getitem__, reverse=True)}
        with _indexed(self._source(texts, spoken)) as snapshot:
            inside = _by_language(keys, told)

            def ranked(question: Question, language: str) -> list[str]:
                among = inside[language] if language else None
                return [one.key for one in rank_texts(snapshot, question, texts, among=among)]

            answers = {one: (key,) for one, key in keys.items()}
            hall = _Hall(snapshot, len(passages), answers, told, frozenset(inside), ranked)
            return self._evaluate(judged, asked, hall)

    def stored(self, judged: Judged, database: Database, opened: Opened) -> SearchEvaluation:
        """Search the comments of a store; they are judged by their ids or by those of their sources.

        Raises:
            InputError: no question can be asked, or the limit is below 1.
        """
        wanted = list(dict.fromkeys(one for grades in judged.relevant.values() for one in grades))
        known = _comments(database, wanted)
        asked = self._askable(judged, set(known))
        told = {one: comments[0].language for one, comments in known.items()}
        with database.read() as connection:
            languages = frozenset(feedback.languages(connection))
            count = search.comments(connection, Filter())

        def ranked(question: Question, language: str) -> list[str]:
            return _firsts_of(database, opened.snapshot, question, language)

        answers = _firsts(database, known)
        hall = _Hall(opened.snapshot, count, answers, told, languages, ranked, opened.notes)
        return self._evaluate(judged, asked, hall)

    def _source(self, texts: Mapping[str, str], languages: Mapping[str, str]) -> Source:
        """Return what an index of texts by key is made from; no text is encoded where only words count."""
        if self._by_meaning:
            vectors = self.embedder.encode(list(texts.values()), progress=self.announce("embed passages"))
        else:
            vectors = np.zeros((len(texts), self.embedder.dim), np.float32)
        return Source(
            self.embedder.model_id,
            self.embedder.dim,
            (1, len(texts)),
            {key: (1, row) for row, key in enumerate(texts)},
            lambda places: vectors[places[:, 1]],
            lambda keys: {key: texts[key] for key in keys},
            lambda keys: {key: languages[key] for key in keys},
        )

    @property
    def _by_meaning(self) -> bool:
        return any(mode is not Mode.LEXICAL for mode in self.modes)

    def _askable(self, judged: Judged, known: set[str]) -> tuple[_Asked, ...]:
        """Return the questions that have a relevant passage among the known ones."""
        if self.limit is not None and self.limit < 1:
            raise InputError(f"--limit-queries is {self.limit}; at least 1 question must be asked.")
        found = []
        for query in judged.queries:
            relevant = {one: grade for one, grade in judged.relevant[query.id].items() if one in known}
            if any(grade > 0 for grade in relevant.values()):
                found.append(_Asked(query, relevant))
        if not found:
            named = next((one for grades in judged.relevant.values() for one in grades), "")
            raise InputError(
                f"No relevant passage of the judgements is in what is searched; the first that they name is "
                f"'{named[:80]}'. Ids must be those of the corpus or, without one, of stored comments or their "
                "sources. Name the passages with --corpus FILE, or mend the ids."
            )
        return tuple(found)

    def _evaluate(self, judged: Judged, found: Sequence[_Asked], hall: _Hall) -> SearchEvaluation:
        refused = tuple(one.query.id for one in found if not _is_question(one.query.text, hall.snapshot))
        asked = [one for one in found if one.query.id not in set(refused)][: self.limit]
        if not asked:
            raise InputError(
                f"None of the {len(found)} judged questions can be asked: they are too long or have no word. Those of "
                "up to 2,000 characters with letters or digits are allowed."
            )
        ready = self._encoded(asked)
        judgements = dict.fromkeys(one for grades in judged.relevant.values() for one in grades)
        return SearchEvaluation(
            model_id=self.embedder.model_id,
            passages=hall.passages,
            texts=hall.snapshot.texts,
            queries=len(ready),
            without_relevant=len(judged.queries) - len(found),
            refused=refused,
            unknown_queries=judged.unknown_queries,
            unknown_passages=tuple(one for one in judgements if one not in hall.answers),
            modes=tuple(self._figures(ready, hall, mode) for mode in self.modes),
            notes=hall.notes,
        )

    def _encoded(self, asked: Sequence[_Asked]) -> list[_Asked]:
        """Return the questions with their languages and, each encoded alone as in a search, their vectors."""
        if self._by_meaning:
            self.embedder.encode_questions([asked[0].query.text])  # not timed: the first call loads and warms
        advance, ready = self.announce("encode questions"), []
        for done, one in enumerate(asked, 1):
            query = replace(one.query, language=one.query.language or self.guess(one.query.text))
            start = self.clock()
            vectors = self.embedder.encode_questions([query.text]) if self._by_meaning else None
            ready.append(_Asked(query, one.relevant, vectors, self.clock() - start))
            advance(done, len(asked))
        return ready

    def _figures(self, asked: Sequence[_Asked], hall: _Hall, mode: Mode) -> ModeFigures:
        runs, of_pairs, seconds = [], defaultdict(list), []
        self._rank(asked[0], hall, mode)  # not timed: the first call reads what later ones find in memory
        advance = self.announce(f"search by {mode}")
        for done, one in enumerate(asked, 1):
            question, ranked, took = self._rank(one, hall, mode)
            seconds.append(took)
            runs.append((_passages(ranked, one.relevant, hall.answers), one.relevant))
            for told in sorted({hall.told[key] for key, grade in one.relevant.items() if grade > 0}):
                relevant = {key: grade for key, grade in one.relevant.items() if hall.told[key] == told}
                restricted = ranked if hall.languages == {told} else hall.rank(question, told)
                run = (_passages(restricted, relevant, hall.answers), relevant)
                of_pairs[one.query.language, told].append(run)
            advance(done, len(asked))
        encode_s = [0.0 if mode is Mode.LEXICAL else one.encode_s for one in asked]
        whole = [first + second for first, second in zip(seconds, encode_s, strict=True)]
        pairs = tuple(Pair(*names, mean_quality(of_pairs[names])) for names in sorted(of_pairs))
        return ModeFigures(mode, mean_quality(runs), latency(seconds), latency(whole), pairs)

    def _rank(self, one: _Asked, hall: _Hall, mode: Mode) -> tuple[Question, Sequence[str], float]:
        """Return the question, what it finds in all languages, and how many seconds that took."""
        start = self.clock()
        question = ask(one.query.text, hall.snapshot, mode=mode, encode=one.encoded)
        ranked = hall.rank(question, "")
        return question, ranked, self.clock() - start


def rank_texts(
    snapshot: Snapshot, question: Question, texts: Mapping[str, str], *, among: Sequence[str] | None = None
) -> tuple[Scored, ...]:
    """Return the fused ranking of texts by key, all or among some, as `find.rank` has it where there is a store."""
    both = halves(snapshot, question, limit=_CANDIDATES, among=among)
    return fused(snapshot, question, *both, texts_of=lambda keys: {key: texts[key] for key in keys})


@contextlib.contextmanager
def _indexed(source: Source) -> Iterator[Snapshot]:
    """Yield an index that lies in a temporary folder as long as it is used.

    A thread of tantivy may still lay an empty lock file into the folder while it is removed; that must fail nothing.
    """
    with tempfile.TemporaryDirectory(prefix="voc-evaluate-", ignore_cleanup_errors=True) as folder:
        build(Path(folder), source)
        known = pointer(Path(folder))
        if known is None:
            raise DamageError(f"{folder} lost the index that was just written to it; run the command again")
        base = open_named(Path(folder), known.current, model_id=source.model_id, take=source.vectors)
        yield Snapshot(base, make_delta({}, np.zeros((0, source.dim), np.float32), {}))


def _passages(ranked: Sequence[str], relevant: Mapping[str, float], answers: Mapping[str, Sequence[str]]) -> list[str]:
    """Return ids of judged passages, and keys where none is judged, in the order of ranked keys; each once."""
    by_key = defaultdict(list)
    for one in sorted(relevant):
        for key in answers[one]:
            by_key[key].append(one)
    return list(dict.fromkeys(one for key in ranked[:PLACES] for one in by_key.get(key, [key])))


def _by_language(keys: Mapping[str, str], told: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the keys of each language, each once."""
    found: dict[str, dict[str, None]] = {}
    for one, language in told.items():
        found.setdefault(language, {})[keys[one]] = None
    return {language: list(inside) for language, inside in found.items()}


def _is_question(text: str, snapshot: Snapshot) -> bool:
    try:
        ask(text, snapshot, mode=Mode.LEXICAL, encode=lambda _: np.zeros((1, 0), np.float32))
    except InputError:
        return False
    return True


def _comments(database: Database, wanted: Sequence[str]) -> dict[str, list[Feedback]]:
    """Return the comments that each id names: their own or, where there is none such, that of their source."""
    with database.read() as connection:
        found = {one.id: [one] for one in feedback.get(connection, wanted)}
        rest = {one for one in wanted if one not in found}
        if not rest:
            return found
        units = search.found_units(connection, search.texts(connection, Filter()), Filter())
        ids = sorted({unit.feedback_id for unit in units})
        for start in range(0, len(ids), _CHUNK):
            for comment in feedback.get(connection, ids[start : start + _CHUNK]):
                if comment.source_id in rest:
                    found.setdefault(comment.source_id, []).append(comment)
    return found


def _firsts(database: Database, known: Mapping[str, Sequence[Feedback]]) -> dict[str, tuple[str, ...]]:
    """Return, for each id, the hashes that the texts of its comments count as."""
    with database.read() as connection:
        return {
            one: tuple(
                sorted({unit.same_as for each in comments for unit in assignments.of_feedback(connection, each.id)})
            )
            for one, comments in known.items()
        }


def _firsts_of(database: Database, snapshot: Snapshot, question: Question, language: str) -> list[str]:
    """Return the hashes that texts count as, best first: as many as there are places, or all."""
    wanted, depth = Filter(languages=(language,) if language else ()), _CANDIDATES
    while True:
        ranking = rank(database, snapshot, question, wanted, depth=depth)
        passing = [ranking.passing[one.key] for one in ranking.scored if one.key in ranking.passing]
        found = list(dict.fromkeys(one.same_as for one in passing))
        if len(found) >= PLACES or ranking.whole:
            return found
        depth *= 4
