"""The duty catalogue: what a standard can ask for, in the words of people who write standards."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc.errors import SettingsError

_SHIPPED = Path(__file__).with_name("duties.toml")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    actor: str = Field(min_length=3, max_length=60)
    text: str = Field(min_length=8, max_length=240)
    about: str = Field(min_length=8, max_length=300)
    clauses: str = Field(min_length=3, max_length=200)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    duty: list[_Entry] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: who shall do what, which complaint it is about, and which clauses speak of it."""

    id: str
    actor: str
    text: str
    about: str
    clauses: str

    @property
    def sentence(self) -> str:
        """Return the duty as a sentence of a clause."""
        article = "" if self.actor in ("customer support", "depot staff", "pick-up point staff") else "The "
        subject = f"{article}{self.actor}"
        return f"{subject[0].upper()}{subject[1:]} shall {self.text}."


def read_catalogue(own: Path | None = None) -> tuple[Duty, ...]:
    """Return the duties that ship with voc, and those of a workspace's own file, which replace equal ids.

    Raises:
        SettingsError: a file is not a duty catalogue.
    """
    duties = {duty.id: duty for duty in _read(_SHIPPED)}
    if own is not None and own.is_file():
        duties.update({duty.id: duty for duty in _read(own)})
    return tuple(duties.values())


def _read(path: Path) -> tuple[Duty, ...]:
    try:
        entries = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).duty
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} is not a duty catalogue: {error}") from error
    return tuple(Duty(one.id, one.actor, one.text, one.about, one.clauses) for one in entries)
