"""Read a standard from Word: a table of front matter, headings with numbers (typed or automatic), and what is below.

Without heading styles, short paragraphs that begin with rising numbers are taken as headings. Rows of tables and items
of lists become lines. What cannot be kept as text is named, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from voc.errors import InputError
from voc.standards.collect import Collector
from voc.standards.document import FIELDS, MAX_CHARACTERS, NOTHING_GIVEN, Given, Problem, Reading, front_of, plain_line
from voc.standards.numbers import Heading, natural_key, read_heading
from voc.standards.rules import checked
from voc.standards.word_numbering import read_numbering, read_styles
from voc.standards.word_package import open_package
from voc.standards.word_text import TRACKED, Block, read_blocks

_LONGEST_HEADING: Final = 150
_ALIASES: Final = {
    "document id": "document",
    "edition name": "edition",
    "effective date": "effective",
    "effective from": "effective",
}


def read_word(data: bytes, place: str, given: Given = NOTHING_GIVEN) -> Reading:
    """Read the bytes of a .docx file with everything that is wrong with it; `line` counts paragraphs."""
    try:
        package = open_package(data)
        styles = read_styles(package.styles)
        blocks = read_blocks(package.body, read_numbering(package.numbering, styles))
    except InputError as error:
        return Reading(place, "paragraph", None, (), (Problem(0, "error", "word", str(error)),))
    size = sum(len(block.text) for block in blocks)
    if size > MAX_CHARACTERS:
        told = f"it has {size:,} characters; at most {MAX_CHARACTERS:,} are read. Cut it into documents."
        return Reading(place, "paragraph", None, (), (Problem(0, "error", "size", told),))
    values, lines, rest, problems = _front(_levelled(blocks))
    front, wrong = front_of(values, lines, given)
    body = _body(rest)
    clauses, more = checked(front, body.raws)
    problems += [*wrong, *_lost(blocks), *body.problems, *more]
    if not body.raws:
        told = "it has no clause. A clause is a heading such as '1.1 Delivery date' with text below it."
        problems.append(Problem(0, "error", "no-clause", told))
    problems.sort(key=lambda one: one.line)
    return Reading(place, "paragraph", front, clauses, tuple(problems))


def _shown(block: Block) -> str:
    """Return a block's text with the number that Word shows before it."""
    return f"{block.label} {block.text}" if block.label else block.text


def _levelled(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks, of which numbered paragraphs are headings where no style says what a heading is."""
    if any(block.level is not None for block in blocks):
        return list(blocks)
    found, last = [], None
    for block in blocks:
        heading = _plain_heading(block)
        if heading is not None and (last is None or natural_key(heading.number) > natural_key(last)):
            last = heading.number
            found.append(replace(block, level=heading.number.count(".")))
        else:
            found.append(block)
    return found


def _plain_heading(block: Block) -> Heading | None:
    text = plain_line(_shown(block))
    if block.cells or len(text) > _LONGEST_HEADING or text.endswith((".", ";", ":", ",", "!", "?")):
        return None
    heading = read_heading(text)
    return heading if heading and not heading.title[:1].islower() else None


def _front(
    blocks: Sequence[Block],
) -> tuple[dict[str, object], dict[str, int], list[Block], list[Problem]]:
    """Return the front matter, where it stands, the blocks that are left, and what of them is no part of a standard."""
    start = next((at for at, block in enumerate(blocks) if block.level is not None), len(blocks))
    values, lines, problems = dict[str, object](), dict[str, int](), list[Problem]()
    table = next((one.table for one in blocks[:start] if one.cells and _field(one.cells[0]) in FIELDS), 0)
    title = next((one for one in blocks[:start] if one.style == "title" and one.text.strip()), None)
    for block in blocks[:start]:
        if not block.text.strip() or block is title:
            continue
        name = _field(block.cells[0]) if block.cells and block.table == table else ""
        if name in FIELDS and name not in values and len(block.cells) > 1:
            values[name], lines[name] = block.cells[1].strip(), block.at
        else:
            told = f"'{plain_line(block.text)[:60]}' stands before the first heading and is not kept."
            problems.append(Problem(block.at, "warning", "stray-text", told))
    if title is not None:
        values.setdefault("title", plain_line(title.text))
        lines.setdefault("title", title.at)
    return values, lines, list(blocks[start:]), problems


def _field(cell: str) -> str:
    name = plain_line(cell).rstrip(" :").lower()
    return _ALIASES.get(name, name)


def _lost(blocks: Sequence[Block]) -> Iterator[Problem]:
    for block in blocks:
        for what in block.lost:
            if what == TRACKED:
                told = "it has tracked changes. Accept or reject them in Word first."
                yield Problem(block.at, "error", "tracked-change", told)
            else:
                yield Problem(block.at, "warning", "not-kept", f"{what} is not kept.")


def _body(blocks: Sequence[Block]) -> Collector:
    """Gather chapters and clauses: a heading over deeper ones that has no text of its own is a chapter."""
    found = Collector()
    levels = [(at, block.level) for at, block in enumerate(blocks) if block.level is not None]
    after = {at: following for (at, _), following in zip(levels, [*levels[1:], (len(blocks), 0)], strict=True)}
    for at, block in enumerate(blocks):
        if block.level is None:
            for line in _shown(block).split("\n"):
                found.text(line, block.at)
            continue
        following, deeper = after[at]
        text = plain_line(_shown(block))
        has_text = any(one.text.strip() for one in blocks[at + 1 : following])
        over = following < len(blocks) and deeper is not None and deeper > block.level
        if over and (block.level == 0 or not has_text):
            found.chapter(text, block.at)
            if not has_text:
                continue
            told = f"the text below the chapter '{text[:60]}' becomes a clause of its own."
            found.problems.append(Problem(block.at, "warning", "chapter-text", told))
        heading = read_heading(text)
        if heading is None:
            found.wrong("number", f"'{text[:60]}' is not a clause such as '1.1 Delivery date'.", block.at)
        else:
            found.clause(heading, block.at)
    found.end()
    return found
