"""How good the drafts of a model are: at the gate, in the eyes of those who decided, and in what they cost.

What people rejected, with their reasons, and what they approved is the evaluation set: drafted again with the model
that is configured, a draft should not repeat what was rejected and should keep what was approved.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from voc.errors import InputError
from voc.proposals.draft import Draft
from voc.proposals.drafting import Made
from voc.proposals.states import Reason, State
from voc.store import proposals, review
from voc.store.database import Database
from voc.store.proposals import ProposalRow

_SHOWN: Final = ("revision", "action")
_APPROVED: Final = (State.APPROVED, State.ADOPTED)
_LONGEST_LINE: Final = 20_000

Redraft = Callable[[ProposalRow], Made | str]
"""Drafts again for the theme of a proposal, without keeping it; a text says why there is no draft."""


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The drafts of one model.

    `first_try` and `last_try` are shares of the drafts that reached the gate and passed it; `rules` counts by rule how
    often a try failed it; `supported` is the share of shown sentences that are not weak; tokens and seconds are per
    draft that reached the gate; `decided` counts approvals and the reasons of rejections.
    """

    model: str
    drafts: int
    shown: int
    briefs: int
    first_try: float | None
    last_try: float | None
    rules: Mapping[str, int]
    supported: float | None
    tokens: float | None
    seconds: float | None
    decided: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Again:
    """A decided proposal drafted again: what people said, what came out now, and whether that is better or as good."""

    proposal_id: str
    decided: str
    outcome: str
    clause: str
    good: bool


@dataclass(frozen=True, slots=True)
class Precision:
    """Of labelled pairs, how many the score calls supported, and the share of these that the label supports."""

    pairs: int
    cited: int
    precision: float | None
    recall: float | None


class _Quote(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str


class _Pair(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    sentence: str
    quotes: list[_Quote]
    supported: bool


def model_figures(database: Database) -> tuple[ModelFigures, ...]:
    """Return the figures of each model that has drafted, in order of its id."""
    with database.read() as connection:
        rows = proposals.every(connection)
        gates = {row.id: proposals.gate_of(connection, row.id) for row in rows}
        reasons = {row.id: _decision(row, review.events_of(connection, row.id)) for row in rows}
        first = {row.id: Draft.model_validate(review.versions(connection, row.id)[0].draft) for row in rows}
    by_model: dict[str, list[ProposalRow]] = {}
    for row in rows:
        by_model.setdefault(first[row.id].method, []).append(row)
    found = []
    for model, own in sorted(by_model.items()):
        gated = [row for row in own if gates[row.id]]
        shown = [row for row in own if row.outcome in _SHOWN]
        rules = Counter(rule for row in gated for tried in first[row.id].refused for rule in tried)
        rules += Counter(g.rule for row in gated if row.outcome == "failed" for g in gates[row.id] if not g.passed)
        sentences = [one for row in shown for one in first[row.id].rationale]
        costs = [first[row.id].cost for row in gated]
        found.append(
            ModelFigures(
                model=model,
                drafts=len(own),
                shown=len(shown),
                briefs=sum(row.outcome == "brief" for row in own),
                first_try=_share([row.outcome != "failed" and not first[row.id].refused for row in gated]),
                last_try=_share([row.outcome != "failed" for row in gated]),
                rules=dict(sorted(rules.items())),
                supported=_share([not one.weak for one in sentences]),
                tokens=_mean([one.tokens_in + one.tokens_out for one in costs]),
                seconds=_mean([one.seconds for one in costs]),
                decided=dict(sorted(Counter(reasons[row.id] for row in own if reasons[row.id]).items())),
            )
        )
    return tuple(found)


def draft_again(database: Database, redraft: Redraft) -> tuple[Again, ...]:
    """Return what comes of each proposal that people approved or rejected, drafted again; nothing is stored.

    Raises:
        LLMError: the model cannot be asked.
    """
    with database.read() as connection:
        rows = [(row, _decision(row, review.events_of(connection, row.id))) for row in proposals.every(connection)]
    found = []
    for row, decided in rows:
        if not decided:
            continue
        made = redraft(row)
        outcome = made.outcome if isinstance(made, Made) else "brief"
        clause = made.draft.clause_number if isinstance(made, Made) else ""
        found.append(Again(row.id, decided, outcome, clause, _is_good(row, decided, outcome, clause, made)))
    return tuple(found)


def citation_precision(path: Path, score: Callable[[str, Sequence[str]], float], *, threshold: float) -> Precision:
    """Return how often quotes that the score accepts do support their sentence, on labelled pairs.

    Args:
        path: JSON lines of `sentence`, `quotes` (each with `text`) and `supported`.
        score: the probability that quotes bear a sentence out.
        threshold: from which a sentence is not marked as weak.

    Raises:
        InputError: the file cannot be read or a line is not such a pair.
    """
    pairs = _pairs(path)
    cited = [one for one in pairs if score(one.sentence, [quote.text for quote in one.quotes]) >= threshold]
    right = sum(one.supported for one in cited)
    supported = sum(one.supported for one in pairs)
    return Precision(
        len(pairs), len(cited), right / len(cited) if cited else None, right / supported if supported else None
    )


def _is_good(row: ProposalRow, decided: str, outcome: str, clause: str, made: Made | str) -> bool:
    """Say whether a new draft keeps what was approved, or does not repeat that for which the old one was rejected."""
    if decided == State.APPROVED:
        return outcome == row.outcome and clause == row.clause_number
    if decided == Reason.WRONG_CLAUSE:
        return clause != row.clause_number
    if decided == Reason.NOT_A_TEXT_MATTER:
        return outcome != "revision"
    if decided in (Reason.WORDING, Reason.NOT_FEASIBLE):
        return not isinstance(made, Made) or made.draft.new_text != row.draft.get("new_text")
    return outcome not in _SHOWN


def _decision(row: ProposalRow, events: Sequence[review.EventRow]) -> str:
    if row.state in _APPROVED and row.outcome == "revision":
        return State.APPROVED
    rejected = [one.reason for one in events if one.to_state == State.REJECTED and one.reason]
    return rejected[-1] if rejected else ""


def _pairs(path: Path) -> list[_Pair]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_Pair.model_validate(json.loads(line[:_LONGEST_LINE])))
        except (ValueError, ValidationError) as error:
            raise InputError(
                f"{path}, line {number} is not a pair such as "
                '{"sentence": "…", "quotes": [{"text": "…"}], "supported": true}.'
            ) from error
    if not found:
        raise InputError(f"{path} holds no pairs.")
    return found


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
