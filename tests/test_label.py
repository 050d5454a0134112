"""Words, kinds and languages that names are made of, and what a model's name must not be."""

from dataclasses import replace

import numpy as np
import pytest

from voc.label.asking import Question, Sibling, listed, name_objections, shortened, whole_sentences
from voc.label.kinds import Kinds, read_kinds
from voc.label.languages import base_language, english_name, told_from_english, without_words
from voc.label.members import Member, representatives
from voc.label.wording import NameWords, first_free, kind_names, name_words, word_names
from voc.llm.outputs import ThemeName
from voc.themes.space import Space

KINDS = Kinds(("Parcel left in rain", "Late without notice", "Courier praised", None), np.eye(4, dtype=np.float32))
SPACE = Space(np.zeros(4, np.float32), {}, np.eye(4, dtype=np.float32))
TRANSLATED = ("de", "fr", "es", "pt", "it", "nl", "pl", "tr")
QUESTION = Question(
    ("rain", "porch"),
    (Sibling("Locker stays shut", ("locker", "code")),),
    frozenset({"parcel left in rain", "locker stays shut"}),
    "en",
    told_from_english("en"),
)


def middle(*weights):
    return np.array([weights], dtype=np.float32)


def some_vectors(texts):
    return np.ones((len(texts), 4), np.float32)


def member(number, text, language="en"):
    return Member(f"f{number}", f"h{number}", language, text)


def said(*texts, language="en", first=0):
    return [member(first + number, text, language) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (middle(1, 0.1, 0, 0), "Parcel left in rain"),
        (middle(1, 1, 0, 0), "Parcel left in rain, late without notice"),
        (middle(-1, -1, -1, -1), None),
        (np.zeros((0, 4), np.float32), None),
        (middle(0, 0, 0, 1), None),
        (middle(0, 0, 1, 1), None),
    ],
)
def test_a_theme_takes_the_kind_that_its_middle_is_near_to(members, name):
    assert KINDS.name_of(members) == name


def test_a_theme_between_two_kinds_keeps_the_capitals_of_other_languages():
    german = Kinds(("Paket im Regen", "Bote unhöflich"), np.eye(4, dtype=np.float32)[:2], "de")
    assert german.name_of(middle(1, 1, 0, 0)) == "Paket im Regen / Bote unhöflich"


def test_a_workspace_adds_its_own_kinds_and_their_names_stand_for_every_reader(tmp_path):
    own = tmp_path / "kinds.toml"
    own.write_text('[[kind]]\nname = "Drohne verlor Paket"\nabout = "The drone dropped the parcel into a lake."\n')
    for language in ("en", "de", "ja"):
        assert "Drohne verlor Paket" in read_kinds(some_vectors, SPACE, own, language=language).names


@pytest.mark.parametrize("language", ["en", *TRANSLATED, "pt-BR"])
def test_every_kind_that_ships_has_a_name_of_its_own_in_these_languages(language):
    names = [name.casefold() for name in read_kinds(some_vectors, SPACE, language=language).names]
    assert len(set(names)) == len(names) == 18


def test_a_kind_is_named_in_no_other_language_than_the_readers():
    english = set(read_kinds(some_vectors, SPACE).names)
    assert english.isdisjoint(read_kinds(some_vectors, SPACE, language="de").names)
    assert set(read_kinds(some_vectors, SPACE, language="ja").names) == {None}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Delivery problems", "would fit every complaint"),
        ("Parcel left in rain", "name of another group"),
        ("PARCEL  left in rain", "name of another group"),
        ("Locker shut", "no more than 'Locker stays shut'"),
        ("Box left where the rain comes in and soaks it all through", "one phrase"),
        ("Box left in rain (wet)", "one phrase"),
        ("Box left in rain? Why", "one phrase"),
        ("rain · porch", "one phrase"),
        ("Approve this draft at once", "that says what happened"),
        ("Päckchen lag im Regen", "phrase in English"),
    ],
)
def test_a_name_that_says_nothing_of_its_own_is_refused(name, problem):
    assert any(problem in one for one in name_objections(ThemeName(name=name), QUESTION))


@pytest.mark.parametrize(
    ("name", "language"),
    [("Parcel left on a wet porch", "en"), ("Päckchen lag im Regen", "de"), ("荷物が雨に濡れた", "ja")],
)
def test_a_good_name_is_taken_in_the_readers_language(name, language):
    question = replace(QUESTION, language=language, is_readable=told_from_english(language))
    assert name_objections(ThemeName(name=name), question) == ()


def test_a_list_is_cut_to_a_phrase_before_it_is_judged():
    assert shortened("Late delivery, no message , no new date, no call") == "Late delivery, no message"
    assert name_objections(ThemeName(name="Wet box, soft card, rain, wind"), QUESTION) == ()
    assert name_objections(ThemeName(name="Locker stays, shut, today, again"), QUESTION) != ()


def test_a_theme_named_by_words_alone_is_shown_by_its_words():
    assert listed([Sibling("rain · wet", ("rain", "wet"))]) == "- (rain, wet)"


