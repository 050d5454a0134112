"""What Word shows before a paragraph: automatic numbers of headings and lists, and which paragraphs are headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from voc.standards.word_package import Element, attribute, child, children

_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_BODY_LEVEL: Final = 9
_MOST_STYLES: Final = 20
_LETTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a numbering."""

    start: int
    kind: str
    text: str
    style: str
    legal: bool


@dataclass(frozen=True, slots=True)
class Style:
    """A style of paragraphs, with what it takes over from those that it is based on."""

    name: str
    outline: int | None
    number_id: str
    level: int | None


def read_styles(root: Element | None) -> dict[str, Style]:
    """Return the styles of paragraphs by their ids."""
    found = {attribute(one, "styleId"): one for one in children(root, "style")}
    return {key: _style(key, found) for key in found}


def _style(key: str, found: dict[str, Element]) -> Style:
    name, outline, number_id, level = "", None, "", None
    at, steps = key, 0
    while at in found and steps < _MOST_STYLES:
        element, steps = found[at], steps + 1
        own = attribute(child(element, "name")).lower()
        name = name or own
        look = child(element, "pPr")
        if outline is None:
            outline = _whole(attribute(child(look, "outlineLvl")))
            outline = _heading_level(own) if outline is None else outline
        number_id = number_id or attribute(child(look, "numPr", "numId"))
        level = _whole(attribute(child(look, "numPr", "ilvl"))) if level is None else level
        at = attribute(child(element, "basedOn"))
    return Style(name, outline, number_id, level)


def _heading_level(name: str) -> int | None:
    level = _whole(name.removeprefix("heading ")) if name.startswith("heading ") else None
    return level - 1 if level and level <= _BODY_LEVEL else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _BODY_LEVEL else None


@dataclass(slots=True)
class Numbering:
    """The numberings of a document, counting on as its paragraphs are read from top to bottom."""

    styles: dict[str, Style]
    levels: dict[str, dict[int, Level]]
    of_number: dict[str, tuple[str, dict[int, int]]]
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def label(self, paragraph: Element) -> str:
        """Return what Word shows before a paragraph ("1.1", "a)", "-" for a bullet), or ""; counts it."""
        look = child(paragraph, "pPr")
        style_id = attribute(child(look, "pStyle"))
        style = self.styles.get(style_id)
        number_id = attribute(child(look, "numPr", "numId")) or (style.number_id if style else "")
        if number_id not in self.of_number:
            return ""
        abstract, starts = self.of_number[number_id]
        levels = self.levels.get(abstract, {})
        level = _whole(attribute(child(look, "numPr", "ilvl")))
        if level is None and style is not None:
            level = style.level if style.level is not None else self._of_style(levels, style_id)
        level = level or 0
        if level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        if starts and number_id not in self._begun:
            for one in starts:
                counts.pop(one, None)
        self._begun.add(number_id)
        counts[level] = counts[level] + 1 if level in counts else starts.get(level, levels[level].start)
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        return self._shown(levels, level, counts)

    @staticmethod
    def _of_style(levels: dict[int, Level], style_id: str) -> int:
        return next((at for at, one in levels.items() if one.style == style_id), 0)

    @staticmethod
    def _shown(levels: dict[int, Level], level: int, counts: dict[int, int]) -> str:
        own = levels[level]
        if own.kind == "bullet":
            return "-"
        text = own.text
        for at in range(level + 1):
            one = levels.get(at)
            if f"%{at + 1}" in text and one is not None:
                number = counts.setdefault(at, one.start)
                text = text.replace(f"%{at + 1}", formatted(number, "decimal" if own.legal else one.kind))
        return text.strip()


def read_numbering(root: Element | None, styles: dict[str, Style]) -> Numbering:
    """Return the numberings of a document, nothing counted yet."""
    levels = {
        attribute(one, "abstractNumId"): {
            int(attribute(each, "ilvl") or 0): _level(each) for each in children(one, "lvl")
        }
        for one in children(root, "abstractNum")
    }
    links = {
        attribute(one, "abstractNumId"): attribute(child(one, "numStyleLink")) for one in children(root, "abstractNum")
    }
    of_number = {}
    for one in children(root, "num"):
        starts = {
            int(attribute(each, "ilvl") or 0): start
            for each in children(one, "lvlOverride")
            if (start := _whole(attribute(child(each, "startOverride")))) is not None
        }
        of_number[attribute(one, "numId")] = (attribute(child(one, "abstractNumId")), starts)
    for abstract, link in links.items():
        linked = of_number.get(styles[link].number_id) if link in styles else None
        if linked is not None:
            levels[abstract] = levels.get(linked[0], {})
    return Numbering(styles, levels, of_number)


def _level(element: Element) -> Level:
    return Level(
        _whole(attribute(child(element, "start"))) or 0,
        attribute(child(element, "numFmt")) or "decimal",
        attribute(child(element, "lvlText")),
        attribute(child(element, "pStyle")),
        child(element, "isLgl") is not None,
    )


def formatted(number: int, kind: str) -> str:
    """Return a number as Word writes it: decimal, decimalZero, letters (27 is aa) or roman; none is ""."""
    if kind == "none":
        return ""
    if kind == "decimalZero":
        return f"{number:02d}"
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(ord("a") + (number - 1) % _LETTERS) * min((number - 1) // _LETTERS + 1, _BODY_LEVEL)
        return letters if kind == "lowerLetter" else letters.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < number < _ROMAN[0][0] * 4:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman if kind == "lowerRoman" else roman.upper()
    return str(number)


def outline_level(paragraph: Element, styles: dict[str, Style]) -> int | None:
    """Return 0 for a heading of the first level, and so on; None for other paragraphs."""
    look = child(paragraph, "pPr")
    own = _whole(attribute(child(look, "outlineLvl")))
    style = styles.get(attribute(child(look, "pStyle")))
    level = own if own is not None else (style.outline if style else None)
    return None if level is None or level >= _BODY_LEVEL else level


def style_name(paragraph: Element, styles: dict[str, Style]) -> str:
    """Return the name of a paragraph's style in small letters, as Word names it in English; "" for none."""
    style = styles.get(attribute(child(paragraph, "pPr", "pStyle")))
    return style.name if style else ""
