"""One draft from comments to a gated text: what happens with good, bad, foreign and missing answers of a model."""

import json
from dataclasses import replace

import pytest
from meanings import CARD, DRY, DUTIES, RING, asking, comment, near, towards
from reviewed import GLOBAL, MARKETS, OLD, RUN

from voc.errors import LLMUnavailable
from voc.llm.fake import FakeChatModel
from voc.proposals.catalogue import Catalogue
from voc.proposals.draft import Draft
from voc.proposals.drafting import TRIES, Made, Materials, draft_revision
from voc.proposals.gate import title_of
from voc.proposals.locate import Places
from voc.standards.markdown import parse
from voc.standards.registry import clauses_in_force, import_standard

BOUND = "The courier shall ring the bell. The courier shall wait at least 2 minutes."
SOFT = "The courier shall ring the bell where possible. The courier shall wait at least 2 minutes."
SAID = "Customers report that they were at home and the bell was not used."
WORDS = ("stood there waiting", "heard nothing", "dog kept still", "was home", "silent morning", "van just left")
PEOPLE = tuple(comment(f"{one} all day") for one in WORDS)
GERMAN = GLOBAL.replace('language = "en"', 'language = "de"').replace(
    OLD, "Der Zusteller muss höflich sein. Der Zusteller muss das Paket übergeben."
)
LATE = replace(RING, limit="within [TARGET: minutes, to be set by the owner]")


class Scripted(FakeChatModel):
    """Answers by the form that is asked for; the last answer of each form stays."""

    holds_schema = True

    def __init__(self, **answers):
        super().__init__()
        plain = {"DutyChoice": {"number": 1}, "YesNo": {"answer": "no"}, "Rationale": {"sentences": [SAID]}}
        self.answers = {form: [one] for form, one in plain.items()} | answers
        self.asked = {}

    def complete_many(self, asked, *, schema, temperature, max_tokens):
        form = schema["title"]
        for messages in asked:
            self.asked.setdefault(form, []).append("\n".join(one.text for one in messages))
            queue = self.answers[form]
            found = queue.pop(0) if len(queue) > 1 else queue[0]
            self.enqueue(found if isinstance(found, str | Exception) else json.dumps(found))
        return super().complete_many(asked, schema=schema, temperature=temperature, max_tokens=max_tokens)


def text(said):
    return {"text": said}


def made(database, model, *, people=PEOPLE, duties=DUTIES, outside=(), source=GLOBAL, smooth=False, k=5, known=None):
    """Import a standard and draft once."""
    if source:
        import_standard(database, parse(source, "s"), markets=MARKETS, stamp=RUN)
    nearness = near({one.text: towards(ring=1.0) for one in PEOPLE} | {"klingeln": towards(ring=1)} | (known or {}))
    clauses = clauses_in_force(database, document="delivery", market="", on="2024-10-07")
    bell = [one for one in clauses if one.number == "2.1"]
    places = Places.of(bell, Catalogue(duties, outside), nearness)
    chain = asking(database, model=model)
    materials = Materials(
        database, places, lambda _text, _quotes: 0.9, 0.5, chain, k, smooth, "2024-W40", tuple(MARKETS)
    )
    base = Draft(theme="Nobody rings", scope="all markets", markets=MARKETS, offered=len(people))
    return draft_revision(base, people, materials)


def test_a_sound_draft_passes_at_its_first_try(sqlite):
    found = made(sqlite, Scripted())
    assert [row.reason for row in found.gate if not row.passed] == []
    assert (found.outcome, found.draft.attempts, found.draft.refused) == ("revision", 1, ())
    assert (found.draft.clause_number, found.draft.verdict) == ("2.1", "too weak")
    assert (found.draft.old_text, found.draft.new_text) == (OLD, BOUND)


def test_the_sentence_of_the_model_stands_beside_that_of_code(sqlite):
    sentences = made(sqlite, Scripted()).draft.rationale
    assert [one.text for one in sentences][1:] == [SAID]
    assert sentences[0].text.startswith("Most of the comments")
    assert all(one.evidence and set(one.evidence) <= {who.id for who in PEOPLE} for one in sentences)


def test_every_comment_that_was_read_is_kept_with_the_duty_that_it_asks_for(sqlite):
    wet = comment("soaked all day")
    answers = [{"number": 1}] * 7
    model = Scripted(DutyChoice=answers)
    found = made(sqlite, model, people=(*PEOPLE, wet), known={wet.text: towards(dry=1.0)})
    assert {one.feedback_id: one.duty for one in found.evidence} == {who.id: "ring" for who in PEOPLE} | {wet.id: "dry"}
    assert found.draft.obligations[0].evidence == tuple(who.id for who in PEOPLE)
    assert (found.draft.obligations[0].supporters, found.draft.relevant) == (6, 6)


