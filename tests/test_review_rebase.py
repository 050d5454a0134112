"""A change carried over to another state of its text."""

from hypothesis import given
from hypothesis import strategies as st

from voc.proposals.rebase import rebase, sentences

A, B, C, D, E = (
    f"The {name} shall {act}." for name, act in zip("abcde", ("run", "sit", "hop", "nap", "eat"), strict=True)
)
pieces = st.sampled_from(
    [A, B, C, D, E, "Within 2.5 hours the agent calls.", "快递员应当按门铃。", "La livraison est due !"]
)
texts = st.lists(pieces, min_size=1, max_size=6, unique=True)


@given(st.text(alphabet="ab .!?。\n2", max_size=60))
def test_sentences_joined_are_the_text(text):
    assert "".join(sentences(text)) == text


def test_a_number_with_a_point_is_one_sentence():
    assert sentences("Within 2.5 hours. Then call.") == ["Within 2.5 hours. ", "Then call."]


@given(texts, texts)
def test_nothing_changed_there_gives_the_change_as_it_is(old, new):
    before, after = " ".join(old), " ".join(new)
    assert rebase(before, after, before).text == after


@given(texts, texts)
def test_nothing_proposed_leaves_what_is_in_force(old, now):
    done = rebase(" ".join(old), " ".join(old), " ".join(now))
    assert done.text == " ".join(now)
    assert done.clean


@given(texts, texts, texts)
def test_no_proposed_sentence_is_lost_and_none_of_the_clause_but_what_was_to_go(old, new, now):
    done = rebase(" ".join(old), " ".join(new), " ".join(now))
    for one in set(new) - set(old):
        assert one in done.text
    for one in set(now) - (set(old) - set(new)):
        assert one in done.text


def test_changes_of_different_sentences_are_both_kept():
    done = rebase(f"{A} {B} {C}", f"{A} {D} {C}", f"{A} {B} {E}")
    assert done.text == f"{A} {D} {E}"
    assert done.clean


def test_what_replaces_a_changed_sentence_comes_to_the_end_and_is_told():
    done = rebase(f"{A} {B}", f"{C} {B}", f"{D} {B}")
    assert done.text == f"{D} {B} {C}"
    assert done.added == (C,)


def test_an_added_sentence_follows_the_one_it_followed():
    assert rebase(f"{A} {B}", f"{A} {E} {B}", f"{D} {A} {B} {C}").text == f"{D} {A} {E} {B} {C}"


def test_a_sentence_taken_out_stays_out_where_it_still_stands():
    assert rebase(f"{A} {B} {C}", f"{A} {C}", f"{A} {B} {C} {D}").text == f"{A} {C} {D}"


def test_lines_of_a_clause_stay_lines():
    assert rebase(f"{A}\n{B}", f"{A}\n{C}", f"{A}\n{B}\n{D}").text == f"{A}\n{C} {D}"
