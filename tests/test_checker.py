"""The independent checker of proposals, and the labelled cases that it is used on."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from parts.cases import OUTCOMES, SAMPLE, WEEK, into_workspace, read_cases
from parts.checked_numbers import language_of, limits, numbers
from parts.checker import RULES, Cited, Violation, check_proposal, table
from parts.one_shot import checked, chosen, nearest_clauses, one_shot

from voc.embed.fake import TrigramEmbedder
from voc.llm.fake import FakeChatModel
from voc.standards.registry import read_standard
from voc.store import feedback
from voc.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
CLAUSE = (
    "The carrier shall notify the recipient of a missed delivery date within 24 hours after the missed date. The "
    "notice should give a new expected delivery date."
)
BETTER = (
    "The carrier shall notify the recipient of a missed delivery date within 24 hours after the missed date. The "
    "notice shall give a new expected delivery date. When a delay becomes known, the carrier shall tell the recipient "
    "by message within [TARGET: hours, to be set by the owner]."
)
STORED = {
    "a": "Waited in all day, the parcel was delayed and the notification came a day after that.",
    "b": "Zwei Tage zu spät, niemand hat etwas gesagt.",
}
FIGURES = "13 different comments; 0.6 per 1,000 deliveries"


def rules(new_text=BETTER, *, quotes=(), clause=CLAUSE, stored=STORED, figures=FIGURES, **fields):
    found = check_proposal({"new_text": new_text, "clause_number": "1.4", **fields}, quotes, stored, clause, figures)
    assert all(isinstance(one, Violation) and one.rule in RULES for one in found)
    return [one.rule for one in found]


def every_clause():
    for path in sorted((ROOT / "voc" / "sample" / "standards").glob("*.md")):
        yield from (one for one in read_standard(path).clauses if one.text)


def test_a_good_proposal_breaks_no_rule():
    quotes = [Cited("a", "the notification came a day after that"), Cited("b", STORED["b"])]
    assert rules(quotes=quotes, rationale="Clause 1.4 lets 13 customers wait; 0.6 per 1,000 deliveries.") == []


def test_a_clause_left_as_it_is_breaks_no_rule():
    for one in every_clause():
        assert rules(one.text, clause=one.text) == [], one.number


@pytest.mark.parametrize(
    "quote",
    [
        Cited("a", "the notification came a day after this"),
        Cited("a", "Waited in all day, the parcel was delayed…"),
        Cited("a", "waited in all day"),
        Cited("a", "Waited in  all day"),
        Cited("a", " "),
        Cited("b", "Zwei Tage zu spa\u0308t"),
        Cited("c", "Waited in all day"),
        Cited("b", "Waited in all day"),
    ],
)
def test_a_quote_that_is_not_byte_for_byte_in_its_comment_is_found(quote):
    assert rules(quotes=[quote]) == ["quote"]


@given(st.text(min_size=1).filter(str.strip), st.data())
def test_every_span_of_a_comment_is_a_quote_of_it(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    span = text[start : data.draw(st.integers(start + 1, len(text)))]
    found = check_proposal({}, [Cited("x", span)], {"x": text}, "", "")
    assert found == () or not span.strip()


def test_words_in_quotation_marks_must_be_somebodys():
    assert rules(rationale="A customer wrote “nobody ever tells us anything”.") == ["quote"]
    assert rules(rationale="A customer wrote “the parcel was delayed and”.") == []


@pytest.mark.parametrize(
    "said",
    [
        "36 hours", "٣٦ hours", "３６ hours", "thirty-six hours", "Thirty Six hours", "½ day", "three days", "a dozen",
        "one hour", "a single day", "a fortnight", "the third working day", "10:30", "9 p.m.", "2.4 days", "1,001",
        "half of them", "twice", "48h", "vierundzwanzig Stunden und zwei Tage", "quarante-huit heures",
        "dentro de treinta y seis horas", "trinta e seis horas", "üç gün", "on iki saat", "eine Stunde", "une heure",
        "②", "soixante-douze heures", "5 %",
    ],
)  # fmt: skip
def test_a_number_that_neither_clause_nor_figures_hold_is_found(said):
    assert set(rules(rationale=f"It takes {said}.")) == {"new number"}
    assert "new number" in rules(f"{BETTER} This takes {said}.")


@pytest.mark.parametrize(
    "said",
    [
        "24 hours", "twenty-four hours", "vierundzwanzig Stunden", "vingt-quatre heures", "veinticuatro horas",
        "vinte e quatro horas", "yirmi dört saat", "13 comments", "thirteen comments", "a new one", "an answer",
        "a third party", "clause 1.4", "it once", "on the bin", "[TARGET: 36 hours]", "1,000", "1000", "first",
    ],
)  # fmt: skip
def test_a_known_number_in_any_form_is_no_new_one(said):
    assert rules(rationale=f"It takes {said}.") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The carrier shall answer within 24 hours.", "The carrier shall answer within 48 hours."),
        ("The carrier shall answer within 24 hours.", "The carrier shall answer within 2 days."),
        ("The carrier shall answer within 24 hours.", "The carrier shall answer within two weeks."),
        ("The carrier shall answer within 5 days.", "The carrier shall answer within 5 working days."),
        ("The carrier shall answer within 24 hours.", "The carrier shall answer without delay."),
        ("The carrier shall answer within 24 hours.", "The carrier shall answer within [TARGET: hours]."),
        ("The carrier shall publish it by 09:00.", "The carrier shall publish it by 11:00."),
        ("The carrier shall make at least 2 attempts.", "The carrier shall make at least one attempt."),
        ("The carrier shall make 3 delivery attempts.", "The carrier shall make 2 delivery attempts."),
        ("A locker shall hold a parcel for 7 days.", "A locker shall hold a parcel for 5 days."),
        ("The recipient may report it until 7 days later.", "The recipient may report it until 3 days later."),
        ("The recipient may name a place until 22:00.", "The recipient may name a place until 18:00."),
        ("It shall act when there was no scan for 3 days.", "It shall act when there was no scan for 5 days."),
        ("The courier shall not leave one above 250 euros.", "The courier shall not leave one above 500 euros."),
        ("Der Dienst muss binnen 24 Stunden antworten.", "Der Dienst muss binnen drei Tagen antworten."),
        ("Le service doit répondre dans les 24 heures.", "Le service doit répondre dans les deux jours."),
        ("O serviço deve responder em até 2 dias.", "O serviço deve responder em até cinco dias."),
    ],
)  # fmt: skip
def test_a_limit_that_binds_less_or_is_gone_is_found(old, new):
    assert "weakened limit" in rules(new, clause=old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The carrier shall answer within 24 hours.", "The carrier shall answer within 12 hours."),
        ("The carrier shall answer within 2 days.", "The carrier shall answer within 48 hours."),
        ("The carrier shall answer within 24 hours.", "The carrier shall answer within [TARGET: at most 24 hours]."),
        ("The carrier shall make at least 2 attempts.", "The carrier shall make at least 3 attempts."),
        ("A locker shall hold a parcel for 5 days.", "A locker shall hold a parcel for 5 working days."),
        ("The recipient may report it until 7 days later.", "The recipient may report it until 14 days later."),
        ("It shall act when there was no scan for 3 days.", "It shall act when there was no scan for 2 days."),
    ],
)  # fmt: skip
def test_a_limit_that_binds_more_is_none_that_is_weakened(old, new):
    assert "weakened limit" not in rules(new, clause=old)


@given(st.integers(1, 200), st.integers(1, 200))
def test_a_ceiling_is_weakened_exactly_when_it_grows(old, new):
    broken = rules(
        f"The carrier shall reply within {new} hours.", clause=f"The carrier shall reply within {old} hours."
    )
    assert ("weakened limit" in broken) == (new > old)


def test_of_two_limits_each_is_compared_with_its_own():
    old = "The recipient may report damage until 7 days after delivery. The carrier shall decide within 14 days."
    assert rules(old.replace("14", "10"), clause=old) == ["new number"]
    assert rules(old.replace("within 14", "within 21"), clause=old) == ["new number", "weakened limit"]


def test_two_limits_of_one_kind_are_paired_by_their_sentences():
    old = "The carrier shall start a search within 2 days. The carrier shall collect the parcel within 5 days."
    assert rules("The carrier shall collect the parcel within 4 days. The carrier shall start a search within 1 day.",
                 clause=old, figures="1, 4") == []  # fmt: skip


def test_one_limit_does_not_stand_for_two():
    old = "The carrier shall start a search within 2 days. The carrier shall collect the parcel within 5 days."
    new = "The carrier shall start a search and collect the parcel within 1 day."
    assert rules(new, clause=old, figures="1") == ["weakened limit"]


def test_hours_of_the_afternoon_are_later_than_those_of_the_morning():
    old = "The carrier shall publish it by 9 a.m."
    assert rules("The carrier shall publish it by 9 p.m.", clause=old) == ["new number", "weakened limit"]


@pytest.mark.parametrize(
    "new",
    [
        "The courier should ring. The courier should compare the label with the address.",
        "The courier shall ring.",
        "The courier shall ring. The courier may compare the label with the address.",
    ],
)
def test_a_rule_that_is_gone_or_becomes_optional_is_found(new):
    clause = "The courier should ring. The courier shall compare the label with the address."
    assert rules(new, clause=clause) == ["weakened duty"]


def test_what_was_forbidden_stays_forbidden():
    clause = "The courier shall not leave a parcel unattended."
    assert rules("The courier shall leave a parcel unattended.", clause=clause) == ["weakened duty"]


def test_a_complaint_pasted_into_the_clause_is_found():
    pasted = f"{BETTER} The carrier shall see to it that the parcel was delayed and the notification came a day after."
    assert rules(pasted) == ["copied complaint"]


def test_a_complaint_that_repeats_the_clause_does_not_forbid_the_clause():
    assert rules(stored={"a": f"Your own rule: {CLAUSE}"}) == []


def test_a_pasted_complaint_without_spaces_is_found():
    text = "送餐员态度特别差下次再也不会点这家店的外卖了"
    assert "copied complaint" in rules(
        f"配送员应当保持礼貌。{text}。", clause="配送员应当保持礼貌。", stored={"a": text}
    )


@pytest.mark.parametrize(
    "new",
    [
        "Der Zusteller muss den Empfänger innerhalb von 24 Stunden über die Verspätung benachrichtigen.",
        f"{CLAUSE} Le transporteur doit prévenir le destinataire de tout retard avant la fin de la journée.",
        "Der Bote klingelt. Er wartet.",
        f"{CLAUSE} 承运人应当在包裹延误时立即通知收件人并说明原因和新的日期。",
    ],
)
def test_wording_in_another_language_than_the_clause_is_found(new):
    assert "language" in rules(new)


def test_the_clauses_of_the_sample_are_read_as_english():
    assert {language_of(one.text) for one in every_clause()} == {"en"}


def test_limits_of_the_sample_clauses_are_read_with_their_sense():
    found = {(one.number, limit.sense, limit.dimension) for one in every_clause() for limit in limits(one.text)}
    assert {
        ("1.4", "ceiling", "time"), ("1.2", "ceiling", "clock"), ("2.1", "floor", "attempt"),
        ("3.1", "floor", "clock"), ("3.2", "ceiling", "euro"), ("4.2", "ceiling", "weight"), ("4.3", "floor", "time"),
        ("6.2", "floor", "time"), ("9.3", "ceiling", "time"), ("3.5", "ceiling", "length"),
    } <= found  # fmt: skip


@given(st.integers(0, 10**6))
def test_digits_of_every_script_are_the_same_number(value):
    arabic = str(value).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert [one.value for one in numbers(arabic)] == [one.value for one in numbers(f"{value}")] == [float(value)]


def test_the_table_counts_proposals_and_shows_an_example():
    shown = table({"good": (), "bad": (Violation("quote", "quotes", "a|b"), Violation("quote", "quotes", "c"))})
    assert "| quote | 1 | 2 | bad: a/b |" in shown
    assert "| none of them | 1 | | |" in shown


def test_the_cases_are_24_and_their_labels_are_allowed():
    found = [json.loads(line) for line in (ROOT / "benchmarks/parts/cases.jsonl").read_text("utf-8").splitlines()]
    assert len(found) == len({one["id"] for one in found}) == 24
    assert sum(one["set"] == SAMPLE for one in found) == 12
    assert sum(len(one["label"]["outcome"]) > 1 for one in found) <= 6
    numbers_known = {one.number for one in every_clause()}
    for one in found:
        outcomes = one["label"]["outcome"]
        assert set(outcomes) <= set(OUTCOMES)
        assert set(one["label"]["clauses"]) <= numbers_known
        assert bool(one["label"]["clauses"]) == (outcomes != ["insufficient"]), one["id"]
        assert len(set(one["rows"])) == len(one["rows"])


def test_sets_that_are_not_here_are_said_and_left_out(capsys, tmp_path):
    found = read_cases(tmp_path, only=("rude-couriers", "rude-couriers-cn"))
    assert [(one.id, one.missing, bool(one.rows)) for one in found] == [
        ("rude-couriers", False, True),
        ("rude-couriers-cn", True, False),
    ]
    assert "waimai_zh" in capsys.readouterr().out


def test_an_unknown_case_is_refused():
    with pytest.raises(ValueError, match="there is no case nothing"):
        read_cases(None, only=("nothing",))


@pytest.mark.slow
def test_cases_become_the_themes_of_a_workspace(tmp_path):
    environment = {"VOC_ENCODER": "trigrams", "VOC_LLM_PROVIDER": "none", "VOC_ACTOR": "tester"}
    cases = read_cases(None, only=("locker-codes-de", "rude-couriers", "couriers-praised"))
    made = into_workspace(cases, tmp_path / "w", environment=environment)
    with Workspace.open(made.folder, environment=environment) as workspace:
        for case in cases:
            page = workspace.theme(made.themes[case.id])
            assert page.entry.label.name == case.theme
            with workspace.services.database.read() as connection:
                stored = feedback.get(connection, [made.feedback[row.id] for row in case.rows])
            assert [one.text for one in stored] == [row.text for row in case.rows]
            assert {one.week for one in stored} <= {f"2024-W{week}" for week in range(33, 41)}
        workspace.propose(WEEK)
        drafted = {one.theme_id for one in workspace.proposals()}
    assert drafted == {made.themes["locker-codes-de"], made.themes["rude-couriers"]}


@pytest.mark.slow
@pytest.mark.shared_data
def test_every_row_of_every_case_is_in_its_set(shared_data):
    found = read_cases(shared_data)
    assert not any(one.missing for one in found)
    for one in found:
        assert {row.market for row in one.rows} <= set(one.markets)
        assert all(row.text for row in one.rows)


def clauses_and_answer(**changed):
    clauses = [one for one in every_clause() if one.number in ("7.1", "2.2")]
    answer = {
        "rationale": [{"sentence": "Couriers shout at customers.", "evidence": [1, 2]}],
        "clause_number": "7.1",
        "outcome": "revision",
        "missing_rule": "The courier shall greet the recipient.",
        "new_text": "The courier shall greet the recipient.",
        "quotes": [{"number": 1, "text": "nothing of it"}, {"number": 99, "text": "nothing of it"}],
    }
    return clauses, json.dumps(answer | changed)


def ask(answer, clauses):
    (case,) = read_cases(None, only=("rude-couriers",))
    model = FakeChatModel()
    model.enqueue(*([answer] * 2 if answer else []))
    return case, model, one_shot(case, model, clauses)


def test_one_prompt_shows_clauses_and_comments_and_its_answer_goes_through_the_checker():
    clauses, answer = clauses_and_answer()
    case, model, shot = ask(answer, clauses)
    asked = model.history[0][-1].text
    assert all(one.text in asked for one in clauses)
    assert f"12. {chosen(case, most=12)[11].text}" in asked
    assert shot.is_shown
    assert shot.quotes[0].feedback_id == chosen(case, most=12)[0].id
    assert {one.rule for one in checked(shot, case)} == {"quote", "weakened duty"}


@pytest.mark.parametrize("outcome", ["action", "insufficient"])
def test_without_a_revision_nothing_is_shown(outcome):
    clauses, answer = clauses_and_answer(outcome=outcome, quotes=[])
    case, _, shot = ask(answer, clauses)
    assert (shot.outcome, shot.is_shown, checked(shot, case)) == (outcome, False, ())


def test_the_old_wording_again_is_no_proposal():
    clauses, answer = clauses_and_answer(new_text=next(one.text for one in every_clause() if one.number == "7.1"))
    assert not ask(answer, clauses)[2].is_shown


@pytest.mark.parametrize(("answer", "problem"), [("{}", "no usable answer"), ("", "no answer left")])
def test_an_answer_that_cannot_be_read_or_had_is_a_problem_and_no_outcome(answer, problem):
    shot = ask(answer, clauses_and_answer()[0])[2]
    assert problem in shot.problem
    assert (shot.outcome, shot.is_shown) == ("", False)


def test_white_space_under_a_schema_is_asked_again_with_the_form_written_out():
    clauses, answer = clauses_and_answer()
    (case,) = read_cases(None, only=("rude-couriers",))
    model = FakeChatModel()
    model.enqueue('{ "rationale": [      ', answer)
    assert one_shot(case, model, clauses).is_shown
    assert "Its form" not in model.history[0][-1].text
    assert "Its form" in model.history[1][-1].text


def test_the_nearest_clauses_come_first():
    (case,) = read_cases(None, only=("rude-couriers",))
    clauses = [one for one in every_clause() if not one.title.endswith("to a neighbour")]
    near = nearest_clauses(case, clauses, TrigramEmbedder(dim=128).encode, most=3)
    rows = TrigramEmbedder(dim=128).encode([row.text for row in case.rows])
    scores = [(TrigramEmbedder(dim=128).encode([f"{one.title}: {one.text}"]) @ rows.T).mean() for one in clauses]
    assert near[0] is clauses[scores.index(max(scores))]
    assert len(near) == 3
