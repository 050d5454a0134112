"""Filters as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from voc.errors import InputError
from voc.store.feedback import Filter


def make_filter(
    *, markets: Sequence[str], since: str, until: str, theme_id: str, rating: str, languages: Sequence[str]
) -> Filter:
    """Return a filter.

    Raises:
        InputError: a day, rating or language is not written as it must be.
    """
    for language in languages:
        if not re.fullmatch(r"[a-z]{2,3}", language):
            raise InputError(f"'{language}' is not a language code such as de.")
    return Filter(
        markets=tuple(markets),
        since=_day(since),
        until=_day(until),
        theme_id=theme_id,
        ratings=_ratings(rating),
        languages=tuple(languages),
    )


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(f"'{text}' is not a day such as 2024-09-30.") from error


def _ratings(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    match = re.fullmatch(r"([1-5](?:\.\d+)?)(?:-([1-5](?:\.\d+)?))?", text.strip())
    if match is None or float(match[2] or match[1]) < float(match[1]):
        raise InputError(f"'{text}' is not a rating from 1 to 5 or a span such as 1-2.")
    return float(match[1]), float(match[2] or match[1])
