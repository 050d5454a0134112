"""Name and summarise themes; a name stays until its theme's words have changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from voc.failpoints import reach
from voc.label.asking import SUMMARISED_FROM, ask_summary
from voc.label.faith import measurable
from voc.label.ground import Ground
from voc.label.members import comments_of, representatives
from voc.label.naming import Named, Naming, Theme
from voc.label.wording import first_free, name_key, name_words, word_names
from voc.llm.chain import Chain
from voc.store import labels
from voc.store.database import Database
from voc.store.labels import LabelRow
from voc.themes.keywords import keywords
from voc.themes.words import stop_words
from voc.types import Progress, Stamp, no_progress

_STILL_THE_SAME: Final = 0.3
"""Share of keywords that must be common for a name to stay."""


@dataclass(frozen=True, slots=True)
class LabelReport:
    """How many themes were named by known kind, model and keywords, how many summaries there are, what went wrong.

    `in_doubt` counts the names in force that fit their own theme less well than the nearest theme's name does, `strays`
    the summaries that were left out because they lie nearer to another theme.
    """

    by_kind: int = 0
    by_model: int = 0
    by_keywords: int = 0
    summaries: int = 0
    in_doubt: int = 0
    strays: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelTask:
    """Which themes to label up to which week, in the reader's language, over feedback in these languages."""

    theme_ids: tuple[str, ...]
    week: str
    language: str
    languages: tuple[str, ...]
    run_id: str | None


def label_themes(
    database: Database,
    chain: Chain | None,
    task: LabelTask,
    ground: Ground,
    *,
    stamp: Callable[[], Stamp],
    progress: Progress = no_progress,
) -> LabelReport:
    """Give a label to every theme that has none, whose words have changed, or that a model can now name.

    All names are measured, those that stay too. Everything is written at the end, in one transaction; answers of the
    model are kept as they come, so that a run that was stopped asks nothing twice.
    """
    with database.read() as connection:
        known = labels.newest(connection, language=task.language)
        in_force = labels.names_in_force(connection, language=task.language)
        made_from = labels.shown(connection, language=task.language)
    themes = _read(database, task, known)
    twins = _twins(in_force, known)
    stale = [one for one, theme in themes.items() if one in twins or _is_stale(theme, chain)]
    naming = Naming(themes, ground, task.language, dict(in_force))
    naming.plainly(stale)
    if chain is not None:
        naming.ask(chain, lambda done, total: progress(done, 2 * total))
    sources = {one: _sources(themes[one], task.language) for one in stale}
    names = measurable(
        {one: theme.comments for one, theme in themes.items()},
        {**made_from, **{one: frozenset(ids) for one, ids in sources.items()}},
        ground,
    )
    naming.compare(names)
    scores = names.scores(naming.current, only=themes)
    written = {}
    for done, one in enumerate(stale, len(stale)):
        progress(done, 2 * len(stale))
        if chain is not None:
            written[one] = ask_summary(chain, themes[one].members, naming.current[one], task.language)
    progress(2 * len(stale), 2 * len(stale))
    strays = names.strays({**_summaries(themes), **written}, naming.current) & written.keys() if written else set()
    fresh = []
    for one in stale:
        summary = "" if one in strays else written.get(one, "")
        label = _row(one, themes[one], naming.named[one], summary=summary, task=task, is_final=chain is not None)
        fresh.append(replace(label, faithfulness=scores[one]))
    again = [
        replace(theme.known, faithfulness=scores[one])
        for one, theme in themes.items()
        if one not in naming.named and theme.known is not None and theme.known.faithfulness != scores[one]
    ]
    if fresh or again:
        with database.write() as connection:
            for label in fresh:
                labels.add(connection, stamp(), label, feedback_ids=sources[label.theme_id], run_id=task.run_id)
            for label in again:
                labels.measured(connection, label)
        reach("labels.after-commit")
    return _report(fresh, scores, naming.problems, strays=len(strays))


