"""Which clause complaints are about, and whether any is: by meaning across languages, by words, by duties."""

from dataclasses import replace

import numpy as np
import pytest
from meanings import CALL, CARD, DUTIES, RING, comment, near, towards

from voc.proposals.catalogue import Catalogue
from voc.proposals.locate import Places, Subject
from voc.standards.registry import Clause

TITLES = {"1": "Bell", "2": "Card", "3": "Weather", "4": "Telephone", "5": "Money"}
TEXTS = {
    "1": "The courier shall use it. One waits.",
    "2": "Leave a note in the letter box.",
    "3": "Parcels stay under a roof.",
    "4": "Support picks up.",
    "5": "Claims are paid.",
}
CLAUSES = tuple(Clause(number, "c", TITLES[number], text, "", "e", "2024-1") for number, text in TEXTS.items())
SHOES = "The shoes are ugly."
MEANT = {"1": "ring", "2": "card", "3": "dry", "4": "call", "5": "refund"}


def known(**more):
    """Return what every clause, its sentences and its title mean: one duty each."""
    found = {}
    for number, duty in MEANT.items():
        row = towards(**{duty: 1.0})
        whole = [TITLES[number], TEXTS[number], f"{TITLES[number]}. {TEXTS[number]}"]
        parts = [f"{part.strip().rstrip('.')}." for part in TEXTS[number].split(". ")]
        found |= dict.fromkeys([*whole, *(f"{TITLES[number]}. {part}" for part in parts)], row)
    return found | more


def places(*, clauses=CLAUSES, outside=(), duties=DUTIES, **more):
    return Places.of(clauses, Catalogue(duties, outside), near(known(**more)))


def first(found, subject):
    return found.nearest(subject)[0].number


@pytest.mark.parametrize(("number", "duty"), MEANT.items())
def test_a_planted_complaint_finds_its_clause(number, duty):
    said = f"complaint about {duty}"
    assert first(places(**{said: towards(**{duty: 1.0})}), Subject("Theme", [comment(said)])) == number


def test_a_complaint_in_another_language_that_shares_no_word_finds_its_clause():
    german, chinese = "Es hat niemand geklingelt", "没有人按门铃"
    found = places(**{german: towards(ring=1.0, dry=0.2), chinese: towards(ring=1.0)})
    assert first(found, Subject("Theme", [comment(german, language="de"), comment(chinese, language="zh")])) == "1"


def test_what_is_a_language_s_own_is_no_likeness():
    german = "Alles nass"
    offset = towards(call=3.0)
    nearness = near(known(**{german: towards(dry=1.0, call=3.0)}), language_means={"de": offset})
    found = Places.of(CLAUSES, Catalogue(DUTIES, ()), nearness)
    assert first(found, Subject("Theme", [comment(german, language="de")])) == "3"


def test_every_clause_is_ranked_once():
    ranked = places().nearest(Subject("Theme", [comment("x")]))
    assert sorted(one.number for one in ranked) == sorted(MEANT)


def test_words_that_the_theme_shares_with_a_clause_decide_where_meaning_does_not():
    found = places(**{"vague": towards()})
    for number, word in (("2", "letter boxes"), ("3", "roofs"), ("5", "paying claims")):
        assert first(found, Subject(word, [comment("vague")])) == number


def test_a_word_that_no_clause_has_and_one_without_meaning_decide_nothing():
    found = places()
    assert np.ptp(found._shared_words("unknown")) == np.ptp(found._shared_words("the and of")) == 0


def test_a_word_of_few_clauses_weighs_more_than_one_that_many_have_often():
    often = " parcel parcel parcel"
    clauses = tuple(one if "roof" in one.text else replace(one, text=one.text + often) for one in CLAUSES)
    clauses = tuple(replace(one, text=one.text.replace("Parcels", "They")) for one in clauses)
    assert int(places(clauses=clauses)._shared_words("parcel roof").argmax()) == 2


def test_the_likest_sentence_of_a_long_clause_counts():
    blank, long = "One thing here. Another there. The end.", "One thing here. Another there. The bell."
    clauses = (
        replace(CLAUSES[0], number="8", text=blank, title="Any"),
        replace(CLAUSES[0], text=long, title="Any"),
        *CLAUSES[1:],
    )
    more = {one: towards() for one in (f"Any. {blank}", f"Any. {long}", "Any")}
    found = places(clauses=clauses, said=towards(ring=1.0), **more, **{"Any. The bell.": towards(ring=1.0)})
    assert first(found, Subject("Theme", [comment("said")])) == "1"


def test_the_duty_that_comments_ask_for_pulls_more_the_more_ask_for_it():
    said = {"said": towards(card=1.0, ring=0.98)}
    found = places(**said)

    def lead(share):
        order = [one.number for one in found.nearest(Subject("Theme", [comment("said")], CALL, share))]
        return order.index("4")

    leads = [lead(share) for share in (0.0, 0.5, 1.0)]
    assert leads == sorted(leads, reverse=True)
    near_tie = places(said=towards(card=1.0, ring=1.0))
    assert first(near_tie, Subject("Theme", [comment("said")], RING, 1.0)) == "1"
    assert first(near_tie, Subject("Theme", [comment("said")], CARD, 1.0)) == "2"


def test_a_duty_that_nobody_asks_for_pulls_nowhere():
    found, people = places(said=towards(dry=1.0)), [comment("said")]
    assert found.nearest(Subject("Theme", people, RING, 0.0)) == found.nearest(Subject("Theme", people))


def test_a_duty_in_own_words_pulls_nowhere():
    found, people = places(said=towards(dry=1.0)), [comment("said")]
    own = replace(RING, id="own-1")
    assert found.nearest(Subject("Theme", people, own, 1.0)) == found.nearest(Subject("Theme", people))


def test_complaints_about_delivery_are_meant():
    said = {"wet": towards(dry=1.0), SHOES: towards(call=-1.0, refund=-1.0)}
    assert places(outside=(SHOES,), **said).meant(Subject("wet", [comment("wet")]))


def test_complaints_about_something_else_are_not():
    said = {"ugly": towards(call=-1.0, refund=-1.0), SHOES: towards(call=-1.0, refund=-1.0)}
    assert not places(outside=(SHOES,), **said).meant(Subject("ugly", [comment("ugly")]))


def test_the_name_of_a_theme_counts_beside_its_comments():
    said = {"wet": towards(dry=1.0), "ugly": towards(call=-1.0, refund=-1.0), SHOES: towards(call=-1.0, refund=-1.0)}
    found = places(outside=(SHOES,), **said)
    assert found.meant(Subject("wet", [comment("ugly")]))
    assert not found.meant(Subject("ugly", [comment("ugly")]))


def test_where_nothing_is_said_to_lie_outside_all_is_meant():
    assert places(ugly=towards(call=-1.0)).meant(Subject("ugly", [comment("ugly")]))
