"""Weekly complaints of markets that adopted a change and of markets that did not, and what of it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voc.errors import InputError
from voc.trends.predict import Flags, Floats
from voc.weeks import shift_week

WASHOUT: Final = 6
"""Weeks before an adoption that are left out of what it is compared with.

An alert leads to a change, so that these weeks are higher than usual by selection and fall by themselves. Chosen on the
development worlds of benchmarks/effect.py: without it the mean error is -.12 of the log ratio (12 weeks of history),
with 4 weeks -.05, with 6 none.
"""
LEAST_OUT: Final = 4
"""With fewer weeks left out for want of history, a fall is not told from rates that fall by themselves."""
LEAST_AFTER: Final = 3
LEAST_BEFORE: Final = 6
"""Weeks with complaints counted that are needed after the adoption, and before the weeks left out."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts and exposures (markets, weeks) with the week from which each market has the change (None is never).

    `counts` is NaN where a market did not collect. `changing` has the week of a change that began on another day than
    Monday: it is neither before nor after. `washout` weeks before each adoption are left out. Rates of the markets in
    `by_share` are shares of their feedback, because their deliveries are not known. `remarks` are sentences about what
    else happened to these markets; `cut` says that too few weeks could be left out.
    """

    markets: tuple[str, ...]
    weeks: tuple[str, ...]
    counts: Floats
    exposures: Floats
    since: Mapping[str, str]
    changing: Mapping[str, str]
    washout: int = WASHOUT
    by_share: tuple[str, ...] = ()
    theme_id: str = ""
    remarks: tuple[str, ...] = ()
    cut: bool = False

    @property
    def adopters(self) -> Flags:
        """Return which markets adopted, (markets,)."""
        return np.array([market in self.since for market in self.markets])

    @property
    def others(self) -> tuple[str, ...]:
        """Return the markets that did not adopt."""
        return tuple(one for one in self.markets if one not in self.since)

    @property
    def known(self) -> Flags:
        """Return where something was counted over something, (markets, weeks)."""
        return np.asarray(~np.isnan(self.counts) & (self.exposures > 0))

    @property
    def after(self) -> Flags:
        """Return the weeks of each market that have the change, (markets, weeks)."""
        start = [self.since.get(market) for market in self.markets]
        rows = [[first is not None and week >= first for week in self.weeks] for first in start]
        return np.array(rows, dtype=bool).reshape(self.counts.shape)

    @property
    def left_out(self) -> Flags:
        """Return the weeks of adopters that are neither before nor after, (markets, weeks)."""
        found = np.zeros(self.counts.shape, dtype=bool)
        for row, market in enumerate(self.markets):
            if market not in self.since:
                continue
            begin = shift_week(self.since[market], -self.washout)
            found[row] = np.array([begin <= week < self.since[market] for week in self.weeks])
            found[row] |= np.array([week == self.changing.get(market) for week in self.weeks])
        return found

    @property
    def kept(self) -> Flags:
        """Return what is compared, (markets, weeks)."""
        return self.known & ~self.left_out

    def first_after(self, market: str) -> int:
        """Return the place of the first week with the change, the number of weeks where it lies after all of them."""
        return sum(week < self.since[market] for week in self.weeks)

    def until(self, end: int) -> Panel:
        """Return the weeks before a place."""
        return replace(self, weeks=self.weeks[:end], counts=self.counts[:, :end], exposures=self.exposures[:, :end])

    def of(self, markets: tuple[str, ...]) -> Panel:
        """Return some of the markets."""
        rows = [self.markets.index(one) for one in markets]
        return replace(self, markets=markets, counts=self.counts[rows], exposures=self.exposures[rows])

    def checked(self, *, ahead: bool = False) -> Panel:
        """Return the panel without markets that say nothing; every adopter must have enough weeks on both sides.

        With `ahead`, the adoption is still to come and only the weeks before it count.

        Raises:
            InputError: an adopter has no exposure, or too few weeks before or after, or the theme has no complaints.
        """
        for market in self.since:
            self._check(market, ahead=ahead)
        if float(np.nansum(np.where(self.known, self.counts, 0)[self.adopters])) <= 0:
            raise InputError(
                f"There is no complaint of this theme in {', '.join(self.since)} from {self.weeks[0]} to "
                f"{self.weeks[-1]}, neither before nor after the change. Look whether the theme is the right one: "
                "voc themes show ID"
            )
        seen = self.of(tuple(one for one in self.markets if one in self.since or self._says(one, ahead=ahead)))
        columns = np.asarray(seen.kept.any(axis=0)) | (not seen.others)  # weeks without effects of their own may stay
        return replace(
            seen,
            weeks=tuple(week for week, held in zip(seen.weeks, columns, strict=True) if held),
            counts=seen.counts[:, columns],
            exposures=seen.exposures[:, columns],
        )

    def _says(self, market: str, *, ahead: bool) -> bool:
        row, after = self.markets.index(market), self.after.any(axis=0)
        kept = self.kept[row]
        enough = (kept & ~after).sum() >= LEAST_BEFORE and (ahead or (kept & after).sum() >= LEAST_AFTER)
        return bool(enough and np.nansum(self.counts[row][kept]) > 0)

    def _check(self, market: str, *, ahead: bool) -> None:
        if market not in self.markets or not self.known[self.markets.index(market)].any():
            raise InputError(
                f"{market} has neither deliveries nor comments from {self.weeks[0]} to {self.weeks[-1]}, so there is "
                "no rate to compare. Ingest its figures: voc ingest deliveries.csv"
            )
        row = self.markets.index(market)
        before = int((self.kept[row] & ~self.after[row]).sum())
        after = int((self.kept[row] & self.after[row]).sum())
        if after < LEAST_AFTER and not ahead:
            raise InputError(
                f"{market} has {after} whole weeks with the change up to {self.weeks[-1]}; at least {LEAST_AFTER} are "
                "needed. Ask again when they are ingested."
            )
        if before < LEAST_BEFORE:
            raise InputError(
                f"{market} has {before} weeks before the {self.washout} weeks that lead up to its adoption in "
                f"{self.since[market]}; at least {LEAST_BEFORE} are needed, and {self.weeks[0]} is the first week "
                "in which the theme was heard of. Name a shorter time to leave out (--washout), or ingest earlier "
                "feedback."
            )
