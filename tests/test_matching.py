"""Which new cluster is which known theme."""

from hypothesis import given
from hypothesis import strategies as st

from voc.themes.matching import SAME_AT, match_clusters


def told(before, after):
    found = match_clusters(before, after)
    return {match.cluster: (match.theme_id, match.split_from) for match in found.clusters}, found.ended


def test_a_cluster_of_the_same_texts_is_the_same_theme():
    clusters, ended = told(["a"] * 10 + ["b"] * 5, [1] * 10 + [0] * 5)
    assert clusters == {1: ("a", None), 0: ("b", None)}
    assert ended == {}


def test_the_larger_part_of_a_split_theme_keeps_its_id():
    clusters, ended = told(["a"] * 20, [0] * 13 + [1] * 7)
    assert clusters == {0: ("a", None), 1: (None, "a")}
    assert ended == {}


def test_of_two_themes_that_became_one_the_larger_stays_and_the_other_ends_in_it():
    clusters, ended = told(["a"] * 13 + ["b"] * 7, [0] * 20)
    assert clusters == {0: ("a", None)}
    assert ended == {"b": 0}


def test_a_cluster_of_texts_without_theme_is_new():
    clusters, ended = told(["a"] * 10 + [None] * 10, [0] * 10 + [1] * 10)
    assert clusters == {0: ("a", None), 1: (None, None)}
    assert ended == {}


def test_a_theme_whose_texts_scattered_ends_nowhere():
    _, ended = told(["a"] * 9 + ["b"] * 30, [0] * 3 + [1] * 3 + [-1] * 3 + [0] * 15 + [1] * 15)
    assert ended == {"a": None}


labels = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(-1, 3)), min_size=1, max_size=60)


@given(labels)
def test_no_theme_continues_twice_and_none_is_forgotten(pairs):
    before, after = [one for one, _ in pairs], [new for _, new in pairs]
    found = match_clusters(before, after)
    continued = [match.theme_id for match in found.clusters if match.theme_id is not None]
    assert len(continued) == len(set(continued))
    assert {*continued, *found.ended} == {one for one in before if one is not None}
    assert {*continued}.isdisjoint(found.ended)
    assert [match.cluster for match in found.clusters] == list(range(max(after) + 1))
    assert all(match.overlap >= SAME_AT for match in found.clusters if match.theme_id is not None)


@given(labels, st.randoms())
def test_the_order_of_texts_changes_no_match(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    first = match_clusters(*zip(*pairs, strict=True))
    second = match_clusters(*zip(*shuffled, strict=True))
    assert {m.overlap for m in first.clusters} == {m.overlap for m in second.clusters}
