"""A team's own code frame: its codes become locked themes, known by the examples that the team gave of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voc.errors import InputError
from voc.ingest.labelled import LabelledText
from voc.store import assignments, labels, themes
from voc.store.assignments import UnitRow
from voc.store.database import Database
from voc.store.labels import LabelRow
from voc.store.themes import FitRow, ThemeEvent, ThemeRow
from voc.themes.centroids import Centroids, measure, nearest, young_threshold
from voc.themes.decide import Sources, first_of_each_text, theme_id
from voc.themes.engine import one_thread
from voc.themes.scores import agreement
from voc.themes.space import Space, from_bytes
from voc.types import Stamp, Vectors
from voc.weeks import week_of

LONGEST_NAME: Final = 80
MOST_CODES: Final = 500
_LAST: Final = "9999-W53"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that became a theme: its examples, how many comments it holds, and the machine's theme nearest to it.

    `known` of the examples are stored comments; `nearest` held `shared` of them, and its centroid is at `cosine`.
    """

    theme_id: str
    name: str
    examples: int
    known: int
    comments: int
    nearest: str
    cosine: float
    shared: int


@dataclass(frozen=True, slots=True)
class CodeFrame:
    """Codes as themes; `ami` is how well the machine's themes agreed with the codes of stored examples before.

    None with fewer than two codes or ten such examples.
    """

    codes: tuple[Code, ...]
    ami: float | None


