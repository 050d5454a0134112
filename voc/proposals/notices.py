"""What has changed since a draft was written: quotes that the store no longer bears out, figures, the clause itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from voc.ingest.identity import text_hash
from voc.proposals.draft import Draft, Figure
from voc.proposals.figures import moved
from voc.proposals.shown import Shown
from voc.proposals.states import EDITABLE
from voc.standards.registry import clauses_in_force
from voc.store import feedback, review
from voc.store.database import Database


def quote_notices(database: Database, shown: Shown) -> tuple[str, ...]:
    """Return a sentence for each quote that is not, byte for byte, what the stored comment says."""
    wanted = [*shown.quotes, *shown.counter]
    with database.read() as connection:
        stored = {one.id: one for one in feedback.get(connection, [quote.feedback_id for quote in wanted])}
        drafted = review.versions(connection, shown.row.id)[0]
    lines = []
    for quote in shown.quotes:
        comment = stored.get(quote.feedback_id)
        if comment is None or comment.text[quote.start : quote.end].encode() != quote.text.encode():
            who = quote.feedback_id[:8]
            lines.append(f"The quote of {who} is not what the stored comment says. Do not rely on it.")
    for one in stored.values():
        if text_hash(one.text) != one.text_hash or not unicodedata.is_normalized("NFC", one.text):
            lines.append(f"The stored comment {one.id[:8]} was changed after it came in. Compare with a backup.")
    first = Draft.model_validate(drafted.draft)
    lost = first.erased + len(_cited(first) - {one.feedback_id for one in shown.evidence})
    if lost:
        lines.append(f"{lost} of the comments that the draft cites were erased since; their words are gone.")
    return tuple(lines)


def clause_notices(database: Database, shown: Shown, *, on: str) -> tuple[str, ...]:
    """Return a sentence where the clause in force on a day (ISO) is not the one that was drafted against."""
    draft = shown.draft
    if not draft.clause_number or shown.row.state not in EDITABLE:
        return ()
    clauses = clauses_in_force(database, document=draft.document, market=shown.row.market, on=on)
    now = next((one for one in clauses if one.number == draft.clause_number), None)
    if now is not None and now.text == draft.old_text:
        return ()
    said = f"is another in edition {now.edition}" if now is not None else "is no longer in force"
    return (
        f"Clause {draft.clause_number} {said}: this was drafted against {draft.edition}. Draft it on the clause in "
        f"force with: voc proposals rebase {shown.row.id}",
    )


def figure_notices(drafted: Draft, now: Sequence[Figure]) -> tuple[str, ...]:
    """Return a sentence for each figure that has moved."""
    return moved(drafted.figures, now)


def _cited(draft: Draft) -> set[str]:
    cited = (*(one.evidence for one in draft.rationale), *(one.evidence for one in draft.obligations))
    return {one for ids in cited for one in ids}
