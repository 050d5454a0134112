"""A report as it is kept once published: every figure and name as JSON, quotes as ids and spans without their text.

The text of a quote is read from the store whenever the report is shown, so that what was erased is gone here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Final

from pydantic import TypeAdapter, ValidationError

from voc.errors import DamageError
from voc.report.model import Report, ShownQuote, with_quotes
from voc.types import Feedback, Quote

FORM: Final = 1
"""Grows when a report kept earlier could no longer be read as it stands."""


@dataclass(frozen=True, slots=True)
class Thawed:
    """A published report with its quotes, and how many comments that it quoted were erased since."""

    report: Report
    erased: int


def freeze(report: Report) -> str:
    """Return a report as it is kept; the same report gives the same text."""
    bare = replace(with_quotes(report, _without_text), proposal_sections=())
    said = asdict(bare)
    said.pop("masked")  # belongs to the reader
    kept = {"form": FORM, "report": _written(said)}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def quoted(figures: str) -> tuple[str, ...]:
    """Return the ids of the comments that a kept report quotes, in order."""
    found: set[str] = set()
    with_quotes(_read(figures), lambda shown: _note(found, shown))
    return tuple(sorted(found))


def thaw(figures: str, comments: Sequence[Feedback], *, translate: Callable[[Quote], str]) -> Thawed:
    """Return a kept report with the text of its quotes; those of comments that are gone are left out and counted.

    Raises:
        DamageError: it cannot be read.
    """
    known: Mapping[str, Feedback] = {one.id: one for one in comments}
    gone: set[str] = set()

    def shown(kept: ShownQuote) -> ShownQuote | None:
        quote = kept.quote
        comment = known.get(quote.feedback_id)
        if comment is None:
            gone.add(quote.feedback_id)
            return None
        full = replace(quote, text=comment.text[quote.start : quote.end])
        return ShownQuote(full, translate(full))

    report = with_quotes(_read(figures), shown)
    return Thawed(report, len(gone))


def _without_text(shown: ShownQuote) -> ShownQuote:
    return ShownQuote(replace(shown.quote, text=""), "")


def _note(found: set[str], shown: ShownQuote) -> ShownQuote:
    found.add(shown.quote.feedback_id)
    return shown


def _read(figures: str) -> Report:
    try:
        kept = json.loads(figures)
        if kept["form"] != FORM:
            raise DamageError(f"This report was published by a newer voc (form {kept['form']}). Update voc.")
        return _reports().validate_python(kept["report"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise DamageError("A published report cannot be read. Put back your newest backup.") from error


@cache
def _reports() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def _written(value: object) -> object:
    """Return a value as JSON can hold it; infinities and what is no number by name, which reading takes back."""
    if isinstance(value, Mapping):
        return {str(key): _written(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    if isinstance(value, float) and (value in (float("inf"), float("-inf")) or value != value):
        return str(value)
    return value
