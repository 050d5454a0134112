"""Many questions at once: in groups, and with how probable the model held each answer."""

import pytest
from meanings import Asking, asking

from voc.errors import BudgetSpent, LLMRefused
from voc.llm.chain import SIDE_BY_SIDE, Budget, Question
from voc.llm.fake import FakeChatModel
from voc.llm.outputs import YesNo
from voc.llm.prompts import read_prompt
from voc.llm.protocol import Completion

YES, NO = '{"answer": "yes"}', '{"answer": "no"}'


class Grouped(FakeChatModel):
    """A model that remembers how many questions came at once, and is less sure of each answer than of the last."""

    def __init__(self, *, says=True):
        super().__init__()
        self.groups, self.says = [], says

    def complete_many(self, asked, **extra):
        self.groups.append(len(asked))
        found = super().complete_many(asked, **extra)
        first = len(self.history) - len(found)
        return [
            Completion(one.text, 1, 1, 1 / (first + place + 1) if self.says else None)
            for place, one in enumerate(found)
        ]


def questions(count, *, start=0):
    return [Question({"rule": f"rule {place}", "duty": "ring"}) for place in range(start, start + count)]


def ask(chain, many, **extra):
    return chain.ask_many(read_prompt("covers_duty"), YesNo, many, **extra)


@pytest.mark.parametrize(("count", "groups"), [(0, []), (1, [1]), (8, [8]), (9, [8, 1]), (20, [8, 8, 4])])
def test_questions_are_asked_in_groups_of_eight(sqlite, count, groups):
    model = Grouped()
    found = ask(asking(sqlite, *[YES] * count, model=model), questions(count))
    assert (model.groups, len(found), SIDE_BY_SIDE) == (groups, count, 8)


def test_answers_come_back_in_the_order_of_the_questions(sqlite):
    answers = [YES, NO, NO] * 4
    found = ask(asking(sqlite, *answers, model=Grouped()), questions(12))
    assert [f'{{"answer": "{one.value.answer}"}}' for one in found] == answers


def test_only_what_is_not_known_is_asked(sqlite):
    model = Grouped()
    chain = asking(sqlite, *[YES] * 12, model=model)
    ask(chain, questions(4))
    ask(chain, questions(12))
    assert model.groups == [4, 8]


def test_how_probable_an_answer_was_is_kept_with_it(sqlite):
    chain = asking(sqlite, YES, NO, YES, model=Grouped())
    fresh, cached = ask(chain, questions(3)), ask(chain, questions(3))
    assert [one.cached for one in (*fresh, *cached)] == [False] * 3 + [True] * 3
    assert [one.probability for one in fresh] == [one.probability for one in cached] == [1.0, 1 / 2, 1 / 3]


def test_a_single_question_brings_its_probability_back_too(sqlite):
    chain, (question,) = asking(sqlite, YES, model=Grouped()), questions(1)
    prompt = read_prompt("covers_duty")
    found = [chain.ask(prompt, YesNo, question.values) for _ in range(2)]
    assert [(one.cached, one.probability) for one in found] == [(False, 1.0), (True, 1.0)]


def test_a_model_that_does_not_tell_leaves_none(sqlite):
    chain = asking(sqlite, YES, model=Grouped(says=False))
    assert [ask(chain, questions(1))[0].probability for _ in range(2)] == [None, None]


def test_an_answer_asked_for_again_has_the_probability_of_its_last_try(sqlite):
    chain = asking(sqlite, "perhaps", YES, model=Grouped())
    (found,) = ask(chain, questions(1))
    assert (found.attempts, found.probability) == (2, 1 / 2)


def test_a_refusal_in_a_later_group_keeps_what_was_answered_before(sqlite):
    model = Grouped()
    chain = asking(sqlite, *[YES] * 8, LLMRefused("quota"), model=model)
    with pytest.raises(LLMRefused):
        ask(chain, questions(9))
    assert all(one.cached for one in ask(asking(sqlite, model=Grouped()), questions(8)))


def test_a_budget_ends_between_groups(sqlite):
    model = Grouped()
    model.enqueue(*[YES] * 16)
    chain = Asking(sqlite, model, asking(sqlite).stamp, Budget(10, 100.0), lambda: 0.0)
    with pytest.raises(BudgetSpent):
        ask(chain, questions(16))
    assert model.groups == [8]
