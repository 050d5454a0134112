"""The duty catalogue: what a standard can ask for, in the words of people who write standards."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.errors import SettingsError

_SHIPPED = Path(__file__).with_name("duties.toml")
_WITHOUT_ARTICLE: Final = ("customer support", "depot staff", "pick-up point staff")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    actor: str = Field(min_length=3, max_length=60)
    when: str = Field(default="", max_length=160)
    what: str = Field(min_length=8, max_length=240)
    limit: str = Field(default="", max_length=160)
    proof: str = Field(default="", max_length=160)
    about: str = Field(min_length=8, max_length=300)
    clauses: str = Field(min_length=3, max_length=200)
    matter: str = Field(default="", max_length=40)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    duty: list[_Entry] = Field(min_length=1)
    outside: list[str] = Field(default=[], max_length=100)


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty in its controlled form, which complaint it is about, and which clauses speak of it.

    `when` is empty or begins a sentence ("When no one answers"); `actor` shall do `what`, within `limit`, as `proof`
    shows; the last two may be empty. Duties of one `matter` prevent complaints that are much alike.
    """

    id: str
    actor: str
    what: str
    about: str
    clauses: str
    when: str = ""
    limit: str = ""
    proof: str = ""
    matter: str = ""

    @property
    def text(self) -> str:
        """Return what shall be done, with limit and proof."""
        return " ".join(part for part in (self.what, self.limit, self.proof) if part)

    @property
    def sentence(self) -> str:
        """Return the duty as a sentence of a clause."""
        subject = f"{'' if self.actor in _WITHOUT_ARTICLE else 'the '}{self.actor}"
        whole = f"{self.when}, {subject}" if self.when else f"{subject[0].upper()}{subject[1:]}"
        return f"{whole} shall {self.text}."


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The duties, and what complaints are about that no standard of delivery speaks of."""

    duties: tuple[Duty, ...]
    outside: tuple[str, ...]


def read_catalogue(own: Path | None = None) -> Catalogue:
    """Return the catalogue that ships with voc, and that of a workspace's own file, whose duties replace equal ids.

    Raises:
        SettingsError: a file is not a duty catalogue.
    """
    shipped = _read(_SHIPPED)
    duties, outside = {duty.id: duty for duty in shipped.duties}, list(shipped.outside)
    if own is not None and own.is_file():
        more = _read(own)
        duties.update({duty.id: duty for duty in more.duties})
        outside += more.outside
    return Catalogue(tuple(duties.values()), tuple(outside))


def _read(path: Path) -> Catalogue:
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} is not a duty catalogue: {error}") from error
    return Catalogue(tuple(Duty(**one.model_dump()) for one in found.duty), tuple(found.outside))
