"""Retrieval measures by hand, and what holds for every ranking."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.search.measures import Latency, latency, mean_quality, ndcg, recall, reciprocal_rank

IDS = [f"d{n}" for n in range(12)]
rankings = st.lists(st.sampled_from(IDS), unique=True)
grades = st.dictionaries(st.sampled_from(IDS), st.floats(0, 5))
graded = st.dictionaries(st.sampled_from(IDS), st.floats(0.1, 5), min_size=1)
depths = st.integers(1, 15)


def best(relevant):
    return sorted(relevant, key=relevant.get, reverse=True)


def test_ndcg_of_six_documents_by_hand():
    # Gains 3, 2, 3, 0, 1, 2 in this order; the best order of all eight judged is 3, 3, 3, 2, 2, 2, 1, 0.
    relevant = {"a": 3, "b": 2, "c": 3, "d": 0, "e": 1, "f": 2, "g": 3, "h": 2}
    found = 3 + 2 / math.log2(3) + 3 / 2 + 1 / math.log2(6) + 2 / math.log2(7)
    ideal = 3 + 3 / math.log2(3) + 3 / 2 + 2 / math.log2(5) + 2 / math.log2(6) + 2 / math.log2(7)
    assert ndcg("abcdef", relevant, depth=6) == pytest.approx(found / ideal)
    assert ndcg("abcdef", relevant, depth=6) == pytest.approx(0.785, abs=5e-4)


def test_ndcg_of_one_relevant_document_is_the_discount_of_its_rank():
    assert ndcg(["x", "y", "a"], {"a": 1}, depth=10) == pytest.approx(1 / 2)
    assert ndcg(["x", "y", "a"], {"a": 1}, depth=2) == 0


def test_the_gain_is_linear_in_the_grade():
    assert ndcg(["b", "a"], {"a": 3, "b": 1}, depth=1) == pytest.approx(1 / 3)


def test_the_best_order_is_cut_at_the_depth_too():
    assert ndcg(["a"], {"a": 1, "b": 1, "c": 1}, depth=1) == 1


def test_a_grade_below_zero_gains_nothing():
    assert ndcg(["x", "a"], {"a": 1, "x": -4}, depth=2) == ndcg(["y", "a"], {"a": 1}, depth=2)


def test_rounding_lifts_no_ranking_above_one():
    relevant = {"a": 3.248509443095865, "b": 3.2485094430958648, "c": 3.248509443095865}
    assert ndcg("abc", relevant, depth=3) == 1


def test_recall_is_the_share_of_relevant_documents_found():
    relevant = {"a": 1, "b": 2, "c": 0, "d": 1}
    assert recall(["c", "a", "x", "b"], relevant, depth=3) == pytest.approx(1 / 3)
    assert recall(["c", "a", "x", "b"], relevant, depth=4) == pytest.approx(2 / 3)


def test_the_reciprocal_rank_is_that_of_the_first_relevant_document():
    assert reciprocal_rank(["x", "c", "a", "b"], {"a": 1, "b": 2, "c": 0}) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"], {"a": 1}) == 0


def test_without_a_relevant_document_every_measure_is_zero():
    assert (ndcg(["a"], {"a": 0}, depth=1), recall(["a"], {"a": 0}, depth=1), reciprocal_rank(["a"], {})) == (0, 0, 0)


@pytest.mark.parametrize("measure", [ndcg, recall])
def test_a_depth_below_one_and_a_document_ranked_twice_are_refused(measure):
    with pytest.raises(ValueError, match="depth is 0"):
        measure(["a"], {"a": 1}, depth=0)
    with pytest.raises(ValueError, match="3 documents are ranked, 2 different"):
        measure(["a", "b", "a"], {"a": 1}, depth=1)


@settings(deadline=None)
@given(rankings, grades, depths)
def test_every_measure_lies_between_zero_and_one(ranked, relevant, depth):
    assert 0 <= ndcg(ranked, relevant, depth=depth) <= 1
    assert 0 <= recall(ranked, relevant, depth=depth) <= 1
    assert 0 <= reciprocal_rank(ranked, relevant) <= 1


@settings(deadline=None)
@given(graded, depths)
def test_the_perfect_ranking_has_one(relevant, depth):
    ranked = best(relevant)
    assert ndcg(ranked, relevant, depth=depth) == pytest.approx(1)
    assert recall(ranked, relevant, depth=len(relevant)) == 1
    assert reciprocal_rank(ranked, relevant) == 1


@settings(deadline=None)
@given(st.permutations(IDS), grades, depths, st.data())
def test_the_order_below_the_depth_changes_nothing(ranked, relevant, depth, data):
    moved = ranked[:depth] + data.draw(st.permutations(ranked[depth:]))
    assert ndcg(moved, relevant, depth=depth) == ndcg(ranked, relevant, depth=depth)
    assert recall(moved, relevant, depth=depth) == recall(ranked, relevant, depth=depth)


@settings(deadline=None)
@given(st.permutations(IDS), st.sampled_from(IDS), st.integers(1, len(IDS) - 1))
def test_a_relevant_document_moved_up_gains(ranked, wanted, row):
    others = [one for one in ranked if one != wanted]
    lower, higher = [*others[:row], wanted, *others[row:]], [*others[: row - 1], wanted, *others[row - 1 :]]
    assert ndcg(higher, {wanted: 1}, depth=len(IDS)) > ndcg(lower, {wanted: 1}, depth=len(IDS))
    assert reciprocal_rank(higher, {wanted: 1}) > reciprocal_rank(lower, {wanted: 1})


@settings(deadline=None)
@given(st.permutations(IDS), graded, depths)
def test_recall_never_falls_with_the_depth(ranked, relevant, depth):
    assert recall(ranked, relevant, depth=depth + 1) >= recall(ranked, relevant, depth=depth)


def test_mean_quality_is_the_mean_over_queries_by_hand():
    many = [f"x{n}" for n in range(20)]
    found = mean_quality([(["a"], {"a": 1}), ([*many, "a"], {"a": 2, "b": 1}), ([], {"a": 1}), (["y", "a"], {"a": 1})])
    assert (found.queries, found.without_relevant) == (4, 0)
    assert found.ndcg_10 == pytest.approx((1 + 1 / math.log2(3)) / 4)
    assert found.recall_10 == pytest.approx((1 + 0 + 0 + 1) / 4)
    assert found.recall_100 == pytest.approx((1 + 1 / 2 + 0 + 1) / 4)
    assert found.mrr == pytest.approx((1 + 1 / 21 + 0 + 1 / 2) / 4)


def test_a_query_without_a_relevant_document_is_left_out_and_counted():
    found = mean_quality([(["a"], {"a": 1}), (["a"], {}), (["a"], {"a": 0})])
    assert (found.queries, found.without_relevant) == (1, 2)
    assert (found.ndcg_10, found.recall_10, found.recall_100, found.mrr) == (1, 1, 1, 1)


@pytest.mark.parametrize("runs", [[], [(["a"], {"a": 0})]])
def test_no_query_with_a_relevant_document_has_no_mean(runs):
    with pytest.raises(ValueError, match=f"None of {len(runs)} queries"):
        mean_quality(runs)


def test_latency_is_in_milliseconds_and_interpolates():
    found = latency([n / 1000 for n in range(101)][::-1])
    assert (found.p50_ms, found.p95_ms, found.p99_ms) == pytest.approx((50, 95, 99))
    assert latency([0.001, 0.003]).p50_ms == pytest.approx(2)
    assert latency([0.5]) == Latency(500, 500, 500)


def test_no_call_has_no_latency():
    with pytest.raises(ValueError, match="at least one call"):
        latency([])
