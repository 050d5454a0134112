"""A proposal as people read it: Markdown for files, text for the terminal, HTML for the report and as a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.proposals.blocks_html import article, page
from voc.proposals.blocks_text import markdown, terminal
from voc.proposals.proposal_blocks import proposal_blocks
from voc.proposals.shown import Shown as Shown
from voc.proposals.shown import load as load
from voc.store import review
from voc.store.database import Database

if TYPE_CHECKING:
    from rich.text import Text


def as_markdown(shown: Shown) -> str:
    """Return a proposal as Markdown; struck out is [-so-], put in is {+so+}."""
    return markdown(proposal_blocks(shown))


def as_terminal(shown: Shown) -> Text:
    """Return a proposal for a terminal, its redline in colours and marks."""
    return terminal(proposal_blocks(shown))


def as_section(shown: Shown) -> str:
    """Return a proposal as an HTML article for the report; everything is escaped. `blocks_html.css` styles it."""
    return article(proposal_blocks(shown), anchor=f"p-{shown.row.id}", top=3)


def as_page(shown: Shown) -> str:
    """Return a proposal as one HTML page without anything from elsewhere."""
    own = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return page(shown.title, article(proposal_blocks(shown), anchor=f"p-{shown.row.id}"), extra_css=own)


def write_docx(path: Path, shown: Shown, database: Database) -> None:
    """Write the redline of a revision as a Word file with tracked changes by whoever wrote the newest version.

    Raises:
        InputError: it is no revision, so nothing in the text changes.
        DiskFullError: there is no room; an older file stays.
    """
    if shown.row.outcome != "revision":
        raise InputError(
            f"Proposal {shown.row.id} changes no text, so there is no redline. Write its decision pack instead: "
            f"voc proposals pack {shown.row.id} --to FILE.docx"
        )
    from voc.standards.word_redline import write_redline

    with database.read() as connection:
        newest = review.versions(connection, shown.row.id)[-1]
    write_redline(
        path,
        title=shown.title,
        old=shown.draft.old_text,
        new=shown.draft.new_text,
        author=newest.actor,
        at=datetime.fromisoformat(newest.at),
    )
