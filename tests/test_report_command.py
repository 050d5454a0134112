"""`voc report`: the commands of an author, and what they refuse."""

import pytest
from conftest import BARE
from reported import RAIN, WEEK, late
from typer.testing import CliRunner

from voc.cli.main import app
from voc.errors import ConflictError, InputError, NotFoundError, SendError
from voc.runner import sending
from voc.workspace import Workspace


@pytest.fixture
def voc(reported, monkeypatch):
    monkeypatch.setenv("VOC_ENCODER", "trigrams")
    monkeypatch.setenv("VOC_LLM_PROVIDER", "none")
    monkeypatch.setenv("VOC_ACTOR", "ana")

    def run(*args, given=None):
        folder = reported.services.paths.folder
        done = CliRunner().invoke(app, ["-C", str(folder), "report", *args], input=given, catch_exceptions=False)
        return done.output

    return run


def refused(voc, *args, kind=InputError):
    with pytest.raises(kind) as found:
        voc(*args)
    return str(found.value)


def test_without_a_command_the_files_are_written(voc, reported):
    assert "2024-W40.html" in voc()
    assert (reported.services.paths.reports / "2024-W40.html").is_file()


def test_a_report_is_written_published_and_shown(voc, reported, tmp_path):
    file = tmp_path / "comment.txt"
    file.write_text("Two depots.\n\nBoth know.", encoding="utf-8")
    assert "version 1, draft" in voc("edit", "--headline", "Rain", "--comment-file", str(file))
    assert "version 2" in voc("edit", "--on-theme", "rain=Depots: a=b")
    assert "pinned: " in voc("pin", "rain", RAIN[3], "--why", "clear") + voc("show", "--draft")
    assert "edition 1, sha256" in voc("publish")
    told = voc("show")
    for text in ("Published ", "Rain", "Both know.", "rain [rain]: Depots: a=b"):
        assert text in told
    assert "published, edition 1, version 4 by ana" in voc("list")
    assert "pin quote (version 3)" in voc("history")
    assert "clear" in voc("history")


def test_published_figures_are_what_the_command_writes(voc, reported):
    voc("publish")
    with Workspace.open(reported.services.paths.folder, environment=BARE) as now:
        late(now, "US-late")
    told = voc("--week", WEEK)
    assert "Restated since it was published:" in told
    assert "United States, comments: 19 → 20  [1 comment came in late (late.csv)]" in told
    html = (reported.services.paths.reports / "2024-W40.html").read_text()
    assert "figures are restated" in html


def test_a_comment_comes_from_the_input_too(voc):
    voc("edit", "--comment-file", "-", given="From a pipe.")
    assert "From a pipe." in voc("show", "--draft")


def test_forms_that_are_named_are_written(voc, reported):
    voc("write", "--form", "md", "--form", "json")
    names = sorted(path.name for path in reported.services.paths.reports.iterdir())
    assert names == ["2024-W40.json", "2024-W40.md"]


@pytest.mark.parametrize(
    ("args", "kind", "said"),
    [
        (("edit",), InputError, "Say what to write"),
        (("edit", "--comment", "a", "--comment-file", "b"), InputError, "one of --comment"),
        (("edit", "--comment-file", "/none"), InputError, "cannot be read"),
        (("edit", "--on-theme", "rain"), InputError, "ID=TEXT"),
        (("show",), NotFoundError, "not published yet"),
        (("show", "--draft", "--week", "2019-W01"), NotFoundError, "not run"),
        (("publish", "--market", "XX"), NotFoundError, "no market 'XX'"),
        (("edit", "--headline", "x", "--on-version", "7"), ConflictError, "worked on version 7"),
        (("write", "--form", "exe"), InputError, "html, pdf, md, json"),
        (("send", "--to", "nobody"), InputError, "not a mail address"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(voc, args, kind, said):
    assert said in refused(voc, *args, kind=kind)


def test_a_file_that_is_no_text_is_refused(voc, tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(voc, "edit", "--comment-file", str(file))
    file.write_bytes(b"x" * 100_001)
    assert "100,000 bytes" in refused(voc, "edit", "--comment-file", str(file))


def test_a_dry_run_prints_what_would_go_where(voc):
    voc("edit", "--headline", "Rain")
    voc("publish")
    told = voc("send", "--to", "ana@example.org", "--dry-run")
    assert "ana@example.org: would be sent" in told
    assert "Subject: Parcel voices: week 2024-W40: Rain" in told


def test_a_mail_that_does_not_arrive_ends_with_an_error(voc, reported, monkeypatch):
    class Refusing:
        def __init__(self, server):
            assert server.host == "127.0.0.1"

        def carry(self, letter, to, *, stamp, identity):
            raise SendError("no such user")

    monkeypatch.setattr(sending, "SmtpCarrier", Refusing)
    path = reported.services.paths.folder / "voc.toml"
    path.write_text(path.read_text() + '\n[mail]\nhost = "127.0.0.1"\nsecurity = "none"\nsender = "v@example.org"\n')
    voc("publish")
    with pytest.raises(SendError, match="1 of 1 did not surely arrive"):
        voc("send", "--to", "ana@example.org")