def name_by_words(database: Database, task: LabelTask, theme_ids: Sequence[str], *, stamp: Stamp) -> int:
    """Name those of some themes of a task that have no name by the words of their comments; return how many.

    The next run with a model names them again.
    """
    with database.read() as connection:
        known = labels.newest(connection, language=task.language)
        taken = labels.names_in_force(connection, language=task.language)
    themes, fresh = _read(database, task, known), list[LabelRow]()
    for one in (theme for theme in theme_ids if theme in themes and theme not in known):
        others = {name_key(name) for theme, name in taken.items() if theme != one}
        name = first_free(word_names(themes[one].name_words, task.language), others)
        taken[one] = name
        fresh.append(_row(one, themes[one], Named(name, "keywords"), summary="", task=task, is_final=False))
    with database.write() as connection:
        for label in fresh:
            sources = _sources(themes[label.theme_id], task.language)
            labels.add(connection, stamp, label, feedback_ids=sources, run_id=task.run_id)
    return len(fresh)


def _read(database: Database, task: LabelTask, known: Mapping[str, LabelRow]) -> dict[str, Theme]:
    found = {theme: comments_of(database, theme, last_week=task.week) for theme in task.theme_ids}
    members = {theme: comments.strongest for theme, comments in found.items() if comments.strongest}
    stop = stop_words(task.languages)
    words = keywords({theme: [one.text for one in shown] for theme, shown in members.items()}, stop=stop)
    spelled = name_words(members, language=task.language, stop=stop)
    return {theme: Theme(found[theme], words[theme], spelled[theme], known.get(theme)) for theme in members}


def _twins(in_force: Mapping[str, str], known: Mapping[str, LabelRow]) -> set[str]:
    """Return the themes that carry another's name; what a person named keeps its name, else the first by id does."""
    seen: set[str] = set()
    twins = set()
    for theme in sorted(in_force, key=lambda one: (known[one].method != "person", one)):
        key = name_key(in_force[theme])
        if key in seen and known[theme].method != "person":
            twins.add(theme)
        seen.add(key)
    return twins


def _is_stale(theme: Theme, chain: Chain | None) -> bool:
    known = theme.known
    if known is None:
        return True
    if known.method == "person":
        return False
    if chain is not None and not known.basis_hash:
        return True
    if not known.keywords:
        return False
    common = len(set(known.keywords) & set(theme.words)) / max(1, len(known.keywords))
    return common < _STILL_THE_SAME


def _sources(theme: Theme, language: str) -> tuple[str, ...]:
    """Return the ids of the comments that name and summary are made from."""
    return tuple(one.feedback_id for one in representatives(theme.members, count=SUMMARISED_FROM, language=language))


def _row(theme_id: str, theme: Theme, named: Named, *, summary: str, task: LabelTask, is_final: bool) -> LabelRow:
    return LabelRow(
        theme_id,
        task.language,
        theme.known.version + 1 if theme.known else 1,
        named.name,
        summary,
        theme.words,
        named.method,
        named.answer_key,
        # Without a model the basis is left open, so that the first run with one names the theme.
        _basis(theme.words) if is_final else "",
    )


def _summaries(themes: Mapping[str, Theme]) -> dict[str, str]:
    """Return the summaries that themes have already."""
    return {one: theme.known.summary for one, theme in themes.items() if theme.known is not None}


def _report(
    fresh: Sequence[LabelRow], scores: Mapping[str, float | None], problems: Sequence[str], *, strays: int
) -> LabelReport:
    methods = Counter(label.method for label in fresh)
    return LabelReport(
        methods["kind"],
        methods["llm"],
        methods["keywords"],
        sum(bool(label.summary) for label in fresh),
        sum(labels.is_doubted(score) for score in scores.values()),
        strays,
        tuple(dict.fromkeys(problems)),
    )


def _basis(words: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(words)).encode()).hexdigest()[:16]
