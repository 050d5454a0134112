"""The form of every answer; a prompt names its own here, and nothing else specifies it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Output(BaseModel):
    """Base of answers: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ThemeName(Output):
    """A short name of a theme."""

    name: str = Field(min_length=4, max_length=60)


class ThemeSummary(Output):
    """What customers of a theme say, in one or two sentences."""

    summary: str = Field(min_length=20, max_length=320)


class DutyChoice(Output):
    """The number of the duty that would have prevented a complaint; 0 is none of them."""

    number: int = Field(ge=0, le=9)


class OwnDuty(Output):
    """The duty that would have prevented a complaint, in the model's words."""

    actor: Literal["courier", "carrier", "depot staff", "customer support", "pick-up point staff", "no one"]
    duty: str = Field(min_length=3, max_length=120)


class YesNo(Output):
    """Yes or no."""

    answer: Literal["yes", "no"]


class ClauseText(Output):
    """The wording of a clause."""

    text: str = Field(min_length=10, max_length=900)


class Rationale(Output):
    """What customers report, in one sentence without figures."""

    sentences: list[str] = Field(min_length=1, max_length=1)


class Translation(Output):
    """A comment in the reader's language."""

    text: str = Field(min_length=1, max_length=900)


BY_NAME = {
    model.__name__: model
    for model in (ThemeName, ThemeSummary, DutyChoice, OwnDuty, YesNo, ClauseText, Rationale, Translation)
}
