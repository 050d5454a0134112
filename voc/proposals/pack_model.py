"""A decision pack: everything that a committee needs before it decides on a proposal, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from voc.proposals.shown import Shown
from voc.types import Estimate


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market of a proposal: the clause in force there, and what its customers say.

    `clause` is "" where the market is exempt. `comments` counts different complaints of `Pack.period`; None withholds
    a count below k, and its rate with it. `rate` is per 1,000 of what `per` names (deliveries or comments), in the week
    of the proposal; `change` compares it with the usual rate, and `moved` says whether beyond chance (rising, falling).
    """

    market: str
    name: str
    clause: str = ""
    text: str = ""
    edition: str = ""
    effective: str = ""
    addendum: bool = False
    comments: int | None = 0
    rate: Estimate | None = None
    per: str = "deliveries"
    change: Estimate | None = None
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Consulted:
    """A reviewer who was asked; `answer` is "agree", "object" or "" while there is none; days are ISO dates.

    `version` is the version of the wording that was answered to.
    """

    reviewer: str
    part: str
    due: str
    answer: str = ""
    text: str = ""
    answered_by: str = ""
    answered_on: str = ""
    version: int = 0
    override: str = ""
    overridden_by: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """A step from one state to another, by whom, when (ISO time) and why."""

    at: str
    actor: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A version of the wording; `warnings` are the rules of the gate that it does not pass."""

    number: int
    at: str
    actor: str
    why: str
    text: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessed:
    """What somebody says that the change costs, and whether it can be done."""

    cost: str
    feasibility: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """Since when (ISO date) the change is in force in a market."""

    market: str
    since: str


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest fall of the complaint rate that would be seen by a week, as a share (.2 is a fifth less).

    `fall` is None where no fall could be told from chance by then. `power` is how often such a fall would be seen.
    """

    weeks: int
    by_week: str
    fall: float | None
    power: float = 0.8
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A proposal with what people added to it; `period` is the first and last week that comments are counted in."""

    shown: Shown
    owner: str = ""
    edition_title: str = ""
    period: tuple[str, str] = ("", "")
    k: int = 5
    markets: tuple[MarketRow, ...] = ()
    consulted: tuple[Consulted, ...] = ()
    assessed: tuple[Assessed, ...] = ()
    versions: tuple[Edited, ...] = ()
    history: tuple[Happened, ...] = ()
    adopted: tuple[Adopted, ...] = ()
    detectable: tuple[Detectable, ...] = ()
    approving: tuple[str, ...] = ()
