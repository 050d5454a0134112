import hashlib
import zipfile
from pathlib import Path

import pytest

from voc.errors import ModelError
from voc.models import fetch
from voc.models.pull import State, model_dir, pull, require, state, verify
from voc.models.registry import Model, ModelFile, Part, read_registry


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Registry:
    """A package registry of two wheels that counts downloads and can lose its network."""

    def __init__(self, folder):
        self.folder, self.asked, self.offline_after = folder, [], 99
        self.data = {"one": b"first half, ", "two": b"second half"}
        for name, data in self.data.items():
            with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as archive:
                archive.writestr(zipfile.ZipInfo(f"{name}/part.bin"), data)

    def download(self, package, folder):
        self.asked.append(package)
        if len(self.asked) > self.offline_after:
            raise ModelError(f"pip could not download {package}: no network")
        wheel = folder / f"{package.split('==')[0]}-1-py3-none-any.whl"
        wheel.write_bytes((self.folder / wheel.name).read_bytes())
        return wheel

    def model(self, **changes):
        parts = tuple(
            Part(
                f"{name}.bin",
                f"{name}==1",
                sha((self.folder / f"{name}-1-py3-none-any.whl").read_bytes()),
                f"{name}/part.bin",
                sha(data),
            )
            for name, data in self.data.items()
        )
        whole = b"".join(self.data.values())
        values = {"files": (ModelFile("whole.bin", sha(whole)),), "parts": parts} | changes
        return Model("toy", "v1", "llm", "MIT", len(whole), "a toy", "join", **values)


@pytest.fixture
def registry(tmp_path, monkeypatch):
    (tmp_path / "wheels").mkdir()
    made = Registry(tmp_path / "wheels")
    monkeypatch.setattr(fetch, "_download", made.download)
    return made


def test_a_pull_joins_parts_and_a_second_one_fetches_nothing(registry, tmp_path):
    model = registry.model()
    folder = pull(model, tmp_path / "cache")
    assert (folder / "whole.bin").read_bytes() == b"first half, second half"
    assert state(model, tmp_path / "cache") is State.READY
    pull(model, tmp_path / "cache")
    assert len(registry.asked) == 2
    assert verify(model, tmp_path / "cache").problems == ()


def test_an_interrupted_pull_goes_on_where_it_stopped(registry, tmp_path):
    model, registry.offline_after = registry.model(), 1
    with pytest.raises(ModelError, match="voc models pull toy"):
        pull(model, tmp_path / "cache")
    assert state(model, tmp_path / "cache") is State.PARTIAL
    registry.offline_after = 99
    pull(model, tmp_path / "cache")
    assert registry.asked == ["one==1", "two==1", "two==1"]


def test_a_wrong_wheel_is_refused_with_both_hashes(registry, tmp_path):
    good = registry.model()
    wrong = Part("one.bin", "one==1", "0" * 64, "one/part.bin", good.parts[0].sha256)
    with pytest.raises(ModelError, match="Refused") as caught:
        pull(registry.model(parts=(wrong, good.parts[1])), tmp_path / "cache")
    assert "0" * 64 in str(caught.value)
    assert good.parts[0].wheel_sha256 in str(caught.value)


def test_a_wrong_whole_is_refused_and_never_ready(registry, tmp_path):
    model = registry.model(files=(ModelFile("whole.bin", "1" * 64),))
    with pytest.raises(ModelError, match="1" * 64):
        pull(model, tmp_path / "cache")
    assert state(model, tmp_path / "cache") is not State.READY


def test_without_network_and_cache_the_command_to_run_is_named(registry, tmp_path):
    with pytest.raises(ModelError, match="Run 'voc models pull toy' here or, without network, on a machine"):
        require(registry.model(), tmp_path / "cache")


def test_a_changed_byte_is_found_by_verify(registry, tmp_path):
    model = registry.model()
    path = pull(model, tmp_path / "cache") / "whole.bin"
    path.write_bytes(b"first half, second hXlf")
    (problem,) = verify(model, tmp_path / "cache").problems
    assert sha(b"first half, second half") in problem
    assert "pull again" in problem


def test_a_hub_must_be_https(tmp_path):
    with pytest.raises(ModelError, match="https"):
        fetch.fetch_hub(ModelFile("a", "0" * 64, "http://example.org/a"), tmp_path / "a")


def test_every_known_model_is_pinned():
    for model in read_registry().models:
        assert model.licence in ("MIT", "Apache-2.0")
        assert model.bytes > 0
        for part in model.parts:
            assert len(part.sha256) == len(part.wheel_sha256) == 64
            assert "==" in part.package


def test_a_model_folder_names_its_exact_weights(tmp_path):
    model = read_registry().get("multilingual-e5-small")
    assert model_dir(model, Path(tmp_path)).name == f"{model.id}--{model.weights}"
