"""Choose the constants of the first fit on one half of each set, and show what they give on the other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

import numpy as np

from parts import peers
from parts.sets import LabelledSet
from voc.themes import fit, graph
from voc.themes.scores import Scores, score
from voc.themes.space import COMPONENTS

SHIPPED = (COMPONENTS, graph.NEIGHBOURS, graph.RESOLUTION)
GRID = tuple(itertools.product((64, 96, 128, 192), (10, 15, 30), (0.5, 1.0, 2.0)))


@dataclass(frozen=True, slots=True)
class Tried:
    """One choice of components, neighbours and resolution: AMI and ARI of each set on half A, and its mean rank."""

    components: int
    neighbours: int
    resolution: float
    ami: tuple[float, ...]
    ari: tuple[float, ...]
    mean_rank: float


def halves(one: LabelledSet, *, by_label: bool | None = None, seed: int = 7) -> tuple[LabelledSet, LabelledSet]:
    """Return two halves of a set, drawn with a seed, each in canonical order.

    XQuAD is halved by article: its texts are translations of one another, so that halves of texts would share every
    passage, and each article would have half its texts.
    """
    named = (one.name == "XQuAD") if by_label is None else by_label
    units = np.asarray(one.labels) if named else np.arange(len(one.texts)).astype(np.str_)
    names = np.array(list(dict.fromkeys(units.tolist())))
    order = np.random.default_rng(seed).permutation(len(names))
    chosen = np.isin(units, names[order[: len(order) // 2]])
    return one.take(np.flatnonzero(chosen)), one.take(np.flatnonzero(~chosen))


def scored(one: LabelledSet, components: int, neighbours: int, resolution: float) -> Scores:
    """Return the scores of voc with other constants than those shipped."""
    finer = partial(graph.communities, resolution=resolution)
    with patch.object(fit, "NEIGHBOURS", neighbours), patch.object(graph, "communities", finer):
        return score(one.labels, peers.voc(one, components).themes)


def tune(sets: Sequence[LabelledSet]) -> list[Tried]:
    """Return the whole grid on half A of each set, the best mean rank of AMI and ARI first.

    Raises:
        RuntimeError: so many choices give the same that some constant does not reach the fit.
    """
    found = [[scored(halves(one)[0], *choice) for one in sets] for choice in GRID]
    if len({str(row) for row in found}) <= len(GRID) // 2:
        raise RuntimeError("not every constant of the grid reaches the fit: has voc/themes moved one?")
    ami = np.array([[each.whole.ami for each in row] for row in found])
    ari = np.array([[each.whole.ari for each in row] for row in found])
    ranks = np.concatenate([_ranks(ami), _ranks(ari)], axis=1).mean(axis=1)
    tried = [
        Tried(*choice, tuple(ami[row].tolist()), tuple(ari[row].tolist()), float(ranks[row]))
        for row, choice in enumerate(GRID)
    ]
    return sorted(tried, key=lambda one: one.mean_rank)


def tuning_table(sets: Sequence[LabelledSet], tried: Sequence[Tried]) -> str:
    """Return the grid as Markdown, then the best and the shipped choice on half B."""
    names = [one.name for one in sets]
    lines = [
        "Half A of each set, AMI / ARI, by mean rank of all columns:",
        "",
        f"| components | neighbours | resolution | {' | '.join(names)} | mean rank |",
        "|--:|--:|--:|" + "--:|" * (len(names) + 1),
    ]
    for one in tried:
        cells = " | ".join(f"{ami:.3f} / {ari:.3f}" for ami, ari in zip(one.ami, one.ari, strict=True))
        mark = " (shipped)" if (one.components, one.neighbours, one.resolution) == SHIPPED else ""
        lines.append(
            f"| {one.components}{mark} | {one.neighbours} | {one.resolution:g} | {cells} | {one.mean_rank:.1f} |"
        )
    best = tried[0]
    choices = {"chosen on half A": (best.components, best.neighbours, best.resolution), "shipped": SHIPPED}
    lines += ["", "Half B, AMI / ARI, themes:", "", f"| choice | {' | '.join(names)} |", "|---|" + "--:|" * len(names)]
    for name, choice in choices.items():
        scores = [scored(halves(one)[1], *choice) for one in sets]
        cells = " | ".join(f"{one.whole.ami:.3f} / {one.whole.ari:.3f}, {one.themes}" for one in scores)
        lines.append(f"| {name}: {choice[0]}, {choice[1]}, {choice[2]:g} | {cells} |")
    return "\n".join(lines)


def _ranks(values: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    return np.asarray(rankdata(-values.round(4), axis=0))
