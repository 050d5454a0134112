"""Say in plain words what a comparison found, over which weeks, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voc.effect.measure import SMALL, Effect, Reason, Side, Verdict
from voc.types import Estimate

_HEAD: Final = {
    Verdict.IMPROVED: "Improved",
    Verdict.WORSENED: "Worsened",
    Verdict.NO_EFFECT: "No effect seen",
    Verdict.CANNOT_TELL: "Cannot tell",
}


def sentence(effect: Effect) -> str:
    """Return the verdict with what was compared, over which weeks, and the ratio with its interval."""
    own = listed(effect.own.markets)
    weeks = f"in the {counted(len(effect.after), 'week')} from {effect.after[0]} to {effect.after[-1]}"
    figure = f"{effect.ratio.value:.2f} times (95 % interval {interval(effect.ratio)})"
    if effect.others is None:
        against = (
            "what their own course before would have led to"
            if len(effect.own.markets) > 1
            else ("what its own course before would have led to")
        )
    else:
        against = f"what {listed(effect.others.markets)}, which did not change, would have led one to expect"
    told = f"{weeks} the complaint rate of {own} was {figure} {against}"
    return f"{_HEAD[effect.verdict]}: {told}{_because(effect)}."


def notes(effect: Effect, *, own_only: bool = False) -> tuple[str, ...]:
    """Return what a reader must know to judge the verdict, each in one sentence.

    With `own_only`, nothing is told of markets without the change.
    """
    found = [*_cause(effect), *effect.panel.remarks, *_left_out(effect), *_before(effect), *_pretended(effect)]
    if own_only:
        found = ["Figures of markets that you do not see are left out here.", *_left_out(effect)]
    if effect.could_see is not None:
        found.append(
            f"With these weeks a fall of {effect.could_see:.0%} or more would be seen in 8 of 10 cases, a smaller one "
            "less often."
        )
    return tuple(found)


def described(side: Side, *, least: int = 0) -> str:
    """Return the counts and rates of one side in words; fewer than `least` complaints are not told."""
    if 0 < side.before < least or 0 < side.after < least:
        return f"fewer than {least} complaints before or after, too few to be told"
    before = _rate(side.before, side.exposure_before)
    after = _rate(side.after, side.exposure_after)
    return f"{side.before} complaints before ({before}), {side.after} after ({after})"


def interval(found: Estimate) -> str:
    """Return the interval of a ratio."""
    high = "open" if found.high is None else f"{found.high:.2f}"
    return f"{found.low or 0:.2f} to {high}"


def counted(number: int, word: str) -> str:
    """Return a number with its word."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words."""
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def _because(effect: Effect) -> str:
    if effect.verdict is Verdict.NO_EFFECT:
        low, high = effect.ratio.low or 0, effect.ratio.high or 0
        return f"; a fall of more than {1 - low:.0%} and a rise of more than {high - 1:.0%} can be ruled out"
    if effect.reason is Reason.FEW:
        return "; there are too few complaints to tell anything"
    if effect.reason is Reason.DIVERGING:
        return "; but the markets were moving apart before the change already, so this says nothing about it"
    if effect.reason is Reason.SHORT:
        return "; but rates fall by themselves after an alarm that led to a change, and history is too short for that"
    if effect.reason is Reason.WIDE:
        low, high = 1 - SMALL[0], SMALL[1] - 1
        return f"; the interval reaches below a fall of {low:.0%} or above a rise of {high:.0%}, so both may be"
    return ""


def _cause(effect: Effect) -> list[str]:
    if effect.others is not None:
        return []
    return [
        "No market is left to compare with. What changed everywhere in these weeks - season, prices, weather, another "
        "change - looks the same as the effect of this one, so a fall or rise is told, not its cause."
    ]


def _left_out(effect: Effect) -> list[str]:
    found = []
    if effect.out:
        found.append(
            f"Left out in {listed(effect.own.markets)}: {effect.out[0]} to {effect.out[-1]}, the "
            f"{counted(len(effect.out), 'week')} that led to the change or in which it began. A change follows an "
            "alarm, and after an alarm rates fall by themselves."
        )
    if effect.panel.by_share:
        found.append(
            f"Deliveries of {listed(effect.panel.by_share)} are not known: there the rate is a share of all comments."
        )
    if effect.dropped:
        found.append(f"{listed(effect.dropped)} had too few weeks or no complaint to compare with.")
    return found


def _before(effect: Effect) -> list[str]:
    course = effect.course
    if course is None:
        return (
            []
            if effect.others is None
            else ["Too few weeks lie before to see how the markets moved beside each other."]
        )
    pace = f"{abs(course.weekly.value - 1):.1%} a week {'down' if course.weekly.value < 1 else 'up'}"
    if not course.diverging:
        return [
            f"Before the change, adopters moved beside the others as chance has it ({pace}, p {course.slope_p:.2f}"
            f"; four parts together p {course.joint_p:.2f}). A slow divergence can escape this test."
        ]
    found = [
        f"Before the change, adopters were moving away from the others already: {pace} (p {course.slope_p:.3f}; four "
        f"parts together p {course.joint_p:.3f})."
    ]
    if effect.carried_on is not None:
        found.append(
            f"Had that gone on in a straight line, the ratio would be {effect.carried_on.value:.2f} "
            f"({interval(effect.carried_on)})."
        )
    return found


def _pretended(effect: Effect) -> list[str]:
    found = []
    if effect.other_markets:
        distance = abs(_log(effect.ratio))
        as_far = [one.what for one in effect.other_markets if abs(_log(one.ratio)) >= distance]
        number = counted(len(effect.other_markets), "market")
        found.append(
            f"Of {number} that did not change, {len(as_far)} would show as large a difference if taken for the adopter"
            + (f" ({listed(as_far)})." if as_far else ".")
        )
    apart = [one.what for one in effect.earlier if one.apart]
    if effect.earlier:
        tried = counted(len(effect.earlier), "pretended earlier adoption")
        found.append(f"Of {tried}, {len(apart)} would show an effect" + (f" ({listed(apart)})." if apart else "."))
    return found


def _rate(count: int, exposure: float) -> str:
    return f"{1000 * count / exposure:.2f} per 1,000" if exposure > 0 else "no rate"


def _log(ratio: Estimate) -> float:
    import math

    return math.log(ratio.value)
