"""Centroids of themes from which comments were erased: measured again over what is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from voc.store import assignments, themes
from voc.store.assignments import UnitRow
from voc.store.database import Connection, Database
from voc.store.themes import ENDED, ThemeEvent, ThemeRow
from voc.themes.decide import first_of_each_text
from voc.themes.engine import one_thread
from voc.themes.space import Space, from_bytes, unit_rows
from voc.types import Stamp, Vectors
from voc.weeks import week_of

ERASED: Final = "all of its comments were erased"
_NEVER: Final = 1.0
_LAST: Final = "9999-W53"
_BLOCK: Final = 10_000


def measure_again(
    database: Database,
    theme_ids: Sequence[str],
    vectors: Callable[[str, Sequence[str]], Vectors],
    *,
    stamp: Stamp,
) -> int:
    """Write the centroid of each theme as the mean of its remaining texts, and return how many were written.

    Thresholds stay: how near is near does not change with one comment. A theme without comments falls asleep with no
    centroid, and no text joins it any more. `vectors` returns those of a model `(n, d)` by text hash.
    """
    done = 0
    for one in theme_ids:
        with database.read() as connection:
            theme = themes.get(connection, one)
            fit = themes.fit(connection, theme.fit_id)
            left = first_of_each_text(assignments.members(connection, theme_id=one, last_week=_LAST))
        if theme.state in ENDED:
            continue
        with database.write() as connection:
            if left:
                centroid = _mean(left, from_bytes(fit.space), partial(vectors, fit.model_id))
                themes.change(connection, stamp, replace(theme, centroid=centroid))
            else:
                _put_to_sleep(connection, theme, stamp)
        done += 1
    return done


def forget_languages(database: Database, spoken: Collection[str]) -> int:
    """Take the means of languages that no comment is written in any more out of every space; return of how many spaces.

    The mean of a language that one customer wrote in is that customer's vector, drawn towards the mean of all.
    """
    done = 0
    with database.write() as connection:
        for fit in themes.fits(connection):
            space = from_bytes(fit.space)
            kept = {name: mean for name, mean in space.language_means.items() if name in spoken}
            if len(kept) < len(space.language_means):
                themes.rewrite_fit(connection, replace(fit, space=replace(space, language_means=kept).to_bytes()))
                done += 1
    return done


def _mean(members: Sequence[UnitRow], space: Space, vectors: Callable[[Sequence[str]], Vectors]) -> Vectors:
    total = np.zeros(space.projection.shape[1])
    with one_thread():
        for start in range(0, len(members), _BLOCK):
            block = members[start : start + _BLOCK]
            rows = space.place(vectors([one.same_as for one in block]), [one.language for one in block])
            total += rows.sum(axis=0, dtype=np.float64)
    mean: Vectors = unit_rows(total[None, :])[0]
    return mean


def _put_to_sleep(connection: Connection, theme: ThemeRow, stamp: Stamp) -> None:
    nothing = np.zeros_like(theme.centroid)
    themes.change(connection, stamp, replace(theme, state="dormant", centroid=nothing, threshold=_NEVER))
    if theme.state != "dormant":
        event = ThemeEvent(theme.id, "dormant", week_of(stamp.at, "UTC"), 0, why=ERASED)
        themes.record(connection, stamp, [event], run_id=None)
