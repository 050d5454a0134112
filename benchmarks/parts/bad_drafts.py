"""Seeded drafts, bad and good, in English, German, French and Portuguese; written for this project in own words.

The texts stand in gate_first.toml, which the rules were worked on with, and gate_held.toml, which is run only at the
end. Evidence, quotes and what else a draft has are made here, so that each bad draft has one thing wrong.
"""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voc.proposals.draft import Draft, Figure, Obligation, Offered, Sentence
from voc.types import Quote

HALVES = ("first", "held")
_FOLDER = Path(__file__).parent
_K = 5


@dataclass(frozen=True)
class Seeded:
    """A draft with what it is compared with, the kind of it, and whether the gate should let it pass."""

    kind: str
    language: str
    good: bool
    draft: Draft
    offered: Offered
    quotes: tuple[Quote, ...]


def seeded(half: str, *, seed: int = 0) -> list[Seeded]:
    """Return 100 bad and 50 good drafts of a half; the seed decides which comments support and are quoted."""
    bases = tomllib.loads((_FOLDER / f"gate_{half}.toml").read_text(encoding="utf-8"))["base"]
    found = []
    for place, base in enumerate(bases):
        chance = random.Random(f"{half}-{place}-{seed}")
        sound = _Sound(base, chance)
        found += [sound.made(entry, good=True) for entry in base["good"]]
        found += [sound.made(entry, good=False) for entry in base["bad"]]
        found += sound.tampered(place)
    return found


class _Sound:
    """Makes drafts of one clause: sound ones, and ones with one thing changed."""

    def __init__(self, base: dict[str, Any], chance: random.Random) -> None:
        self._base, self._chance = base, chance
        ids = [hashlib.sha256(f"{base['number']}{text}".encode()).hexdigest()[:32] for text in base["comments"]]
        self._texts = dict(zip(ids, base["comments"], strict=True))
        self._offered = Offered(self._texts, base["number"], base["clause"], base["language"])

    def made(self, entry: dict[str, Any], *, good: bool) -> Seeded:
        """Return a draft as an entry of the file says."""
        text = self._base["clause"]
        for before, after in entry.get("swap", []):
            if before not in text:
                raise ValueError(f"{self._base['number']}: '{before}' is not in the clause")
            text = text.replace(before, after)
        added = entry.get("add") or ("" if "swap" in entry else self._base["duty"])
        text = f"{text} {added}".strip()
        draft = self._draft(text, added or self._base["duty"], entry.get("say", self._base["say"]))
        return Seeded(entry["kind"], self._base["language"], good, draft, self._offered, self._quotes())

    def tampered(self, turn: int) -> Iterator[Seeded]:
        """Yield drafts whose text is sound and whose evidence, quotes or place is not."""
        good = self.made({"kind": ""}, good=True)
        draft, quotes = good.draft, good.quotes
        wrong = self._misquoted(quotes[0], turn)
        yield self._bad("misquote", draft, (wrong, *quotes[1:]))
        unknown = hashlib.sha256(draft.new_text.encode()).hexdigest()[:32]
        said = draft.rationale[0].model_copy(update={"evidence": (unknown,)})
        yield self._bad("id not offered", draft.model_copy(update={"rationale": (said,)}), quotes)
        said = draft.rationale[0].model_copy(update={"evidence": tuple(self._texts)})
        duty = draft.obligations[0].model_copy(update={"evidence": tuple(self._texts), "supporters": len(self._texts)})
        every = draft.model_copy(
            update={"rationale": (said,), "obligations": (duty,), "relevant": len(self._texts)},
        )
        yield self._bad("all evidence cited", every, quotes)
        moved = {"clause_number": f"{draft.clause_number}1"} if turn % 2 else {"old_text": draft.old_text[:-1] + "!"}
        yield self._bad("wrong clause", draft.model_copy(update=moved), quotes)

    def _misquoted(self, quote: Quote, turn: int) -> Quote:
        text = quote.text
        return (
            Quote(quote.feedback_id, quote.start, quote.end, text[:-1] + "x", quote.language, quote.market),
            Quote(quote.feedback_id, quote.start + 1, quote.end + 1, text, quote.language, quote.market),
            Quote(list(self._texts)[-1], quote.start, quote.end, text, quote.language, quote.market),
            Quote(quote.feedback_id, quote.start, quote.end, text.swapcase(), quote.language, quote.market),
        )[turn % 4]

    def _bad(self, kind: str, draft: Draft, quotes: tuple[Quote, ...]) -> Seeded:
        return Seeded(kind, self._base["language"], False, draft, self._offered, quotes)

    def _draft(self, text: str, duty: str, say: list[str]) -> Draft:
        supporters = tuple(self._chance.sample(list(self._texts), self._chance.randint(_K, len(self._texts) - 2)))
        sentences = tuple(
            Sentence(text=one, evidence=tuple(self._chance.sample(supporters, 2)), support=0.6) for one in say
        )
        return Draft(
            theme="A theme",
            scope="one market",
            markets=("XX",),
            clause_number=self._base["number"],
            language=self._base["language"],
            old_text=self._base["clause"],
            new_text=text,
            obligations=(
                Obligation(
                    id="duty",
                    who="carrier",
                    what=duty,
                    sentence=duty,
                    supporters=len(supporters),
                    evidence=supporters,
                ),
            ),
            rationale=sentences,
            figures=tuple(Figure(name=f"f{n}", value=None, text=one) for n, one in enumerate(self._base["figures"])),
            offered=len(self._texts),
            relevant=len(supporters),
        )

    def _quotes(self) -> tuple[Quote, ...]:
        chosen = self._chance.sample(list(self._texts)[:-1], 2)
        return tuple(
            Quote(one, 0, len(self._texts[one]) // 2, self._texts[one][: len(self._texts[one]) // 2], "xx", "XX")
            for one in chosen
        )
