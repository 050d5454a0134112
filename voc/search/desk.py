"""Where questions are put: the index as new as the store, the encoder, and the reader's language in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voc.embed.protocol import Embedder
from voc.errors import InputError
from voc.search.calibrate import calibration_of
from voc.search.count import Count, count, matching
from voc.search.filters import emptied_by
from voc.search.find import Page, search_page
from voc.search.fuse import Mode
from voc.search.question import Question, ask, ask_like
from voc.search.rerank import Reranker
from voc.search.result import SearchResult
from voc.search.upkeep import Opened, Reader
from voc.store import feedback, search
from voc.store.database import Database
from voc.store.filters import Filter
from voc.store.search import Found


@dataclass(frozen=True)
class SearchDesk:
    """Answers questions about one workspace; `language` is that of theme names."""

    database: Database
    reader: Reader
    embedder: Embedder
    language: str
    reranker: Reranker | None = None

    @property
    def is_calibrated(self) -> bool:
        """Say whether it is known how near is near enough for this encoder."""
        return calibration_of(self.embedder.model_id) is not None

    def search(self, text: str, page: Page, *, mode: Mode = Mode.HYBRID, like: str = "") -> SearchResult:
        """Return a page of the comments that answer a text, or that are like a stored comment.

        Raises:
            InputError: the question, limit or cursor cannot be used.
            NotFoundError: there is no index yet, or no such comment.
        """
        opened = self.reader.now()
        question = self._question(opened, text, mode=mode, like=like)
        wanted = replace(page.wanted, not_ids=question.not_ids) if question.not_ids else page.wanted
        calibration = calibration_of(self.embedder.model_id)
        found = search_page(
            self.database,
            opened,
            question,
            replace(page, wanted=wanted),
            language=self.language,
            calibration=calibration,
            reranker=self.reranker if question.text else None,
        )
        notes = _by_meaning_alone(question, found) if found.hits else self._why_empty(question, wanted)
        return replace(found, notes=(*found.notes, *notes))

    def count(self, text: str, wanted: Filter, *, mode: Mode = Mode.HYBRID, like: str = "") -> Count:
        """Return how many comments in a filter are about a text, or like a stored comment.

        Raises:
            InputError: the question cannot be used, or the encoder was not calibrated.
            NotFoundError: there is no index yet, or no such comment.
        """
        opened = self.reader.now()
        question = self._question(opened, text, mode=mode, like=like)
        wanted = replace(wanted, not_ids=question.not_ids) if question.not_ids else wanted
        return count(
            self.database,
            opened.snapshot,
            question,
            wanted,
            language=self.language,
            calibration=calibration_of(self.embedder.model_id),
        )

    def matching_units(self, text: str, wanted: Filter, *, mode: Mode, like: str = "") -> tuple[Found, ...]:
        """Return every clause in a filter that matches a text, with what groups are made of.

        Raises:
            InputError: the question cannot be used, or the encoder was not calibrated.
            NotFoundError: there is no index yet.
        """
        opened = self.reader.now()
        question = self._question(opened, text, mode=mode, like=like)
        wanted = replace(wanted, not_ids=question.not_ids) if question.not_ids else wanted
        calibration = calibration_of(self.embedder.model_id)
        texts = matching(self.database, opened.snapshot, question, wanted, calibration=calibration)
        with self.database.read() as connection:
            return tuple(search.found_units(connection, sorted(texts), wanted))

    def _question(self, opened: Opened, text: str, *, mode: Mode, like: str) -> Question:
        if not like:
            return ask(text, opened.snapshot, mode=mode, encode=self.embedder.encode_questions)
        if text.strip():
            raise InputError("Ask with words or with --like ID, not both.")
        with self.database.read() as connection:
            comment = feedback.begins_with(connection, like)
        return ask_like(self.database, opened.snapshot, comment.id)

    def _why_empty(self, question: Question, wanted: Filter) -> tuple[str, ...]:
        emptied = emptied_by(self.database, wanted)
        if emptied:
            return (emptied,)
        if question.mode is Mode.LEXICAL:
            return ("No comment in the filter holds a word of the question. Meaning may find more: --mode hybrid",)
        return ()


def _by_meaning_alone(question: Question, found: SearchResult) -> tuple[str, ...]:
    """Return what to say where no hit holds a word of the question: in an unknown script, meaning only guesses."""
    if not question.terms or any(hit.lexical_rank is not None for hit in found.hits):
        return ()
    return ("No hit holds a word of the question; these were found by meaning alone.",)
