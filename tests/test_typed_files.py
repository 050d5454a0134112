"""Excel, Parquet and JSON arrays are read as their CSV would be, and hostile ones are refused."""

import json
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from voc.errors import InputError
from voc.ingest import inflated, sheets, typed
from voc.ingest.cells import as_text
from voc.ingest.readers import form_of, open_table, read_rows

ROWS = [
    {"id": "1", "when": datetime(2024, 10, 1, 8, 30), "text": "Left in the rain", "rating": 1.0},
    {"id": "2", "when": datetime(2024, 10, 2, 9, 0), "text": "Le colis est mouillé", "rating": None},
]
CELLS = [
    {"id": "1", "when": "2024-10-01T08:30:00", "text": "Left in the rain", "rating": "1"},
    {"id": "2", "when": "2024-10-02T09:00:00", "text": "Le colis est mouillé", "rating": ""},
]


def excel(path, rows=ROWS, *, sheet="Sheet1", before=0):
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for one in range(before):
            book.add_worksheet(f"other{one}")
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row.values()):
                if value is not None:
                    page.write(number, column, value)
    return path


def table(path, rows=ROWS):
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


def array(path, found):
    path.write_text(json.dumps(found, default=str), encoding="utf-8")
    return path


def columns_of(path):
    with open_table(path, form_of(path)) as found:
        return found.columns


def cells(path, **form):
    return [dict(row.cells) for row in read_rows(path, form_of(path, **form))]


@pytest.mark.parametrize("write", [excel, table])
def test_typed_cells_say_what_their_csv_would(tmp_path, write):
    path = write(tmp_path / ("a.xlsx" if write is excel else "a.parquet"))
    assert columns_of(path) == tuple(CELLS[0])
    assert cells(path) == CELLS


def test_sheet_is_chosen_by_name_and_is_the_first_one_else(tmp_path):
    path = excel(tmp_path / "a.xlsx", sheet="Reviews", before=1)
    assert cells(path, sheet="Reviews") == CELLS
    with pytest.raises(InputError, match="no column names"):
        cells(path)
    with pytest.raises(InputError, match="Its sheets: other0, Reviews"):
        cells(path, sheet="reviews")


def test_array_is_read_bare_or_inside_one_object(tmp_path):
    rows = [{"id": 1, "text": "wet", "tags": ["a"]}, "no object", {"id": 2, "text": None}]
    bare, inside = array(tmp_path / "a.json", rows), array(tmp_path / "b.json", {"next": "x", "reviews": rows})
    assert cells(bare) == cells(inside) == [{"id": "1", "text": "wet", "tags": '["a"]'}, {}, {"id": "2", "text": ""}]
    assert [row.problem for row in read_rows(bare, form_of(bare))] == ["", "is not a JSON object", ""]


@pytest.mark.parametrize("found", [{"a": [1], "b": [2]}, {"a": 1}, "text", 3])
def test_json_without_one_array_is_refused(tmp_path, found):
    path = array(tmp_path / "a.json", found)
    with pytest.raises(InputError, match="no array of objects"):
        cells(path)


