"""Erase comments from everything that a workspace keeps, as one act that goes on after a stop where it was.

First the store, in one transaction that also keeps what is left to do; then, each step doing nothing where it was done
already: vectors, index, centroids and names, report files, the free pages of the store.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from voc.backfill.history import drop_unfinished
from voc.embed.scrub import scrub
from voc.embed.vectors import load_vectors
from voc.erasure import reports
from voc.erasure.spoken import MARK, Spoken
from voc.failpoints import reach
from voc.index.current import manifest_of, remove
from voc.label.erased import forget
from voc.label.groups import group_themes
from voc.label.names import LabelTask, name_by_words
from voc.proposals.erased import withdraw
from voc.runner.job import held_lease
from voc.search.upkeep import Holdings
from voc.store import answers, backups, erase, erasures, feedback, sweep, themes, vectors
from voc.store.database import Connection
from voc.store.erase import Held
from voc.store.shred import shred
from voc.store.themes import ENDED
from voc.themes.erased import forget_languages, measure_again
from voc.types import Vectors
from voc.wiring import Services

_SPOKEN_OF: Final = ("rationale", "summarise_theme", "translate_quote")
"""Prompts whose answers say what single comments said; names and duties say what several have in common."""

_LAST: Final = "9999-W53"


@dataclass(frozen=True, slots=True)
class Done:
    """What was erased and made again; `left` says, a sentence each, what others must do."""

    comments: int
    vectors: int = 0
    themes: int = 0
    withdrawn: int = 0
    written: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Gone:
    """What is gone from the store, before the rest is done."""

    comments: int = 0
    withdrawn: int = 0


def perform(services: Services, feedback_ids: Sequence[str], *, why: str) -> Done:
    """Erase comments; without any, complete what was begun.

    Raises:
        BusyError: a run is at work, or somebody holds the store so that its free pages cannot be written anew.
    """
    with held_lease(services, f"erasure-{secrets.token_hex(4)}"):
        gone = _Gone()
        if feedback_ids:
            with services.database.write() as connection:
                gone = _from_store(services, connection, feedback_ids, why)
            reach("erase.committed")
        return _complete(services, gone)


def spoken_of(connection: Connection, held: Held) -> Spoken:
    """Return what is to be struck out: what comments say that nobody else does, and what a model said of them."""
    return Spoken(held.texts, _answered(connection, held))


def _from_store(services: Services, connection: Connection, feedback_ids: Sequence[str], why: str) -> _Gone:
    stamp = services.stamp
    held = erase.held(connection, feedback_ids)
    answered = _answered(connection, held)
    shown = reports.affected(services.paths.reports, held.feedback_ids, Spoken(held.texts, answered))
    comments = erase.erase(connection, stamp, held.feedback_ids, why=why)
    lost = forget(connection, theme_ids=held.themes, made_from=set(held.labels), texts=held.texts)
    spoken = Spoken(held.texts, (*answered, *lost))
    sweep.sweep(connection, stamp, spoken.strike)
    k = services.settings.workspace.k
    withdrawn = withdraw(connection, stamp, held.proposals, set(held.feedback_ids), mark=MARK, k=k)
    also = reports.affected(services.paths.reports, (), spoken) if lost else ()
    stems = sorted({*shown, *also})
    erasures.begin(connection, stamp, comments=comments, themes=held.themes, reports=stems, why=why)
    return _Gone(comments, withdrawn)


def _answered(connection: Connection, held: Held) -> tuple[str, ...]:
    said = (answer for prompt, answer in answers.said(connection, held.answers) if prompt in _SPOKEN_OF)
    return tuple(one for answer in said for one in _leaves(json.loads(answer)))


def _complete(services: Services, gone: _Gone) -> Done:
    database = services.database
    with database.read() as connection:
        begun = erasures.unfinished(connection)
        models = vectors.models(connection)
    if not begun:
        return Done(gone.comments)
    drop_unfinished(services)
    zeros = sum(scrub(database, services.vector_files, model_id=model) for model in models)
    reach("erase.scrubbed")
    _index(services, models)
    reach("erase.indexed")
    touched = tuple(dict.fromkeys(theme for one in begun for theme in one.themes))
    _name(services, touched)
    reach("erase.named")
    written, removed = reports.write_again(services, {one for act in begun for one in act.reports})
    reach("erase.reported")
    left = shred(database)
    reach("erase.shredded")
    backups.clear_left(database)
    with database.write() as connection:
        for one in begun:
            erasures.finish(connection, services.stamp, one)
    comments = gone.comments or sum(one.comments for one in begun)
    return Done(comments, zeros, len(touched), gone.withdrawn, written, removed, left)


def _index(services: Services, models: Sequence[str]) -> None:
    """Write the index anew without what is gone, and keep no older one; of no text there is no index."""
    root = services.paths.index
    known = manifest_of(root)
    if known is None:
        remove(root)
        return
    with services.database.read() as connection:
        texts = vectors.all_places(connection, model_id=known.model_id)
    if known.model_id not in models or not texts:
        remove(root)
        return
    Holdings(services.database, services.vector_files, root, known.model_id, known.dim).build(alone=True)


def _name(services: Services, touched: Sequence[str]) -> None:
    """Measure the themes again, and name those that lost their name by their words."""
    database, stamp = services.database, services.stamp
    measure_again(database, touched, lambda model, hashes: _vectors(services, model, hashes), stamp=stamp)
    language = services.settings.workspace.reader_language
    with database.read() as connection:
        fit = themes.newest_fit(connection, model_id=None)
        rows = [] if fit is None else list(themes.of_fit(connection, fit_id=fit.id))
        languages = feedback.languages(connection)
    forget_languages(database, languages)
    present = [theme for theme in rows if theme.state not in ENDED]
    if not present:
        return
    task = LabelTask(tuple(theme.id for theme in present), _LAST, language, languages, None)
    name_by_words(database, task, touched, stamp=stamp)
    week = max(theme.born_week for theme in present)
    group_themes(database, present, week=week, language=language, stamp=lambda: services.stamp)


def _vectors(services: Services, model_id: str, hashes: Sequence[str]) -> Vectors:
    with services.database.read() as connection:
        dim = vectors.blocks(connection, model_id=model_id)[0].dim
    return load_vectors(services.database, services.vector_files, list(hashes), model_id=model_id, dim=dim)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
