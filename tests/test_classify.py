"""How a clause stands to a duty: what binds, what advises, and how sure a model was."""

import json

import pytest
from meanings import DUTIES, RING, asking, near, towards

from voc.errors import LLMUnavailable
from voc.llm.fake import FakeChatModel
from voc.llm.protocol import Completion
from voc.proposals.classify import AMBIGUOUS, PRACTICE, SILENT, TOO_WEAK, Verdict, classify
from voc.standards.registry import Clause

RULE = "The courier shall ring the bell."
ADVICE = "The courier should ring the bell."
LEAVE = "The courier may ring the bell."
OTHER = "The courier shall be polite."
LOUD = "The courier shall be loud."


class Sure(FakeChatModel):
    """A model that says how probable it held its answers."""

    def complete_many(self, asked, **extra):
        return [
            Completion(json.dumps({"answer": answer}), 1, 1, sure)
            for answer, sure in (json.loads(self._next(messages).text) for messages in asked)
        ]


def sure(answer, probability):
    return json.dumps([answer, probability])


def clause(text, language="en"):
    return Clause("2.1", "2", "Bell", text, "", "e1", "2024-1")


def verdict(database, text, *answers, model=None, language="en", known=None):
    chain = asking(database, *answers, model=model)
    nearness = near(known)
    return classify(clause(text), RING, DUTIES, language=language, nearness=nearness, chain=chain)


YES, NO = '{"answer": "yes"}', '{"answer": "no"}'


def test_a_rule_that_demands_the_duty_is_not_followed(sqlite):
    assert verdict(sqlite, f"{OTHER} {RULE}", NO, YES) == Verdict(PRACTICE, RULE)


def test_advice_is_too_weak(sqlite):
    assert verdict(sqlite, ADVICE) == Verdict(TOO_WEAK, ADVICE)


def test_advice_that_is_nearer_than_a_rule_is_too_weak(sqlite):
    text = f"{ADVICE} {LOUD}"
    assert verdict(sqlite, text, sure("yes", 0.999), model=Sure()) == Verdict(TOO_WEAK, ADVICE)


def test_advice_about_something_else_does_not_speak_of_the_duty(sqlite):
    assert verdict(sqlite, "The courier should keep parcels dry.") == Verdict(SILENT, "")


def test_a_clause_about_something_else_is_silent(sqlite):
    assert verdict(sqlite, OTHER, NO) == Verdict(SILENT, "")


def test_what_is_only_allowed_is_neither_rule_nor_advice(sqlite):
    assert verdict(sqlite, LEAVE) == Verdict(SILENT, "")


@pytest.mark.parametrize(
    ("answer", "probability", "expected"),
    [
        ("yes", 0.95, PRACTICE),
        ("yes", 0.88, AMBIGUOUS),
        ("yes", 0.6, SILENT),
        ("no", 0.05, PRACTICE),
        ("no", 0.95, SILENT),
    ],
)
def test_how_sure_the_model_was_decides_where_nearness_does_not(sqlite, answer, probability, expected):
    found = verdict(sqlite, LOUD, sure(answer, probability), model=Sure())
    assert found.verdict == expected


def test_certainty_has_an_end_so_that_no_odds_are_infinite(sqlite):
    assert verdict(sqlite, OTHER, sure("no", 1.0), model=Sure()).verdict == SILENT


def test_a_model_that_tells_no_probability_counts_as_fairly_sure(sqlite):
    assert verdict(sqlite, LOUD, YES).verdict == SILENT
    assert verdict(sqlite, RULE, YES).verdict == PRACTICE


def test_an_answer_that_cannot_be_used_counts_as_even_odds(sqlite):
    assert verdict(sqlite, RULE, "perhaps", "perhaps", "perhaps") == Verdict(PRACTICE, RULE)
    assert verdict(sqlite, OTHER, "perhaps", "perhaps", "perhaps") == Verdict(SILENT, "")


def test_only_rules_are_asked_about(sqlite):
    chain = asking(sqlite, NO, NO)
    classify(clause(f"{RULE} {ADVICE} {LEAVE} {OTHER}"), RING, DUTIES, language="en", nearness=near(), chain=chain)
    asked = [one[-1].text for one in chain.model.history]
    assert [(RULE in one, OTHER in one) for one in asked] == [(True, False), (False, True)]
    assert all(RING.what in one for one in asked)


def test_modal_verbs_are_read_in_the_language_of_the_standard(sqlite):
    text = "Der Zusteller muss klingeln."
    known = {text: towards(ring=1.0)}
    assert verdict(sqlite, text, YES, language="de", known=known) == Verdict(PRACTICE, text)
    soft = "Der Zusteller sollte klingeln."
    assert verdict(sqlite, soft, language="de", known={soft: towards(ring=1.0)}) == Verdict(TOO_WEAK, soft)


def test_a_model_that_cannot_be_asked_stops_it(sqlite):
    with pytest.raises(LLMUnavailable):
        verdict(sqlite, RULE, LLMUnavailable("down"))
