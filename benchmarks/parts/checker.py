"""An independent checker of proposals: written from what is promised, with nothing of the gate in it.

It looks at what a person would be shown: the new wording, the prose around it and the quotes. Every rule is simple and
strict; where it cannot tell, it complains. What is checked against is the stored feedback, the clause and the figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parts.checked_numbers import Limit, language_of, limits, numbers, sentences, without_targets

WORDING: Final = "new_text"
"""The field that becomes the clause; every other field is prose."""

NUMBER: Final = "clause_number"
"""The field that names the clause; it is no prose."""

RULES: Final = ("quote", "new number", "weakened limit", "weakened duty", "copied complaint", "language")
LONGEST_COPY: Final = 7
"""Words in a row that a clause may share with a complaint; in scripts without spaces, twice as many characters."""

_SAME_DUTY: Final = 0.5
"""Share of the words of a rule that a sentence must have to be the same rule."""

_SHORT: Final = 5
"""Words below which an ASCII sentence says too little about its language."""

_INNER: Final = re.compile(r"[“\"„«»”‟「『]([^“\"„«»”‟「」『』]{12,})[”\"“»«」』]")
_SHALL: Final = re.compile(r"\b(?:shall|must|muss|müssen|doit|doivent|deve|devem|debe|deben)\b", re.IGNORECASE)
_NOT: Final = re.compile(r"\b(?:not|never|nicht|kein\w*|pas|não|no)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote as a proposal shows it, and the id of the feedback that it is said to come from."""

    feedback_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong: one of `RULES`, the field it is in, and what was found."""

    rule: str
    field: str
    found: str


def check_proposal(
    draft_fields: Mapping[str, str],
    quotes: Sequence[Cited],
    stored: Mapping[str, str],
    clause_text: str,
    figures_text: str,
) -> tuple[Violation, ...]:
    """Return everything that a proposal promises not to do and does.

    Args:
        draft_fields: the texts of the draft by name; "new_text" is the wording, "clause_number" the number of the
            clause, every other one is prose (rationale, open questions, measure of success, name of the theme).
        quotes: the quotes shown.
        stored: the stored text of every comment of the theme, by feedback id.
        clause_text: the clause in force, "" where the clause is new.
        figures_text: every computed figure, as it is said.
    """
    found: list[Violation] = []
    found += _quotes(quotes, stored)
    found += _inner_quotes(draft_fields, [clause_text, figures_text, *stored.values()])
    found += _numbers(draft_fields, clause_text, figures_text)
    wording = draft_fields.get(WORDING, "")
    if wording.strip():
        found += _limits(wording, clause_text)
        found += _duties(wording, clause_text)
        found += _copies(wording, clause_text, stored)
        found += _language(wording, clause_text)
    return tuple(found)


def table(results: Mapping[str, Sequence[Violation]]) -> str:
    """Return a Markdown table: for each rule in how many proposals it was broken, how often, and an example."""
    lines = [f"| rule | proposals of {len(results)} | times | example |", "|---|--:|--:|---|"]
    times = Counter(one.rule for broken in results.values() for one in broken)
    for rule in RULES:
        where = [name for name, broken in results.items() if any(one.rule == rule for one in broken)]
        example = next((f"{name}: {one.found}" for name in where for one in results[name] if one.rule == rule), "")
        shown = " ".join(example.replace("|", "/").split())[:90]
        lines.append(f"| {rule} | {len(where)} | {times[rule]} | {shown} |")
    clean = sum(not broken for broken in results.values())
    return "\n".join([*lines, f"| none of them | {clean} | | |"])


def _quotes(quotes: Sequence[Cited], stored: Mapping[str, str]) -> Iterator[Violation]:
    for quote in quotes:
        text = stored.get(quote.feedback_id)
        if text is None:
            yield Violation("quote", "quotes", f"{quote.feedback_id} is no stored comment of the theme")
        elif not quote.text.strip() or quote.text.encode() not in text.encode():
            yield Violation("quote", "quotes", f"not in {quote.feedback_id}: {quote.text}")


def _inner_quotes(fields: Mapping[str, str], sources: Sequence[str]) -> Iterator[Violation]:
    """Yield what stands between quotation marks and is neither a customer's nor the clause's nor the draft's own."""
    for name, text in fields.items():
        others = [one for field, one in fields.items() if field != name]
        for match in _INNER.finditer(text):
            if not any(match[1].encode() in source.encode() for source in (*sources, *others)):
                yield Violation("quote", name, f"nobody wrote: {match[1]}")


