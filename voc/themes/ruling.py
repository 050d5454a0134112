"""All that a decision about units takes, in one piece that can travel: the rule of themes and what a complaint is."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voc.store.assignments import UnitRow
from voc.themes.heads import Head
from voc.themes.judging import judged_rows
from voc.themes.polarity import PolarityModel, judge
from voc.themes.rule import Decided, Rule, rule_from
from voc.types import Assignment, Vectors

_QUESTIONS = ("opinion", "complaint", "request")


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rule by which texts get themes, and what tells complaint from praise."""

    rule: Rule
    polarity: PolarityModel

    def decide(self, units: Sequence[UnitRow], vectors: Mapping[str, Vectors]) -> tuple[Assignment, ...]:
        """Return the assignment of each unit, given the vector `(d,)` of each text that one counts as."""
        languages = {unit.same_as: unit.language for unit in reversed(units)}
        hashes = list(dict.fromkeys(unit.same_as for unit in units))
        if not hashes:
            return ()
        rows = np.stack([vectors[one] for one in hashes])
        decided = self.rule.decide(hashes, [languages[one] for one in hashes], rows)
        return assignments_of(units, decided, vectors, self.polarity)

    def to_bytes(self) -> bytes:
        """Return the ruling as npz without objects."""
        buffer = io.BytesIO()
        heads = {name: getattr(self.polarity, name) for name in _QUESTIONS}
        known = {name: head for name, head in heads.items() if head is not None}
        told = {
            "shares": dict(self.polarity.shares),
            "offsets": {name: head.offset for name, head in known.items()},
        }
        np.savez(
            buffer,
            rule=np.frombuffer(self.rule.to_bytes(), dtype=np.uint8),
            told=np.frombuffer(json.dumps(told, sort_keys=True).encode(), dtype=np.uint8),
            **{name: head.weights for name, head in known.items()},
        )
        return buffer.getvalue()


def ruling_from(data: bytes) -> Ruling:
    """Read a ruling that `to_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        told = json.loads(arrays["told"].tobytes())
        heads = {name: Head(arrays[name], offset) for name, offset in told["offsets"].items()}
        rule = rule_from(arrays["rule"].tobytes())
    opinion, complaint, request = (heads.get(name) for name in _QUESTIONS)
    return Ruling(rule, PolarityModel(opinion, complaint, request, told["shares"]))


def assignments_of(
    units: Sequence[UnitRow],
    decided: Mapping[str, Decided],
    vectors: Mapping[str, Vectors],
    model: PolarityModel,
) -> tuple[Assignment, ...]:
    """Return the assignment of each unit: the theme of its text, and what the comment is.

    Args:
        units: the units.
        decided: what was decided of each text, by hash.
        vectors: a vector `(d,)` for each text hash.
        model: tells complaint from praise by words and rating.
    """
    if not units:
        return ()
    judged = judge(judged_rows(units, vectors), model)
    return tuple(
        Assignment(
            unit_id=unit.unit_id,
            theme_id=decided[unit.same_as].theme_id,
            score=decided[unit.same_as].score,
            nearest_theme_id=decided[unit.same_as].nearest_id,
            polarity=judgement.polarity,
            polarity_method=judgement.method,
            polarity_score=judgement.score,
        )
        for unit, judgement in zip(units, judged, strict=True)
    )
