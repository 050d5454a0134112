"""How many comments are about something: what is likely enough, what of it is right, and where and when it came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from voc.errors import InputError
from voc.index.analyse import forms
from voc.index.snapshot import Snapshot
from voc.search.calibrate import LIKELY, Calibration
from voc.search.find import Ranking, rank
from voc.search.fuse import Mode
from voc.search.question import Question
from voc.store import feedback, labels, search
from voc.store.database import Database
from voc.store.filters import Filter
from voc.store.search import Found
from voc.types import Estimate

_FIRST_DEPTH: Final = 1000


@dataclass(frozen=True, slots=True)
class Home:
    """The theme that most matches are in, by its name, and how many comments of it the filter lets through."""

    theme: str
    comments: int


@dataclass(frozen=True, slots=True)
class Count:
    """The comments that match, copies among them counted; the facets and the weekly trend are of exactly these.

    `different` leaves copies out. `right` says how many of the different ones are likely about what was asked, None
    where words alone decide and nothing is estimated. A facet maps values to comments, the most frequent first;
    a comment in several themes is counted in each. `home` is the theme that most of them are in, with the number of all
    its comments in the filter, None where no theme holds most: it has what says the same in other words.
    """

    comments: int
    different: int
    right: Estimate | None
    facets: Mapping[str, Mapping[str, int]]
    weeks: Mapping[str, int]
    home: Home | None = None


def matching(
    database: Database, snapshot: Snapshot, question: Question, wanted: Filter, *, calibration: Calibration | None
) -> dict[str, float]:
    """Return every text in the filter that matches, with the probability that it is about what was asked.

    By words alone, a text matches that holds every word of the question, and the probability is 1.

    Raises:
        InputError: the encoder was not calibrated.
    """
    if question.mode is Mode.LEXICAL:
        return _with_every_word(database, snapshot, question, wanted)
    if calibration is None:
        raise InputError(
            "This encoder was not calibrated, so how near is near enough is not known. Count by words: --mode lexical"
        )
    depth = _FIRST_DEPTH
    while True:
        ranking = rank(database, snapshot, question, wanted, depth=depth)
        if ranking.whole or _complete(ranking, calibration):
            break
        depth *= 4
    found = {}
    for one in ranking.scored:
        probability = calibration.probability(one)
        if one.key in ranking.passing and probability is not None and probability >= LIKELY:
            found[one.key] = probability
    return found


def count(
    database: Database,
    snapshot: Snapshot,
    question: Question,
    wanted: Filter,
    *,
    language: str,
    calibration: Calibration | None,
) -> Count:
    """Return how many comments in a filter match a question; `language` is that of theme names.

    Raises:
        InputError: the encoder was not calibrated.
    """
    probabilities = matching(database, snapshot, question, wanted, calibration=calibration)
    with database.read() as connection:
        found = list(search.found_units(connection, sorted(probabilities), wanted))
        names = {theme: label.name for theme, label in labels.newest(connection, language=language).items()}
    different: dict[str, float] = {}
    for unit in found:
        different[unit.same_as] = max(different.get(unit.same_as, 0.0), probabilities[unit.text_hash])
    right = None
    if question.mode is not Mode.LEXICAL and calibration is not None:
        right = calibration.right(list(different.values()))
    comments = {unit.feedback_id for unit in found}
    weeks = {unit.feedback_id: unit.week for unit in found}
    trend = dict(sorted(Counter(weeks.values()).items()))
    home = _home(database, found, wanted, names)
    return Count(len(comments), len(different), right, _facets(found, names), trend, home)


def _complete(ranking: Ranking, calibration: Calibration) -> bool:
    """Say whether no text that either ranking left out could be likely."""
    outstanding = [one.outstanding for one in ranking.scored if one.dense_rank and one.outstanding is not None]
    words = [one.words for one in ranking.scored if one.lexical_rank]
    return calibration.at(min(outstanding, default=0.0), min(words, default=0.0)) < LIKELY


def _with_every_word(database: Database, snapshot: Snapshot, question: Question, wanted: Filter) -> dict[str, float]:
    ranking = rank(database, snapshot, question, wanted, depth=snapshot.texts)
    keys = [one.key for one in ranking.scored if one.key in ranking.passing]
    with database.read() as connection:
        texts = feedback.texts_by_hash(connection, keys)
    return {key: 1.0 for key, text in texts.items() if set(question.terms) <= set(forms(text))}


def _home(database: Database, found: Sequence[Found], wanted: Filter, names: Mapping[str, str]) -> Home | None:
    counts = Counter(unit.theme_id for unit in found)
    theme, most = max(counts.items(), key=lambda one: (one[1], one[0] or ""), default=(None, 0))
    if theme is None or 2 * most <= len(found) or wanted.theme_id:
        return None
    with database.read() as connection:
        return Home(names.get(theme, theme), search.comments(connection, replace(wanted, theme_id=theme)))


def _facets(found: Iterable[Found], names: Mapping[str, str]) -> dict[str, dict[str, int]]:
    inside: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for unit in found:
        rating = "" if unit.rating is None else f"{unit.rating:g}"
        theme = "" if unit.theme_id is None else names.get(unit.theme_id, unit.theme_id)
        values = {
            "market": unit.market,
            "language": unit.language,
            "channel": unit.channel,
            "rating": rating,
            "kind": unit.polarity or "",
            "theme": theme,
        }
        for facet, value in values.items():
            inside[facet][value].add(unit.feedback_id)
    return {
        facet: dict(sorted(((value, len(ids)) for value, ids in of.items()), key=lambda one: (-one[1], one[0])))
        for facet, of in inside.items()
    }
