"""The scanner of the proof sees a text in every form that it says it can read."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pytest
import zstandard
from scanner import in_files, in_tables
from sqlalchemy import insert

from voc.store import schema

WORD = "Überflüßgnörkel霧笛"


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", data)
    return out.getvalue()


def tarred(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def saved(text):
    out = io.BytesIO()
    np.savez_compressed(out, words=np.array([text]))
    return out.getvalue()


def lz4(data):
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "lz4") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


PLAIN = f"somebody said {WORD} here".encode()
FORMS = {
    "plain": PLAIN,
    "utf-16": PLAIN.decode().encode("utf-16"),
    "json": json.dumps({"a": WORD}).encode(),
    "html": PLAIN.decode().encode("ascii", "xmlcharrefreplace"),
    "gzip": gzip.compress(PLAIN),
    "zip": zipped(PLAIN),
    "tar": tarred(PLAIN),
    "tar.gz": gzip.compress(tarred(PLAIN)),
    "zstd": zstandard.ZstdCompressor().compress(PLAIN * 50),
    "lz4": lz4(PLAIN * 50),
    "npz": zipped(saved(WORD)),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_text_is_seen_in_every_form(form, tmp_path):
    (tmp_path / "file.bin").write_bytes(FORMS[form])
    assert in_files([tmp_path], WORD)
    assert not in_files([tmp_path], "another")


def test_what_is_packed_in_a_form_that_it_cannot_read_is_not_seen(tmp_path):
    (tmp_path / "file.xz").write_bytes(lzma.compress(PLAIN * 50))
    assert not in_files([tmp_path], WORD)


def test_a_text_is_seen_in_a_table_and_within_its_json(database):
    with database.write() as connection:
        row = {"name": "a", "text": "t", "mode": "m", "actor": "t", "at": "2024"}
        connection.execute(insert(schema.saved_search).values(**row, asked={"market": [WORD]}))
    assert in_tables(database, WORD) == {"saved_search"}
