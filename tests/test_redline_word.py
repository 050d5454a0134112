"""Tracked changes in Word files: accepted and rejected by the rules of the format, and by LibreOffice."""

import io
import re
import shutil
import subprocess
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from voc.standards.redline import Span
from voc.standards.visible import storable
from voc.standards.word_redline import STYLE, Line, Tracker, add_redline, document_bytes, lines, write_redline

AT = datetime(2024, 10, 7, 12, 30, tzinfo=UTC)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OLD = "The courier should ring the bell.\nThe courier should wait at least 1 minute.\n\tNothing else."
NEW = (
    "The courier shall ring the bell or knock.\nWhere no one answers, leave a card.\nThe courier should wait 1 minute."
)
ANY = st.one_of(
    st.text(alphabet=st.sampled_from("ab .\n\t12配。é👩\u200d\u202eאב\x00\x0b\r"), max_size=50), st.text(max_size=50)
)


EMPTY = docx.Document()
"""Reading python-docx's template takes longer than everything else here."""


def xml_of(old, new):
    EMPTY.element.body.clear_content()
    add_redline(EMPTY, old, new, tracker=Tracker("A. Owner", AT))
    return etree.tostring(EMPTY.element)


def written(old, new):
    document = docx.Document()
    add_redline(document, old, new, tracker=Tracker("A. Owner", AT))
    return document_bytes(document, title="T", author="A. Owner", at=AT)


def part_of(data):
    return zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")


def resolved(xml, *, accept):
    """Apply every change as the format tells, from the XML alone."""
    root = etree.fromstring(xml)
    dropped, text = W + ("del" if accept else "ins"), ""
    paragraphs = [
        one
        for one in root.iter(W + "p")
        if (style := one.find(f"{W}pPr/{W}pStyle")) is not None and style.get(W + "val") == STYLE
    ]
    for place, paragraph in enumerate(paragraphs):
        for run in paragraph.iter(W + "r"):
            if any(parent.tag == dropped for parent in run.iterancestors()):
                continue
            text += "".join("\t" if part.tag == W + "tab" else part.text or "" for part in run)
        gone = paragraph.find(f"{W}pPr/{W}rPr/{dropped}") is not None
        if place < len(paragraphs) - 1 and not gone:
            text += "\n"
    return text


@given(ANY, ANY)
@example(OLD, NEW)
@example("a\nb", "a")
@example("", "\n\n")
def test_accepting_gives_the_new_text_and_rejecting_the_old(old, new):
    xml = xml_of(old, new)
    assert resolved(xml, accept=True) == storable(new)
    assert resolved(xml, accept=False) == storable(old)


@given(ANY, ANY)
def test_every_change_has_author_date_and_a_number_of_its_own(old, new):
    root = etree.fromstring(xml_of(old, new))
    changes = [one for one in root.iter(W + "ins", W + "del")]
    assert len({one.get(W + "id") for one in changes}) == len(changes)
    assert {one.get(W + "author") for one in changes} <= {"A. Owner"}
    assert {one.get(W + "date") for one in changes} <= {"2024-10-07T12:30:00Z"}


def test_struck_out_text_is_deleted_text_and_keeps_its_spaces():
    xml = part_of(written("a  b", "a")).decode()
    assert '<w:delText xml:space="preserve">  b</w:delText>' in xml


def test_a_line_end_that_is_put_in_is_a_mark_that_is_put_in():
    spans = (Span("same", "a"), Span("in", "b\nc"), Span("out", "\n"))
    assert lines(spans) == (
        Line((Span("same", "a"), Span("in", "b")), "in"),
        Line((Span("in", "c"),), "out"),
        Line((), "same"),
    )


def test_numbers_go_on_after_those_that_are_taken():
    document = docx.Document()
    first = add_redline(document, "a", "b", tracker=Tracker("x", AT))
    assert first == 3
    add_redline(document, "a", "b", tracker=Tracker("x", AT, first))
    found = re.findall(r'w:id="(\d+)"', document.element.xml)
    assert found == ["1", "2", "3", "4"]


def test_a_file_opens_in_python_docx_with_title_and_author(tmp_path):
    write_redline(tmp_path / "r.docx", title="Clause 2.2", old=OLD, new=NEW, author="A. Owner", at=AT)
    opened = docx.Document(str(tmp_path / "r.docx"))
    assert opened.paragraphs[0].text == "Clause 2.2"
    assert opened.core_properties.author == "A. Owner"
    assert [one.style.name for one in opened.paragraphs[1:]] == [STYLE] * (len(opened.paragraphs) - 1)


