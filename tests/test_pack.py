"""A decision pack: what is in it, that nothing quoted can act, and that it is the same file every time."""

import io
import os
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from lxml import etree
from proposal import NEW, OLD, SAID, pack, quote, shown
from test_proposal_page import HOSTILE, Tags, everywhere
from test_redline_word import W, decided, needs_bridge, resolved

from voc.errors import InputError
from voc.proposals.blocks import Change
from voc.proposals.blocks_word import write_blocks
from voc.proposals.fonts import undrawn
from voc.proposals.pack_model import Consulted, MarketRow
from voc.proposals.pack_pdf import pack_html, pack_pdf
from voc.proposals.pack_word import pack_docx
from voc.standards.visible import visible
from voc.standards.word_redline import Tracker

ROOT = Path(__file__).resolve().parents[1]


def xml(data):
    return zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")


def words(data):
    """Return every text of a Word file, in order, whichever table or change it stands in."""
    root = etree.fromstring(xml(data))
    paragraphs = ("".join(t.text or "" for t in p.iter(W + "t", W + "delText")) for p in root.iter(W + "p"))
    return "\n".join(paragraphs)


TOLD = [
    "Proposed revision",
    "What approving does",
    "A new edition of the standard is published.",
    "Parcel delivery standard 2024-1, owner: Head of Delivery Standards",
    "Bo Operations (operations)",
    "2 of 3 answered or were overridden",
    "United States (US)",
    "2024-DE (addendum), since 2024-03-01",
    "Germany has another wording in force",
    "63",
    "1.84 (1.32 to 2.49) deliveries",
    "×2.1 (1.4 to 3.1), rising beyond chance",
    "none were usual",
    "fewer than 5",
    "exempt",
    "By 2025-W05 (8 weeks after adoption) a fall of 34 % or more would be seen in 8 of 10 cases.",
    "By 2025-W01 (4 weeks after adoption) no fall could be told from chance.",
    "agrees, 2024-10-12 (to version 1 of 2)",
    "objects, 2024-10-13; overridden",
    "no answer yet",
    "Costs two minutes a stop.",
    "olga decided over Bo Operations (operations): The owner accepts the cost.",
    "about 40,000 euros a year",
    "Gate: 3 of 3 rules passed",
    "Version 2",
    "length is that of a clause: too short",
    "draft → in review",
    "2024-10-10 09:15",
    *(text for text, _, _ in SAID),
    "The courier rang twice and waited. Great service!",
]


@pytest.fixture(scope="module")
def texts():
    return {"page": Tags(pack_html(pack())).text, "word": words(pack_docx(pack()))}


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("form", ["page", "word"])
def test_everything_that_a_committee_needs_is_told(texts, form, told):
    assert told in texts[form]


@pytest.mark.parametrize("accept", [True, False])
def test_the_change_in_a_word_file_can_be_accepted_and_rejected(accept):
    assert resolved(xml(pack_docx(pack())), accept=accept) == (NEW if accept else OLD)


def test_only_the_proposed_change_is_tracked_not_the_edits_of_the_past():
    root = etree.fromstring(xml(pack_docx(pack())))
    authors = {one.get(W + "author") for one in root.iter(W + "ins", W + "del")}
    assert authors == {"olga"}
    assert [one.text for one in root.iter(W + "delText")] == ["should"]


def test_every_tracked_change_of_a_document_has_a_number_of_its_own():
    tracker = Tracker("x", datetime(2024, 10, 7, tzinfo=UTC))
    made = write_blocks([Change("a", "b", "en"), Change("a", "b", "en")], footer="", tracker=tracker)
    numbers = [one.get(W + "id") for one in made.element.iter(W + "ins", W + "del")]
    assert numbers == ["1", "2", "3", "4"]


def test_a_word_file_opens_in_python_docx_with_headings_and_tables():
    opened = docx.Document(io.BytesIO(pack_docx(pack())))
    headings = [one.text for one in opened.paragraphs if one.style.name.startswith("Heading")]
    assert headings[0].startswith("Revise clause 2.2")
    assert {"Markets", "Consultations", "History"} <= set(headings)
    assert "Market" in [table.rows[0].cells[0].text for table in opened.tables]


def test_the_same_pack_is_the_same_word_file():
    assert pack_docx(pack()) == pack_docx(pack())


