"""A decision pack told in the order in which a committee decides: what is asked, what it changes, on what it rests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from voc.proposals.blocks import (
    Block,
    Change,
    Clause,
    Column,
    Facts,
    Grid,
    Heading,
    Items,
    Notice,
    Paragraph,
    Run,
    items,
    plain,
)
from voc.proposals.pack_model import Consulted, Detectable, Edited, MarketRow, Pack
from voc.proposals.proposal_blocks import closing, figures, opening, support, voices, wording
from voc.types import Estimate

_ANSWERS: Final = {"agree": "agrees", "object": "objects", "": "no answer yet"}
_MOVED: Final = {"rising": ", rising beyond chance", "falling": ", falling beyond chance"}
_DAY: Final = 10
_MINUTE: Final = 16


def pack_blocks(pack: Pack) -> tuple[Block, ...]:
    """Return everything that is in a decision pack."""
    return (
        *opening(pack.shown),
        *_asked(pack),
        *wording(pack.shown),
        *_markets(pack),
        *support(pack.shown),
        *voices(pack.shown),
        *figures(pack.shown),
        *_effect(pack),
        *_consultations(pack),
        *_assessments(pack),
        *closing(pack.shown),
        *_versions(pack),
        *_history(pack),
    )


def _asked(pack: Pack) -> Iterator[Block]:
    if pack.approving:
        yield Heading("What approving does")
        yield items(pack.approving)
    waiting = [one for one in pack.consulted if not one.answer and not one.override]
    against = [one for one in pack.consulted if one.answer == "object"]
    failed = [row for row in pack.shown.gate if not row.passed]
    people = len(pack.consulted)
    rows = [
        ("Standard", f"{pack.edition_title}, owner: {pack.owner}" if pack.owner else pack.edition_title),
        ("Consulted", f"{people - len(waiting)} of {people} answered or were overridden" if people else "nobody"),
        ("Objections", ", ".join(f"{one.reviewer} ({one.part})" for one in against) or "none"),
        ("Gate", f"{len(failed)} warnings" if failed else "all rules passed" if pack.shown.gate else "not gated"),
    ]
    yield Heading("At a glance")
    yield Facts(tuple(row for row in rows if row[1]))


def _markets(pack: Pack) -> Iterator[Block]:
    if not pack.markets:
        return
    columns = (
        Column("Market"),
        Column("Clause in force"),
        Column("Edition"),
        Column("Different comments", number=True),
        Column("Rate per 1,000", number=True),
        Column("Against usual"),
    )
    first, last = pack.period
    yield Heading("Markets")
    caption = (
        f"Comments are different complaints of {first} to {last}; rate and change are those of "
        f"{pack.shown.row.week}, with 95 % intervals, where there were at least {pack.k} complaints."
    )
    yield Grid(caption, columns, tuple(_market(pack, row) for row in pack.markets))
    for row in pack.markets:
        if row.text and row.text != pack.shown.draft.old_text:
            yield plain(f"{row.name or row.market} has another wording in force ({row.edition}):", "soft")
            yield Clause(row.text, pack.shown.draft.language)


def _market(pack: Pack, row: MarketRow) -> tuple[str, ...]:
    edition = f"{row.edition}{' (addendum)' if row.addendum else ''}, since {row.effective}" if row.edition else "–"
    count = f"fewer than {pack.k}" if row.comments is None else f"{row.comments:,}"
    rate = "–" if row.rate is None else f"{_interval(row.rate, 2)} {row.per}"
    change = "–" if row.change is None else f"{_times(row.change)}{_MOVED.get(row.moved, '')}"
    name = f"{row.name} ({row.market})" if row.name else row.market
    nothing = "exempt" if pack.shown.draft.clause_number else "–"
    return name, row.clause or nothing, edition, count, rate, change


def _times(found: Estimate) -> str:
    return "none were usual" if found.value == float("inf") else f"×{_interval(found, 1)}"


def _interval(found: Estimate, digits: int) -> str:
    high = "open" if found.high is None else f"{found.high:.{digits}f}"
    return f"{found.value:.{digits}f} ({found.low or 0:.{digits}f} to {high})"


def _effect(pack: Pack) -> Iterator[Block]:
    if pack.detectable:
        yield Heading("Smallest effect that could be seen")
        yield items(tuple(_detectable(one) for one in sorted(pack.detectable, key=lambda one: one.weeks)))
        yield plain(
            f"Reckoned as if followed from the week after {pack.shown.row.week}. Where the true fall is smaller, "
            "the answer by then is likely to be: cannot tell.",
            "soft",
        )


def _detectable(one: Detectable) -> str:
    when = f"By {one.by_week} ({one.weeks} weeks after adoption)"
    note = f" {one.note}" if one.note else ""
    if one.fall is None:
        return f"{when} no fall could be told from chance.{note}"
    return f"{when} a fall of {100 * one.fall:.0f} % or more would be seen in {10 * one.power:.0f} of 10 cases.{note}"


def _consultations(pack: Pack) -> Iterator[Block]:
    if not pack.consulted:
        return
    newest = pack.versions[-1].number if pack.versions else 1
    columns = (Column("Reviewer"), Column("For"), Column("Due"), Column("Answer"))
    yield Heading("Consultations")
    rows = tuple((one.reviewer, one.part, one.due, _answer(one, newest)) for one in pack.consulted)
    yield Grid("", columns, rows)
    for one in pack.consulted:
        if one.text:
            said = f"{one.reviewer} {_ANSWERS.get(one.answer, one.answer)}: "
            yield Paragraph((Run(said, "warn" if one.answer == "object" else "strong"), Run(one.text)))
        if one.override:
            yield Notice(f"{one.overridden_by} decided over {one.reviewer} ({one.part}): {one.override}")


def _answer(one: Consulted, newest: int) -> str:
    told = _ANSWERS.get(one.answer, one.answer)
    if one.answered_on:
        told += f", {one.answered_on[:_DAY]}"
    if one.answer and 0 < one.version < newest:
        told += f" (to version {one.version} of {newest})"
    if one.override:
        told += "; overridden"
    return told


def _assessments(pack: Pack) -> Iterator[Block]:
    yield Heading("Cost and feasibility")
    if not pack.assessed:
        yield plain("Nobody has said yet what this costs and whether it can be done.", "soft")
        return
    newest = pack.assessed[-1]
    yield Facts(tuple(row for row in (("Cost", newest.cost), ("Feasibility", newest.feasibility)) if row[1]))
    earlier = f"; {len(pack.assessed) - 1} earlier in the store" if len(pack.assessed) > 1 else ""
    yield plain(f"Said by {newest.actor}, {newest.at[:_DAY]}{earlier}.", "soft")


def _versions(pack: Pack) -> Iterator[Block]:
    if len(pack.versions) < 2:
        return
    yield Heading("Edits")
    for before, one in zip(pack.versions, pack.versions[1:], strict=False):
        yield Paragraph((Run(f"Version {one.number}", "strong"), Run(f", {one.actor}, {_time(one.at)}: {one.why}")))
        yield Change(before.text, one.text, pack.shown.draft.language, tracked=False)
        if one.warnings:
            yield _warnings(one)


def _warnings(one: Edited) -> Items:
    return Items(tuple((Run("The gate warns: ", "warn"), Run(text)) for text in one.warnings))


def _history(pack: Pack) -> Iterator[Block]:
    if pack.history:
        yield Heading("History")
        columns = (Column("When"), Column("Who"), Column("State"), Column("Why"))
        rows = tuple(
            (_time(one.at), one.actor, " → ".join(filter(None, (_state(one.before), _state(one.after)))), one.why)
            for one in pack.history
        )
        yield Grid("Times are in UTC.", columns, rows)
    if pack.adopted:
        yield items(tuple(f"In force in {one.market or 'all markets'} since {one.since}." for one in pack.adopted))


def _state(name: str) -> str:
    return name.replace("_", " ")


def _time(at: str) -> str:
    return at[:_MINUTE].replace("T", " ")