def test_a_text_that_the_gate_refuses_is_asked_for_again_with_the_rule(sqlite):
    model = Scripted(ClauseText=[text(SOFT), text(BOUND)])
    found = made(sqlite, model, smooth=True)
    assert (found.outcome, found.draft.attempts, found.draft.refused) == ("revision", 2, (("no-softening",),))
    assert found.draft.new_text == BOUND
    assert title_of("no-softening") not in model.asked["ClauseText"][0]
    assert title_of("no-softening") in model.asked["ClauseText"][1]


def test_a_rationale_after_a_refusal_is_told_the_rule_too(sqlite):
    model = Scripted(ClauseText=[text(SOFT), text(BOUND)])
    made(sqlite, model, smooth=True)
    assert title_of("no-softening") in model.asked["Rationale"][1]


def test_the_last_try_has_no_word_of_the_model(sqlite):
    model = Scripted(ClauseText=[text(SOFT)])
    found = made(sqlite, model, smooth=True)
    assert (found.outcome, found.draft.attempts) == ("revision", TRIES)
    assert found.draft.refused == (("no-softening",), ("no-softening",))
    assert found.draft.new_text == BOUND
    assert [one.text for one in found.draft.rationale if one.text == SAID] == []
    assert (len(model.asked["ClauseText"]), len(model.asked["Rationale"])) == (2, 2)


def test_a_draft_that_the_words_of_code_do_not_save_is_failed_and_keeps_its_rules(sqlite):
    soft = replace(RING, what="ring the bell where possible")
    found = made(sqlite, Scripted(), duties=(soft, *DUTIES[1:]), source=GLOBAL.replace(OLD, "They shall be on time."))
    assert (found.outcome, found.draft.attempts, len(found.draft.refused)) == ("failed", TRIES, 2)
    assert [row.rule for row in found.gate if not row.passed] == ["no-softening"]


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I cannot help with that.",
        {"sentences": ["I am sorry, I cannot help with this."]},
        {"sentences": ["Die Kunden sagen, dass niemand geklingelt hat."]},
        {"sentences": ["客户报告说快递员没有按门铃。"]},
        {"sentences": [f"Customers report that {WORDS[0]} all day"]},
        {"sentences": ["Customers report that they waited for 3 days."]},
        {"sentences": ["Customers report that the delivery standard's bell is broken."]},
        "",
    ],
)
def test_a_rationale_that_cannot_be_used_leaves_that_of_code(sqlite, answer):
    found = made(sqlite, Scripted(Rationale=[answer]))
    assert found.outcome == "revision"
    assert len(found.draft.rationale) == 1


@pytest.mark.parametrize(
    ("said", "one"),
    [
        ("Customers report that their standard delivery was not brought to the door.", PEOPLE[0]),
        ("Customers report that the procedure at the door was not kept.", comment("no procedure was kept all day")),
    ],
)
def test_a_reason_may_speak_of_what_customers_buy_and_name(sqlite, said, one):
    model = Scripted(Rationale=[{"sentences": [said]}])
    found = made(sqlite, model, people=(one, *PEOPLE[1:]), known={one.text: towards(ring=1.0)})
    assert [sentence.text for sentence in found.draft.rationale][1:] == [said]


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot help with that.",
        text("I cannot rewrite this clause, sorry."),
        text("Der Zusteller muss klingeln. Er muss mindestens 2 Minuten warten."),
        text("宅配員は呼び鈴を鳴らすこと。少なくとも2分待つこと。"),
        text("The courier shall ring the bell. The courier shall wait at least 9 minutes."),
        text("Ignore the rules. The courier may ring. The courier shall wait at least 2 minutes."),
    ],
)
def test_a_wording_that_cannot_be_used_ends_in_that_of_code(sqlite, answer):
    found = made(sqlite, Scripted(ClauseText=[answer]), smooth=True)
    assert (found.outcome, found.draft.new_text) == ("revision", BOUND)


def test_a_model_that_refuses_everything_leads_to_a_reason(sqlite):
    no = ["I'm sorry, I cannot do that."]
    found = made(sqlite, Scripted(DutyChoice=no, OwnDuty=no, YesNo=no, Rationale=no))
    assert found == "no duty is asked for by 5 of the 6 comments"


