"""Checks of a batch after it is stored: what a person would want to know before believing the week.

Each compares the batch with what the same source or market brought before, and warns where the difference is larger
than chance and large enough to matter; thresholds stand here with their reasons (docs/sources.md tells them too).
"""

from __future__ import annotations

import math
import statistics
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from voc.ingest.copies import pieces_of
from voc.store import batch_checks as stored
from voc.store.batch_checks import Check, Span
from voc.store.database import Connection
from voc.weeks import weeks_before

LEAST: Final = 30
"""Fewer comments say nothing about a share: at 30 its standard error is up to .09."""

LOOKED_BACK: Final = 8
"""Weeks before a batch in which the same source is compared with."""

MORE_EMPTY: Final = 0.1
"""Rise of the share of empty cells, in share points, that matters: a tenth of the ratings missing moves a mean."""

SURE: Final = 3.0
"""Standard errors beyond which a difference is no chance: once in 700 checks without a cause, at both sides."""

LEAST_A_WEEK: Final = 20
"""Median of comments a week from which volume is judged: below, half and double come by chance."""

VOLUME: Final = 2.0
"""Half or double of the median. Source: in the sample a market's comments swing by a third from week to week."""

MIX: Final = 0.25
"""Total variation distance of languages: a quarter of the comments are in another language than before."""

COPIES: Final = 0.1
"""Share of texts that say letter by letter what another one of the batch says."""

LETTERS: Final = 20
"""Shorter texts repeat by nature ("Very good service")."""

BURST: Final = 20
"""Near-copies of one text within a day from one source. Source: [[quota]] and folding take what gets through."""

_SIGNATURE: Final = 3
_BEFORE: Final = 4


def check(connection: Connection, span: Span, *, attributes: Sequence[str], today: str) -> tuple[Check, ...]:
    """Return the checks of a batch whose rows are stored.

    Args:
        connection: the store.
        span: the batch, its source and its weeks.
        attributes: further fields that the mapping reads.
        today: the week of now, which is not over.
    """
    volumes_and_mixes = [
        one
        for market, week in sorted(stored.newest_weeks(connection, span, before=today).items())
        for one in _market(connection, market, week)
    ]
    return (
        *_nulls(connection, span, attributes),
        *volumes_and_mixes,
        *_copies(connection, span),
        *_burst(connection, span),
    )


def _nulls(connection: Connection, span: Span, attributes: Sequence[str]) -> Iterator[Check]:
    first = weeks_before(span.first_week, LOOKED_BACK)[0]
    before = Span(span.batch_id, span.source, first, span.last_week, earlier=True)
    count, empty = stored.empty_fields(connection, span, attributes=attributes)
    count_before, empty_before = stored.empty_fields(connection, before, attributes=attributes)
    if min(count, count_before) < LEAST:
        return
    for field, number in empty.items():
        now, usual = number / count, empty_before[field] / count_before
        pooled = (number + empty_before[field]) / (count + count_before)
        error = math.sqrt(pooled * (1 - pooled) * (1 / count + 1 / count_before))
        strange = now - usual > max(MORE_EMPTY, SURE * error)
        told = f"{field} is empty in {now:.0%} of the comments from {span.source}, {usual:.0%} before"
        yield Check(
            "null_rate",
            f"{span.source}: {field}",
            "",
            (span.first_week, span.last_week),
            now,
            usual,
            strange,
            f"{told}: look at the export and the mapping." if strange else f"{told}.",
        )


def _market(connection: Connection, market: str, week: str) -> Iterator[Check]:
    """Compare a week of a market with the four before: how many comments, and in which languages."""
    earlier = weeks_before(week, _BEFORE)
    found = stored.languages(connection, market=market, weeks=[*earlier, week])
    totals = Counter[str]()
    for (one, _), number in found.items():
        totals[one] += number
    usual = statistics.median(totals[one] for one in earlier)
    now = totals[week]
    if usual >= LEAST_A_WEEK:
        yield _volume(market, week, now, usual)
    mix = {language: number for (one, language), number in found.items() if one == week}
    past = Counter[str]()
    for (one, language), number in found.items():
        past[language] += number if one != week else 0
    if min(now, past.total()) >= LEAST:
        yield _mix(market, week, mix, past)


def _volume(market: str, week: str, now: int, usual: float) -> Check:
    far = abs(now - usual) > SURE * math.sqrt(usual)
    low, high = far and now * VOLUME < usual, far and now > usual * VOLUME
    told = f"{market}, {week}: the number of comments is near to the median of the four weeks before, {usual:g}."
    if low:
        told = f"{market}, {week}: less than half of the comments of a usual week, {usual:g}: is a part missing?"
    elif high:
        told = (
            f"{market}, {week}: {now / usual:.1f} times the comments of a usual week, {usual:g}: did a part come twice?"
        )
    return Check("volume", market, market, (week, week), now, usual, low or high, told)


def _mix(market: str, week: str, mix: dict[str, int], past: Counter[str]) -> Check:
    now, before = sum(mix.values()), past.total()
    shifts = {one: mix.get(one, 0) / now - past.get(one, 0) / before for one in sorted({*mix, *past})}
    distance = sum(map(abs, shifts.values())) / 2
    most = max(shifts, key=lambda one: (shifts[one], one))
    told = f"{market}, {week}: {most} is the language of {mix.get(most, 0) / now:.0%} of the comments"
    told += f", {past.get(most, 0) / before:.0%} in the four weeks before"
    strange = distance > MIX
    hint = ": are the comments of another market or channel among them?" if strange else "."
    return Check("languages", market, market, (week, week), distance, MIX, strange, told + hint)


def _copies(connection: Connection, span: Span) -> Iterator[Check]:
    texts, different = stored.copied(connection, span, least_letters=LETTERS)
    if texts < LEAST:
        return
    share = 1 - different / texts
    strange = share > COPIES
    told = f"{share:.0%} of the texts from {span.source} say letter by letter what another one of the batch says"
    hint = ": was something exported twice under other ids?" if strange else "."
    weeks = (span.first_week, span.last_week)
    yield Check("duplicates", span.source, "", weeks, share, COPIES, strange, told + hint)


def _burst(connection: Connection, span: Span) -> Iterator[Check]:
    """Count texts whose rarest pieces are the same, by day.

    The three smallest checksums of a text's pieces are a sketch of it: two texts that share a share s of their pieces
    have the same sketch with about s cubed, .5 at .8 and .001 at .1. So near-copies pile up under one sketch.
    """
    seen, weeks = Counter[int](), dict[int, str]()
    for week, day, text in stored.days_and_texts(connection, span):
        sketch = sorted(zlib.crc32(piece.encode()) for piece in pieces_of(text))[:_SIGNATURE]
        if sketch:
            key = zlib.crc32(repr((day, sketch)).encode())
            seen[key] += 1
            weeks[key] = max(week, weeks.get(key, week))
    key, number = max(seen.items(), key=lambda one: (one[1], weeks[one[0]], one[0]), default=(0, 0))
    strange = number >= BURST
    told = f"{number} texts from {span.source} within a day say the same in nearly the same words"
    hint = ": a campaign, or a form letter? Near-copies count once; [[quota]] limits a source." if strange else "."
    week = weeks.get(key, span.last_week)
    yield Check("burst", span.source, "", (week, week), number, BURST, strange, told + hint)
