"""The declarative column mapping: which column of a file is which field of a feedback."""

from __future__ import annotations

import hashlib
import string
import tomllib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from voc.errors import SettingsError

FIELDS: Final = ("text", "market", "created_at", "source_id", "revision", "language", "rating", "channel")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Table):
    """`[columns]`: the column of each field; text and created_at are needed."""

    text: str = Field(min_length=1)
    created_at: str = Field(min_length=1)
    market: str = ""
    source_id: str = ""
    revision: str = ""
    language: str = ""
    rating: str = ""
    channel: str = ""
    tracking: str = ""
    order: str = ""


class FileForm(_Table):
    """`[file]`: how the file is written; empty is "find out", of sheets the first."""

    encoding: str = ""
    delimiter: str = Field(default="", max_length=1)
    sheet: str = ""


class Dates(_Table):
    """`[dates]`: strptime format (empty is ISO 8601) and the zone of times without one (empty is the market's)."""

    format: str = ""
    time_zone: str = ""


class Rating(_Table):
    """`[rating]`: the scale of the file; ratings are kept from 1 (worst) to 5 (best)."""

    lowest: float = 1
    highest: float = 5

    @model_validator(mode="after")
    def _ordered(self) -> Rating:
        if self.lowest == self.highest:
            raise ValueError("lowest and highest must differ (lowest may be the larger one when 1 is best)")
        return self


class Mapping(_Table):
    """A whole mapping file."""

    source: str = Field(min_length=1, max_length=80)
    columns: Columns
    file: FileForm = FileForm()
    constants: dict[str, str] = {}
    dates: Dates = Dates()
    rating: Rating = Rating()
    values: dict[str, dict[str, str]] = {}
    attributes: dict[str, str] = {}
    source_url: str = ""

    @field_validator("constants", "values")
    @classmethod
    def _known_fields(cls, table: dict[str, object]) -> dict[str, object]:
        unknown = sorted(set(table) - set(FIELDS))
        if unknown:
            raise ValueError(f"'{unknown[0]}' is not a field; fields are {', '.join(FIELDS)}")
        return table

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        if not self.columns.market and "market" not in self.constants:
            raise ValueError("set columns.market, or constants.market when the whole file is one market's")
        allowed = {"source_id", *self.attributes}
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(self.source_url) if name is not None}
        except ValueError as error:
            raise ValueError(f"source_url is not a template: {error}") from error
        if names - allowed:
            raise ValueError(
                f"source_url may name {', '.join(sorted(allowed))}, not {', '.join(sorted(names - allowed))}"
            )
        return self

    @property
    def needed(self) -> tuple[str, ...]:
        """Return every column that the mapping names."""
        named = [value for value in self.columns.model_dump().values() if value]
        return tuple(dict.fromkeys([*named, *self.attributes.values()]))

    @property
    def hash(self) -> str:
        """Return a hash of everything the mapping says."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def parse_mapping(text: str, place: str) -> Mapping:
    """Read a mapping from TOML text.

    Raises:
        SettingsError: it is not TOML, or a field is unknown or missing.
    """
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{place} is not TOML: {error}. Mend that line.") from error
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(str(part) for part in found["loc"]) or "the mapping"
        raise SettingsError(
            f"{place} cannot be used: {where}: {found['msg'].removeprefix('Value error, ')}. "
            "'voc ingest --guess FILE' proposes a mapping."
        ) from error


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        SettingsError: it is missing or cannot be used.
    """
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), str(path))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise SettingsError(
            f"There is no mapping at {path}. 'voc ingest --guess FILE' proposes one; save it there."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
