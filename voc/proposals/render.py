"""A proposal as people read it: Markdown for the terminal and for files, HTML for the report."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from voc.proposals.draft import Draft
from voc.standards.redline import as_html, as_text, redline
from voc.store import proposals
from voc.store.database import Database
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.types import Quote


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with everything beside it."""

    row: ProposalRow
    draft: Draft
    evidence: tuple[EvidenceRow, ...]
    quotes: tuple[Quote, ...]
    gate: tuple[GateRow, ...]

    @property
    def title(self) -> str:
        """Return what it is about, in one line."""
        draft = self.draft
        if self.row.outcome == "revision":
            return f"Revise clause {draft.clause_number} {draft.clause_title} ({draft.scope})"
        if self.row.outcome == "action":
            return f"Act on clause {draft.clause_number} {draft.clause_title} ({draft.scope}): the text is right"
        if self.row.outcome == "failed":
            return f"Failed draft for clause {draft.clause_number} ({draft.scope}): not a proposal"
        return f"Evidence brief: {draft.theme} ({draft.scope})"


def load(database: Database, proposal_id: str) -> Shown:
    """Return a proposal by the beginning of its id.

    Raises:
        NotFoundError: no proposal, or more than one, begins with it.
    """
    with database.read() as connection:
        row = proposals.get(connection, proposal_id)
        return Shown(
            row,
            Draft.model_validate(row.draft),
            proposals.evidence_of(connection, row.id),
            proposals.quotes_of(connection, row.id),
            proposals.gate_of(connection, row.id),
        )


def as_markdown(shown: Shown) -> str:
    """Return a proposal as Markdown; struck out is [-so-], put in is {+so+}."""
    draft, lines = shown.draft, [f"# {shown.title}", ""]
    lines += [f"Proposal {shown.row.id}, week {shown.row.week}, state {shown.row.state}. Theme: {draft.theme}.", ""]
    if shown.row.outcome == "failed":
        lines += ["It failed the gate:", *(f"- {g.rule}: {g.reason}" for g in shown.gate if not g.passed)]
        return "\n".join(lines) + "\n"
    if draft.clause_number:
        lines += [
            f"Clause in force: {draft.clause_number} of {draft.document} {draft.edition}. Verdict: {draft.verdict}.",
            "",
        ]
    if shown.row.outcome == "revision":
        lines += ["## Redline", "", as_text(redline(draft.old_text, draft.new_text)), ""]
    if shown.row.outcome == "action":
        lines += ["## Action", "", f"Make sure that this is done: {draft.obligations[0].sentence}", ""]
    lines += [line + "\n" for line in _support(draft)]
    if draft.note:
        lines += [f"No draft: {draft.note}.", ""]
    lines += _list(
        "Why",
        [
            f"{one.text} [{', '.join(i[:8] for i in one.evidence)}; support {one.support:.2f}]"
            for one in draft.rationale
        ],
    )
    lines += _list("Figures", [one.text for one in draft.figures])
    lines += _list("Quotes", [f"“{q.text}” ({q.market}, {q.language}, {q.feedback_id[:8]})" for q in shown.quotes])
    against = [one.feedback_id[:8] for one in shown.evidence if one.role == "counter"]
    lines += _list("Counter-evidence", [f"praise in the same weeks: {', '.join(against)}"] if against else [])
    lines += _list("Open questions", draft.questions)
    lines += _list("Measure of success", [draft.success] if draft.success else [])
    lines += _list("Gate", [f"passed: {g.rule}" for g in shown.gate])
    return "\n".join(lines).rstrip() + "\n"


def as_section(shown: Shown) -> str:
    """Return a proposal as an HTML section for the report; everything is escaped."""
    draft, escape = shown.draft, html.escape
    parts = [f'<article class="proposal" id="p-{shown.row.id}"><h3>{escape(shown.title)}</h3>']
    verdict = f" · verdict: {escape(draft.verdict)}" if draft.verdict else ""
    parts.append(f'<p class="meta">{escape(draft.theme)} · {shown.row.id} · {shown.row.state}{verdict}</p>')
    if shown.row.outcome == "revision":
        parts.append(f'<p class="redline">{as_html(redline(draft.old_text, draft.new_text))}</p>')
    if shown.row.outcome == "action":
        parts.append(f"<p><strong>Make sure that this is done:</strong> {escape(draft.obligations[0].sentence)}</p>")
    if draft.note:
        parts.append(f"<p>No draft: {escape(draft.note)}.</p>")
    parts += [f'<p class="meta">{escape(line)}</p>' for line in _support(draft)]
    for sentence in draft.rationale:
        ids = ", ".join(one[:8] for one in sentence.evidence)
        parts.append(f'<p>{escape(sentence.text)} <span class="meta">[{ids}]</span></p>')
    parts.append("<ul>" + "".join(f"<li>{escape(one.text)}</li>" for one in draft.figures) + "</ul>")
    for quote in shown.quotes:
        parts.append(
            f'<blockquote lang="{escape(quote.language)}">{escape(quote.text)}'
            f"<footer>{escape(quote.market)} · {escape(quote.language)} · {quote.feedback_id[:8]}</footer></blockquote>"
        )
    against = [one.feedback_id[:8] for one in shown.evidence if one.role == "counter"]
    if against:
        parts.append(f'<p class="meta">Counter-evidence, praise in the same weeks: {", ".join(against)}</p>')
    if draft.success:
        parts.append(f"<p>Measure of success: {escape(draft.success)}</p>")
    if draft.questions:
        parts.append("<p>Open questions:</p><ul>" + "".join(f"<li>{escape(q)}</li>" for q in draft.questions) + "</ul>")
    return "".join(parts) + "</article>"


def _support(draft: Draft) -> list[str]:
    return [f"{duty.supporters} of {draft.offered} comments ask for this duty." for duty in draft.obligations]


def _list(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {line}" for line in lines), ""] if lines else []


def as_page(shown: Shown) -> str:
    """Return a proposal as one HTML page without anything from elsewhere."""
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1rem;color:#1b2430}"
        "del{color:#a4262c}ins{color:#1d6b43}.meta,footer{color:#5a6675;font-size:.9rem}"
        "blockquote{border-left:3px solid #d9dfe6;margin:.5rem 0;padding-left:.9rem}"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>{html.escape(shown.title)}</title>"
        f"<style>{style}</style></head><body>{as_section(shown)}</body></html>\n"
    )
