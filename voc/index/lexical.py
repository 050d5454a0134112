"""The lexical half of a generation: words in tantivy, ranked by BM25."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from voc.index.keys import Rows

_HEAP_BYTES: Final = 512_000_000
_ROW, _WORDS, _ANALYSER = "row", "words", "words as given"


@dataclass(frozen=True)
class Lexicon:
    """An opened folder of words; `texts` and `mean_words` are what BM25 needs of the whole."""

    index: Any
    searcher: Any
    texts: int
    mean_words: float

    def search(self, terms: Sequence[str], *, limit: int, among: Rows | None = None) -> tuple[Rows, list[float]]:
        """Return the rows that hold any of the terms and their BM25 scores, the best first, equal ones by row."""
        import tantivy

        if not terms or not limit or not self.texts or (among is not None and not len(among)):
            return np.zeros(0, np.int64), []
        schema = self.index.schema
        any_of = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, tantivy.Query.term_query(schema, _WORDS, term)) for term in terms]
        )
        if among is not None:
            inside = tantivy.Query.term_set_query(schema, _ROW, among.tolist())
            free = tantivy.Query.const_score_query(inside, 0.0)
            any_of = tantivy.Query.boolean_query([(tantivy.Occur.Must, free), (tantivy.Occur.Must, any_of)])
        hits = self.searcher.search(any_of, limit=limit, count=False).hits
        rows = self.searcher.fast_field_values(_ROW, [address for _, address in hits])
        ranked = sorted(zip((score for score, _ in hits), rows, strict=True), key=lambda one: (-one[0], one[1]))
        return np.array([row for _, row in ranked], np.int64), [float(score) for score, _ in ranked]

    def texts_with(self, term: str) -> int:
        """Return how many texts hold a term."""
        return int(self.searcher.doc_freq(_WORDS, term)) if self.texts else 0


def write_words(folder: Path, texts: Iterable[Sequence[str]]) -> tuple[int, float]:
    """Write the words of texts, in order of their rows, into an empty folder; return how many texts and mean words."""
    import tantivy

    folder.mkdir(parents=True)
    index = tantivy.Index(_schema(), path=str(folder))
    _teach(index)
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    count = total = 0
    for row, forms in enumerate(texts):
        document = tantivy.Document()
        document.add_unsigned(_ROW, row)
        document.add_text(_WORDS, " ".join(forms))
        writer.add_document(document)
        count, total = count + 1, total + len(forms)
    writer.commit()
    writer.wait_merging_threads()
    return count, total / count if count else 0.0


def open_words(folder: Path, *, texts: int, mean_words: float) -> Lexicon:
    """Open a folder of words that was written and checked.

    Raises:
        ValueError: it cannot be read.
    """
    import tantivy

    index = tantivy.Index.open(str(folder))
    _teach(index)
    index.config_reader("manual")  # a generation never changes: nothing to watch for
    index.reload()
    return Lexicon(index, index.searcher(), texts, mean_words)


def _schema() -> Any:  # noqa: ANN401  tantivy has no types
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_ROW, stored=False, indexed=True, fast=True)
    builder.add_text_field(_WORDS, stored=False, tokenizer_name=_ANALYSER, index_option="freq")
    return builder.build()


def _teach(index: Any) -> None:  # noqa: ANN401
    import tantivy

    index.register_tokenizer(_ANALYSER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
