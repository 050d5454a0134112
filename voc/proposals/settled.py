"""No repeats: a gap that waits for a decision, was rejected or not drafted is left alone until evidence grows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voc.proposals.figures import Scope
from voc.proposals.states import State
from voc.store.proposals import ProposalRow

NO_MODEL: Final = "no model"
"""The method of a brief that no model has read."""

_DISTINCT: Final = "distinct"
_REPLACEABLE: Final = (State.DRAFT, State.REJECTED, State.FAILED)
_WAITING: Final = (State.IN_REVIEW, State.CHANGES_ASKED, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a gap is settled, and the drafts that a new one would take the place of."""

    settled: bool
    replaces: tuple[ProposalRow, ...] = ()


def standing(
    scope: Scope, known: Sequence[ProposalRow], *, document: str, distinct: int, growth: float, has_model: bool
) -> Standing:
    """Say whether the gap of a theme in a scope may be drafted.

    Args:
        scope: the theme and whom a draft would be for.
        known: every proposal there is.
        document: the standard to be revised.
        distinct: how many different complaints there are now.
        growth: the share by which there must be more than when it was drafted, such as .5.
        has_model: whether a model could draft now.
    """
    same = [row for row in known if row.theme_id == scope.theme_id and row.document == document]
    same = [row for row in same if row.state != State.SUPERSEDED and _overlaps(scope, row)]
    if any(row.state in _WAITING or (not has_model and _is_worded(row)) for row in same):
        return Standing(True)
    for row in same:
        wider = not scope.market and bool(row.market) and row.state == State.DRAFT
        unread = has_model and row.draft.get("method") == NO_MODEL
        if not (wider or unread or _grown(row.draft, distinct, growth)):
            return Standing(True)
    return Standing(False, tuple(row for row in same if row.state == State.DRAFT))


def _is_worded(row: ProposalRow) -> bool:
    """Say whether a model drafted it: a brief without a model never takes its place."""
    return row.state == State.DRAFT and row.draft.get("method") != NO_MODEL


def _overlaps(scope: Scope, row: ProposalRow) -> bool:
    return not scope.market or not row.market or scope.market == row.market


def _grown(draft: Mapping[str, object], distinct: int, growth: float) -> bool:
    figures = draft.get("figures")
    drafted = next(
        (one.get("value") for one in (figures if isinstance(figures, list) else []) if one.get("name") == _DISTINCT),
        None,
    )
    if not isinstance(drafted, int | float):
        return True
    return distinct >= max(drafted + 1, math.ceil(drafted * (1 + growth)))
