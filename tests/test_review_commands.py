"""Reviewing, acting and auditing from the command line: what is said, and no traceback for what is wrong."""

import shutil
from pathlib import Path

import pytest
from reviewed import drafted, shelf
from typer.testing import CliRunner

from voc.cli.main import app
from voc.errors import VocError
from voc.store.database import open_database
from voc.workspace import Workspace

BARE = {"VOC_ENCODER": "trigrams", "VOC_LLM_PROVIDER": "none", "COLUMNS": "200"}
SHORT = "The courier shall ring. The courier shall wait at least 2 minutes."


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review") / "w"
    with Workspace.init(folder, environment=BARE) as workspace:
        shelf(workspace.services.database)
        drafted(workspace.services.database, "p1aa")
        drafted(workspace.services.database, "a1aa", outcome="action")
        drafted(workspace.services.database, "b1aa", outcome="brief")
    return folder


class Voc:
    """The command in this process, as one person or another."""

    def __init__(self, folder):
        self.folder, self.runner = folder, CliRunner()

    def __call__(self, line, *rest, actor="olga", role="owner", input=None):
        told = {**BARE, "VOC_WORKSPACE": str(self.folder), "VOC_ACTOR": actor, "VOC_ROLE": role}
        done = self.runner.invoke(app, [*line.split(), *rest], env=told, input=input)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    def refused(self, line, *rest, **who):
        with pytest.raises(VocError) as refused:
            self(line, *rest, **who)
        return str(refused.value)


@pytest.fixture
def voc(made, tmp_path):
    shutil.copytree(made, tmp_path / "w")
    return Voc(tmp_path / "w")


def test_the_whole_way_from_draft_to_adoption(voc):
    assert "p1aa is now in_review" in voc("proposals submit p1", actor="ann", role="analyst")
    assert "Asked lea (legal)" in voc("proposals ask p1 --reviewer lea --part legal --due 2099-01-01")
    assert "p1aa" in voc("proposals list --mine", actor="lea", role="consulted")
    assert "lea (legal) has not answered" in voc.refused("proposals approve p1")
    assert "agree to version 1" in voc("proposals answer p1 --agree", actor="lea", role="consulted")
    assert "Cost: low" in voc("proposals assess p1 --cost low")
    said = voc("proposals approve p1 --effective 2024-09-02")
    assert "edition DE-2024-1 (DE) from 2024-09-02" in said
    assert "adopted in DE from 2024-09-30" in voc("proposals adopt p1 --on 2024-09-30")
    history = voc("proposals history p1")
    assert [word for word in ("draft", "in_review", "asked", "answered", "approved", "adopted") if word in history] == [
        "draft",
        "in_review",
        "asked",
        "answered",
        "approved",
        "adopted",
    ]
    shown = voc("proposals show p1")
    assert all(part in shown for part in ("Version 1 by night run", "lea (legal): agree", "Adopted in DE"))
    assert "holds" in voc("audit verify")


def test_an_edit_from_standard_input_warns_and_can_be_taken_back(voc, tmp_path):
    said = voc("proposals edit p1 --text - --why plainer", input=SHORT.replace("2", "1"))
    assert "has version 2" in said
    assert "Warning, the gate would stop this" in said
    file = tmp_path / "text.txt"
    file.write_text(SHORT)
    conflict = voc.refused(f"proposals edit p1 --text {file} --why again --on-version 1", actor="otto")
    kept = conflict.split("Your text is kept in ")[1].rstrip(".")
    assert Path(kept).read_text() == SHORT
    assert "has version 3" in voc("proposals restore p1 --version 1 --why back")
    versions = voc("proposals versions p1")
    assert versions.count("Version ") == 3
    assert "version 1 again: back" in versions


def test_a_rejection_and_a_list_by_state(voc):
    voc("proposals submit p1")
    assert "is now changes_asked" in voc("proposals changes p1 --why shorter")
    voc("proposals submit p1")
    assert "is now rejected" in voc("proposals reject p1 --reason wording --why long")
    assert "rejected" in voc("proposals list --state rejected")
    assert "None." in voc("proposals list --state approved")


