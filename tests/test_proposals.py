from voc.proposals.assemble import assemble
from voc.proposals.catalogue import Duty, read_catalogue
from voc.proposals.draft import Draft, Figure, Sentence
from voc.proposals.gate import new_numbers
from voc.proposals.render import as_section
from voc.types import Quote

OLD = "The courier should ring the bell. The courier shall wait at least 2 minutes."
RING = Duty("ring", "courier", "ring the bell or knock, and wait for an answer", "Nobody rang.", "bell")
WEAK = "The courier should ring the bell."


def draft(**changes):
    values = {
        "theme": "Nobody rings",
        "scope": "United States",
        "markets": ("US",),
        "clause_number": "2.2",
        "old_text": OLD,
        "new_text": assemble(OLD, RING, advice=WEAK),
        "rationale": (Sentence(text="Customers report that nobody rings.", evidence=("a" * 32,), support=0.5),),
        "figures": (Figure(name="complaints", value=17, text="17 complaints in 2024-W40"),),
    }
    return Draft(**(values | changes))


def test_a_weak_sentence_is_made_strong_and_limits_stay():
    text = assemble(OLD, RING, advice=WEAK)
    assert text == (
        "The courier shall ring the bell or knock, and wait for an answer. The courier shall wait at least 2 minutes."
    )


def test_advice_with_a_limit_becomes_a_rule_in_its_own_words():
    advice = "The courier should ring the bell 2 times."
    assert assemble(advice, RING, advice=advice) == "The courier shall ring the bell 2 times."


def test_advice_that_says_more_than_the_duty_stays_beside_it():
    advice = "The courier should ring the bell of the house, the gate, the garage and the office upstairs."
    text = assemble(advice, RING, advice=advice)
    assert text == f"{advice.replace('should', 'shall')} {RING.sentence}"


def test_without_advice_a_duty_is_added_and_the_clause_stays_byte_for_byte():
    old = "The courier shall wear a badge.\nIt shall be visible."
    assert assemble(old, RING) == f"{old} {RING.sentence}"


def test_a_duty_in_its_form_says_when_who_what_by_when_and_how_it_is_shown():
    duty = Duty("x", "carrier", "pay", "a", "b", "When a claim is accepted", "within 3 days", "and send a receipt")
    assert duty.sentence == "When a claim is accepted, the carrier shall pay within 3 days and send a receipt."


def test_the_catalogue_holds_no_figures_and_every_duty_is_a_sentence():
    for duty in read_catalogue().duties:
        assert new_numbers(duty.sentence, "") == (), duty.id
        assert " shall " in duty.sentence
        assert duty.sentence.endswith(".")


def test_a_workspace_adds_its_own_duties(tmp_path):
    own = tmp_path / "duties.toml"
    own.write_text(
        '[[duty]]\nid = "own"\nactor = "courier"\nwhat = "sing at the door"\nabout = "No song."\nclauses = "song"\n'
    )
    more, shipped = read_catalogue(own).duties, read_catalogue().duties
    assert {duty.id for duty in more} == {duty.id for duty in shipped} | {"own"}


def test_a_rendered_proposal_escapes_everything():
    from voc.proposals.render import Shown
    from voc.store.proposals import ProposalRow

    row = ProposalRow("p" * 12, "t", "US", "2024-W40", "delivery", "2.2", None, "revision", "draft", {}, "", None)
    evil = Quote("a" * 32, 0, 8, "<script>", "en", "US")
    shown = Shown(row, draft(theme="<img>", new_text=OLD + "<b>"), (), (evil,), ())
    assert "<script>" not in as_section(shown)
    assert "<img>" not in as_section(shown)
