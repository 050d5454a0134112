"""What a search gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc.types import Feedback

if TYPE_CHECKING:
    import pandas as pd

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A comment that was found, by its characters from `start` to `end`, and why.

    `score` orders the hits of one question and means nothing beside another's. `cosine` is None while the text waits
    for its vector. Ranks begin at 1 and are None where that half did not find it. `matched` are the characters of the
    comment that stand for words of the question. `copies` other comments in the filter say the same. `match` is the
    probability that the comment is about what was asked, None where the encoder was not calibrated.
    """

    feedback: Feedback
    start: int
    end: int
    score: float
    match: float | None
    cosine: float | None
    dense_rank: int | None
    lexical_rank: int | None
    matched: tuple[Span, ...]
    theme_id: str | None
    theme: str
    kind: str | None
    copies: int

    @property
    def why(self) -> str:
        """Return in a few words what found it."""
        found = []
        if self.dense_rank is not None:
            found.append(f"meaning #{self.dense_rank}")
        if self.lexical_rank is not None:
            found.append(f"words #{self.lexical_rank}")
        return ", ".join(found) or "copy"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best hits, where the next page begins (empty at the end), and what people should know about them."""

    hits: tuple[Hit, ...]
    cursor: str
    notes: tuple[str, ...]

    def to_df(self) -> pd.DataFrame:
        """Return the hits as a data frame, one row a hit."""
        import pandas as pd

        return pd.DataFrame([as_row(hit) for hit in self.hits], columns=list(COLUMNS))


COLUMNS = (
    *("id", "market", "created_at", "week", "language", "channel", "rating", "theme_id", "theme", "kind", "text"),
    *("start", "end", "copies", "score", "match", "cosine", "dense_rank", "lexical_rank", "source", "source_id"),
    *("source_url", "attributes"),
)


def as_row(hit: Hit) -> dict[str, object]:
    """Return a hit as plain values by the names in `COLUMNS`."""
    comment = hit.feedback
    return {
        "id": comment.id,
        "market": comment.market,
        "created_at": comment.created_at.isoformat(),
        "week": comment.week,
        "language": comment.language,
        "channel": comment.channel,
        "rating": comment.rating,
        "theme_id": hit.theme_id,
        "theme": hit.theme,
        "kind": hit.kind,
        "text": comment.text,
        "start": hit.start,
        "end": hit.end,
        "copies": hit.copies,
        "score": round(hit.score, 4),
        "match": None if hit.match is None else round(hit.match, 4),
        "cosine": None if hit.cosine is None else round(hit.cosine, 4),
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "source": comment.source,
        "source_id": comment.source_id,
        "source_url": comment.source_url,
        "attributes": dict(comment.attributes),
    }
