"""The house itself: floors, documentation, the wheel, the public face."""

import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_the_floors_hold():
    tool = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_version_is_said_once():
    from voc.version import VERSION

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_no_module_pickles():
    for path in (ROOT / "voc").rglob("*.py"):
        assert not re.search(r"^\s*(?:import|from) (?:pickle|joblib|shelve|dill)", path.read_text(), re.MULTILINE), path


def test_no_file_holds_two_ideas():
    long = {path.name: n for path in (ROOT / "voc").rglob("*.py") if (n := len(path.read_text().splitlines())) > 420}
    assert set(long) <= {"0001_first_tables.py"}


@pytest.mark.slow
def test_the_wheel_works_where_it_is_installed(tmp_path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path / "dist"), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "v", system_site_packages=False, with_pip=False)
    python = tmp_path / "v" / "bin" / "python"
    site = next((tmp_path / "v" / "lib").glob("python*/site-packages"))
    # Dependencies are those of the tests' own environment; voc itself must come from the wheel.
    shutil.unpack_archive(wheel, site, "zip")
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "deps.pth").write_text(own + "\n")
    code = (
        "import voc, voc.resources as r; from voc.llm.prompts import read_prompt;"
        "print(voc.__file__); print(r.prompts_dir()); print(r.pipelines_dir()); print(read_prompt('map_duty').hash)"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    where, prompts, pipelines, digest = done.stdout.split()
    assert str(site) in where, done.stderr
    assert str(site) in prompts
    from voc.llm.prompts import read_prompt

    assert digest == read_prompt("map_duty").hash
    for kind, found in (("prompts", Path(prompts)), ("pipelines", Path(pipelines))):
        ours = {path.name: path.read_bytes() for path in (ROOT / kind).iterdir() if path.is_file()}
        assert ours == {path.name: path.read_bytes() for path in found.iterdir() if path.is_file()}
    helped = subprocess.run([python, "-m", "voc.cli.main", "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert helped.returncode == 0
    assert "ingest" in helped.stdout
