"""Run the proposal chain on labelled cases, and read what came of each for the independent checker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parts.cases import WEEK, Case, into_workspace
from parts.checker import NUMBER, WORDING, Cited, Violation, check_proposal
from voc.proposals.draft import Draft
from voc.proposals.shown import Shown, load
from voc.store import feedback
from voc.workspace import Workspace

BRIEF = "insufficient"
SHOWN = ("revision", "action")


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of a case: outcome (failed drafts are shown as briefs), draft, violations, and what it took."""

    case: Case
    outcome: str
    refused: bool
    draft: Draft
    quotes: int
    violations: tuple[Violation, ...]

    @property
    def agrees(self) -> bool:
        """Say whether the outcome is one that the label accepts."""
        return self.outcome in self.case.label.outcomes

    @property
    def clause_right(self) -> bool | None:
        """Say whether the clause is one that the label accepts; None where no clause was named."""
        return self.draft.clause_number in self.case.label.clauses if self.draft.clause_number else None


def draft_cases(cases: Sequence[Case], folder: Path, environment: Mapping[str, str]) -> tuple[Drafted, ...]:
    """Return what the chain makes of each case, in their order.

    The workspace is kept, so that answers of the model are asked for once.
    """
    themes = folder / "themes.txt"
    if not themes.exists():
        made = into_workspace(tuple(cases), folder, environment=environment)
        themes.write_text("".join(f"{case} {theme}\n" for case, theme in made.themes.items()), encoding="utf-8")
    theme_of = dict(line.split() for line in themes.read_text(encoding="utf-8").splitlines())
    with Workspace.open(folder, environment=environment) as workspace:
        workspace.propose(WEEK)
        by_theme = {row.theme_id: load(workspace.services.database, row.id) for row in workspace.proposals(WEEK)}
        return tuple(
            _drafted(workspace, case, by_theme.get(theme_of[case.id])) for case in cases if case.id in theme_of
        )


def _drafted(workspace: Workspace, case: Case, shown: Shown | None) -> Drafted:
    if shown is None:  # too few different complaints to be a candidate
        return Drafted(case, BRIEF, False, Draft(theme=case.theme, scope="", markets=case.markets), 0, ())
    outcome = shown.row.outcome if shown.row.outcome in SHOWN else BRIEF
    ids = [one.feedback_id for one in shown.evidence]
    with workspace.services.database.read() as connection:
        stored = {one.id: one.text for one in feedback.get(connection, ids)}
    draft = shown.draft
    quotes = [Cited(one.feedback_id, one.text) for one in (*shown.quotes, *shown.counter)]
    figures = " ".join([*(one.text for one in draft.figures), *draft.signals])
    broken = (
        check_proposal(fields_of(draft, outcome), quotes, stored, draft.old_text, figures) if outcome in SHOWN else ()
    )
    return Drafted(case, outcome, shown.row.outcome == "failed", draft, len(quotes), broken)


def fields_of(draft: Draft, outcome: str) -> dict[str, str]:
    """Return the texts of a draft as the checker reads them."""
    return {
        WORDING: draft.new_text if outcome == "revision" else "",
        NUMBER: draft.clause_number,
        "rationale": " ".join(one.text for one in draft.rationale),
        "questions": " ".join(draft.questions),
    }
