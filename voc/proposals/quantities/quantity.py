"""What a quantity is."""

from __future__ import annotations

from dataclasses import dataclass

from voc.proposals.quantities.comparators import Comparator


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts or measures; `start` and `end` are its place in the text that was read.

    `value` is in units of `unit`: minute, working day, month, metre, gram, share (of one), euro, dollar, time of day
    (minutes after midnight), count and some more. `noun` is the word after it, `per` what a rate is by ("minute 1440"
    is a day). `loose` marks what stands for a number without naming one, such as "once" or "the same day".
    """

    value: float
    unit: str
    comparator: Comparator
    start: int
    end: int
    noun: str = ""
    per: str = ""
    loose: bool = False

    def equals(self, other: Quantity) -> bool:
        """Say whether both are the same quantity, whatever unit each was said in; how often is not how long."""
        if (self.comparator is Comparator.EVERY) != (other.comparator is Comparator.EVERY):
            return False
        near = abs(self.value - other.value) <= 1e-6 * max(1.0, abs(self.value))
        return near and self.unit == other.unit and self.per == other.per
