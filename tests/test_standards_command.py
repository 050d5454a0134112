"""The commands: what they print, what they refuse, and that nothing is lost on the way through files."""

import pytest
from conftest import BARE
from typer.testing import CliRunner

from voc.cli.main import app

NAMES = ("global", "us", "gb", "de", "fr", "br")


class Shell:
    def __init__(self, folder):
        self.folder = folder
        self.standards = [str(folder / "standards" / f"{name}.md") for name in NAMES]

    def __call__(self, *arguments):
        """What a command printed, or the error that people see."""
        environment = {**BARE, "VOC_WORKSPACE": str(self.folder)}
        done = CliRunner().invoke(app, ["standards", *map(str, arguments)], env=environment)
        return done.output + str(done.exception or "")

    def code(self, *arguments):
        environment = {**BARE, "VOC_WORKSPACE": str(self.folder)}
        done = CliRunner().invoke(app, ["standards", *map(str, arguments)], env=environment)
        return getattr(done.exception, "exit_code", done.exit_code)


@pytest.fixture
def shell(workspace, tmp_path):
    return Shell(tmp_path / "w")


@pytest.fixture
def stored(shell):
    shell("import", *shell.standards)
    return shell


def test_files_may_come_in_any_order(shell):
    told = shell("import", *reversed(shell.standards))
    assert told.splitlines()[0] == "delivery 2024-1 (global): 32 clauses, imported"
    assert "delivery DE-2024-1 (DE): 6 clauses, imported" in told
    assert "6 clauses, known already" in shell("import", *shell.standards)


def test_a_check_lists_and_stores_nothing(shell):
    told = shell("check", *shell.standards)
    assert "    2.1     Number of attempts [replace]" in told
    assert "error" not in told.replace("0 errors", "")
    assert shell("list").startswith("No standards yet")
    assert shell.code("check", *shell.standards) == 0


def test_a_check_with_errors_ends_with_2(shell):
    assert shell.code("check", shell.standards[1]) == 2
    assert "has no global edition yet" in shell("check", shell.standards[1])


def test_the_editions_behind_a_clause_are_shown(stored):
    told = stored("show", "--market", "DE", "--clause", "3.1", "--on", "2024-09-30")
    assert "2024-1 (global), in force from 2024-01-01" in told
    assert "DE-2024-1 (DE), in force from 2024-03-01" in told
    assert "3.1 Storage permission  (DE-2024-1)" in told
    assert "DE-2024-1" not in stored("show", "--market", "DE", "--clause", "3.1", "--on", "2024-02-01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "--market", "BR", "--clause", "6.1"), "Clause 6.1 does not hold in BR: BR-2024-1 exempts it"),
        (("show", "--clause", "99.1"), "There is no clause 99.1 in force"),
        (("show", "--on", "soon"), "'soon' is not a day"),
        (("show", "nothing"), "No global edition of the standard 'nothing' is stored"),
        (("show", "--on", "2020-01-01"), "in force on 2020-01-01. The first one holds from 2024-01-01"),
        (("compare", "delivery", "nothing"), "no edition or document 'nothing'"),
        (("compare", "delivery", "delivery/XX"), "The market 'XX' is not configured"),
        (("export", "delivery/XX", "--to", "a.md"), "The market 'XX' is not configured"),
        (("export", "delivery", "--to", "a.pdf"), "ends in .md, .yaml, .docx or .jsonl"),
        (("check", "nowhere.md"), "There is no standard at nowhere.md"),
    ],
)
def test_a_mistake_is_one_clear_message(stored, arguments, said):
    assert said in stored(*arguments)
    assert stored.code(*arguments) == 2


def test_two_markets_are_compared(stored):
    told = stored("compare", "delivery", "delivery/BR")
    assert "removed   6.1 Locker access code" in told
    assert "added     5.5 Entry to gated condominiums" in told
    assert told.strip().endswith("2 added, 1 removed, 3 changed, 28 unchanged")


def test_an_exported_edition_is_known_when_it_comes_back(stored, tmp_path):
    for kind in ("md", "yaml", "docx", "jsonl"):
        path = tmp_path / f"de.{kind}"
        assert "Written" in stored("export", "DE-2024-1", "--to", path)
        assert "known already" in stored("import", path, "--accept")


def test_word_is_listed_before_it_is_imported(stored, shell, tmp_path):
    path = tmp_path / "new.yaml"
    stored("export", "2024-1", "--to", path)
    path.write_text(path.read_text().replace("edition: 2024-1", "edition: 2024-2").replace("2024-01-01", "2024-11-01"))
    stored("import", path)
    stored("export", "2024-2", "--to", tmp_path / "new.docx")
    path = tmp_path / "new.docx"
    assert "known already" in stored("check", path)
    assert "look through this first" in stored("import", path)


def test_front_matter_is_given_where_a_file_has_none(shell, tmp_path):
    path = tmp_path / "law.jsonl"
    path.write_text('{"doc":"Law 1","clause":"§ 1","title":"T","text":"A.","lang":"de","market":"DE"}\n')
    assert "give --edition" in shell("import", path)
    told = shell("import", path, "--edition", "1", "--owner", "O", "--effective", "1998-01-01")
    assert told == "law-1 1 (DE): 1 clauses, imported\n"
    assert "A." in shell("show", "law-1", "--market", "DE", "--clause", "§1")
