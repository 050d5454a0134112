"""Word documents as people write them: typed and automatic numbers, lists, tables, and what cannot be kept."""

import io
import shutil
import subprocess
import zipfile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from voc.resources import sample_dir
from voc.standards import word_package
from voc.standards.document import Given, accepted_standard
from voc.standards.files import write_file
from voc.standards.markdown import parse
from voc.standards.word import read_word
from voc.standards.word_numbering import formatted

LIBREOFFICE = shutil.which("soffice")
FRONT = {
    "Document": "delivery",
    "Title": "Parcels",
    "Edition": "1",
    "Owner": "O",
    "Effective": "2024-01-01",
    "Language": "en",
}
GIVEN = Given("delivery", "Parcels", "1", "O", "2024-01-01", "en")
W = nsdecls("w")


def word(*parts, front=FRONT):
    """A document of ("style", "text") paragraphs; a part that can be called adds what it wants."""
    document = Document()
    if front:
        table = document.add_table(rows=0, cols=2)
        for name, value in front.items():
            cells = table.add_row().cells
            cells[0].text, cells[1].text = name, value
    for part in parts:
        part(document) if callable(part) else document.add_paragraph(part[1], style=part[0])
    return saved(document)


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(data, given=GIVEN):
    return read_word(data, "s.docx", given)


def shape(reading):
    return [(one.chapter, one.number, one.title, one.text) for one in reading.clauses]


def raw(xml):
    return lambda document: document.element.body.insert(-1, parse_xml(xml))


CLAUSE = ("Heading 2", "1.1 Date")


def rules(reading):
    return [(one.severity, one.rule, one.line) for one in reading.problems]


def test_typed_numbers_of_headings_are_read():
    found = read(
        word(("Heading 1", "1. Promise"), ("Heading 2", "1.1. Date"), ("Normal", "Say when."), ("Normal", " "))
    )
    assert shape(found) == [("1. Promise", "1.1", "Date", "Say when.")]
    assert found.problems == ()