def test_an_unanswered_consultation_counts_as_waiting_and_an_objection_is_named():
    asked = (Consulted("Ada", "legal", "2024-10-20"), Consulted("Bo", "operations", "2024-10-20", "object", "No."))
    text = Tags(pack_html(pack(consulted=asked))).text
    assert "1 of 2 answered or were overridden" in text
    assert "ObjectionsBo (operations)" in text


def test_a_pack_without_what_people_add_says_so():
    bare = pack(consulted=(), assessed=(), versions=(), history=(), detectable=(), markets=())
    text = Tags(pack_html(bare)).text
    assert "Consultednobody" in text
    assert "Nobody has said yet what this costs" in text
    assert pack_docx(bare)


def test_a_count_below_k_is_withheld():
    assert "fewer than 7" in Tags(pack_html(pack(k=7, markets=(MarketRow("BR", "Brazil", comments=None),)))).text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text_in_a_pack(text):
    person = Consulted(text, text, text, "object", text, text, "2024-10-12", 1, text, text)
    evil = pack(shown=everywhere(text), consulted=(person,), approving=(text,), owner=text, edition_title=text)
    plain = pack(shown=everywhere("plain"), consulted=(replace(person, reviewer="a"),), approving=("a",))
    assert Tags(pack_html(evil)).tags <= Tags(pack_html(plain)).tags
    said = words(pack_docx(evil))
    assert all(line in said for line in visible(text).split("\n"))
    assert {one.tag for one in etree.fromstring(xml(pack_docx(evil))).iter()} <= {
        one.tag for one in etree.fromstring(xml(pack_docx(plain))).iter()
    } | {W + "br", W + "tab"}


def test_a_pdf_without_its_library_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError, match=r"voc\[pdf\]"):
        pack_pdf(pack())


def test_a_change_that_turns_the_direction_of_reading_is_told_by_its_code():
    turned = shown(new_text=NEW + " \u202eevil")
    assert "\u202e" not in words(pack_docx(pack(shown=turned)))
    assert "⟨U+202E⟩evil" in words(pack_docx(pack(shown=turned)))


def test_scripts_that_no_font_has_are_named():
    assert undrawn("bell บริษัท कू 👩 é 12.", ("20-7e", "e9 1f469")) == ("Devanagari", "Thai")
    assert undrawn("👩", ("20-7e",)) == ("signs",)
    assert undrawn("a\n\u202e b", ("61-62",)) == ()


def test_a_quote_that_runs_from_right_to_left_does_so_in_word():
    arabic = quote(0, "لم يرن الجرس", "ar", "AE")
    root = etree.fromstring(xml(pack_docx(pack(shown=shown(quotes=(arabic,))))))
    (paragraph,) = [one for one in root.iter(W + "p") if "الجرس" in "".join(one.itertext())]
    assert paragraph.find(f"{W}pPr/{W}bidi") is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["script", "override", "zalgo"])
def test_hostile_text_makes_no_link_and_no_script_in_a_pdf(name):
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed")
    data = inflated(pack_pdf(pack(shown=everywhere(HOSTILE[name]))))
    for what in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/URI", b"evil.example"):
        assert what not in data


def inflated(data):
    """Return a PDF with every compressed stream unpacked."""
    whole = data
    for part in data.split(b"stream\n")[1:]:
        try:
            whole += zlib.decompressobj().decompress(part)
        except zlib.error:
            continue
    return whole


@pytest.mark.slow
def test_a_pdf_is_tagged_and_the_same_in_every_process(tmp_path):
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed")
    code = (
        "import sys; from proposal import pack; from voc.proposals.pack_pdf import pack_pdf;"
        "sys.stdout.buffer.write(pack_pdf(pack()))"
    )
    made = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        made.append(
            subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
        )
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF-")
    told = inflated(made[0])
    for what in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang"):
        assert what in told


@pytest.mark.slow
@needs_bridge
def test_libreoffice_accepts_and_rejects_the_change_of_a_pack(tmp_path):
    ((accepted, rejected),) = decided(tmp_path, pack_docx(pack(versions=())))
    assert NEW in accepted
    assert OLD not in accepted
    assert OLD in rejected
    assert NEW not in rejected
