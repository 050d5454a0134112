"""Approval, rebase and adoption."""

from datetime import UTC, datetime

import pytest
from reviewed import ADDENDUM, GLOBAL, MARKETS, NEW, OLD, RING, desk, drafted, shelf, state

from voc.errors import ConflictError, InputError, NotAllowedError
from voc.proposals import consult, review
from voc.proposals.adopt import adopt
from voc.proposals.approve import Terms, approve, rebase, unreached
from voc.proposals.desk import Rules
from voc.proposals.draft import Draft
from voc.proposals.edits import edit, restore
from voc.standards.markdown import parse
from voc.standards.registry import clauses_in_force, import_standard
from voc.store import audit, editions, proposals
from voc.store import review as kept

REPLACED = ADDENDUM.replace("## 2.2 Manners", "## 2.1 Bell").replace("The courier shall greet.", "Phone first.")


@pytest.fixture
def store(sqlite):
    shelf(sqlite)
    return sqlite


def reviewed(store, proposal_id="p1", **changes):
    drafted(store, proposal_id, **changes)
    review.submit(desk(store, "analyst", "ann"), proposal_id)
    return proposal_id


def in_force(store, market, number="2.1"):
    found = clauses_in_force(store, document="delivery", market=market, on="9999-12-31")
    return next(one for one in found if one.number == number)


def republished(store, old, new, *, name="2024-2"):
    source = GLOBAL.replace('"2024-1"', f'"{name}"').replace("2024-01-01", "2024-06-01").replace(old, new)
    import_standard(store, parse(source, "s"), markets=MARKETS, stamp=desk(store).stamp)


def test_an_approval_publishes_the_edition_that_has_the_text(store):
    done = approve(desk(store), reviewed(store))
    assert in_force(store, "DE").text == NEW
    assert in_force(store, "FR").text == OLD
    assert in_force(store, "DE", "1.1").text == in_force(store, "FR", "1.1").text
    assert (done.edition.proposal_id, done.edition.market, done.edition.effective) == ("p1", "DE", "2024-10-14")
    assert state(store) == "approved"


def test_a_global_approval_says_which_markets_it_does_not_reach(store):
    import_standard(store, parse(REPLACED, "s"), markets=MARKETS, stamp=desk(store).stamp)
    reviewed(store, market="", markets=["US", "DE", "FR"])
    with store.read() as connection:
        assert unreached(connection, proposals.get(connection, "p1")) == ("DE",)
    done = approve(desk(store), "p1")
    assert done.unreached == ("DE",)
    assert in_force(store, "FR").text == NEW
    assert in_force(store, "DE").text == "Phone first."


def test_nobody_approves_what_they_drafted_or_edited_last(store):
    reviewed(store)
    night = desk(store, actor="night run")
    with pytest.raises(NotAllowedError, match="night run drafted proposal p1"):
        approve(night, "p1")
    edit(desk(store), "p1", text=NEW.replace("knock", "call"), why="louder")
    with pytest.raises(NotAllowedError, match=r"olga edited proposal p1.*review\.four_eyes"):
        approve(desk(store), "p1")
    approve(desk(store, rules=Rules(four_eyes=False)), "p1")
    assert state(store) == "approved"


def test_a_target_that_nobody_set_blocks_approval_until_an_edit_sets_it(store):
    target = f"{OLD} The courier shall call within [TARGET: hours, to be set by the owner]."
    reviewed(store, new_text=target)
    with pytest.raises(InputError, match=r"holds \[TARGET: hours.*voc proposals edit"):
        approve(desk(store), "p1")
    edit(desk(store, actor="otto"), "p1", text=target.split(" [")[0] + " 2 hours.", why="as agreed")
    assert approve(desk(store), "p1").edition.proposal_id == "p1"


