"""One row of a file becomes one redacted feedback, or a reason why not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping as Cells
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from voc.errors import SettingsError
from voc.ingest.clauses import clauses
from voc.ingest.identity import clean, feedback_id, keyed_hash, text_hash
from voc.ingest.language import LanguageGuesser
from voc.ingest.mapping import Mapping
from voc.ingest.redact import Redactor
from voc.store.feedback import NewFeedback
from voc.store.times import to_text
from voc.types import Feedback, Market
from voc.weeks import week_of

MAX_SHORT: Final = 200
_PERSONAL: Final = {"EMAIL", "PHONE", "CARD", "IBAN"}
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


class RowError(ValueError):
    """A row that cannot be taken: the field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class _Fields(BaseModel):
    """The fields of a row as the mapping reads them."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(min_length=1)
    market: str = Field(min_length=1, max_length=MAX_SHORT)
    created_at: str = Field(min_length=1, max_length=MAX_SHORT)
    source_id: str = Field(default="", max_length=MAX_SHORT)
    revision: str = Field(default="", max_length=MAX_SHORT)
    language: str = Field(default="", max_length=MAX_SHORT)
    rating: float | None = None
    channel: str = Field(default="", max_length=MAX_SHORT)

    @field_validator("rating", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        text = str(value or "").strip()
        return text.replace(",", ".") if text else None


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows by a mapping; redacts with the numbering plans of the row's market."""

    mapping: Mapping
    markets: Cells[str, Market]
    redactors: Cells[str, Redactor]
    guesser: LanguageGuesser
    key: bytes

    def read(self, cells: Cells[str, str]) -> NewFeedback:
        """Return the feedback of a row.

        Raises:
            RowError: a field is missing or not allowed.
        """
        fields = self._fields(cells)
        market = self._market(fields.market)
        created_at = parse_moment(fields.created_at, self.mapping.dates.format, self._zone(market))
        redactor = self.redactors[market.code]
        raw = clean(fields.text)
        text = redactor.redact(raw).text
        if not text:
            raise RowError("text", "has no words")
        numbers = self._numbers(cells)
        source_id = self._kept_id(fields.source_id, redactor, numbers)
        attributes = {
            name: redactor.redact(clean(cells.get(column, ""))).text[:MAX_SHORT]
            for name, column in sorted(self.mapping.attributes.items())
            if cells.get(column, "").strip()
        }
        return NewFeedback(
            Feedback(
                id=feedback_id(
                    self.key,
                    source=self.mapping.source,
                    source_id=fields.source_id,
                    revision=fields.revision,
                    created_at=to_text(created_at),
                    text=raw,
                ),
                source=self.mapping.source,
                source_id=source_id,
                revision=fields.revision,
                market=market.code,
                created_at=created_at,
                week=week_of(created_at, market.time_zone),
                language=language_code(fields.language) or self.guesser.guess(text, market.languages),
                text=text,
                text_hash=text_hash(text),
                rating=self._rating(fields.rating),
                channel=redactor.redact(clean(fields.channel)).text,
                attributes=attributes,
                source_url=self._url(fields.source_id if source_id == fields.source_id else "", attributes),
            ),
            tuple((kind, keyed_hash(self.key, kind, lookup_form(number))) for kind, number in numbers),
            tuple((start, end, text_hash(text[start:end])) for start, end in clauses(text)),
        )

    def _fields(self, cells: Cells[str, str]) -> _Fields:
        columns = self.mapping.columns
        raw = dict(self.mapping.constants)
        for field in _Fields.model_fields:
            column = getattr(columns, field)
            value = cells.get(column, "").strip() if column else ""
            if value:
                raw[field] = self.mapping.values.get(field, {}).get(value, value)
        try:
            return _Fields.model_validate(raw)
        except ValidationError as error:
            found = error.errors()[0]
            field = str(found["loc"][0])
            if found["type"] in ("missing", "string_too_short"):
                raise RowError(field, f"{field} is empty") from error
            raise RowError(field, f"{field} is not allowed: {found['msg']}") from error

    def _market(self, name: str) -> Market:
        market = self.markets.get(name) or self.markets.get(name.upper())
        if market is None:
            raise RowError(
                "market", f"the market '{name[:40]}' is not configured; configured: {', '.join(sorted(self.markets))}"
            )
        return market

    def _zone(self, market: Market) -> ZoneInfo:
        try:
            return ZoneInfo(self.mapping.dates.time_zone or market.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise SettingsError(f"dates.time_zone '{self.mapping.dates.time_zone}' is not a time zone.") from error

    def _rating(self, rating: float | None) -> float | None:
        if rating is None:
            return None
        scale = self.mapping.rating
        low, high = sorted((scale.lowest, scale.highest))
        if not math.isfinite(rating) or not low <= rating <= high:
            raise RowError("rating", f"the rating {rating:g} is out of range; allowed: {low:g} to {high:g}")
        return round(1 + 4 * (rating - scale.lowest) / (scale.highest - scale.lowest), 6)

    def _numbers(self, cells: Cells[str, str]) -> tuple[tuple[str, str], ...]:
        columns = self.mapping.columns
        wanted = (("tracking", columns.tracking), ("order", columns.order))
        return tuple(
            (kind, cells[column].strip()) for kind, column in wanted if column and cells.get(column, "").strip()
        )

    def _kept_id(self, source_id: str, redactor: Redactor, numbers: tuple[tuple[str, str], ...]) -> str:
        personal = any(kind in _PERSONAL for kind, _ in redactor.redact(source_id).found)
        if personal or source_id in {number for _, number in numbers}:
            return keyed_hash(self.key, "source_id", source_id)
        return source_id

    def _url(self, source_id: str, attributes: Cells[str, str]) -> str:
        if not self.mapping.source_url or not source_id:
            return ""
        known = {name: quote(attributes.get(name, ""), safe="") for name in self.mapping.attributes}
        return self.mapping.source_url.format(source_id=quote(source_id, safe=""), **known)


def lookup_form(number: str) -> str:
    """Return a tracking or order number as it is hashed: without spaces and hyphens, in capitals."""
    return re.sub(r"[\s-]", "", number).upper()


def parse_moment(text: str, form: str, zone: ZoneInfo) -> datetime:
    """Return an aware UTC moment; a time without zone is taken as local time of `zone`.

    Raises:
        RowError: it is not a date of that form, or lies outside 1990 to 2100.
    """
    try:
        found = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    except ValueError as error:
        wanted = f"written as {form}" if form else "ISO 8601 such as 2024-10-01 or 2024-10-01T14:30:00+02:00"
        raise RowError(
            "created_at", f"'{text[:40]}' is not a date {wanted}; dates.format in the mapping says another form"
        ) from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise RowError("created_at", f"the year {found.year} is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def language_code(code: str) -> str:
    """Return the language of a code such as pt-BR in small letters, empty where it is none."""
    match = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", code.strip())
    return match[0].lower() if match else ""
