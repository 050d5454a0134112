"""Rules on what a draft rests on: ids, quotes, and how much of what was offered speaks for it."""

from __future__ import annotations

import re
from typing import Final

from voc.proposals.gate.case import Case

_QUOTED: Final = re.compile(r"[“„«\"]([^“”„«»\"]{8,400})[”“»\"]")
_FEW: Final = 3
"""A draft that was offered no more comments than this may cite all of them."""


def evidence_offered(case: Case) -> str:
    """Ids cited by rationale, quotes and obligations are among those offered."""
    cited = {one for sentence in case.draft.rationale for one in sentence.evidence}
    cited |= {quote.feedback_id for quote in case.quotes}
    cited |= {one for duty in case.draft.obligations for one in duty.evidence}
    unknown = sorted(cited - set(case.offered.texts))
    return f"{len(unknown)} cited ids were not offered: {', '.join(unknown[:3])}" if unknown else ""


def rationale_rests(case: Case) -> str:
    """Every sentence of the rationale names feedback."""
    if not case.draft.rationale:
        return "there is no rationale"
    bare = [sentence.text for sentence in case.draft.rationale if not sentence.evidence]
    return f"without evidence: {bare[0][:80]}" if bare else ""


def quotes_verbatim(case: Case) -> str:
    """Each quote is, byte for byte, what its feedback says at its place; so is what the rationale puts in quotes."""
    if not case.quotes:
        return "there is no quote"
    for quote in case.quotes:
        text = case.offered.texts.get(quote.feedback_id, "")
        inside = 0 <= quote.start < quote.end <= len(text)
        if not inside or _bytes(text[quote.start : quote.end]) != _bytes(quote.text):
            return f"not what {quote.feedback_id[:12]} says at {quote.start} to {quote.end}: {quote.text[:60]}"
    said = [match[1] for sentence in case.rationale for match in _QUOTED.finditer(sentence)]
    wrong = [one for one in said if not any(one in text for text in case.offered.texts.values())]
    return f"in quotes, but no offered comment says it: {wrong[0][:60]}" if wrong else ""


def evidence_relevant(case: Case) -> str:
    """Enough of the offered comments were judged relevant, each duty has k supporters, and not all ids are cited."""
    offered, draft = len(case.offered.texts), case.draft
    if not draft.obligations:
        return "no duty names the comments that ask for it"
    for duty in draft.obligations:
        distinct = len(set(duty.evidence))
        if duty.supporters != distinct or distinct != len(duty.evidence):
            return f"duty '{duty.id}' says {duty.supporters} supporters and names {distinct}"
        if distinct < case.k:
            return f"duty '{duty.id}' has {distinct} supporters; at least {case.k} are needed"
    named = len({one for duty in draft.obligations for one in duty.evidence})
    if not named <= draft.relevant <= max(offered, draft.offered):
        return f"{draft.relevant} comments are said to be relevant, {named} are named, {offered} were offered"
    least = case.least_share * max(offered, draft.offered)
    if draft.relevant < least:
        return f"{draft.relevant} of {offered} offered comments were judged relevant; at least {least:.1f} must be"
    everything = offered > _FEW and all(set(case.offered.texts) <= set(one.evidence) for one in draft.rationale)
    return f"each sentence cites all {offered} offered comments, so none was chosen" if everything else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