def numbered(document):
    """Give Heading 1 and 2 automatic numbers, as Word's multilevel lists do."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{at + 1}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for at, text in enumerate(("%1", "%1.%2", "%1.%2.%3"))
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    for level in (1, 2, 3):
        look = document.styles[f"Heading {level}"].element.get_or_add_pPr()
        look.append(parse_xml(f'<w:numPr {W}><w:numId w:val="91"/></w:numPr>'))


def test_numbers_that_word_counts_itself_are_read():
    found = read(
        word(
            numbered,
            ("Heading 1", "Promise"),
            ("Heading 2", "Date"),
            ("Normal", "A."),
            ("Heading 2", "Window"),
            ("Normal", "B."),
            ("Heading 1", "Attempts"),
            ("Heading 2", "Number"),
            ("Normal", "C."),
        )
    )
    assert [(c, n, t) for c, n, t, _ in shape(found)] == [
        ("1 Promise", "1.1", "Date"),
        ("1 Promise", "1.2", "Window"),
        ("2 Attempts", "2.1", "Number"),
    ]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        (3, "decimal", "3"),
        (3, "decimalZero", "03"),
        (28, "lowerLetter", "bb"),
        (2, "upperLetter", "B"),
        (14, "lowerRoman", "xiv"),
        (2024, "upperRoman", "MMXXIV"),
        (3, "none", ""),
    ],
)
def test_numbers_are_written_as_word_writes_them(number, kind, shown):
    assert formatted(number, kind) == shown


def test_items_of_lists_become_lines_with_their_marks():
    found = read(
        word(
            CLAUSE,
            ("Normal", "The courier shall:"),
            ("List Number", "ring,"),
            ("List Number", "wait."),
            ("List Bullet", "x"),
        )
    )
    assert found.clauses[0].text == "The courier shall:\n1. ring,\n2. wait.\n- x"


def test_rows_of_tables_become_lines_in_their_place():
    def table(document):
        made = document.add_table(rows=2, cols=2)
        for cell, text in zip([c for row in made.rows for c in row.cells], ["Zone", "Days", "1", "2"], strict=True):
            cell.text = text

    found = read(word(CLAUSE, ("Normal", "Before."), table, ("Normal", "After.")))
    assert found.clauses[0].text == "Before.\nZone | Days\n1 | 2\nAfter."


def test_text_below_a_chapter_becomes_a_clause_of_its_own_and_is_said():
    found = read(word(("Heading 1", "1 Promise"), ("Normal", "We promise."), CLAUSE, ("Normal", "Say when.")))
    assert [(n, text) for _, n, _, text in shape(found)] == [("1", "We promise."), ("1.1", "Say when.")]
    assert [one for one in rules(found) if one[0] == "error"] == []
    assert "chapter-text" in {rule for _, rule, _ in rules(found)}


def test_headings_of_one_level_are_clauses_without_chapters():
    found = read(word(("Heading 1", "§ 1 Zweck"), ("Normal", "A."), ("Heading 1", "§ 1a Umfang"), ("Normal", "B.")))
    assert [(chapter, number) for chapter, number, _, _ in shape(found)] == [("", "§ 1"), ("", "§ 1a")]


def test_a_third_level_is_read():
    found = read(word(("Heading 1", "1 P"), CLAUSE, ("Normal", "A."), ("Heading 3", "1.1.1 Weekend"), ("Normal", "B.")))
    assert [(number, text) for _, number, _, text in shape(found)] == [("1.1", "A."), ("1.1.1", "B.")]
    assert found.problems == ()


DAYS = "3 Days are the most.\n1 Day is usual"


def test_without_heading_styles_short_numbered_lines_are_headings():
    found = read(
        word(
            ("Normal", "1 Promise"),
            ("Normal", "1.1 Delivery date"),
            ("Normal", "The carrier shall say when."),
            ("Normal", "24 hours are the limit."),
            ("Normal", "3 Days are the most."),
            ("Normal", "1 Day is usual"),
            ("Normal", "1.2 Window"),
            ("Normal", "A window of 4 hours."),
        )
    )
    assert shape(found) == [
        ("1 Promise", "1.1", "Delivery date", f"The carrier shall say when.\n24 hours are the limit.\n{DAYS}"),
        ("1 Promise", "1.2", "Window", "A window of 4 hours."),
    ]


def test_front_matter_that_the_table_lacks_is_named_and_can_be_given():
    short = {key: value for key, value in FRONT.items() if key != "Owner"}
    data = word(CLAUSE, ("Normal", "A."), front=short)
    assert ("error", "missing-owner") in {(s, r) for s, r, _ in rules(read(data, Given()))}
    assert accepted_standard(read(data, Given(owner="Head"))).front.owner == "Head"


def test_text_before_the_first_heading_is_named_with_its_paragraph():
    found = read(word(("Normal", "Draft for the board"), CLAUSE, ("Normal", "A.")))
    assert ("warning", "stray-text", 13) in rules(found)
    assert "Draft for the board" in found.problems[0].message


INSERTED = f'<w:p {W}><w:ins w:id="1" w:author="a"><w:r><w:t>new</w:t></w:r></w:ins></w:p>'
DELETED = f'<w:p {W}><w:del w:id="1" w:author="a"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'
FOOTNOTE = f'<w:p {W}><w:r><w:t>Text.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
BOX = (
    f"<w:p {W}><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    "<w:r><w:t>Text.</w:t></w:r></w:p>"
)
HIDDEN = (
    f"<w:p {W}><w:r><w:rPr><w:vanish/></w:rPr><w:t>Unseen.</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr>"
    "<w:t>Seen.</w:t></w:r></w:p>"
)
ROW = (
    f'<w:tbl {W}><w:tr><w:trPr><w:del w:id="1" w:author="a"/></w:trPr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>'
    "</w:tr></w:tbl>"
)


@pytest.mark.parametrize(
    ("xml", "severity", "said"),
    [
        (HIDDEN, "warning", "hidden text ('Unseen.') is not kept"),
        (ROW, "error", "tracked changes"),
        (INSERTED, "error", "tracked changes"),
        (DELETED, "error", "tracked changes"),
        (FOOTNOTE, "warning", "a footnote is not kept"),
        (BOX, "warning", "a text box ('In a box.') is not kept"),
    ],
)
def test_what_is_no_plain_text_is_named(xml, severity, said):
    found = read(word(CLAUSE, ("Normal", "A."), raw(xml)))
    assert [(one.severity, one.line) for one in found.problems if said in one.message] == [(severity, 15)]


def test_text_in_content_controls_and_links_is_kept():
    control = f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>Kept.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    there = "<w:hyperlink><w:r><w:t>there.</w:t></w:r></w:hyperlink>"
    link = f'<w:p {W}><w:r><w:t xml:space="preserve">See </w:t></w:r>{there}</w:p>'
    assert read(word(CLAUSE, raw(control), raw(link))).clauses[0].text == "Kept.\nSee there."


def test_breaks_and_hyphens_keep_their_place():
    xml = f"<w:p {W}><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:noBreakHyphen/><w:t>c</w:t><w:tab/><w:t>d</w:t></w:r></w:p>"
    assert read(word(CLAUSE, raw(xml))).clauses[0].text == "a\nb\u2011c\td"


def changed(data, name, change):
    """The same archive with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, change(old.read(one)) if one == name else old.read(one))
    return out.getvalue()