def test_objections_and_missing_answers_hold_an_approval_unless_it_goes_over_them_with_a_reason(store):
    reviewed(store)
    for name, part in (("lea", "legal"), ("paul", "operations")):
        consult.ask(desk(store), "p1", reviewer=name, part=part, due="2024-10-21")
    consult.answer(desk(store, "consulted", "lea"), "p1", agrees=False, text="not lawful")
    with pytest.raises(InputError, match=r"paul \(operations\) has not answered.*lea \(legal\) objects: not lawful"):
        approve(desk(store), "p1")
    done = approve(desk(store), "p1", Terms(override="counsel advised otherwise"))
    assert {one.reviewer for one in done.overridden} == {"lea", "paul"}
    with store.read() as connection:
        found = kept.consultations(connection, proposal_id="p1")
        acts = [row.action for row in audit.rows(connection, subject="p1")]
    assert {one.override_why for one in found} == {"counsel advised otherwise"}
    assert acts.count("override consultation") == 2


def test_whom_the_workspace_wants_asked_is_asked_first(store):
    reviewed(store)
    strict = desk(store, rules=Rules(consult=("legal",)))
    with pytest.raises(InputError, match=r"needs the answer of legal .*--part legal"):
        approve(strict, "p1", Terms(override="no time"))
    consult.ask(desk(store), "p1", reviewer="lea", part="legal", due="2024-10-21")
    consult.answer(desk(store, "consulted", "lea"), "p1", agrees=True)
    approve(strict, "p1")


def test_only_what_is_in_review_is_approved(store):
    drafted(store)
    with pytest.raises(InputError, match=r"is draft and cannot become approved.*voc proposals submit"):
        approve(desk(store), "p1")


@pytest.mark.parametrize("role", ["viewer", "operations", "analyst", "consulted"])
def test_only_owner_and_admin_approve(store, role):
    with pytest.raises(NotAllowedError, match="Roles that may: owner, admin"):
        approve(desk(store, role), reviewed(store))


def test_a_superseded_clause_is_a_conflict_and_a_rebase_mends_it(store):
    reviewed(store)
    republished(store, "at least 2 minutes", "at least 3 minutes")
    with pytest.raises(ConflictError) as refused:
        approve(desk(store), "p1")
    assert all(part in str(refused.value) for part in (OLD, "at least 3 minutes", "voc proposals rebase p1"))
    done = rebase(desk(store, "analyst", "ann"), "p1")
    draft = Draft.model_validate(done.version.draft)
    assert draft.new_text == f"{RING} The courier shall wait at least 3 minutes."
    assert (draft.edition, draft.note, done.version.version) == ("2024-2", "", 2)
    approve(desk(store), "p1")
    assert in_force(store, "DE").text == draft.new_text


def test_a_rebase_marks_what_found_no_place(store):
    reviewed(store)
    republished(store, "The courier should ring the bell.", "The courier should ring the bell twice.")
    done = rebase(desk(store), "p1")
    draft = Draft.model_validate(done.version.draft)
    assert draft.new_text.endswith(RING)
    assert "1 proposed sentences stand at the end" in draft.note


def test_a_clause_that_is_in_force_still_needs_no_rebase(store):
    reviewed(store)
    republished(store, "be polite", "be kind")
    with pytest.raises(InputError, match="still says"):
        rebase(desk(store), "p1")
    approve(desk(store), "p1")
    assert in_force(store, "DE", "2.2").text == "The courier shall be kind."


def test_a_clause_that_is_gone_leaves_nothing_to_approve(store):
    reviewed(store)
    republished(store, f"## 2.1 Bell\n\n{OLD}\n\n", "")
    with pytest.raises(ConflictError, match=r"no longer in force in DE.*voc proposals supersede"):
        approve(desk(store), "p1")


def test_a_version_from_before_a_rebase_is_not_restored(store):
    reviewed(store)
    republished(store, "at least 2 minutes", "at least 3 minutes")
    rebase(desk(store), "p1")
    with pytest.raises(InputError, match="against another text of the clause"):
        restore(desk(store), "p1", version=1, why="x")


