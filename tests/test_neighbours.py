"""The nearest rows of every row are the exact ones, whatever the number of threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.index import neighbours
from voc.index.neighbours import nearest_rows


def unit_rows(count, seed=0, dim=24):
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cosines_by_hand(rows):
    """All cosines in double precision, each row's own left out."""
    found = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.fill_diagonal(found, -np.inf)
    return found


@given(count=st.integers(2, 400), wanted=st.integers(1, 9), seed=st.integers(0, 99))
def test_they_are_the_ones_with_the_greatest_cosines(count, wanted, seed):
    rows = unit_rows(count, seed)
    found, by_hand = nearest_rows(rows, wanted), cosines_by_hand(rows)
    most = -np.sort(-by_hand, axis=1)[:, : min(wanted, count - 1)]
    assert np.abs(found.cosines - most).max() < 1e-5
    assert np.abs(np.take_along_axis(by_hand, found.places, axis=1) - most).max() < 1e-5


@pytest.mark.parametrize(("count", "wanted"), [(511, 2), (512, 2), (513, 2), (1000, 3), (4000, 8)])
def test_heaps_lose_none_of_the_nearest_and_add_none(count, wanted):
    rows = unit_rows(count)
    found, by_hand = nearest_rows(rows, wanted), cosines_by_hand(rows)
    assert np.abs(found.cosines - -np.sort(-by_hand, axis=1)[:, :wanted]).max() < 1e-5


def test_rows_that_all_point_away_from_each_other_are_found_too():
    rows = np.eye(600, dtype=np.float32) - 1 / 600  # all cosines are below that of a row of zeros
    found = nearest_rows((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), 2)
    assert (found.cosines < 0).all()
    assert found.places.max() < 600


def test_equal_rows_are_neighbours_of_each_other_and_never_of_themselves():
    found = nearest_rows(np.repeat(unit_rows(300), 3, axis=0), 2)
    for row, near in enumerate(found.places):
        assert sorted({*near, row}) == [row // 3 * 3, row // 3 * 3 + 1, row // 3 * 3 + 2]


def test_threads_change_no_bit(monkeypatch):
    rows = unit_rows(1500)
    found = nearest_rows(rows, 8)
    monkeypatch.setattr(neighbours.os, "cpu_count", lambda: 1)
    alone = nearest_rows(rows, 8)
    assert np.array_equal(found.places, alone.places)
    assert found.cosines.tobytes() == alone.cosines.tobytes()
