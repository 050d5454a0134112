"""Known kinds of comments: a theme whose members are mostly of one kind takes its name."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.errors import SettingsError
from voc.label.languages import ENGLISH, base_language
from voc.themes.space import Space, unit_rows
from voc.types import Vectors

_SHIPPED = Path(__file__).with_name("kinds.toml")
NEAR: Final = 0.30
"""Cosine from the middle of a theme to a kind from which on it is of that kind."""
BOTH: Final = 0.40
"""A theme between two kinds is of both when it is at least so near to each."""
LEAD: Final = 0.1
"""How much nearer that kind must be than the next one. Source: on the sample, with these two every theme of one planted
kind that was named was named rightly; those of no listed kind lay at .16."""


_Name = Annotated[str, Field(min_length=4, max_length=60)]


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    about: str = Field(min_length=8, max_length=300)
    names: dict[str, _Name] = {}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: list[_Kind] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Names of kinds, None where one has none in the reader's language, and where each lies, `(n, c)` unit rows."""

    names: tuple[str | None, ...]
    rows: Vectors
    language: str = ENGLISH

    def name_of(self, members: Vectors) -> str | None:
        """Return the kind that the middle of members `(m, c)` is near to, or both where it lies between two.

        None when they are near to no kind, or to one that has no name in the reader's language.
        """
        if len(members) == 0 or not self.names:
            return None
        cosines = self.rows @ unit_rows(members.sum(axis=0, keepdims=True))[0]
        first, second = (int(place) for place in np.argsort(-cosines, kind="stable")[:2])
        if cosines[first] < NEAR:
            return None
        if cosines[first] - cosines[second] >= LEAD:
            return self.names[first]
        return self._both(self.names[first], self.names[second]) if cosines[second] >= BOTH else None

    def _both(self, one: str | None, other: str | None) -> str | None:
        if one is None or other is None:
            return None
        # Whether a word may lose its capital is known of our English names only.
        return f"{one}, {other[0].lower()}{other[1:]}" if self.language == ENGLISH else f"{one} / {other}"


def read_kinds(
    encode: Callable[[Sequence[str]], Vectors], space: Space, own: Path | None = None, *, language: str = ENGLISH
) -> Kinds:
    """Return the kinds that ship with voc and those of a workspace's own file, in the space of the themes.

    Kinds without a name in the reader's language stay, nameless, so that the others lie where they lie for everyone.

    Raises:
        SettingsError: a file is not a list of kinds.
    """
    wanted = base_language(language)
    named = {
        kind.name: (kind.about, kind.name if wanted == ENGLISH else kind.names.get(wanted)) for kind in _read(_SHIPPED)
    }
    if own is not None and own.is_file():
        named.update({kind.name: (kind.about, kind.names.get(wanted, kind.name)) for kind in _read(own)})
    rows = encode([about for about, _ in named.values()])
    names = tuple(name for _, name in named.values())
    return Kinds(names, unit_rows((rows - rows.mean(axis=0)) @ space.projection), wanted)


def _read(path: Path) -> list[_Kind]:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).kind
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} is not a list of kinds: {error}") from error
