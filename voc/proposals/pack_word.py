"""A decision pack as a Word file, in which the change itself can be accepted or rejected."""

from __future__ import annotations

from datetime import UTC, datetime, time

from voc.proposals.blocks_word import write_blocks
from voc.proposals.pack_blocks import pack_blocks
from voc.proposals.pack_model import Pack
from voc.standards.word_redline import Tracker, document_bytes
from voc.weeks import monday


def pack_docx(pack: Pack) -> bytes:
    """Return a pack as a Word file; the same pack gives the same bytes."""
    shown, (author, at) = pack.shown, _written(pack)
    footer = f"{shown.title} · proposal {shown.row.id}"
    document = write_blocks(pack_blocks(pack), footer=footer, tracker=Tracker(author, at))
    return document_bytes(document, title=shown.title, author=author, at=at)


def _written(pack: Pack) -> tuple[str, datetime]:
    """Return who wrote the wording and when; a pack without versions takes the first day of its week."""
    if pack.versions:
        newest = pack.versions[-1]
        return newest.actor, datetime.fromisoformat(newest.at)
    return "voc", datetime.combine(monday(pack.shown.row.week), time(), UTC)
