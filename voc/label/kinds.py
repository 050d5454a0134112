"""Known kinds of comments: a theme whose members are mostly of one kind takes its name."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.errors import SettingsError
from voc.themes.space import Space, unit_rows
from voc.types import Vectors

_SHIPPED = Path(__file__).with_name("kinds.toml")
AGREED: Final = 0.4
"""Share of a theme's members whose nearest kind must be the same one."""
LEAD: Final = 2.0
"""How many times as many members that kind must have as the next one. Source: on the sample, with these two
every theme of one planted kind that was named at all was named rightly."""
NEAR: Final = 0.2
"""A member farther from its nearest kind than this cosine is of no known kind."""


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=4, max_length=60)
    about: str = Field(min_length=8, max_length=300)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: list[_Kind] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Names of kinds and where each lies, `(n, c)` unit rows in the space of the themes."""

    names: tuple[str, ...]
    rows: Vectors

    def name_of(self, members: Vectors) -> str | None:
        """Return the kind that most members `(m, c)` are nearest to, None where they do not agree."""
        if len(members) == 0 or not self.names:
            return None
        cosines = members @ self.rows.T
        votes = Counter(int(row.argmax()) for row in cosines if row.max() >= NEAR)
        if not votes:
            return None
        ranked = sorted(votes.items(), key=lambda one: (-one[1], one[0]))
        kind, count = ranked[0]
        second = ranked[1][1] if len(ranked) > 1 else 0
        return self.names[kind] if count >= AGREED * len(members) and count >= LEAD * second else None


def read_kinds(encode: Callable[[Sequence[str]], Vectors], space: Space, own: Path | None = None) -> Kinds:
    """Return the kinds that ship with voc and those of a workspace's own file, in the space of the themes.

    Raises:
        SettingsError: a file is not a list of kinds.
    """
    kinds = {kind.name: kind for kind in _read(_SHIPPED)}
    if own is not None and own.is_file():
        kinds.update({kind.name: kind for kind in _read(own)})
    rows = encode([kind.about for kind in kinds.values()])
    return Kinds(tuple(kinds), unit_rows((rows - rows.mean(axis=0)) @ space.projection))


def _read(path: Path) -> list[_Kind]:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).kind
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} is not a list of kinds: {error}") from error