@pytest.mark.parametrize(("new", "said"), [("a \u202eb", True), ("a b", False)])
def test_a_text_that_turns_the_direction_of_reading_is_announced(tmp_path, new, said):
    write_redline(tmp_path / "r.docx", title="T", old="a", new=new, author="A", at=AT)
    texts = [one.text for one in docx.Document(str(tmp_path / "r.docx")).paragraphs]
    assert any(one.startswith("Notice") for one in texts) is said
    assert resolved(part_of((tmp_path / "r.docx").read_bytes()), accept=True) == new


def test_the_same_values_give_the_same_bytes(tmp_path, monkeypatch):
    for name, moment in (("a", 1_600_000_000), ("b", 1_700_000_000)):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        write_redline(tmp_path / name, title="T", old=OLD, new=NEW, author="A", at=AT)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_markup_in_a_text_stays_text():
    evil = "</w:t></w:r><w:del/> & <script> ]]>"
    assert resolved(part_of(written("a", evil)), accept=True) == evil


LIBREOFFICE = shutil.which("soffice")
UNO = Path("/usr/lib/python3/dist-packages/uno.py")
DECIDE = """
import sys, time, uno
from com.sun.star.beans import PropertyValue
def value(name, what):
    one = PropertyValue(); one.Name, one.Value = name, what; return one
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for _ in range(100):
    try:
        context = resolver.resolve(f"uno:pipe,name={sys.argv[1]};urp;StarOffice.ComponentContext"); break
    except Exception: time.sleep(0.2)
manager = context.ServiceManager
desktop = manager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
dispatcher = manager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
for source in sys.argv[2:]:
    for act in ("AcceptAllTrackedChanges", "RejectAllTrackedChanges"):
        opened = desktop.loadComponentFromURL(f"file://{source}", "_blank", 0, (value("Hidden", True),))
        dispatcher.executeDispatch(opened.getCurrentController().getFrame(), f".uno:{act}", "", 0, ())
        parts, each = [], opened.Text.createEnumeration()
        while each.hasMoreElements(): parts.append(getattr(each.nextElement(), "String", ""))
        with open(f"{source}.{act[:6]}", "w", encoding="utf-8") as file: file.write("\\n".join(parts))
        opened.close(True)
desktop.terminate()
"""
PAIRS = [
    (OLD, NEW),
    ("a\nb\nc", "a\nc"),
    ("a\nb", "a\nx y\nz\nb"),
    ("配達員は1分待つ。\nอ่าน", "配達員は2分、待つ。\n👩\u200d👧 שלום\tعربي"),
    ("One.  Two.\n\nThree.", "One. \nTwo four.\n"),
]


@pytest.mark.slow
@pytest.mark.skipif(LIBREOFFICE is None, reason="LibreOffice is not installed; the files were read by the rules only")
def test_libreoffice_reads_the_file_and_keeps_both_texts(tmp_path):
    write_redline(
        tmp_path / "r.docx",
        title="T",
        old="The courier should ring.",
        new="The courier shall ring.",
        author="A. Owner",
        at=AT,
    )
    command = [
        LIBREOFFICE,
        f"-env:UserInstallation=file://{tmp_path / 'profile'}",
        "--headless",
        "--convert-to",
        "fodt",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "r.docx")], check=True, capture_output=True, timeout=120
    )
    flat = (tmp_path / "r.fodt").read_text(encoding="utf-8")
    changes = re.search(r"<text:tracked-changes.*?</text:tracked-changes>", flat, re.DOTALL)[0]
    assert (changes.count("<text:insertion>"), changes.count("<text:deletion>")) == (1, 1)
    assert "<dc:creator>A. Owner</dc:creator>" in changes
    assert "<dc:date>2024-10-07T12:30:00" in changes


needs_bridge = pytest.mark.skipif(
    LIBREOFFICE is None or not UNO.exists(), reason="LibreOffice with its Python bridge is not installed"
)


def decided(folder, *files):
    """Let LibreOffice accept, then reject, all changes of Word files; return both texts of each."""
    names = [folder / f"{number}.docx" for number, _ in enumerate(files)]
    for name, data in zip(names, files, strict=True):
        name.write_bytes(data)
    (folder / "decide.py").write_text(DECIDE)
    pipe = f"voc-{folder.name}"
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [LIBREOFFICE, profile, "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"]
    office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        asked = ["/usr/bin/python3", str(folder / "decide.py"), pipe, *map(str, names)]
        subprocess.run(asked, check=True, capture_output=True, timeout=120)
        office.wait(timeout=60)
    finally:
        office.kill()
    ends = ("Accept", "Reject")
    return [tuple(Path(f"{name}.{end}").read_text(encoding="utf-8") for end in ends) for name in names]


@pytest.mark.slow
@needs_bridge
def test_libreoffice_accepts_all_and_rejects_all(tmp_path):
    found = decided(tmp_path, *(written(old, new) for old, new in PAIRS))
    assert found == [(new, old) for old, new in PAIRS]
