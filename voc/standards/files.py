"""Read and write standards by the ending of the file: .md, .yaml, .docx, .jsonl."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.standards.document import NOTHING_GIVEN, Given, Reading
from voc.standards.markdown import read_markdown

MAX_BYTES: Final = 20_000_000
"""Bytes of one file of text; 4,000,000 characters take at most 16,000,000."""


def read_file(path: Path, given: Given = NOTHING_GIVEN) -> tuple[Reading, ...]:
    """Read a file; JSON lines may hold several documents, the others hold one.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is too large, or not UTF-8.
    """
    return (read_markdown(_text(path), str(path), given),)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read. Cut it into documents.")
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFoundError(
            f"There is no standard at {path}. Name a Markdown, YAML, Word or JSON-lines file."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
