"""Evaluate the drafts of a workspace: what is stored, what would be drafted now, and how well quotes are judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import NotFoundError
from voc.proposals.chain import Drafter
from voc.proposals.evaluate import Again, ModelFigures, Precision, citation_precision, draft_again, model_figures
from voc.runner.job import Job
from voc.runner.steps import drafter_of, support_of

if TYPE_CHECKING:
    from voc.proposals.drafting import Made
    from voc.store.proposals import ProposalRow
    from voc.wiring import Services


@dataclass(frozen=True, slots=True)
class ProposalEvaluation:
    """Figures of each model that has drafted, of decided proposals drafted again, and of labelled pairs."""

    models: tuple[ModelFigures, ...]
    again: tuple[Again, ...]
    precision: Precision | None


def evaluate_proposals(services: Services, *, again: bool, pairs: Path | None) -> ProposalEvaluation:
    """Return the figures; with `again`, decided proposals are drafted again by the configured model and not kept.

    Raises:
        NotFoundError: nothing has been drafted.
        InputError: the file of pairs cannot be used.
        LLMError: the model cannot be asked.
    """
    models = model_figures(services.database)
    if not models and pairs is None:
        raise NotFoundError("No proposals yet. Draft some: voc propose")
    precision = None
    if pairs is not None:
        support = support_of(services, services.embedder.encode)
        precision = citation_precision(pairs, support.score, threshold=support.fit.threshold)
    redone = draft_again(services.database, lambda row: _redraft(services, row)) if again else ()
    return ProposalEvaluation(models, redone, precision)


def _redraft(services: Services, row: ProposalRow) -> Made | str:
    drafter = drafter_of(Job(services, row.week, None, ""))
    return drafter.draft_for(row) if isinstance(drafter, Drafter) else drafter
