"""Files in partitions: the parts of each form of file are its rows."""

import json

import pyarrow as pa
import pytest
from brought import write_csv
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from voc.backfill.plan import Plan, SourceFile
from voc.backfill.split import rows_of, slices_of
from voc.errors import InputError
from voc.ingest.readers import Form, form_of, read_rows

CELLS = st.text(alphabet=st.sampled_from('ab",;\n\r é語'), max_size=8)


def plan_over(path, form, slices):
    file = SourceFile(str(path), "", form.kind, form.encoding, form.delimiter, form.sheet)
    return Plan("w", "s", (file,), "", (), "", "trigrams", "m", "", {}, tuple(slices))


def joined(path, form, per_part):
    slices = list(slices_of(0, path, form, rows=per_part))
    plan = plan_over(path, form, slices)
    assert all(part.rows <= per_part for part in slices)
    return [row for part in slices for row in rows_of(plan, part)]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=30), st.integers(1, 7))
def test_the_parts_of_a_csv_file_are_its_rows(tmp_path_factory, cells, per_part):
    path = write_csv(tmp_path_factory.mktemp("csv") / "f.csv", cells, ["a", "b", "c"])
    form = Form("csv", "utf-8-sig", ",")
    assert joined(path, form, per_part) == list(read_rows(path, form))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_parts_of_a_file_in_any_encoding_are_its_rows(tmp_path, encoding):
    path = tmp_path / "f.csv"
    path.write_bytes("a;b\n1;é\n2;ü\n3;x".encode(encoding))
    form = form_of(path, encoding=encoding)
    assert joined(path, form, 2) == list(read_rows(path, form))


def test_the_parts_of_json_lines_are_its_rows(tmp_path):
    path = tmp_path / "f.jsonl"
    path.write_text("\n".join(json.dumps({"a": n, "b": '"'}) for n in range(7)) + "\n\nbroken\n")
    assert joined(path, form_of(path), 3) == list(read_rows(path, form_of(path)))


def test_the_parts_of_parquet_are_its_rows(tmp_path):
    path = tmp_path / "f.parquet"
    parquet.write_table(pa.table({"a": list(range(25)), "b": [f"é{n}" for n in range(25)]}), path, row_group_size=10)
    assert joined(path, form_of(path), 4) == list(read_rows(path, form_of(path)))


def test_a_quotation_mark_that_is_never_closed_is_said(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text('a,b\n1,"x\n2,y\n')
    with pytest.raises(InputError, match="within quotation marks"):
        list(slices_of(0, path, form_of(path)))


def test_lines_that_end_as_in_old_spreadsheets_are_counted(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"a,b\r1,x\r2,y\r3,z")
    assert joined(path, form_of(path), 2) == list(read_rows(path, form_of(path)))
