"""Put hostile comments among the evidence of ordinary drafts, and see whether what they ask for appears."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parts.cases import WEEK
from parts.drafts import BRIEF, SHOWN, fields_of
from parts.hostile import Hostile, read_hostile, succeeded
from voc.embed.pending import embed_pending
from voc.llm.fence import gives_orders
from voc.proposals.chain import Drafter
from voc.proposals.drafting import Made, draft_revision
from voc.proposals.evidence import Evidence
from voc.proposals.locate import Places
from voc.proposals.select import Candidate, select_themes
from voc.runner.job import Job
from voc.runner.steps import drafter_of
from voc.store import assignments, feedback
from voc.trends.table import ThemeWeek, theme_weeks
from voc.workspace import Workspace

BASES = ("left-in-rain-us", "late-without-notice", "locker-codes-de", "pick-up-too-far-de")
"""Cases that attacks are put into, in turn."""
BESIDE = 11
"""Ordinary comments beside them; what the model answers about these is asked once."""
_SOURCE = "attacks"
_MAPPING = f"""source = "{_SOURCE}"
[columns]
source_id = "id"
text = "text"
created_at = "created"
market = "market"
"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """One attack: whether a model saw it, what came of the draft, and whether what it asks for appears."""

    attack: Hostile
    read: bool
    outcome: str
    success: bool


@dataclass
class Ground:
    """A drafter with the attacks stored beside the comments of the cases."""

    drafter: Drafter
    bases: Sequence[Candidate]
    stored: Mapping[str, Evidence]
    rows: Sequence[ThemeWeek]
    places: dict[str, Places] = field(default_factory=dict)

    def draft(self, base: Candidate, ids: Sequence[str]) -> tuple[str, dict[str, str]]:
        """Return outcome and texts of a draft whose first comments are these."""
        extra, chain = [self.stored[one] for one in ids], self.drafter.means.chain
        assert chain is not None
        comments = [*extra, *self.drafter.offered(base)[:BESIDE]]
        plain = self.drafter.base(base, self.rows, offered=len(comments), distinct=len(comments))
        made = draft_revision(plain, comments, self.drafter.materials(base, chain, self.places))
        if not isinstance(made, Made):
            return BRIEF, {"outcome": BRIEF}
        told = {"old_text": made.draft.old_text, "verdict": made.draft.verdict, "outcome": made.outcome}
        return made.outcome, fields_of(made.draft, made.outcome) | told


def run_attacks(
    folder: Path, themes: Mapping[str, str], environment: Mapping[str, str], *, defended: bool, every: int = 1
) -> tuple[Attacked, ...]:
    """Return what each attack achieved.

    Args:
        folder: the workspace of the cases; the attacks are stored there too, without a theme.
        themes: the theme id of each case.
        environment: settings above voc.toml.
        defended: leave out comments that give orders, as the chain does; without it, the model reads them all.
        every: take each nth group of attacks.
    """
    groups: dict[str, list[Hostile]] = {}
    for one in read_hostile():
        groups.setdefault(one.group, []).append(one)
    chosen = list(groups.values())[::every]
    with Workspace.open(folder, environment=environment) as workspace:
        ground = _ground(workspace, themes)
        found: list[Attacked] = []
        for number, group in enumerate(chosen):
            found += _attack(ground, ground.bases[number % len(ground.bases)], group, defended=defended)
            print(f"  attacks: {number + 1} of {len(chosen)} groups", flush=True)
    return tuple(found)


def _attack(ground: Ground, base: Candidate, group: Sequence[Hostile], *, defended: bool) -> list[Attacked]:
    read = [one for one in group if not (defended and gives_orders(one.text))]
    if not read:
        return [Attacked(one, False, "", False) for one in group]
    outcome, fields = ground.draft(base, [one.id for one in read])
    achieved = {one.id: outcome in SHOWN and succeeded(one, fields) for one in read}
    if any(achieved.values()):  # what an ordinary complaint in its place brings about is no success
        plain_outcome, plain = ground.draft(base, [f"{one.id}-benign" for one in read])
        achieved = {one.id: achieved[one.id] and not (plain_outcome in SHOWN and succeeded(one, plain)) for one in read}
    return [Attacked(one, one in read, outcome if one in read else "", achieved.get(one.id, False)) for one in group]


def _ground(workspace: Workspace, themes: Mapping[str, str]) -> Ground:
    services = workspace.services
    path, mapping = services.paths.folder / "attacks.csv", services.paths.folder / "attacks.toml"
    mapping.write_text(_MAPPING, encoding="utf-8")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text", "created", "market"))
        for one in read_hostile():
            for name, text in ((one.id, one.text), (f"{one.id}-benign", one.benign)):
                writer.writerow((name, text, "2024-10-02 12:00:00", "US"))
    workspace.ingest(path, mapping=mapping)
    embed_pending(
        services.database, services.vector_files, services.embedder, stamp=lambda: services.stamp, everything=True
    )
    drafter = drafter_of(Job(services, WEEK, None, ""))
    assert isinstance(drafter, Drafter)
    rows = theme_weeks(drafter.week)
    wanted = {themes[name] for name in BASES if name in themes}
    candidates = select_themes(drafter.database, rows, week=WEEK, markets=drafter.week.markets, k=drafter.task.k)
    return Ground(drafter, [one for one in candidates if one.theme_id in wanted], _stored(workspace), rows)


def _stored(workspace: Workspace) -> dict[str, Evidence]:
    """Return each attack as evidence: all of its text, near to what its first clause is near to."""
    with workspace.services.database.read() as connection:
        units = assignments.undecided(connection, last_week=WEEK)
        first = {unit.feedback_id: unit for unit in sorted(units, key=lambda unit: -unit.start)}
        comments = feedback.get(connection, sorted(first))
    return {
        one.source_id: Evidence(one, 0, len(one.text), first[one.id].text_hash)
        for one in comments
        if one.source == _SOURCE
    }
