"""Which gaps are left alone: whatever waits, was decided or was drafted, until there is more to say about it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviewed import RUN, shelf, state
from sqlalchemy import update

from voc.embed.fake import TrigramEmbedder
from voc.errors import LLMUnavailable
from voc.llm.chain import Budget, Chain
from voc.llm.fake import FakeChatModel
from voc.proposals.catalogue import Catalogue, Duty
from voc.proposals.chain import Drafter, Means, ProposalTask
from voc.proposals.figures import Scope
from voc.proposals.nearness import Nearness
from voc.proposals.settled import NO_MODEL, standing
from voc.proposals.states import State
from voc.store import proposals, schema
from voc.store.proposals import ProposalRow
from voc.themes.space import Space
from voc.trends.read import read_week
from voc.types import Market

DE = Scope("bell", "DE", ("DE",))
EVERYWHERE = Scope("bell", "", ("DE", "US"))
SETTLING = [one for one in State if one is not State.SUPERSEDED]


def known(state=State.DRAFT, *, distinct=10, theme="bell", market="DE", document="delivery", method="m/1", id="p"):
    figures = [{"name": "complaints", "value": 1, "text": ""}, {"name": "distinct", "value": distinct, "text": ""}]
    draft = {"method": method, "figures": figures}
    return ProposalRow(id, theme, market, "2024-W40", document, "2.1", "e", "revision", state, draft, "", None)


def ask(*rows, scope=DE, distinct=10, growth=0.5, has_model=True):
    return standing(scope, rows, document="delivery", distinct=distinct, growth=growth, has_model=has_model)


def test_a_gap_that_nothing_was_drafted_for_is_open():
    assert ask() == ask(known(theme="rain"))
    assert not ask().settled


@pytest.mark.parametrize("state", SETTLING)
def test_with_equal_evidence_a_gap_that_was_drafted_is_settled(state):
    assert ask(known(state)).settled


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.CHANGES_ASKED, State.APPROVED])
def test_what_people_are_at_is_left_alone_however_much_evidence_grew(state):
    assert ask(known(state), distinct=1000).settled


@pytest.mark.parametrize("state", [State.DRAFT, State.REJECTED, State.FAILED, State.ADOPTED])
def test_what_is_not_in_somebodys_hands_is_drafted_again_once_evidence_grew(state):
    assert ask(known(state), distinct=14).settled
    assert not ask(known(state), distinct=15).settled


def test_without_a_model_a_drafted_revision_gives_way_to_no_brief():
    assert ask(known(), distinct=1000, has_model=False).settled
    assert not ask(known(method=NO_MODEL), distinct=1000, has_model=False).settled


def test_what_was_superseded_settles_nothing():
    assert not ask(known(State.SUPERSEDED)).settled


def test_another_draft_that_superseded_it_does():
    assert ask(known(State.SUPERSEDED, id="old"), known(State.DRAFT, id="new")).settled


def test_however_little_growth_is_asked_for_one_more_comment_is_needed():
    assert ask(known(distinct=3), distinct=3, growth=0.0).settled
    assert not ask(known(distinct=3), distinct=4, growth=0.0).settled


def test_a_share_that_is_no_whole_comment_is_rounded_up():
    assert ask(known(distinct=5), distinct=7).settled
    assert not ask(known(distinct=5), distinct=8).settled


def test_only_a_draft_is_replaced_by_the_new_one():
    rows = [known(State.DRAFT, id="a"), known(State.REJECTED, id="b"), known(State.FAILED, id="c")]
    assert [row.id for row in ask(*rows, distinct=20).replaces] == ["a"]


def test_nothing_is_replaced_while_a_gap_is_settled():
    assert ask(known(State.DRAFT)).replaces == ()


def test_one_draft_that_still_holds_settles_the_gap_beside_others_that_do_not():
    assert ask(
        known(State.REJECTED, distinct=2, id="a"), known(State.REJECTED, distinct=20, id="b"), distinct=20
    ).settled


def test_a_local_draft_gives_way_to_a_global_one():
    found = ask(known(State.DRAFT, market="DE"), scope=EVERYWHERE)
    assert (found.settled, [row.id for row in found.replaces]) == (False, ["p"])


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.APPROVED, State.REJECTED, State.ADOPTED, State.FAILED])
def test_a_local_proposal_that_people_have_seen_or_that_failed_does_not(state):
    assert ask(known(state, market="DE"), scope=EVERYWHERE).settled


def test_a_global_draft_does_not_give_way_to_a_local_one():
    assert ask(known(State.DRAFT, market=""), scope=DE).settled


def test_a_global_draft_does_not_give_way_to_an_equal_one():
    assert ask(known(State.DRAFT, market=""), scope=EVERYWHERE).settled


@pytest.mark.parametrize("state", [State.DRAFT, State.FAILED])
def test_a_brief_that_no_model_read_is_drafted_once_there_is_one(state):
    row = known(state, method=NO_MODEL)
    assert not ask(row, has_model=True).settled
    assert ask(row, has_model=False).settled


def test_a_brief_that_a_model_read_is_left_alone():
    assert ask(known(method="m/1"), has_model=True).settled


def test_the_brief_is_replaced_by_the_draft():
    assert [row.id for row in ask(known(method=NO_MODEL)).replaces] == ["p"]


@pytest.mark.parametrize("other", [{"document": "returns"}, {"market": "US"}, {"theme": "rain"}])
@pytest.mark.parametrize("state", SETTLING)
def test_another_document_market_or_theme_settles_nothing(state, other):
    assert ask(known(state, **other)) == ask()


@pytest.mark.parametrize(
    "draft", [{}, {"figures": []}, {"figures": [{"name": "distinct", "value": None}]}, {"figures": "none"}]
)
def test_a_draft_without_a_count_is_drafted_again_once(draft):
    row = ProposalRow("p", "bell", "DE", "2024-W40", "delivery", None, None, "brief", "draft", draft, "", None)
    assert not ask(row).settled


scopes = st.sampled_from([DE, Scope("bell", "US", ("US",)), EVERYWHERE, Scope("rain", "DE", ("DE",))])
moves = st.lists(st.tuples(scopes, st.sampled_from([one for one in State if one is not State.SUPERSEDED])), max_size=30)


@given(moves, st.integers(1, 500), st.sampled_from([0.0, 0.1, 0.5, 2.0]))
def test_with_equal_evidence_nothing_is_drafted_twice(steps, distinct, growth):
    """Draft whatever is open, let people take it anywhere, and count what was drafted for each gap."""
    rows, drafted = [], []
    for scope, then in steps:
        held = standing(scope, rows, document="delivery", distinct=distinct, growth=growth, has_model=True)
        if held.settled:
            assert held.replaces == ()
            continue
        rows = [row for row in rows if row not in held.replaces]
        new = known(then, distinct=distinct, theme=scope.theme_id, market=scope.market, id=str(len(drafted)))
        rows.append(new)
        drafted.append((scope.theme_id, scope.market))
    assert len(drafted) == len(set(drafted))


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0, 3), st.sampled_from(list(State)))
def test_more_evidence_never_settles_what_less_leaves_open(before, more, growth, state):
    row = known(state, distinct=before)
    if not ask(row, distinct=before, growth=growth).settled:
        assert not ask(row, distinct=before + more, growth=growth).settled


# The same through the whole chain, in a store.
DUTIES = (
    Duty("ring", "courier", "ring the bell", "Nobody rang the bell.", "bell"),
    Duty("dry", "courier", "leave parcels in a dry place", "The parcel was wet.", "rain"),
)


@pytest.fixture
def shop(sqlite):
    shelf(sqlite)
    return sqlite


def drafter(database, model=None, *, growth=0.5):
    week = read_week(database, "2024-W40", markets=("US", "DE", "FR"), baseline_weeks=8)
    markets = tuple(Market(code, code, ("en",), "UTC") for code in week.markets)
    encode = TrigramEmbedder(dim=16).encode
    nearness = Nearness(encode, encode, Space(np.zeros(16, np.float32), {}, np.eye(16, dtype=np.float32)))
    chain = Chain(database, model, lambda: RUN, Budget(10**6, 10**6), lambda: 0.0) if model else None
    means = Means(Catalogue(DUTIES, ()), nearness, lambda _text, _quotes: 0.9, 0.5, chain)
    task = ProposalTask("delivery", markets, {"bell": "Nobody rings"}, 9, 12, 5, False, growth, None)
    return Drafter(database, week, task, means)


def propose(database, model=None, **extra):
    return drafter(database, model, **extra).propose(stamp=lambda: RUN)


def down():
    model = FakeChatModel()
    model.enqueue(*[LLMUnavailable("nothing answers")] * 9)
    return model


def test_a_second_run_on_the_same_store_writes_nothing(shop):
    assert len(propose(shop).briefs) == 1
    assert propose(shop).briefs == ()


def test_a_model_that_does_not_answer_twice_leaves_the_first_brief_in_place(shop):
    first = propose(shop, down())
    assert (len(first.briefs), first.problem) == (1, "nothing answers")
    second = propose(shop, down())
    assert (second.briefs, second.problem) == ((), "nothing answers")
    assert state(shop, first.briefs[0]) == "draft"


def test_a_brief_without_a_model_is_read_by_the_first_model_that_answers(shop):
    (brief,) = propose(shop).briefs
    model = FakeChatModel()
    model.enqueue(*['{"number": 0}'] * 12, *['{"actor": "no one", "duty": "none"}'] * 12)
    (again,) = propose(shop, model).briefs
    assert (state(shop, brief), state(shop, again)) == ("superseded", "draft")
    assert propose(shop, FakeChatModel()).briefs == ()


def test_a_gap_whose_draft_was_superseded_by_hand_can_be_drafted_in_the_same_week(shop):
    (first,) = propose(shop).briefs
    with shop.write() as connection:
        connection.execute(update(schema.proposal).values(state="superseded"))
    (second,) = propose(shop).briefs
    assert first != second
    with shop.read() as connection:
        assert len(proposals.every(connection)) == 2
