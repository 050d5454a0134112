"""The part of the Python door that measures whether adopted changes worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.weeks import parse_week
from voc.wiring import Services

if TYPE_CHECKING:
    from voc.effect.detect import Detectable
    from voc.effect.measure import Effect


class EffectCalls:
    """What a workspace tells of effects; `Workspace` has these calls as its own."""

    services: Services

    def newest_week(self) -> str:
        """Return the week of the newest run that ended well; `Workspace` has it."""
        raise NotImplementedError

    def effect(
        self,
        theme_id: str,
        *,
        markets: Sequence[str],
        since: str,
        week: str | None = None,
        washout: int | None = None,
    ) -> Effect:
        """Say whether complaints of a theme fell in markets since a day or week, against those that did not change.

        Raises:
            NotFoundError: no theme begins with that id, or nothing was run yet.
            InputError: a market is not configured, there is too little to compare, or the day is after the last week.
        """
        from voc.store import themes

        adopted = [code for one in markets for code in self.services.settings.market_codes(one)]
        with self.services.database.read() as connection:
            theme = themes.get(connection, theme_id)
        return self._effect(theme.id, dict.fromkeys(adopted, since), but="", week=week, washout=washout)

    def effect_of(self, change_id: str, *, week: str | None = None, washout: int | None = None) -> Effect:
        """Say the same of an adopted proposal, or of an action that is done, by the beginning of its id.

        Raises:
            NotFoundError: nothing begins with that id, or nothing was run yet.
            InputError: it was not adopted, there is too little to compare, or it begins after the last week.
        """
        from voc.effect.read import changed_by

        with self.services.database.read() as connection:
            changed = changed_by(connection, change_id, markets=self.services.settings.market_codes())
        return self._effect(changed.theme_id, changed.since, but=changed.id, week=week, washout=washout)

    def detectable(self, theme_id: str, *, markets: Sequence[str], week: str | None = None) -> Detectable:
        """Return the smallest effect that could be seen, and by when, if markets adopted a change after a week.

        Raises:
            NotFoundError: no theme begins with that id, or nothing was run yet.
            InputError: a market is not configured, or there is too little history.
        """
        from voc.effect.detect import detectable
        from voc.effect.read import read_history
        from voc.store import themes

        settings = self.services.settings
        adopters = [code for one in markets for code in settings.market_codes(one)]
        with self.services.database.read() as connection:
            theme = themes.get(connection, theme_id)
        last = self._last(week)
        codes = settings.market_codes()
        return detectable(read_history(self.services.database, theme.id, adopters, markets=codes, last=last))

    def _effect(
        self, theme_id: str, since: Mapping[str, str], *, but: str, week: str | None, washout: int | None
    ) -> Effect:
        from voc.effect.measure import measure
        from voc.effect.read import also_changed, read_panel, without_spoiled

        if washout is not None and not 0 <= washout <= 26:
            raise InputError(f"{washout} weeks cannot be left out before a change; name 0 to 26.")
        codes = self.services.settings.market_codes()
        database = self.services.database
        panel = read_panel(database, theme_id, since, markets=codes, last=self._last(week), washout=washout)
        with database.read() as connection:
            others = also_changed(connection, theme_id, but=but, markets=codes)
        return measure(without_spoiled(panel, others))

    def _last(self, week: str | None) -> str:
        newest = self.newest_week()
        if week is None:
            return newest
        wanted = parse_week(week)
        if wanted > newest:
            raise InputError(f"{wanted} was not run yet, {newest} was. Run it first: voc run --week {wanted}")
        return wanted
