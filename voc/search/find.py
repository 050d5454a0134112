"""A question becomes hits: two rankings, the filter in SQL, fused, copies folded, looked up in the store.

While a filter is loose, what both rankings put first is looked up in the store, which says what passes; where too
little of it does, the filter is resolved first and only what it lets through is ranked. Either way the store has the
last word: what it no longer holds, or what does not pass, is no hit.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from voc.errors import InputError
from voc.index.analyse import words
from voc.index.snapshot import Ranked, Snapshot
from voc.search.calibrate import Calibration
from voc.search.fuse import Scored
from voc.search.question import MOST_HITS, Question, check_page
from voc.search.ranking import fused, halves
from voc.search.rerank import FIRST, Reranker
from voc.search.result import Hit, SearchResult, Span
from voc.search.upkeep import Opened
from voc.store import assignments, feedback, labels, search
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.filters import Filter
from voc.store.search import Passing
from voc.types import Feedback

_STAGES: Final = ((100, 200), (MOST_HITS, 2 * MOST_HITS))
"""Hits up to which the order is found from so many texts of each ranking. The order of the first does not change when
more are asked for, so that pages neither repeat nor miss a hit."""

_LOOSER: Final = 5
"""Times as many are looked up where a filter will let some of them fall."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which hits are wanted: how many, of what passes which filter, from where on."""

    limit: int = 10
    wanted: Filter = field(default_factory=Filter)
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The texts that pass, best first, with what the store says of them; `whole` when no other could follow."""

    scored: tuple[Scored, ...]
    passing: Mapping[str, Passing]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    """A text in the order of hits, with what the store says of it."""

    scored: Scored
    passing: Passing


def search_page(
    database: Database,
    opened: Opened,
    question: Question,
    page: Page,
    *,
    language: str,
    calibration: Calibration | None,
    reranker: Reranker | None = None,
) -> SearchResult:
    """Return one page of the comments that answer a question best; comments that say the same are one hit.

    A reranker, where there is one, reads the first hits again and puts them in its own order.

    Raises:
        InputError: the limit or the cursor cannot be used.
    """
    start, moved = _start(opened, question, page)
    check_page(limit=page.limit, start=start)
    last = start + page.limit
    order = _order(database, opened.snapshot, question, page.wanted, last=last, reranker=reranker)
    shown = order[start:last]
    hits = _hits(database, question, page.wanted, shown, language=language, calibration=calibration)
    cursor = _cursor(opened, question, page, last) if last < min(len(order), MOST_HITS) else ""
    notes = opened.notes
    if moved:
        notes += ("Feedback came or went since the page before; search again from the start to miss nothing.",)
    return SearchResult(hits, cursor, notes)


def rank(database: Database, snapshot: Snapshot, question: Question, wanted: Filter, *, depth: int) -> Ranking:
    """Return the fused ranking of what passes a filter, from the best `depth` of either half."""
    narrow = wanted != Filter()
    asked = depth * _LOOSER if narrow else depth
    dense, lexical = halves(snapshot, question, limit=asked)
    with database.read() as connection:
        passing = search.passing(connection, [*dict.fromkeys((*dense.keys, *lexical.keys))], wanted)
    both = [_kept(one, passing) for one in (dense, lexical)]
    exhausted = [len(one) < asked for one in (dense, lexical)]
    enough = all(len(kept) >= depth // 2 or done for kept, done in zip(both, exhausted, strict=True))
    whole = all(exhausted)
    if not enough:
        with database.read() as connection:
            among = search.texts(connection, wanted)
        both = list(halves(snapshot, question, limit=depth, among=among))
        with database.read() as connection:
            passing = search.passing(connection, [*dict.fromkeys((*both[0].keys, *both[1].keys))], wanted)
        whole = all(len(one) < depth for one in both)

    def texts_of(keys: Sequence[str]) -> Mapping[str, str]:
        with database.read() as connection:
            return feedback.texts_by_hash(connection, keys)

    return Ranking(fused(snapshot, question, *both, texts_of=texts_of), passing, whole)


def _kept(ranked: Ranked, passing: Mapping[str, Passing]) -> Ranked:
    kept = [(key, score) for key, score in zip(ranked.keys, ranked.scores, strict=True) if key in passing]
    return Ranked(tuple(key for key, _ in kept), tuple(score for _, score in kept))


def _order(
    database: Database,
    snapshot: Snapshot,
    question: Question,
    wanted: Filter,
    *,
    last: int,
    reranker: Reranker | None,
) -> list[_Placed]:
    """Return at least the first `last` groups of texts that count as one, and one more where there is one."""
    found: dict[str, _Placed] = {}
    for most, depth in _STAGES:
        fresh = _groups(database, snapshot, question, wanted, depth=depth, least=most + 1)
        if reranker is not None and not found:
            fresh = _reread(database, question, fresh, reranker)
        for one in fresh:
            found.setdefault(one.passing.same_as, one)
        if last < most or len(found) <= most:
            break
        found = dict(itertools.islice(found.items(), most))
    return list(found.values())


def _groups(
    database: Database, snapshot: Snapshot, question: Question, wanted: Filter, *, depth: int, least: int
) -> list[_Placed]:
    """Return the best of the texts that count as one, in order: so many, or all that there are."""
    while True:
        ranking = rank(database, snapshot, question, wanted, depth=depth)
        found: dict[str, _Placed] = {}
        for one in ranking.scored:
            if one.key in ranking.passing:
                passing = ranking.passing[one.key]
                found.setdefault(passing.same_as, _Placed(one, passing))
        if len(found) >= least or ranking.whole:
            return list(found.values())
        depth *= 4


def _reread(database: Database, question: Question, found: Sequence[_Placed], reranker: Reranker) -> list[_Placed]:
    first = found[:FIRST]
    with database.read() as connection:
        texts = feedback.texts_by_hash(connection, [one.scored.key for one in first])
    kept = [one for one in first if one.scored.key in texts]
    scores = reranker.scores(question.text, [texts[one.scored.key] for one in kept])
    ranked = sorted(range(len(kept)), key=lambda place: (-scores[place], place))
    return [kept[place] for place in ranked] + list(found[FIRST:])


def _hits(
    database: Database,
    question: Question,
    wanted: Filter,
    shown: Sequence[_Placed],
    *,
    language: str,
    calibration: Calibration | None,
) -> tuple[Hit, ...]:
    passing = [one.passing for one in shown]
    with database.read() as connection:
        units = assignments.of_units(connection, [one.unit_id for one in passing])
        comments = {one.id: one for one in feedback.get(connection, [one.feedback_id for one in units.values()])}
        counts = search.copies(connection, [one.same_as for one in passing], wanted)
        names = labels.newest(connection, language=language)
    hits = []
    for one, place in ((each.scored, each.passing) for each in shown):
        unit = units.get(place.unit_id)
        if unit is None or unit.feedback_id not in comments:  # erased since it was ranked
            continue
        label = names.get(unit.theme_id) if unit.theme_id else None
        comment = comments[unit.feedback_id]
        hits.append(
            Hit(
                feedback=comment,
                start=unit.start,
                end=unit.end,
                score=one.score,
                match=calibration.probability(one) if calibration else None,
                cosine=one.cosine,
                dense_rank=one.dense_rank,
                lexical_rank=one.lexical_rank,
                matched=_matched(question, comment, unit),
                theme_id=unit.theme_id,
                theme=label.name if label else "",
                kind=unit.polarity,
                copies=counts[place.same_as] - 1,
            )
        )
    return tuple(hits)


def _matched(question: Question, comment: Feedback, unit: UnitRow) -> tuple[Span, ...]:
    """Return the characters of a unit that stand for words of the question, joined where they touch."""
    terms = set(question.terms)
    spans: list[Span] = []
    for word in words(comment.text[unit.start : unit.end]):
        if word.form not in terms:
            continue
        start, end = unit.start + word.start, unit.start + word.end
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def _cursor(opened: Opened, question: Question, page: Page, start: int) -> str:
    said = [start, _digest(question, page), _state(opened)]
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def _start(opened: Opened, question: Question, page: Page) -> tuple[int, bool]:
    """Return where a page begins, and whether the store has moved on since the page before."""
    if not page.cursor:
        return 0, False
    try:
        padded = page.cursor + "=" * (-len(page.cursor) % 4)
        start, digest, state = json.loads(base64.urlsafe_b64decode(padded))
        start = int(start)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError("That cursor is not one that a search gave. Leave it out to begin at the start.") from error
    if digest != _digest(question, page) or start < 0:
        raise InputError("The cursor belongs to another question or filter. Leave it out to begin at the first page.")
    return start, state != _state(opened)


def _digest(question: Question, page: Page) -> str:
    asked = [question.text, question.mode.value, question.not_ids, repr(page.wanted)]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _state(opened: Opened) -> str:
    return hashlib.sha256(repr(opened.extent).encode()).hexdigest()[:12]
