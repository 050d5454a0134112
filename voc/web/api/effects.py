"""Effects over HTTP: whether what was adopted or done worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from voc.web.api.asked import Id, Text, Viewer, allows, routes
from voc.web.api.figures import Interval, at_least, interval

if TYPE_CHECKING:
    from voc.effect.measure import Effect as Measured
    from voc.effect.measure import Side as MeasuredSide
    from voc.effect.studies import Placebo


class EffectQuestion(BaseModel):
    """Up to which week, and with how many weeks left out."""

    model_config = ConfigDict(frozen=True)

    week: Text = Field("", description="The last ISO week that is compared; empty: the newest that was run.")
    washout: int | None = Field(None, ge=0, le=26, description="Weeks before the change that are left out.")


class Side(BaseModel):
    """Complaints of some markets before and after, over the weeks that are compared."""

    markets: list[str] = Field(description="The markets.")
    before: int | None = Field(description="Complaints before; null where they are too few to be told.")
    after: int | None = Field(description="Complaints after; null where they are too few to be told.")
    exposure_before: float = Field(description="Deliveries before (comments where those are not known).")
    exposure_after: float = Field(description="Deliveries after (comments where those are not known).")


class Pretended(BaseModel):
    """What is measured where nothing was adopted."""

    what: str = Field(description="Where or when.")
    ratio: Interval | None = Field(description="The ratio found there; near 1 is as it should be.")


class WeekOfEffect(BaseModel):
    """One week against all weeks before."""

    week: int = Field(description="Counted from the adoption; 0 is its week.")
    ratio: Interval | None = Field(description="Complaints to what they would have been.")
    left_out: bool = Field(description="Whether the week is left out of the comparison.")


class Effect(BaseModel):
    """Whether complaints of a theme fell where something changed."""

    theme_id: str = Field(description="Id of the theme.")
    verdict: str = Field(description="improved, worsened, no effect seen or cannot tell.")
    reason: str = Field(description="Why nothing can be told; empty otherwise.")
    said: str = Field(description="The verdict in a sentence.")
    notes: list[str] = Field(description="What a reader must know to judge it.")
    ratio: Interval | None = Field(description="Complaints to what they would have been; 1 is no effect.")
    p_value: float = Field(description="How likely such a ratio is by chance, 0 to 1.")
    own: Side = Field(description="The markets that changed.")
    others: Side | None = Field(description="The markets that did not; null without, or where you do not see them all.")
    carried_on: Interval | None = Field(description="The ratio if they had gone on diverging; null otherwise.")
    weeks: list[WeekOfEffect] = Field(description="Week by week.")
    other_markets: list[Pretended] = Field(description="The same measured in markets that did not change.")
    earlier: list[Pretended] = Field(description="The same measured at earlier weeks.")
    could_see: float | None = Field(description="The smallest fall that these weeks show, as a share; null if none.")
    dropped: list[str] = Field(description="Markets that could not be compared.")
    before: list[str] = Field(description="ISO weeks that count as before.")
    after: list[str] = Field(description="ISO weeks that count as after.")


def effect(visit: Viewer, change_id: Id, asked: Annotated[EffectQuestion, Query()]) -> Effect:
    """Return what came of an adopted proposal, or of an action that is done."""
    found = visit.workspace.effect_of(change_id, week=asked.week or None, washout=asked.washout)
    for one in found.own.markets:
        visit.workspace.seen_market(one)
    seen = set(visit.workspace.services.seen_markets)
    return _effect(found, seen, visit.workspace.services.settings.workspace.k)


def _effect(found: Measured, seen: set[str], k: int) -> Effect:
    from voc.effect.words import notes, sentence

    sees_all = found.others is None or set(found.others.markets) <= seen
    return Effect(
        theme_id=found.theme_id,
        verdict=found.verdict.value,
        reason=found.reason.value if found.reason else "",
        said=sentence(found),
        notes=list(notes(found)),
        ratio=interval(found.ratio),
        p_value=found.p_value,
        own=_side(found.own, k),
        others=_side(found.others, k) if found.others is not None and sees_all else None,
        carried_on=interval(found.carried_on),
        weeks=[WeekOfEffect(week=one.week, ratio=interval(one.ratio), left_out=one.left_out) for one in found.weeks],
        other_markets=[_placebo(one) for one in found.other_markets] if sees_all else [],
        earlier=[_placebo(one) for one in found.earlier],
        could_see=found.could_see,
        dropped=list(found.dropped),
        before=list(found.before),
        after=list(found.after),
    )


def _side(found: MeasuredSide, k: int) -> Side:
    return Side(
        markets=list(found.markets),
        before=at_least(found.before, k),
        after=at_least(found.after, k),
        exposure_before=found.exposure_before,
        exposure_after=found.exposure_after,
    )


def _placebo(found: Placebo) -> Pretended:
    return Pretended(what=found.what, ratio=interval(found.ratio))


def router() -> APIRouter:
    """Return the address of effects."""
    found = routes("effect")
    found.add_api_route(
        "/effect/{change_id}",
        effect,
        operation_id="effect",
        summary="Show whether a change worked",
        description="Whether complaints fell where a proposal was adopted or an action was done, against markets that "
        "did not change.",
        dependencies=[allows(EffectQuestion.model_fields)],
    )
    return found
