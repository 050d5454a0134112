"""Where the clause of planted complaints is found among the clauses in force, without a language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from parts.cases import WEEK
from parts.planted import Planted, read_planted
from voc.proposals.chain import Drafter
from voc.proposals.locate import Places, Subject
from voc.proposals.nearness import Nearness
from voc.runner.job import Job
from voc.runner.steps import drafter_of
from voc.standards.registry import clauses_in_force
from voc.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Said:
    """A planted comment as the search for clauses reads it; its text stands for its hash."""

    text_hash: str
    language: str


def first_places(folder: Path, environment: Mapping[str, str]) -> dict[str, object]:
    """Return how often the planted clause is first and among three, on the half that was tuned on and the other.

    Groups come in pairs of one clause; two pairs in four are the tuned half. Also how many of the groups that no clause
    is about are told apart from those that one is about.
    """
    with Workspace.open(folder, environment=environment) as workspace:
        drafter = drafter_of(Job(workspace.services, WEEK, None, ""))
        assert isinstance(drafter, Drafter)
        plain = drafter.means.nearness
        nearness = Nearness(plain.encode, plain.encode, plain.space)
        clauses = clauses_in_force(workspace.services.database, document="delivery", market="", on="2024-10-06")
        places = Places.of(clauses, drafter.means.catalogue, nearness)
        ranks, meant = [], []
        for one in read_planted():
            subject = _subject(one)
            meant.append(places.meant(subject))
            if one.clause:
                numbers = [clause.number for clause in places.nearest(subject)]
                ranks.append(numbers.index(one.clause))
    planted = read_planted()
    tuned = np.array([number % 4 < 2 for number, one in enumerate(planted) if one.clause])
    rank = np.array(ranks)
    inside = [found for found, one in zip(meant, planted, strict=True) if one.clause]
    outside = [found for found, one in zip(meant, planted, strict=True) if not one.clause]
    return {
        "groups": len(rank),
        "tuned on": float((rank[tuned] == 0).mean()),
        "held out": float((rank[~tuned] == 0).mean()),
        "held out, first three": float((rank[~tuned] < 3).mean()),
        "meant, of those with a clause": float(np.mean(inside)),
        "meant, of those without (seen in tuning)": float(np.mean(outside)),
    }


def _subject(one: Planted) -> Subject:
    return Subject(one.theme, [_Said(text, one.language) for text in one.comments])  # type: ignore[list-item]