@dataclass(frozen=True)
class CodeFrameImport:
    """Makes locked themes of codes; `why` is kept in the ledger and the audit log, `language` is that of names."""

    database: Database
    sources: Sources
    encode: Callable[[Sequence[str]], Vectors]
    stamp: Stamp
    why: str
    language: str

    def add(self, examples: Sequence[LabelledText]) -> CodeFrame:
        """Make a theme of each code, give it every comment that is nearer to it than to its own theme, and report.

        Examples that are stored comments, with all their copies, belong to their code from now on, as a person's
        decision; comments that people moved before and those of locked themes stay where they are.

        Raises:
            InputError: there are no themes yet, too many codes, or a code's name is empty, too long or a theme's.
        """
        names = sorted({one.label for one in examples})
        with self.database.read() as connection:
            fit = themes.newest_fit(connection, model_id=self.sources.model_id)
            known = themes.of_fit(connection, fit_id=fit.id) if fit else ()
            taken = {row.name.casefold() for row in labels.newest(connection, language=self.language).values()}
            units = assignments.units(connection, last_week=_LAST)
        if fit is None:
            raise InputError(
                "There are no themes yet that codes could stand beside. Run a week first: voc run --week W"
            )
        _must_be_names(names, taken)
        week = max((unit.week for unit in units if unit.method is not None), default=week_of(self.stamp.at, "UTC"))
        codes = self._themes(examples, names, fit, known, week=week)
        coded = {one.text_hash: codes[one.label].id for one in examples}
        persons = [unit for unit in units if unit.text_hash in coded or unit.same_as in coded]
        moves = self._nearer(
            units, {unit.unit_id for unit in persons}, list(codes.values()), known, from_bytes(fit.space)
        )
        self._write(codes, coded, persons, moves)
        return self._report(codes, examples, coded, units, moves, known)

    def _themes(
        self,
        examples: Sequence[LabelledText],
        names: Sequence[str],
        fit: FitRow,
        known: Sequence[ThemeRow],
        *,
        week: str,
    ) -> dict[str, ThemeRow]:
        space = from_bytes(fit.space)
        vectors = self.encode([one.text for one in examples])
        with one_thread():
            rows = space.place(vectors, [one.language for one in examples])
            numbers = np.array([names.index(one.label) for one in examples], dtype=np.int64)
            found = measure(rows, numbers)
        usual = [theme.threshold for theme in known]
        made = {}
        for number, name in enumerate(names):
            texts = [one.text_hash for one in examples if one.label == name]
            threshold = young_threshold(float(found.thresholds[number]), len(texts), usual)
            code_id = theme_id(["code", name, *texts], fit.id)
            made[name] = ThemeRow(code_id, fit.id, week, "active", found.rows[number], threshold, locked=True)
        return made

    def _nearer(
        self,
        units: Sequence[UnitRow],
        persons: set[str],
        codes: Sequence[ThemeRow],
        known: Sequence[ThemeRow],
        space: Space,
    ) -> dict[str, tuple[str, float]]:
        """Return the code, and the cosine to it, of each unit that is nearer to a code than to where it is."""
        locked = {theme.id for theme in known if theme.locked}
        free = [
            unit
            for unit in units
            if unit.method == "machine" and unit.unit_id not in persons and unit.theme_id not in locked
        ]
        firsts = first_of_each_text(free)
        if not firsts:
            return {}
        with one_thread():
            vectors = self.sources.vectors([unit.same_as for unit in firsts])
            rows = space.place(vectors, [unit.language for unit in firsts])
            centroids = Centroids(
                np.stack([code.centroid for code in codes]), np.array([code.threshold for code in codes])
            )
            near = nearest(rows, centroids)
        to = {
            unit.same_as: (codes[int(near.theme[row])].id, float(near.score[row]))
            for row, unit in enumerate(firsts)
            if near.belongs[row]
        }
        return {
            unit.unit_id: to[unit.same_as]
            for unit in free
            if unit.same_as in to and (unit.theme_id is None or to[unit.same_as][1] > (unit.score or 0.0))
        }

    def _write(
        self,
        codes: Mapping[str, ThemeRow],
        coded: Mapping[str, str],
        persons: Sequence[UnitRow],
        moves: Mapping[str, tuple[str, float]],
    ) -> None:
        with self.database.write() as connection:
            themes.add(connection, self.stamp, codes.values())
            for name, theme in codes.items():
                own = [unit.unit_id for unit in persons if _code_of(unit, coded) == theme.id]
                decided = [unit.unit_id for unit in persons if unit.unit_id in set(own) and unit.method is not None]
                assignments.move(connection, self.stamp, decided, theme_id=theme.id)
                nearer = {unit: place for unit, place in moves.items() if place[0] == theme.id}
                assignments.place(connection, nearer)
                label = LabelRow(theme.id, self.language, 1, name, "", (), "person", None, "")
                labels.add(connection, self.stamp, label, feedback_ids=(), run_id=None)
                why = f"{self.stamp.actor}: {self.why}"
                event = ThemeEvent(theme.id, "born", theme.born_week, len(decided) + len(nearer), why=why)
                themes.record_act(connection, self.stamp, event, detail={"code": name})

    def _report(
        self,
        codes: Mapping[str, ThemeRow],
        examples: Sequence[LabelledText],
        coded: Mapping[str, str],
        units: Sequence[UnitRow],
        moves: Mapping[str, tuple[str, float]],
        known: Sequence[ThemeRow],
    ) -> CodeFrame:
        before = {unit.text_hash: unit.theme_id or "" for unit in units if unit.method == "machine"}
        found = []
        for name, theme in codes.items():
            own = [one.text_hash for one in examples if one.label == name]
            stored = [before[one] for one in own if one in before]
            cosines = {one.id: float(theme.centroid @ one.centroid) for one in known}
            near = max(cosines, key=lambda one: cosines[one], default="")
            comments = {unit.feedback_id for unit in units if _code_of(unit, coded) == theme.id}
            comments |= {unit.feedback_id for unit in units if moves.get(unit.unit_id, ("",))[0] == theme.id}
            cosine = cosines.get(near, 0.0)
            shared = stored.count(near)
            found.append(Code(theme.id, name, len(own), len(stored), len(comments), near, cosine, shared))
        pairs = [(one.label, before[one.text_hash]) for one in examples if one.text_hash in before]
        return CodeFrame(tuple(found), _ami(pairs))


def _code_of(unit: UnitRow, coded: Mapping[str, str]) -> str | None:
    return coded.get(unit.text_hash) or coded.get(unit.same_as)


def _ami(pairs: Sequence[tuple[str, str]]) -> float | None:
    if len(pairs) < 10 or len({code for code, _ in pairs}) < 2:
        return None
    ids = sorted({theme for _, theme in pairs})
    numbers = np.array([ids.index(theme) for _, theme in pairs], dtype=np.int64)
    return agreement(np.array([code for code, _ in pairs], dtype=np.str_), numbers).ami


def _must_be_names(names: Sequence[str], taken: set[str]) -> None:
    if not 1 <= len(names) <= MOST_CODES:
        raise InputError(f"The file has {len(names)} codes; 1 to {MOST_CODES} are allowed.")
    for name in names:
        if len(name) > LONGEST_NAME:
            raise InputError(f"The code '{name[:40]}…' has {len(name)} characters; at most {LONGEST_NAME} are allowed.")
        if name.casefold() in taken:
            raise InputError(
                f"A theme is named '{name}' already. Rename that theme or the code, so that both are told apart."
            )
