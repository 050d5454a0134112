"""What voc is made of: locked with hashes, licensed as allowed, listed; and no connection that nobody asked for."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import crashed
import pytest
from conftest import BARE

sys.path.append(str(Path(__file__).resolve().parents[1] / "deploy"))

from supply import licences, locks, sbom
from supply.parts import Package, is_allowed, packages, pinned, read_rules, wrong

from voc.models.registry import read_registry
from voc.quiet import OFF
from voc.resources import sample_dir

ROOT = Path(__file__).resolve().parents[1]
BUILD_ONLY = {"setuptools"}
"""Named by a lock because torch wants it; constraints.txt leaves it to whoever has it already."""

ONE_AFTER_THE_OTHER = """
import json, sys
from voc.cli.main import run
for line in json.loads(sys.argv[1]):
    sys.argv = ["voc", *line]
    try:
        run()
    except SystemExit as ended:
        if ended.code:
            raise
"""


def locked(name):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+) (?:; [^\\\n]+)?\\$", (ROOT / name).read_text(), re.MULTILINE))


def test_lock_and_constraints_name_the_same_versions():
    found = {name: version for name, version in locked("requirements.lock").items() if name not in BUILD_ONLY}
    assert found == {name: version for name, version in pinned().items() if name != "torch"}


@pytest.mark.parametrize("name", ["requirements-torch-cpu.lock", "requirements-torch.lock"])
def test_locks_of_torch_agree_with_the_constraints(name):
    known = pinned()
    found = {one: version.split("+")[0] for one, version in locked(name).items()}
    assert found["torch"] == known["torch"]
    assert {one: version for one, version in found.items() if one in known} == {
        one: known[one] for one in found if one in known
    }


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-torch-cpu.lock", "requirements-torch.lock"])
def test_every_line_of_a_lock_has_a_hash(name):
    text = (ROOT / name).read_text()
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip() + "\n"
    assert "".join(lines + "\n" for _, lines in locks.entries(text)) == plain


def test_licences_are_told_as_they_are_installed():
    assert (ROOT / "docs" / "licences.md").read_text() == licences.page(), "write it anew: make licences"


def test_every_licence_is_allowed_or_let_in_for_a_reason():
    rules = read_rules()
    found = list(packages(rules))
    assert [told for one in found if (told := wrong(one, rules))] == []
    assert all(rules.excepted.values())
    assert set(rules.excepted) | set(rules.read) <= {one.name for one in found}
    assert {one.licence for one in read_registry().models} <= rules.allowed


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-3.0-only)", True),
        ("MPL-2.0 AND (LGPL-3.0-only OR GPL-3.0-only)", False),
    ],
)
def test_an_expression_of_licences_is_read(expression, met):
    assert is_allowed(expression, read_rules().allowed) is met


def test_a_licence_that_is_not_allowed_is_refused():
    told = wrong(Package("strange", "1", "AGPL-3.0-only", "run"), read_rules())
    assert "AGPL-3.0-only, which is not allowed" in told


def test_bill_of_materials_holds_every_package_and_model_with_hashes(tmp_path):
    sbom.main(tmp_path / "dist" / "sbom.json")
    found = json.loads((tmp_path / "dist" / "sbom.json").read_text())
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    libraries = {one["name"]: one for one in found["components"] if one["type"] == "library"}
    assert set(libraries) == set(pinned())
    assert all(one["externalReferences"][0]["hashes"] and one["licenses"] for one in libraries.values())
    assert (libraries["sqlalchemy"]["scope"], libraries["pytest"]["scope"]) == ("required", "excluded")
    models = {one["name"]: one for one in found["components"] if one["type"] == "machine-learning-model"}
    assert set(models) == {one.id for one in read_registry().models}
    assert all(file["hashes"] for one in models.values() for file in one["components"])
    references = [one["bom-ref"] for one in found["components"]]
    assert len(set(references)) == len(references)


def test_telemetry_is_off_whatever_the_environment_says():
    told = {**os.environ, "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true", "PYTHONPATH": str(ROOT)}
    code = (
        "import voc, os; from langsmith.utils import tracing_is_enabled;"
        "from huggingface_hub import constants as hub;"
        "print(tracing_is_enabled(), hub.HF_HUB_DISABLE_TELEMETRY, os.environ['RAY_USAGE_STATS_ENABLED'])"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=told, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True", "0"], done.stderr
    assert OFF["LANGSMITH_TRACING"] == "false"


@pytest.mark.slow
def test_whole_main_job_opens_no_connection(forks, tmp_path):
    """Every address that is looked up or called is refused in the process itself, and would be seen."""
    refused = {"VOC_TEST_NO_NETWORK": "1", **BARE}
    folder = crashed.make(forks, tmp_path / "w", **refused)
    for line in (
        ("ingest", folder / "late.csv"),
        ("run", "--week", crashed.WEEKS[1]),
        ("search", "rain on the porch"),
        ("report", "write", "--week", crashed.WEEKS[1]),
        ("proposals", "list"),
        ("doctor", "--repair"),
        ("backup", tmp_path / "kept.tar.gz"),
    ):
        done = forks.run(folder, *line, **refused)
        assert done.status == 0, (line, done.err)
    assert not forks.refused.exists(), forks.refused.read_text()


@pytest.mark.slow
@pytest.mark.models
def test_a_run_with_real_weights_works_where_there_is_no_network(real_environment, tmp_path):
    cut_off = ["unshare", "--net", "--"]
    if shutil.which("unshare") is None or subprocess.run([*cut_off, "true"], capture_output=True).returncode:
        pytest.skip(
            "this user may not make a network of its own (unshare --net): only the sockets of Python were watched"
        )
    folder, few = tmp_path / "w", tmp_path / "few.csv"
    lines = (sample_dir() / "feedback.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    few.write_text("".join(lines[:90]), encoding="utf-8")
    said = [
        ["init", folder, "--sample"],
        ["-C", folder, "ingest", few, folder / "deliveries.csv"],
        ["-C", folder, "run", "--week", "2024-W29"],
    ]
    environment = {**os.environ, **real_environment, "PYTHONPATH": str(ROOT)}
    command = [*cut_off, sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(said, default=str)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Encoder: multilingual-e5-small" in done.stdout
    assert "Report:" in done.stdout