def test_an_action_is_opened_listed_and_closed(voc):
    said = voc("actions open a1 --owner Nora --due 2099-01-01")
    action = said.split()[0]
    assert "due 2099-01-01" in voc("actions list --open")
    assert "from proposal a1aa" in voc(f"actions show {action}")
    assert "is done on 2024-10-02" in voc(f"actions done {action} --result briefed --on 2024-10-02")
    assert "No actions" in voc("actions list --open")
    assert "is open" in voc("actions open --theme bell --market DE --clause 2.1 --duty Ring --owner Nora")
    other = voc("actions list --open").split()[0]
    assert "is dropped" in voc(f"actions drop {other} --why closed")


def test_the_audit_log_is_listed_for_who_may_read_it(voc):
    voc("proposals submit p1", "--why", "nobody rang at my door")
    listed = voc("audit list --subject p1")
    assert "move proposal" in listed
    assert "rang" not in listed
    assert "may not read the audit log" in voc.refused("audit list", role="analyst")
    head = voc("audit verify").split("head ")[1].split()[0]
    assert "holds" in voc(f"audit verify --expect {head}")
    assert "has the hash abc" in voc.refused("audit verify --expect abc")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("proposals submit zz", "No proposal begins"),
        ("proposals submit b1", "insufficient"),
        ("proposals approve p1", "is draft and cannot become approved"),
        ("proposals approve a1", "cannot become approved"),
        ("proposals adopt p1 --on 2024-09-30", "cannot become adopted"),
        ("proposals adopt p1 --on soon", "not a day"),
        ("proposals answer p1", "--agree and --object"),
        ("proposals answer p1 --agree", "was not asked"),
        ("proposals ask p1 --reviewer x --due 2020-01-01", "is over"),
        ("proposals edit p1 --text /nowhere --why x", "cannot be read"),
        ("proposals edit p1 --text /tmp --why x", "cannot be read"),
        ("proposals restore p1 --version 7 --why x", "versions 1 to 1, not 7"),
        ("proposals rebase p1", "still says"),
        ("proposals list --state lost", "There is no state 'lost'"),
        ("actions open --owner x", "Name a proposal"),
        ("actions open p1 --owner x", "is a revision"),
        ("actions open --owner x --theme bell --market XX --clause 2 --duty x", "'XX' is not configured"),
        ("actions done zz --result x", "No action begins"),
    ],
)
def test_what_is_wrong_is_said(voc, line, said):
    assert said in voc.refused(line)


def test_a_viewer_sees_no_single_comments_of_a_proposal(voc):
    assert "sees counts, not single comments" in voc.refused("proposals show p1", role="viewer")
    assert "p1aa" in voc("proposals list", role="viewer")


def test_a_changed_row_is_named_by_exit_code_3(voc):
    from voc.errors import DamageError

    database = open_database(f"sqlite:///{voc.folder / '.voc' / 'store.sqlite'}")
    with database.write() as connection:
        connection.exec_driver_sql("drop trigger audit_no_update")
        connection.exec_driver_sql("update audit set actor = 'x' where seq = 2")
    database.close()
    with pytest.raises(DamageError, match="row 2 ") as refused:
        voc("audit verify")
    assert refused.value.exit_code == 3


def test_a_file_that_is_no_text_is_refused(voc, tmp_path):
    file = tmp_path / "text.bin"
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in voc.refused(f"proposals edit p1 --text {file} --why x")
    file.write_bytes(b"x" * 200_001)
    assert "200,000 bytes" in voc.refused(f"proposals edit p1 --text {file} --why x")


def test_whose_answer_every_approval_needs_is_a_setting(voc):
    config = voc.folder / "voc.toml"
    config.write_text('[review]\nconsult = ["legal"]\n\n' + config.read_text())
    voc("proposals submit p1")
    assert "needs the answer of legal" in voc.refused("proposals approve p1")
