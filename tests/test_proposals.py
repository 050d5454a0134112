from voc.proposals.assemble import assemble, required_already
from voc.proposals.catalogue import Duty, read_catalogue
from voc.proposals.draft import Draft, Figure, Sentence
from voc.proposals.gate import new_numbers
from voc.proposals.render import as_section
from voc.types import Quote

OLD = "The courier should ring the bell. The courier shall wait at least 2 minutes."
RING = Duty("ring", "courier", "ring the bell or knock, and wait for an answer", "Nobody rang.", "bell")


def draft(**changes):
    values = {
        "theme": "Nobody rings",
        "scope": "United States",
        "markets": ("US",),
        "clause_number": "2.2",
        "old_text": OLD,
        "new_text": assemble(OLD, [RING]),
        "rationale": (Sentence(text="Customers report that nobody rings.", evidence=("a" * 32,), support=0.5),),
        "figures": (Figure(name="complaints", value=17, text="17 complaints in 2024-W40"),),
    }
    return Draft(**(values | changes))


def test_a_weak_sentence_is_made_strong_and_limits_stay():
    text = assemble(OLD, [RING])
    assert text == (
        "The courier shall ring the bell or knock, and wait for an answer. The courier shall wait at least 2 minutes."
    )


def test_a_weak_sentence_with_a_limit_is_kept():
    text = assemble("The courier should ring the bell 2 times.", [RING])
    assert text.startswith("The courier should ring the bell 2 times. The courier shall ring")


def test_what_the_clause_asks_for_already_is_a_matter_of_practice():
    assert required_already("The courier shall ring the bell or knock and wait for an answer.", RING)
    assert not required_already(OLD, RING)


def test_the_catalogue_holds_no_figures_and_every_duty_is_a_sentence():
    for duty in read_catalogue():
        assert new_numbers(duty.sentence, "") == (), duty.id
        assert " shall " in duty.sentence
        assert duty.sentence.endswith(".")


def test_a_workspace_adds_its_own_duties(tmp_path):
    own = tmp_path / "duties.toml"
    own.write_text(
        '[[duty]]\nid = "own"\nactor = "courier"\ntext = "sing at the door"\nabout = "No song."\nclauses = "song"\n'
    )
    assert {duty.id for duty in read_catalogue(own)} == {duty.id for duty in read_catalogue()} | {"own"}


def test_a_rendered_proposal_escapes_everything():
    from voc.proposals.render import Shown
    from voc.store.proposals import ProposalRow

    row = ProposalRow("p" * 12, "t", "US", "2024-W40", "delivery", "2.2", None, "revision", "draft", {}, "", None)
    evil = Quote("a" * 32, 0, 8, "<script>", "en", "US")
    shown = Shown(row, draft(theme="<img>", new_text=OLD + "<b>"), (), (evil,), ())
    assert "<script>" not in as_section(shown)
    assert "<img>" not in as_section(shown)