def test_nothing_is_approved_when_its_edition_cannot_be_published(store):
    reviewed(store)
    with store.read() as connection:
        before = (len(editions.every(connection)), audit.verify(connection))
    with pytest.raises(InputError, match="2024-01-01"):
        approve(desk(store), "p1", Terms(effective="2023-01-01", override="x"))
    with store.read() as connection:
        assert (len(editions.every(connection)), audit.verify(connection)) == before
    assert state(store) == "in_review"


def approved(store, **changes):
    reviewed(store, **changes)
    approve(desk(store), "p1", Terms(effective="2024-09-02"))
    return "p1"


def test_an_adoption_is_kept_for_the_markets_of_the_proposal(store):
    done = adopt(desk(store), approved(store), on="2024-09-30")
    assert [(one.market, one.since) for one in done.adoptions] == [("DE", "2024-09-30")]
    assert done.adoptions[0].edition_id is not None
    assert not done.in_future
    assert state(store) == "adopted"


def test_the_first_day_of_an_edition_can_be_its_adoption(store):
    assert adopt(desk(store), approved(store), on="2024-09-02").adoptions


def test_a_day_in_the_future_is_kept_and_said(store):
    assert adopt(desk(store), approved(store), on="2024-12-01").in_future


@pytest.mark.parametrize(
    ("on", "markets", "said"),
    [
        ("2024-09-01", (), "in force from 2024-09-02"),
        ("soon", (), "not a day"),
        ("2024-09-30", ("FR",), "cannot be adopted in FR. Markets that can: DE"),
    ],
)
def test_a_wrong_adoption_is_refused(store, on, markets, said):
    with pytest.raises(InputError, match=said):
        adopt(desk(store), approved(store), on=on, markets=markets)
    assert state(store) == "approved"


def test_a_day_before_the_first_feedback_is_refused(store):
    reviewed(store)
    approve(desk(store), "p1", Terms(effective="2024-03-01"))
    with pytest.raises(InputError, match="first feedback is of 2024-07-01"):
        adopt(desk(store), "p1", on="2024-05-01")


def test_markets_adopt_a_global_proposal_one_after_the_other(store):
    approved(store, market="", markets=["US", "DE"])
    adopt(desk(store), "p1", on="2024-09-09", markets=["US"])
    adopt(desk(store), "p1", on="2024-10-07", markets=["DE", "FR"])
    with pytest.raises(InputError, match=r"adopted already in DE \(since 2024-10-07\)"):
        adopt(desk(store), "p1", on="2024-11-01", markets=["DE"])
    with store.read() as connection:
        found = [(one.market, one.since) for one in kept.adoptions(connection)]
        events = [one.to_state for one in kept.events_of(connection, "p1")]
    assert found == [("US", "2024-09-09"), ("DE", "2024-10-07"), ("FR", "2024-10-07")]
    assert events.count("adopted") == 1


def test_what_is_not_approved_is_not_adopted(store):
    drafted(store)
    with pytest.raises(InputError, match="is draft and cannot become adopted"):
        adopt(desk(store), "p1", on="2024-09-30")


def test_two_approvals_of_one_clause_do_not_overwrite_each_other(store):
    reviewed(store)
    reviewed(store, "p2", new_text=f"{OLD} The courier shall smile.")
    approve(desk(store), "p1")
    with pytest.raises(ConflictError, match="rebase p2"):
        approve(desk(store), "p2")
    rebase(desk(store, "analyst", "ann"), "p2")
    approve(desk(store, at=datetime(2024, 10, 15, tzinfo=UTC)), "p2")
    assert in_force(store, "DE").text == f"{NEW} The courier shall smile."
    with store.read() as connection:
        assert [one.proposal_id for one in editions.every(connection) if one.market == "DE"] == ["p1", "p2"]
        assert proposals.get(connection, "p2").state == "approved"
