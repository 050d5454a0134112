"""Decodes every file and table that it is shown and says where a text is found: what it cannot see proves nothing."""

import contextlib
import gzip
import html
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import zstandard
from sqlalchemy import text as sql

from voc.index.analyse import forms

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
DEEPEST = 4


def spellings(text):
    """Every way in which bytes may say a text: composed or not, in capitals or not, escaped or not."""
    said = {text, text.casefold(), unicodedata.normalize("NFKC", text).casefold(), unicodedata.normalize("NFD", text)}
    found = {one.encode(encoding) for one in said for encoding in ENCODINGS}
    for one in said:
        if not one.isascii():
            found |= {json.dumps(one)[1:-1].encode(), json.dumps(one)[1:-1].upper().replace("\\U", "\\u").encode()}
            found |= {one.encode("ascii", "xmlcharrefreplace")}
    return found


def layers(data, depth=0):
    """Yield the bytes of a file as (form, bytes), and of everything that is packed in it."""
    yield "raw", data
    if depth == DEEPEST:
        return
    for form, inner in _unpacked(data):
        yield form, inner
        for _, deeper in layers(inner, depth + 1):
            yield form, deeper
    plain = data.decode("utf-8", "ignore")
    if "\\u" in plain:
        yield "escapes", ESCAPE.sub(lambda one: chr(int(one[1], 16)), plain).encode("utf-8", "surrogatepass")
    if "&" in plain:
        yield "entities", html.unescape(plain).encode("utf-8", "surrogatepass")


def _unpacked(data):
    for form, (start, magic, unpack) in PACKED.items():
        if data[start : start + len(magic)] == magic:
            yield from ((form, inner) for inner in unpack(data))


def _of_zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def _of_tar(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [archive.extractfile(member).read() for member in archive if member.isfile()]


def _of_zstd(data):
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as stream:
        return [stream.read()]


def _of_lz4(data):
    with pa.input_stream(pa.BufferReader(data), compression="lz4") as stream:
        return [stream.read()]


def _of_pdf(data):
    """Return its streams, and its text without spaces, since lines break anywhere."""
    found = []
    for match in STREAM.finditer(data):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(match[1]))
    if shutil.which("pdftotext"):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(data)
            file.flush()
            done = subprocess.run(["pdftotext", "-raw", file.name, "-"], capture_output=True, check=True)
        found.append(re.sub(rb"\s+", b"", done.stdout))
    return found


PACKED = {
    "gzip": (0, b"\x1f\x8b", lambda data: [gzip.decompress(data)]),
    "zip": (0, b"PK\x03\x04", _of_zip),
    "tar": (257, b"ustar", _of_tar),
    "zstd": (0, b"\x28\xb5\x2f\xfd", _of_zstd),
    "lz4": (0, b"\x04\x22\x4d\x18", _of_lz4),
    "pdf": (0, b"%PDF-", _of_pdf),
}
"""Where each form begins, with which bytes, and what is in it. Tables of SQLite are read by `in_tables`."""


def in_files(folders, marker):
    """Return the forms in which a marker is found in files, as {"ending:form": {paths}}, and in tantivy's words."""
    return each_in_files(folders, [marker])[marker]


def each_in_files(folders, markers):
    """Return the same of several markers, by marker; each file is decoded once."""
    wanted = {one: spellings(one) for one in markers}
    squeezed = {one: {re.sub(rb"\s+", b"", each) for each in spelt} for one, spelt in wanted.items()}
    found = {one: {} for one in markers}
    for path in (path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file()):
        for form, data in layers(path.read_bytes()):
            for one, spelt in (squeezed if form == "pdf" else wanted).items():
                if any(each in data for each in spelt):
                    found[one].setdefault(f"{path.suffix or path.name}:{form}", set()).add(str(path))
        if path.name == "meta.json" and path.parent.name == "words":
            for one in _in_words(path.parent, markers):
                found[one].setdefault("tantivy:words", set()).add(str(path.parent))
    return found


def _in_words(folder, markers):
    """Return the markers of which the dictionary of a tantivy folder has a word, or a pair of characters."""
    import tantivy

    index = tantivy.Index.open(str(folder))
    index.reload()
    searcher = index.searcher()
    return [one for one in markers if any(searcher.doc_freq("words", form) for form in forms(one))]


def in_tables(database, marker):
    """Return the tables (and statistics of PostgreSQL) that hold a marker, each column as text."""
    return each_in_tables(database, [marker])[marker]


def each_in_tables(database, markers):
    """Return the same of several markers, by marker; each table is read once."""
    wanted, found = {one: spellings(one) for one in markers}, {one: set() for one in markers}
    with database.engine.connect() as connection:
        for name, row in _rows(connection, database.dialect):
            for value in row:
                data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "replace")
                for _, inner in layers(data):
                    for one, spelt in wanted.items():
                        if any(each in inner for each in spelt):
                            found[one].add(name)
        connection.rollback()
    return found


def _rows(connection, dialect):
    if dialect == "sqlite":
        tables = connection.execute(sql("select name from sqlite_master where type = 'table'")).scalars().all()
    else:
        where = "table_schema = 'public' and table_type = 'BASE TABLE'"
        tables = connection.execute(sql(f"select table_name from information_schema.tables where {where}")).scalars()
        tables = list(tables)
        kept = "most_common_vals::text, histogram_bounds::text, most_common_elems::text"
        for row in connection.execute(sql(f"select {kept} from pg_stats where schemaname = 'public'")):
            yield "pg_stats", row
    for name in tables:
        for row in connection.execute(sql(f'select * from "{name}"')):
            yield name, row


def in_pages(database, socket, marker):
    """Return the data files of a PostgreSQL database that hold a marker in their bytes, free space included.

    The write-ahead log is the server's: what is in force is in these files after a checkpoint.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sql("CHECKPOINT"))
        number = connection.execute(sql("select oid from pg_database where datname = current_database()")).scalar_one()
    wanted = spellings(marker)
    files = sorted((Path(socket) / "data" / "base" / str(number)).iterdir())
    return [path.name for path in files if any(one in path.read_bytes() for one in wanted)]


def with_bytes(folders, needles):
    """Return the files that hold any of some bytes, packed or not."""
    return [
        str(path)
        for folder in folders
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and any(one in data for _, data in layers(path.read_bytes()) for one in needles)
    ]
