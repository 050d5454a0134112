"""`voc proposals pack` and `show` as people call them."""

import io
import shutil

import docx
import pytest
from reviewed import drafted, shelf
from test_redline_word import part_of, resolved
from typer.testing import CliRunner

from voc.cli.main import app
from voc.errors import InputError, NotAllowedError, NotFoundError
from voc.workspace import Workspace

BARE = {"VOC_ENCODER": "trigrams", "VOC_LLM_PROVIDER": "none", "VOC_ACTOR": "tester"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack") / "w"
    with Workspace.init(folder, environment=BARE) as opened:
        shelf(opened.services.database)
        drafted(opened.services.database, "p1")
        drafted(opened.services.database, "brief1", outcome="brief", clause_number="", note="too few comments")
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "w")
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VOC_WORKSPACE", str(tmp_path / "w"))
    return tmp_path


def call(*arguments):
    done = CliRunner().invoke(app, ["proposals", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_pack_is_written_as_word_file(folder):
    assert "Written" in call("pack", "p1", "--to", folder / "p.docx")
    data = (folder / "p.docx").read_bytes()
    assert "Germany" in "".join(cell.text for table in docx.Document(io.BytesIO(data)).tables for cell in table._cells)
    assert resolved(part_of(data), accept=True).startswith("The courier shall ring the bell or knock")


def test_a_pack_tells_the_smallest_effect_that_could_be_seen(folder):
    with Workspace.open(folder / "w", environment=BARE) as opened:
        found = opened.decision_pack("p1").detectable
    assert [(one.weeks, one.by_week) for one in found] == [(8, "2024-W48"), (13, "2025-W01"), (26, "2025-W14")]
    assert found[-1].fall is None or 0 < found[-1].fall < 1


@pytest.mark.slow
def test_a_pack_is_written_as_pdf_and_is_the_same_again(folder):
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed")
    for name in ("a.pdf", "b.pdf"):
        call("pack", "p1", "--to", folder / name)
    assert (folder / "a.pdf").read_bytes() == (folder / "b.pdf").read_bytes()


def test_a_pack_of_a_brief_says_that_there_is_nothing_to_approve(folder):
    call("pack", "brief1", "--to", folder / "b.docx")
    assert "there is no draft to approve" in "\n".join(p.text for p in docx.Document(str(folder / "b.docx")).paragraphs)


def test_another_ending_is_refused(folder):
    with pytest.raises(InputError, match=r"neither a \.pdf nor a \.docx"):
        call("pack", "p1", "--to", folder / "p.html")


def test_a_place_where_nothing_can_be_written_is_named(folder):
    (folder / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        call("pack", "p1", "--to", folder / "file" / "p.docx")


def test_an_unknown_proposal_is_named(folder):
    with pytest.raises(NotFoundError, match="No proposal begins with 'zz'"):
        call("pack", "zz", "--to", folder / "p.docx")


def test_who_sees_counts_only_gets_no_pack(folder, monkeypatch):
    monkeypatch.setenv("VOC_ROLE", "viewer")
    with pytest.raises(NotAllowedError):
        call("pack", "p1", "--to", folder / "p.docx")
    assert not (folder / "p.docx").exists()


def test_show_prints_marks_without_colours_where_there_is_no_terminal(folder):
    said = call("show", "p1")
    assert "{+" in said
    assert "\x1b" not in said


def test_show_writes_the_redline_by_who_wrote_the_version(folder):
    assert "Written" in call("show", "p1", "--docx", folder / "r.docx")
    xml = part_of((folder / "r.docx").read_bytes())
    assert b'w:author="night run"' in xml
    assert b'w:date="2024-10-07T12:00:00Z"' in xml
    assert "2 minutes" in resolved(xml, accept=False)


def test_a_brief_has_no_redline_to_write(folder):
    with pytest.raises(InputError, match="proposals pack brief1"):
        call("show", "brief1", "--docx", folder / "r.docx")