def _numbers(fields: Mapping[str, str], clause: str, figures: str) -> Iterator[Violation]:
    number = fields.get(NUMBER, "")
    known = {one.key for text in (clause, figures) for part in sentences(text) for one in numbers(part)}
    for name, text in fields.items():
        if name == NUMBER:
            continue
        clear = without_targets(text)
        if number:
            clear = re.sub(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", " ", clear)
        for sentence in sentences(clear):
            for one in numbers(sentence):
                if one.key not in known:
                    yield Violation("new number", name, f"{one.said} in: {sentence}")


def _limits(wording: str, clause: str) -> Iterator[Violation]:
    """Yield limits of the clause that are gone or bind less in the new wording."""
    left = list(limits(wording))
    open_limits: list[Limit] = []
    for old in limits(clause):
        same = next((one for one in left if _bounds_alike(one, old) and one.value == old.value), None)
        if same is None:
            open_limits.append(old)
        else:
            left.remove(same)
    for old in open_limits:
        alike = [one for one in left if _bounds_alike(one, old)]
        if not alike:
            yield Violation("weakened limit", WORDING, f"gone: {old.sense} of {old.said} in: {old.sentence}")
            continue
        new = max(alike, key=lambda one: _shared(old.sentence, one.sentence))
        left.remove(new)
        if (new.value > old.value) == (old.sense == "ceiling"):
            yield Violation("weakened limit", WORDING, f"{old.said} became {new.said} in: {new.sentence}")


def _bounds_alike(new: Limit, old: Limit) -> bool:
    return (new.sense, new.dimension) == (old.sense, old.dimension)


def _duties(wording: str, clause: str) -> Iterator[Violation]:
    """Yield rules of the clause that the new wording leaves out, makes optional or turns round."""
    new = sentences(wording)
    for old in sentences(clause):
        if not _SHALL.search(old):
            continue
        best = max(new, key=lambda one: _shared(old, one))
        if _shared(old, best) < _SAME_DUTY:
            yield Violation("weakened duty", WORDING, f"gone: {old}")
        elif not _SHALL.search(best):
            yield Violation("weakened duty", WORDING, f"no longer a rule: {best}")
        elif bool(_NOT.search(old)) and not _NOT.search(best):
            yield Violation("weakened duty", WORDING, f"no longer forbidden: {best}")


def _copies(wording: str, clause: str, stored: Mapping[str, str]) -> Iterator[Violation]:
    own = _runs(clause)
    new = _runs(wording) - own
    for feedback_id, text in stored.items():
        shared = new & _runs(text)
        if shared:
            yield Violation("copied complaint", WORDING, f"of {feedback_id}: {min(shared)}")


def _runs(text: str) -> set[str]:
    """Return every run of one word more than a clause may share, or of twice as many characters without spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = re.findall(r"\w+", plain)
    if sum("\u3040" <= mark <= "\u9fff" for mark in plain) * 2 > len(plain.replace(" ", "")):
        joined, length = "".join(words), 2 * (LONGEST_COPY + 1)
        return {joined[at : at + length] for at in range(len(joined) - length + 1)}
    length = LONGEST_COPY + 1
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}


def _language(wording: str, clause: str) -> Iterator[Violation]:
    wanted = language_of(clause) or "en"
    whole = language_of(wording)
    if whole and whole != wanted:
        yield Violation("language", WORDING, f"{whole} instead of {wanted}: {wording}")
        return
    for sentence in sentences(wording):
        spoken = language_of(sentence)
        short = len(sentence.split()) < _SHORT and sentence.isascii()
        if spoken and spoken != wanted and not short:
            yield Violation("language", WORDING, f"{spoken} instead of {wanted}: {sentence}")


def _shared(old: str, new: str) -> float:
    """Return the share of the words of one sentence that another has too, numbers left out."""
    words, other = (set(re.findall(r"[^\W\d_]{3,}", one.casefold())) for one in (old, new))
    return len(words & other) / max(1, len(words))
