"""Export: what is written is what was given, no spreadsheet runs it, and small groups stay hidden."""

import csv
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.errors import InputError
from voc.search.export import Group, Table, as_csv, as_jsonl, as_xlsx, neutral, withhold, write_table

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
LIMIT = 32_767

PIECES = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\n", "\r", "\0", " ", "\u3000", "\u200b", "\ufeff", "\x01"]
PIECES += [
    "'",
    '"',
    ",",
    ";",
    "a",
    "1",
    "\u2028",
    "\x85",
    "😀",
    "&",
    "<r>",
    "</r>",
    "<t>",
    "_x003D",
    "_",
    "x0041_",
    "\uffff",
]
TEXTS = st.lists(st.text(max_size=8) | st.lists(st.sampled_from(PIECES), max_size=6).map("".join), min_size=1)
HELD = TEXTS.map(lambda texts: [text for text in texts if held(text)])


def unseen(char):
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")


def runs(text):
    """Say whether a spreadsheet might run a text: a second, slower reading of the rule."""
    front = "".join(takewhile(unseen, text))
    return any(char in "\t\r\n\0" for char in front) or text[len(front) : len(front) + 1] in tuple("=+-@＝＋－＠")


def held(text):
    """Say whether a workbook holds a text as it is."""
    return not re.search(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_x.{4}_x|^<r>", text)


def marked(text):
    return f"'{text}" if runs(text) else text


def column(*cells):
    return Table(("text",), tuple((cell,) for cell in cells))


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def part(data, name):
    return zipfile.ZipFile(io.BytesIO(data)).read(name)


def uncoded(text):
    """Read the codes of a workbook, from left to right, as Excel does."""
    return re.sub("_x([0-9a-fA-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def read_xlsx(data):
    strings = ET.fromstring(part(data, "xl/sharedStrings.xml")).findall("m:si", NS)
    texts = [uncoded("".join(one.text or "" for one in item.iter(f"{{{NS['m']}}}t"))) for item in strings]
    cells = {}
    for cell in ET.fromstring(part(data, "xl/worksheets/sheet1.xml")).iter(f"{{{NS['m']}}}c"):
        value = cell.find("m:v", NS).text
        cells[cell.get("r")] = texts[int(value)] if cell.get("t") == "s" else float(value)
    return cells


def only(data):
    return read_xlsx(data)["A2"]


DANGERS = [
    "=1+1",
    "+1",
    "-1",
    "@A1",
    "\t=1",
    "\r",
    "\n",
    "\0",
    "  =1",
    "\x01=1",
    "\u200b=1",
    "\ufeff@",
    " \t",
    "＝1",
    "－1",
]


@pytest.mark.parametrize("text", DANGERS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "late", "a=1", "'=1", "(-1)", "−1", "\u200b", "1-2", '"=1"'])
def test_a_text_that_no_spreadsheet_runs_stays_as_it_is(text):
    assert neutral(text) == text


@given(TEXTS)
def test_any_text_comes_back_from_csv_but_for_the_apostrophe(texts):
    assert read_csv(as_csv(column(*texts))) == [["text"], *([marked(text)] for text in texts)]


@given(TEXTS, TEXTS)
def test_no_csv_cell_begins_as_a_formula_or_inside_another(left, right):
    rows = tuple(zip(left, right, strict=False))
    found = read_csv(as_csv(Table((left[0], right[0] + "2" + left[0]), rows)))
    assert [len(row) for row in found] == [2] * (len(rows) + 1)
    assert not [cell for row in found for cell in row if runs(cell)]


@given(TEXTS)
@settings(max_examples=30, deadline=None)
def test_no_workbook_cell_begins_as_a_formula(texts):
    found = read_xlsx(as_xlsx(Table((texts[0],), tuple((text,) for text in texts))))
    assert len(found) == len(texts) + 1
    assert not [cell for cell in found.values() if runs(cell)]


@given(HELD)
@settings(max_examples=30, deadline=None)
def test_text_that_a_workbook_holds_comes_back_but_for_the_apostrophe(texts):
    found = read_xlsx(as_xlsx(column(*texts)))
    assert [found[f"A{number}"] for number in range(2, len(texts) + 2)] == [marked(text) for text in texts]


@given(TEXTS)
def test_any_text_comes_back_unchanged_from_json_lines_one_row_a_line(texts):
    lines = as_jsonl(column(*texts)).decode().splitlines()
    assert [json.loads(line) for line in lines] == [{"text": text} for text in texts]


def test_column_names_are_neutralised_too():
    table = Table(("=1",), ())
    assert read_csv(as_csv(table)) == [["'=1"]]
    assert read_xlsx(as_xlsx(table)) == {"A1": "'=1"}


def test_every_text_of_a_csv_is_in_quotes_for_programs_that_split_elsewhere():
    table = Table(("id", "text"), (("a", 'b;=1+1"'), (None, "c")))
    assert as_csv(table) == b'\xef\xbb\xbf"id","text"\r\n"a","b;=1+1"""\r\n"","c"\r\n'


def test_numbers_stay_numbers():
    table = Table(("whole", "part"), ((-5, -0.25),))
    assert as_csv(table).endswith(b"\r\n-5,-0.25\r\n")
    assert read_xlsx(as_xlsx(table)) == {"A1": "whole", "B1": "part", "A2": -5, "B2": -0.25}
    assert json.loads(as_jsonl(table)) == {"whole": -5, "part": -0.25}


@pytest.mark.parametrize("cell", [None, float("nan"), float("inf"), float("-inf")])
def test_nothing_and_what_is_no_finite_number_are_empty_cells(cell):
    assert read_csv(as_csv(column(cell)))[1] == [""]
    assert read_xlsx(as_xlsx(column(cell))) == {"A1": "text"}
    assert json.loads(as_jsonl(column(cell))) == {"text": None}


def test_a_whole_number_that_excel_would_change_is_text_in_a_workbook():
    assert only(as_xlsx(column(999_999_999_999_999))) == 999_999_999_999_999
    assert only(as_xlsx(column(1_234_567_890_123_456))) == "1234567890123456"
    assert only(as_xlsx(column(-(10**400)))) == f"'{-(10**400)}"


def test_half_a_surrogate_pair_can_be_written():
    assert read_csv(as_csv(column("a\ud800")))[1] == ["a?"]
    assert only(as_xlsx(column("a\ud800"))) == "a�"
    assert json.loads(as_jsonl(column("a\ud800"))) == {"text": "a\ud800"}


def test_what_xml_forbids_is_shown_as_replaced_in_a_workbook():
    assert only(as_xlsx(column("a\0b\x1bc\ufffed"))) == "a�b�c�d"


def test_line_ends_become_those_of_excel_in_a_workbook():
    assert only(as_xlsx(column("a\r\nb\rc\nd\te"))) == "a\nb\nc\nd\te"


def test_white_space_at_both_ends_stays_in_a_workbook():
    assert only(as_xlsx(column("  a  "))) == "  a  "


def test_a_code_of_the_workbook_in_a_text_is_read_as_it_was_written():
    assert only(as_xlsx(column("_x003D_1+1"))) == "_x003D_1+1"
    assert only(as_xlsx(column("_x0041_x003D_"))) == "_x0041�x003D_"


def test_a_control_character_cannot_finish_a_code_that_begins_a_formula():
    assert only(as_xlsx(column("_x003D\x01"))) == "_x003D�"


def test_markup_in_a_text_is_no_markup_of_the_workbook():
    assert only(as_xlsx(column("<r><t>=1+1</t></r>"))) == "'<r><t>=1+1</t></r>"
    assert only(as_xlsx(column("<b>&amp;</b>"))) == "<b>&amp;</b>"


@pytest.mark.parametrize("text", ["https://example.org", "mailto:a@example.org", "{=1}", "007"])
def test_text_in_a_workbook_is_no_link_formula_or_number(text):
    data = as_xlsx(column(text))
    assert only(data) == text
    assert not re.search(rb"<hyperlink|<f>", part(data, "xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize(("text", "units"), [("a", 1), ("😀", 2)])
def test_a_text_too_long_for_a_cell_is_cut_where_people_see_it(text, units):
    whole = text * (LIMIT // units)
    assert only(as_xlsx(column(whole))) == whole
    assert only(as_xlsx(column(whole + text))) == text * ((LIMIT - 1) // units) + "…"
    assert len(read_csv(as_csv(column(whole + text)))[1][0]) == len(whole + text)


def test_a_text_is_never_cut_inside_a_character():
    assert only(as_xlsx(column("a" + "😀" * LIMIT))) == "a" + "😀" * (LIMIT // 2 - 1) + "…"


def test_an_apostrophe_counts_towards_the_length_of_a_cell():
    assert only(as_xlsx(column("=" * LIMIT))) == "'" + "=" * (LIMIT - 2) + "…"


def test_more_rows_than_a_sheet_holds_are_refused_with_the_way_out():
    with pytest.raises(InputError, match=r"1,048,576.*1,048,575 rows.*CSV"):
        as_xlsx(Table((), ((),) * 1_048_576))


def test_more_columns_than_a_sheet_holds_are_refused():
    with pytest.raises(InputError, match=r"16,385.*16,384 columns.*CSV"):
        as_xlsx(Table(tuple(map(str, range(16_385))), ()))


def test_as_many_columns_as_a_sheet_holds_are_written():
    data = as_xlsx(Table(tuple(map(str, range(16_384))), ()))
    assert b'r="XFD1"' in part(data, "xl/worksheets/sheet1.xml")


def test_the_same_table_gives_the_same_workbook():
    data = as_xlsx(column("a"))
    assert b"2000-01-01T00:00:00Z</dcterms:created>" in part(data, "docProps/core.xml")
    assert as_xlsx(column("a")) == data


def test_the_header_of_a_workbook_is_bold_and_stays_in_sight():
    data = as_xlsx(column("a"))
    sheet = ET.fromstring(part(data, "xl/worksheets/sheet1.xml"))
    pane = sheet.find(".//m:pane", NS)
    assert (pane.get("ySplit"), pane.get("xSplit"), pane.get("state")) == ("1", None, "frozen")
    style = int(sheet.find(".//m:c[@r='A1']", NS).get("s"))
    styles = ET.fromstring(part(data, "xl/styles.xml"))
    font = int(styles.findall("m:cellXfs/m:xf", NS)[style].get("fontId"))
    assert styles.findall("m:fonts/m:font", NS)[font].find("m:b", NS) is not None


def test_columns_are_as_wide_as_their_texts_within_limits():
    data = as_xlsx(Table(("n", "theme", "text"), ((1, "the parcel is late\nagain and again", "x" * 500),)))
    found = ET.fromstring(part(data, "xl/worksheets/sheet1.xml")).findall("m:cols/m:col", NS)
    assert [int(float(one.get("width"))) for one in found] == [8, 20, 60]


def test_json_lines_hold_texts_bare_but_for_line_ends_of_unicode():
    assert as_jsonl(column("=ü\u2028\u2029")) == '{"text": "=ü\\u2028\\u2029"}\n'.encode()


@pytest.mark.parametrize(("name", "form"), [("t.csv", as_csv), ("t.XLSX", as_xlsx), ("t.jsonl", as_jsonl)])
def test_the_ending_decides_the_form(tmp_path, name, form):
    path = write_table(tmp_path / "new" / name, column("=ü", 1))
    assert path == tmp_path / "new" / name
    assert path.read_bytes() == form(column("=ü", 1))


@pytest.mark.parametrize("name", ["t.pdf", "t", ".csv", "t.csv.gz"])
def test_another_ending_is_refused_with_those_that_are_allowed(tmp_path, name):
    with pytest.raises(InputError, match=r"\.csv, \.xlsx or \.jsonl"):
        write_table(tmp_path / name, column("a"))
    assert not list(tmp_path.iterdir())


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_table(tmp_path / "t.csv", column("a"))


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    write_table(tmp_path / "t.csv", column("old"))

    def crash(self, target):
        raise OSError("crash")

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="crash"):
        write_table(tmp_path / "t.csv", column("new"))
    assert read_csv((tmp_path / "t.csv").read_bytes()) == [["text"], ["old"]]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_row_needs_one_cell_a_column():
    with pytest.raises(ValueError, match="Row 2 has 1 cells where there are 2 columns"):
        Table(("a", "b"), ((1, 2), (3,)))


def test_a_column_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="'a' stands more than once"):
        Table(("a", "b", "a"), ())


def groups(**comments):
    return [Group((name,), number) for name, number in comments.items()]


def names(found):
    return "".join(one.keys[0] for one in found.shown)


def test_groups_below_k_are_left_out_and_the_others_keep_their_order():
    found = withhold(groups(a=9, b=2, c=5, d=4, e=30), k=5)
    assert (names(found), found.groups, found.comments) == ("ace", 2, 6)


def test_nothing_is_left_out_where_every_group_has_k():
    found = withhold(groups(a=5, b=6), k=5)
    assert (names(found), found.groups, found.comments) == ("ab", 0, None)


def test_a_lone_small_group_takes_the_smallest_of_the_others_with_it():
    found = withhold(groups(a=9, b=2, c=7, d=8), k=5)
    assert (names(found), found.groups, found.comments) == ("ad", 2, 9)


def test_of_equal_groups_the_first_by_keys_is_left_out():
    assert names(withhold(groups(c=7, b=7, a=2), k=5)) == "c"
    assert names(withhold(groups(b=7, c=7, a=2), k=5)) == "c"


def test_the_sum_of_small_groups_is_withheld_where_it_is_small_itself():
    assert withhold(groups(a=2, b=2, c=9), k=5).comments is None
    assert withhold(groups(a=2, b=3, c=9), k=5).comments == 5


def test_a_group_without_comments_hides_no_other():
    found = withhold(groups(a=0, b=3, c=9, d=8), k=5)
    assert (names(found), found.groups, found.comments) == ("c", 3, 11)


def test_a_small_group_that_is_alone_is_left_out_and_not_counted():
    found = withhold(groups(a=3), k=5)
    assert (names(found), found.groups, found.comments) == ("", 1, None)


def test_k_is_at_least_one():
    with pytest.raises(ValueError, match="k is 0"):
        withhold([], k=0)


MANY = st.lists(st.integers(0, 20)).map(lambda counts: [Group((f"{n:02}",), one) for n, one in enumerate(counts)])


@given(MANY, st.integers(1, 12))
def test_no_group_below_k_is_ever_shown_and_every_group_is_shown_or_counted(rows, k):
    found = withhold(rows, k=k)
    assert all(one.comments >= k for one in found.shown)
    assert list(found.shown) == [one for one in rows if one in found.shown]
    assert len(found.shown) + found.groups == len(rows)


@given(MANY, st.integers(1, 12))
def test_no_group_is_ever_recovered_by_subtraction_from_the_total(rows, k):
    found = withhold(rows, k=k)
    hidden = [one for one in rows if one.comments and one not in found.shown]
    assert len(hidden) != 1 or not found.shown
    assert found.comments is None or (len(hidden) >= 2 and found.comments == sum(one.comments for one in hidden) >= k)


@given(MANY, st.integers(1, 12))
def test_no_more_is_left_out_than_one_group_that_has_k(rows, k):
    found = withhold(rows, k=k)
    assert sum(one.comments >= k for one in rows) - len(found.shown) <= 1


@given(MANY.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), st.integers(1, 12))
def test_the_order_of_the_groups_decides_nothing(both, k):
    first, second = (withhold(rows, k=k) for rows in both)
    assert set(first.shown) == set(second.shown)
