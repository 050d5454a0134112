"""BERTopic is loaded without the packages that it can do without, and nobody else misses them."""

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from voc.themes.light_import import light

FITS = """
import sys
import numpy as np
from voc.index.neighbours import nearest_rows
from voc.themes.engine import class_tf_idf
from voc.themes.fit import find_themes
rows = np.repeat(np.eye(4, dtype=np.float32), 12, axis=0) + 0.01 * np.arange(48, dtype=np.float32)[:, None]
print(find_themes(rows, smallest=4, neighbours=nearest_rows).labels.max() + 1, class_tf_idf(np.eye(2, dtype=int)).shape)
print([one for one in ("hdbscan", "openai", "plotly", "sentence_transformers", "torch", "transformers", "umap")
       if one in sys.modules])
import openai, plotly
"""


@pytest.fixture
def unloaded(monkeypatch):
    """A package that is installed and not loaded."""
    for name in [one for one in sys.modules if one.split(".")[0] == "hdbscan"]:
        monkeypatch.delitem(sys.modules, name)
    return "hdbscan"


def test_themes_are_found_without_what_is_not_needed():
    done = subprocess.run([sys.executable, "-c", FITS], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["4 (2, 2)", "[]"], done.stderr


def test_a_package_is_missed_inside_only(unloaded):
    with pytest.raises(ModuleNotFoundError, match="hdbscan"), light():
        importlib.import_module(unloaded)
    assert importlib.import_module(unloaded)
    assert sys.meta_path[0].__class__.__name__ != "_Absent"
    assert sys.modules.get("plotly", "not loaded") is not None


def test_another_thread_misses_nothing(unloaded):
    with light(), ThreadPoolExecutor(1) as other:
        assert other.submit(importlib.import_module, unloaded).result()
