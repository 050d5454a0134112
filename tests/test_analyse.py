"""Words as the lexical index knows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.index.analyse import forms, words

TEXT = st.text(st.characters(codec="utf-8"), max_size=80)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Colis ABÎMÉ, 3 €", ["colis", "abime", "3"]),
        ("Straße İstanbul ısı", ["strasse", "istanbul", "isi"]),
        ("ещё ёлка", ["еще", "елка"]),
        ("الطَّرْدُ", ["الطرد"]),
        ("पार्सल गीला", ["पार्सल", "गीला"]),
        ("荷物が", ["荷物", "物が"]),
        ("ｶﾀ①Ａ", ["カタ", "1a"]),
        ("字", ["字"]),
        ("택배가", ["택배", "배가"]),
        ("🙂 !! —", []),
    ],
)
def test_words_are_compared_without_case_accents_and_width(text, wanted):
    assert forms(text) == wanted


@given(TEXT)
def test_every_word_stands_on_characters_of_the_text_in_order(text):
    found = words(text)
    assert all(0 <= word.start < word.end <= len(text) and word.form for word in found)
    assert [word.start for word in found] == sorted(word.start for word in found)


@given(TEXT)
def test_forms_are_those_of_the_words(text):
    assert forms(text) == [word.form for word in words(text)]


@given(TEXT)
def test_no_form_has_a_space_that_an_engine_would_split_at(text):
    assert all(form == "".join(form.split()) for form in forms(text))


@given(st.text("abcXYZ 0189.-", max_size=60))
def test_plain_letters_are_cut_alike_on_both_ways(text):
    assert forms(text) == forms(text + " é")[:-1]
