"""From themes of texts to assignments of units: what the first fit, the weekly update and a refit have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Protocol

from voc.store.assignments import UnitRow
from voc.store.themes import ThemeRow
from voc.themes.engine import one_thread
from voc.themes.fit import Fit
from voc.themes.graph import FindNeighbours
from voc.themes.polarity import PolarityModel
from voc.themes.rule import Decided as Decided
from voc.themes.rule import Rule, rule_of
from voc.themes.ruling import Ruling, assignments_of
from voc.themes.sentences import Sentences, no_sentences
from voc.themes.space import Space
from voc.types import Assignment, Vectors

ELECTORATE: Final = 12_000
"""Most texts that vote on others than those of a fit, the first by hash: more cost time and say nearly the same."""


DECIDED_AT_ONCE: Final = 20_000
"""Units whose vectors are held at the same time; runs of them end between texts, wherever they are decided."""


class Decide(Protocol):
    """Decides many units by a ruling, here or on other machines; the answer is the same."""

    def __call__(self, runs: Sequence[Sequence[UnitRow]], ruling: Ruling, /) -> Iterator[tuple[Assignment, ...]]:
        """Return the decisions about each run of units, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where vectors `(n, d)` come from, by text hash, what finds the nearest of many, and what teaches at first.

    `decide`, where given, decides what a large fit was not made of; without it, that is done here.
    """

    model_id: str
    vectors: Callable[[Sequence[str]], Vectors]
    neighbours: FindNeighbours
    sentences: Callable[[], Sentences] = no_sentences
    decide: Decide | None = None


def first_of_each_text(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Return one unit of each distinct text, near-copies being one text, in canonical order."""
    firsts: dict[str, UnitRow] = {}
    for unit in sorted(units, key=canonical):
        firsts.setdefault(unit.same_as, unit)
    return list(firsts.values())


def canonical(unit: UnitRow) -> tuple[str, str]:
    """Return the place of a unit in canonical order, which depends on content only."""
    return unit.same_as, unit.unit_id


def counted(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Return the units that may make themes: those within the quota of their source."""
    return [unit for unit in units if unit.counted]


def theme_id(member_hashes: Sequence[str], fit_id: str) -> str:
    """Return the id of a theme: a hash of the fit and of the texts that it was born with."""
    return hashlib.sha256("\n".join([fit_id, *sorted(member_hashes)]).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Placed:
    """Distinct texts of units: the vector `(d,)` of each, and what is decided of it by the known themes, by hash."""

    vectors: dict[str, Vectors]
    decided: dict[str, Decided]


def place_units(
    units: Sequence[UnitRow],
    sources: Sources,
    space: Space,
    known: Sequence[ThemeRow],
    *,
    voters: Sequence[UnitRow] = (),
) -> Placed:
    """Return the vectors of the texts of units, and which of the known themes of a space each belongs to.

    Args:
        units: the units.
        sources: where vectors come from.
        space: the space of the themes.
        known: the themes.
        voters: units whose texts have a say about their neighbours, the units themselves among them.
    """
    firsts = first_of_each_text(units)
    if not firsts:
        return Placed({}, {})
    hashes = [unit.same_as for unit in firsts]
    vectors = sources.vectors(hashes)
    chosen = first_of_each_text(voters)[:ELECTORATE] if known else []
    with one_thread():
        heard = sources.vectors([one.same_as for one in chosen]) if chosen else vectors[:0]
        voting = space.place(heard, [one.language for one in chosen]) if chosen else heard
        rule = rule_of(space, known, chosen, voting)
    decided = rule.decide(hashes, [unit.language for unit in firsts], vectors)
    return Placed(dict(zip(hashes, vectors, strict=True)), decided)


@dataclass(frozen=True, slots=True)
class FittedThemes:
    """A fit, one unit of each text that it was made of in canonical order, and the themes that came of it."""

    fit: Fit
    firsts: Sequence[UnitRow]
    known: Sequence[ThemeRow]

    def decided(self) -> dict[str, Decided]:
        """Return the theme of each text of the fit, whose rows and neighbours are known already."""
        rule = self._rule(len(self.firsts))
        with one_thread():
            said = rule.said(self.fit.found.near) if self.fit.found and self.known else None
            return rule.of_rows([unit.same_as for unit in self.firsts], self.fit.rows, said)

    def rule(self) -> Rule:
        """Return the rule for texts that the fit was not made of."""
        return self._rule(ELECTORATE)

    def _rule(self, electorate: int) -> Rule:
        with one_thread():
            return rule_of(self.fit.space, self.known, self.firsts[:electorate], self.fit.rows[:electorate])


def decide_all(
    units: Sequence[UnitRow], decided: Mapping[str, Decided], rule: Rule, polarity: PolarityModel, sources: Sources
) -> tuple[Assignment, ...]:
    """Return the assignment of every unit, a part of whose texts is decided already; the others go by the rule."""
    ruling = Ruling(rule, polarity)
    settled = [unit for unit in units if unit.same_as in decided]
    others = [unit for unit in units if unit.same_as not in decided]
    ours: list[tuple[Assignment, ...]] = []
    for run in runs_of_texts(settled):
        ours.append(assignments_of(run, decided, vectors_by_hash(run, sources), polarity))
    runs = list(runs_of_texts(others))
    if sources.decide is not None:
        theirs = list(sources.decide(runs, ruling))
    else:
        theirs = [ruling.decide(run, vectors_by_hash(run, sources)) for run in runs]
    return tuple(chain(*ours, *theirs))


def runs_of_texts(units: Sequence[UnitRow], at_once: int = DECIDED_AT_ONCE) -> Iterator[list[UnitRow]]:
    """Yield units in canonical order in runs of about so many, all units of a text in one run."""
    run: list[UnitRow] = []
    for unit in sorted(units, key=canonical):
        if len(run) >= at_once and unit.same_as != run[-1].same_as:
            yield run
            run = []
        run.append(unit)
    if run:
        yield run


def vectors_by_hash(units: Sequence[UnitRow], sources: Sources) -> dict[str, Vectors]:
    """Return the vector `(d,)` of each text of units."""
    hashes = list(dict.fromkeys(unit.same_as for unit in units))
    return dict(zip(hashes, sources.vectors(hashes), strict=True))