def entity(xml):
    head, _, rest = xml.partition(b"?>")
    return head + b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest.replace(b"A.", b"&e;")


def late_type(xml):
    head, _, rest = xml.partition(b"?>")
    return head + b"?><!--" + b" " * 100_000 + b"--><!DOCTYPE x>" + rest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: b"no archive", "not a Word document"),
        (lambda data: b"", "not a Word document"),
        (lambda data: data[: len(data) // 2], "not a Word document"),
        (lambda data: changed(data, "word/document.xml", entity), "declares a document type"),
        (lambda data: changed(data, "word/styles.xml", late_type), "declares a document type"),
        (lambda data: changed(data, "word/document.xml", lambda xml: xml[:-30]), "is damaged"),
        (lambda data: changed(data, "_rels/.rels", lambda xml: xml.replace(b"officeDocument", b"x")), "not a Word"),
    ],
)
def test_what_is_no_sound_word_document_is_refused(change, said):
    found = read(change(word(CLAUSE, ("Normal", "A."))))
    assert [said in one.message for one in found.problems] == [True]
    assert found.front is None


def test_a_document_that_unpacks_to_too_much_is_refused_unread(monkeypatch):
    monkeypatch.setattr(word_package, "MAX_UNPACKED", 1_000_000)
    data = changed(word(CLAUSE, ("Normal", "A.")), "word/settings.xml", lambda xml: xml + b" " * 2_000_000)
    assert len(data) < 100_000
    assert "unpacks to" in read(data).problems[0].message


def test_an_action_in_a_heading_is_read():
    front = FRONT | {"Market": "DE", "Edition": "DE-1"}
    found = read(word(("Heading 2", "1.1 Date [replace]"), ("Normal", "A."), front=front), Given())
    assert [one.action for one in found.clauses] == ["replace"]


def test_a_table_of_contents_is_passed_over():
    from docx.enum.style import WD_STYLE_TYPE

    def contents(document):
        document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
        document.add_paragraph("1 Promise    3", style="toc 1")

    assert read(word(contents, CLAUSE, ("Normal", "A."))).problems == ()


def test_a_heading_without_a_number_is_named_and_nothing_below_it_is_taken():
    found = read(word(CLAUSE, ("Normal", "A."), ("Heading 2", "Annex"), ("Normal", "B.")))
    assert [one.text for one in found.clauses] == ["A."]
    assert ("error", "number", 15) in rules(found)


def test_a_style_based_on_a_heading_is_a_heading():
    from docx.enum.style import WD_STYLE_TYPE

    def house(document):
        style = document.styles.add_style("House clause", WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Heading 2"]
        style.element.set(qn("w:customStyle"), "1")

    found = read(word(house, ("House clause", "1.1 date of it."), ("Normal", "A.")))
    assert [one.title for one in found.clauses] == ["date of it."]


@pytest.mark.slow
@pytest.mark.skipif(LIBREOFFICE is None, reason="LibreOffice is not installed")
def test_a_standard_saved_again_by_libreoffice_is_the_same(tmp_path):
    path = sample_dir() / "standards" / "us.md"
    one = parse(path.read_text(), str(path))
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    write_file(tmp_path / "in" / "s.docx", one)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    for kind, source, folder in (("odt", "in/s.docx", "in"), ("docx", "in/s.odt", "out")):
        command = [LIBREOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / folder)]
        subprocess.run([*command, str(tmp_path / source)], check=True, capture_output=True, timeout=180)
    found = read((tmp_path / "out" / "s.docx").read_bytes(), Given())
    assert found.problems == ()
    assert accepted_standard(found) == one