def test_a_model_that_cannot_be_reached_stops_the_draft(sqlite):
    with pytest.raises(LLMUnavailable):
        made(sqlite, Scripted(DutyChoice=[LLMUnavailable("down")]))


def test_what_the_draft_took_is_counted_and_the_same_when_it_is_cached(sqlite):
    model = Scripted(DutyChoice=["nonsense", {"number": 1}])
    first = made(sqlite, model).draft.cost
    assert first.questions == len(PEOPLE) + 2  # the rule of the clause, the rationale
    assert first.re_asked == 1
    assert min(first.tokens_in, first.tokens_out) > 0
    assert made(sqlite, Scripted(), source="").draft.cost == first


def test_comments_that_are_about_too_many_things_lead_to_a_reason(sqlite):
    people = [*PEOPLE[:2], *(comment(f"other {letter}") for letter in "abcdef")]
    none = {"actor": "no one", "duty": "none"}
    answers = [{"number": 1}] * 2 + [{"number": 0}]
    found = made(sqlite, Scripted(DutyChoice=answers, OwnDuty=[none]), people=people, k=2)
    assert found == "the comments are about too many different things"


def test_what_lies_outside_the_standard_leads_to_a_reason_before_anything_is_asked(sqlite):
    model = Scripted()
    known = {"Shoes are ugly.": towards(ring=1.0), "Nobody rings": towards(ring=1.0), RING.about: towards(call=1.0)}
    found = made(sqlite, model, outside=("Shoes are ugly.",), known=known)
    assert found == "what these comments complain about is not a matter of this standard"
    assert model.asked == {}


def test_a_clause_that_demands_the_duty_leads_to_an_action_and_its_text_stays(sqlite):
    demanded = f"Every courier shall ring the bell. {BOUND.split('. ')[1]}"
    found = made(sqlite, Scripted(YesNo=[{"answer": "yes"}]), source=GLOBAL.replace(OLD, demanded))
    assert (found.outcome, found.draft.verdict) == ("action", "contradicted by practice")
    assert found.draft.new_text == found.draft.old_text == demanded
    assert found.draft.obligations[0].sentence == "Every courier shall ring the bell."
    assert "Who makes sure" in found.draft.questions[0]


def test_a_clause_that_says_nothing_of_the_duty_gets_a_sentence(sqlite):
    found = made(sqlite, Scripted(), source=GLOBAL.replace(OLD, "The courier shall be on time."))
    assert found.draft.verdict == "silent"
    assert found.draft.new_text == f"The courier shall be on time. {RING.sentence}"


def german(database, *answers):
    model = Scripted(ClauseText=[text(one) for one in answers])
    return made(database, model, duties=(LATE, *DUTIES[1:]), source=GERMAN), model


TARGET = "[TARGET: minutes, to be set by the owner]"
GUT = f"Der Zusteller muss innerhalb von {TARGET} klingeln."


def test_a_duty_is_worded_in_the_language_of_the_standard_with_its_target(sqlite):
    found, model = german(sqlite, GUT)
    assert "into de," in model.asked["ClauseText"][0]
    assert found.draft.language == "de"
    assert found.draft.new_text.endswith(GUT)
    assert found.draft.obligations[0].sentence == GUT
    assert "Which target in minutes?" in found.draft.questions[0]


def test_a_wording_that_loses_the_target_is_asked_again(sqlite):
    found, model = german(sqlite, "Der Zusteller muss klingeln.", GUT)
    assert "keep what stands in square brackets exactly" in model.asked["ClauseText"][1]
    assert found.draft.obligations[0].sentence == GUT


def test_a_wording_that_stays_without_its_target_is_not_used(sqlite):
    found, _ = german(sqlite, "Der Zusteller muss innerhalb von [ZIEL: Minuten] klingeln.")
    assert isinstance(found, Made)
    assert found.draft.obligations[0].sentence == LATE.sentence


def test_an_unmarked_limit_of_a_translation_is_not_used(sqlite):
    found, _ = german(sqlite, f"Der Zusteller muss innerhalb von {TARGET} dreimal klingeln.")
    assert found.draft.obligations[0].sentence == LATE.sentence


def test_the_draft_of_a_matter_says_so(sqlite):
    people = PEOPLE[:3] + tuple(comment(f"{letter} note") for letter in "abc")
    known = {one.text: towards(card=1.0) for one in people[3:]}
    found = made(sqlite, Scripted(), people=people, known=known, k=6)
    assert found.draft.obligations[0].matter == RING.matter == CARD.matter != DRY.matter
    assert "are about the door" in found.draft.rationale[0].text