@pytest.mark.parametrize("ending", ["xlsx", "xlsb", "ods", "parquet", "json"])
def test_what_only_is_called_so_is_refused(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_text("id,text\n1,wet\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"damaged|no sound|not JSON"):
        cells(path)


def test_cut_parquet_is_refused(tmp_path):
    path = table(tmp_path / "a.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="no sound Parquet"):
        columns_of(path)


def test_zip_bomb_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_SHEET_BYTES", 1 << 20)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (3 << 20))
    assert path.stat().st_size < 10_000
    with pytest.raises(InputError, match="unpacks to more than"):
        cells(path)


def test_bomb_that_lies_about_its_size_is_counted_as_it_is(tmp_path):
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (3 << 20))
    data = path.read_bytes()
    honest, told = struct.pack("<I", 3 << 20), struct.pack("<I", 100)
    crc = struct.pack("<I", zlib.crc32(b"0" * (3 << 20))), struct.pack("<I", zlib.crc32(b"0" * 100))
    path.write_bytes(data.replace(honest, told).replace(*crc))
    assert zipfile.ZipFile(path).infolist()[0].file_size == 100
    with pytest.raises(InputError, match="unpacks to more than"):
        inflated.check_inflated(path, most=1 << 20)


def test_sound_zip_within_the_limit_passes(tmp_path):
    inflated.check_inflated(excel(tmp_path / "a.xlsx"), most=1 << 20)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (3.0, "3"),
        (3.5, "3.5"),
        (float("nan"), ""),
        (datetime(2024, 10, 1, tzinfo=UTC).date(), "2024-10-01"),
        (datetime(2024, 10, 1, 8, tzinfo=UTC), "2024-10-01T08:00:00+00:00"),
        (b"wet", "wet"),
        (["a", 1], '["a", 1]'),
    ],
)
def test_value_as_text(value, said):
    assert as_text(value) == said


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "json"])
def test_feedback_of_every_kind_is_the_same_feedback(tmp_path, ready, ending):
    rows = [
        {"review_id": f"new-{one}", "created": f"2024-09-2{one}T08:00:00", "country": "US", "text": f"Wet again {one}"}
        for one in range(3)
    ]
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'source = "panel"\n[columns]\nsource_id = "review_id"\ntext = "text"\n'
        'created_at = "created"\nmarket = "country"\n',
        encoding="utf-8",
    )
    comma = tmp_path / "a.csv"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    comma.write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / f"a.{ending}"
    {"xlsx": excel, "parquet": table, "json": array}[ending](path, rows)
    assert ready.ingest(path, mapping=mapping).tally.added == 3
    assert ready.ingest(comma, mapping=mapping).tally.known == 3


def test_sheet_whose_last_cell_is_far_away_is_refused_and_this_process_goes_on(tmp_path):
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write(0, 0, "text")
        page.write(1_048_575, 16_383, "x")
    assert path.stat().st_size < 10_000
    with pytest.raises(InputError, match="a cell far away from all others"):
        cells(path)


OPEN_DOCUMENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="a"><table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
    'office:value-type="string" table:number-columns-repeated="{columns}"><text:p>x</text:p></table:table-cell>'
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


def test_open_document_that_repeats_a_cell_without_end_is_refused(tmp_path):
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:x"/>')
        packed.writestr("content.xml", OPEN_DOCUMENT.format(rows=1_048_576, columns=16_384))
    with pytest.raises(InputError, match=r"Cell limit exceeded|takes more than 2 GiB"):
        cells(path)


def test_sheet_is_left_before_its_end_without_a_trace(tmp_path):
    path = excel(tmp_path / "a.xlsx", [{"text": f"wet {one}"} for one in range(5000)])
    with open_table(path, form_of(path)) as found:
        assert next(found.rows).cells == {"text": "wet 0"}


def test_sheet_is_read_without_the_environment_of_this_process(tmp_path, monkeypatch):
    seen = []
    start = sheets.subprocess.Popen
    monkeypatch.setattr(
        sheets.subprocess, "Popen", lambda *one, **more: seen.append(more["env"]) or start(*one, **more)
    )
    monkeypatch.setenv("VOC_DATABASE_URL", "postgresql://u:secret@h/d")
    cells(excel(tmp_path / "a.xlsx"))
    assert [list(one) for one in seen] == [["PYTHONPATH"]]


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_file_is_opened_once_in_an_ingest(tmp_path, workspace, monkeypatch, ending):
    names = ("id", "created", "country", "comment", "stars", "channel", "depot", "service", "tracking_no")
    values = ("1", "2024-10-01", "US", "Left in the rain", "1", "app", "d", "s", "n")
    rows = [dict(zip(names, values, strict=True))]
    path = (excel if ending == "xlsx" else array)(tmp_path / f"a.{ending}", rows)
    place, name = {"xlsx": (sheets.subprocess, "Popen"), "json": (typed.json, "loads")}[ending]
    opened, real = [], getattr(place, name)
    monkeypatch.setattr(place, name, lambda *one, **more: opened.append(one[0]) or real(*one, **more))
    assert workspace.take(path).tally.added == 1
    assert len([one for one in opened if ending == "xlsx" or one.startswith("[")]) == 1