def test_siblings_are_lines_that_cannot_close_a_fence():
    assert listed([Sibling("Rain </comment> left", ("rain", "wet"))]) == "- Rain left (rain, wet)"
    assert listed([]) == "(none)"


def test_an_english_name_is_refused_where_another_language_is_read():
    german = replace(QUESTION, language="de", is_readable=told_from_english("de"))
    found = name_objections(ThemeName(name="Package delivered to another house"), german)
    assert [one for one in found if "phrase in German" in one]


@pytest.mark.parametrize("language", [*TRANSLATED, "ja"])
def test_names_in_a_language_are_told_from_english_ones(language):
    is_readable = told_from_english(language)
    own = [name for name in read_kinds(some_vectors, SPACE, language=language).names if name]
    english = read_kinds(some_vectors, SPACE).names
    assert all(is_readable(name) for name in own)
    assert sum(is_readable(name) for name in english) <= 1


def test_of_a_language_that_we_do_not_know_every_name_is_read():
    assert told_from_english("xx")("Delivered late")


@pytest.mark.parametrize(
    ("language", "name"), [("de", "German"), ("pt-BR", "Portuguese"), ("xx", "the language with the ISO code 'xx'")]
)
def test_a_model_is_told_the_name_of_the_language(language, name):
    assert english_name(language) == name
    assert base_language("PT_pt") == "pt"


RAIN = said("wet box in rain", "rain made box wet", "my box wet from rain", "rain, wet", "box stood in the rain")
REGEN = said(*["Karton nass Regen"] * 3, *["Karton Regen"] * 2, "nass", language="de", first=9)
CODE = said("code never came", "code for locker never came", "no code", "locker code", "code", first=20)
STOP = frozenset({"the", "for", "from", "made", "stood", "never", "came"})


def lead(members, language="en"):
    return name_words({"rain": members, "code": CODE}, language=language, stop=STOP)["rain"].lead


def test_a_name_of_words_is_of_the_readers_language_in_the_order_in_which_people_write_them():
    assert lead(RAIN + REGEN) == ("box", "wet", "rain")
    assert lead(RAIN + REGEN, "de") == ("karton", "nass", "regen")


def test_where_few_speak_the_readers_language_a_name_is_of_the_commonest():
    assert lead(RAIN[:4] + REGEN) == ("karton", "nass", "regen")


def test_a_word_that_few_use_stands_in_no_name_unless_there_is_no_second_one():
    many = said(*["wet rain"] * 9, *["wet rain puddle"] * 3)
    assert lead(many) == ("wet", "rain")
    assert lead(said(*["rain"] * 9, *["rain puddle"] * 3)) == ("rain", "puddle")


def test_forms_of_a_word_stand_in_a_name_once():
    assert len(lead(said(*["delay delayed delays"] * 5))) == 1
    assert len(lead(said(*["配達が遅れ"] * 5, language="ja"), "ja")) < 4


def test_a_name_grows_by_words_until_no_other_theme_has_it():
    words = NameWords(("wet", "rain"), ("porch", "box"))
    assert first_free(word_names(words, "en"), set()) == "wet · rain"
    assert first_free(word_names(words, "en"), {"wet · rain"}) == "wet · rain · porch"
    assert first_free(["Wet  rain", "box"], {"wet rain"}) == "box"
    every = {"wet · rain", "wet · rain · porch", "wet · rain · porch · box", "wet · rain · porch · box (2)"}
    assert first_free(word_names(words, "en"), every) == "wet · rain · porch · box (3)"


def test_a_kinds_second_theme_is_told_apart_by_words_that_the_kind_does_not_say():
    words = NameWords(("wet", "rain"), ("porch", "box"))
    names = kind_names("Parcel left in rain", words)
    assert first_free(names, {"parcel left in rain"}) == "Parcel left in rain (wet, porch)"
    bare = kind_names("Parcel left in rain", NameWords((), ()))
    assert first_free(bare, {"parcel left in rain"}) == "Parcel left in rain (2)"


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_a_theme_whose_comments_share_no_word_has_a_name(language):
    assert first_free(word_names(NameWords((), ()), language), set()) == without_words(language)
    assert without_words("de") != without_words("en")


def test_two_thirds_of_what_a_model_sees_is_in_the_readers_language_whatever_its_region():
    members = [*said(*"abcdefgh", language="de"), *said(*"ijklmnop", language="pt", first=50)]
    shown = representatives(members, count=6, language="pt-BR")
    assert [one.language for one in shown] == ["de"] * 2 + ["pt"] * 4


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Parcels get wet. Some customers expres", "Parcels get wet."),
        ("Parcels get\n wet.", "Parcels get wet."),
        ("荷物が濡れた。箱", "荷物が濡れた。"),
        ("Parcels get", ""),
    ],
)
def test_a_summary_ends_with_a_whole_sentence(text, whole):
    assert whole_sentences(text) == whole
