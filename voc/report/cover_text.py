"""What stands before the figures of a report, as Markdown."""

from __future__ import annotations

from voc.report.cover import Cover, paragraphs
from voc.standards.visible import visible


def cover_lines(cover: Cover) -> list[str]:
    """Return the lines of a cover: state, headline, comments, what differs since."""
    words = cover.words
    lines = [f"**{cover.state}**", ""]
    lines += [f"Published again because: {plain(cover.why)}", ""] if cover.why else []
    lines += [f"**{plain(words.headline)}**", ""] if words.headline else []
    for part in paragraphs(words.comment):
        lines += [plain(part), ""]
    for theme, text in sorted(words.themes.items()):
        lines += [f"**{plain(cover.names.get(theme, theme))}**", ""]
        for part in paragraphs(text):
            lines += [f"{plain(part)}", ""]
    lines += [cover.gone, ""] if cover.gone else []
    if cover.restated:
        lines += [
            "## Restated since it was published",
            "",
            "| figure | published | now | reason |",
            "|---|---|---|---|",
        ]
        for one in cover.restated:
            place = f" ({one.market or 'all markets'})" if one.theme_id else ""
            cells = (f"{one.about}{place}: {one.figure}", one.published, one.now, one.reason)
            lines.append(f"| {' | '.join(cell(each) for each in cells)} |")
        lines.append("")
    return lines


def cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return plain(text).replace("|", "\\|")


def plain(text: str) -> str:
    """Return a text in one line in which no character is markup and none steers the reader's screen."""
    flat = " ".join(visible(text).split())
    for sign in ("\\", "`", "*", "_", "[", "]", "<", ">", "#"):
        flat = flat.replace(sign, f"\\{sign}")
    return flat
