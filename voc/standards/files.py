"""Read and write standards by the ending of the file: .md, .yaml, .docx, .jsonl."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from voc.errors import InputError, NotFoundError
from voc.files import write_atomic
from voc.standards.document import NOTHING_GIVEN, Given, Parsed, Reading
from voc.standards.json_lines import read_json_lines, write_json_lines
from voc.standards.markdown import read_markdown
from voc.standards.yaml_form import read_yaml, write_yaml

MAX_BYTES: Final = 20_000_000
"""Bytes of one file of text; 4,000,000 characters take at most 16,000,000."""

MARKDOWN: Final = (".md", ".markdown")
YAML: Final = (".yaml", ".yml")
WORD: Final = ".docx"
JSON_LINES: Final = ".jsonl"
_KNOWN: Final = ".md, .yaml, .docx or .jsonl"


def is_word(path: Path) -> bool:
    """Say whether a file is a Word document, whose import asks to be checked first."""
    return path.suffix.lower() == WORD


def read_file(path: Path, given: Given = NOTHING_GIVEN) -> tuple[Reading, ...]:
    """Read a file; JSON lines may hold several documents, the others hold one.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is of no known kind, too large, or not UTF-8.
    """
    kind = _kind(path)
    if kind == WORD:
        from voc.standards.word import read_word

        return (read_word(_bytes(path), str(path), given),)
    source = _text(path)
    if kind == JSON_LINES:
        return read_json_lines(source, str(path), given)
    reader = read_yaml if kind in YAML else read_markdown
    return (reader(source, str(path), given),)


def write_file(path: Path, parsed: Parsed) -> None:
    """Write a standard in the form that the ending of the file names; Markdown is the stored source itself.

    Raises:
        InputError: the ending is of no known kind.
        DiskFullError: there is no room; an old file is untouched.
    """
    write_atomic(path, as_bytes(parsed, _kind(path)))


def as_bytes(parsed: Parsed, kind: str) -> bytes:
    """Return a standard in the form of an ending such as ".yaml"."""
    if kind == WORD:
        from voc.standards.word_write import write_word

        return write_word(parsed.front, parsed.clauses)
    if kind in MARKDOWN:
        return parsed.source.encode()
    writer: Callable[..., str] = write_yaml if kind in YAML else write_json_lines
    return writer(parsed.front, parsed.clauses).encode()


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in (*MARKDOWN, *YAML, WORD, JSON_LINES):
        if path.exists() or not kind:
            raise InputError(f"{path} ends in '{kind}'. A standard is a file that ends in {_KNOWN}.")
        raise NotFoundError(f"There is no standard at {path}. Name a file that ends in {_KNOWN}.")
    return kind


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read. Cut it into documents.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFoundError(f"There is no standard at {path}. Name a file that ends in {_KNOWN}.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
