"""What people are told when they open a proposal: whatever is no longer as it was when the draft was written."""

import unicodedata
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reviewed import GLOBAL, MARKETS, NEW, RUN, drafted, shelf
from sqlalchemy import delete, update

from voc.errors import NotFoundError
from voc.ingest.identity import text_hash
from voc.proposals.notices import clause_notices, quote_notices
from voc.proposals.shown import load
from voc.runner.opened import figures_now, opened
from voc.standards.markdown import parse
from voc.standards.registry import import_standard
from voc.store import schema
from voc.store.erase import erase
from voc.types import Quote

ID = "DE-app-bell-2024-W40-0"
TEXT = "DE-app läutet nie: nobody rang at the café’s door,\nand it was 3 pm. 呼び鈴 🔔"
CALM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def sound(sqlite):
    """A store with a draft whose quote is the beginning of a stored comment."""
    shelf(sqlite)
    drafted(sqlite)
    say(sqlite, TEXT, hashed=True)
    return sqlite


def say(database, text, *, feedback_id=ID, hashed=False):
    """Write over a stored comment behind the back of everybody."""
    table = schema.feedback
    values = {"text": text} | ({"text_hash": text_hash(text)} if hashed else {})
    with database.write() as connection:
        connection.execute(update(table).where(table.c.id == feedback_id).values(**values))


def told(database):
    return quote_notices(database, load(database, "p1"))


def on_a_day(database, on="2024-10-14"):
    return clause_notices(database, load(database, "p1"), on=on)


def service(database):
    config = SimpleNamespace(market_codes=lambda: MARKETS, report=SimpleNamespace(baseline_weeks=8))
    return SimpleNamespace(database=database, stamp=RUN, settings=config)


def test_where_nothing_changed_nothing_is_told(sound):
    assert told(sound) == ()


@CALM
@given(place=st.integers(0, len(TEXT) - 1), put=st.text(max_size=2))
def test_any_change_of_a_quoted_comment_is_told(sound, place, put):
    changed = TEXT[:place] + put + TEXT[place + 1 :]
    assume(changed != TEXT and "\x00" not in changed)
    assume(not any(unicodedata.category(one) == "Cs" for one in put))
    say(sound, changed)
    assert told(sound)
    say(sound, TEXT)
    assert told(sound) == ()


def test_every_place_of_a_quoted_comment_is_guarded(sound):
    shown, missed = load(sound, "p1"), []
    for place in range(len(TEXT)):
        say(sound, f"{TEXT[:place]}~{TEXT[place + 1 :]}")
        missed += [] if quote_notices(sound, shown) else [place]
    assert missed == []


def test_other_bytes_for_the_same_letters_are_told(sound):
    assert unicodedata.normalize("NFD", TEXT) != TEXT
    head, tail = TEXT[:20], TEXT[20:]
    say(sound, head + unicodedata.normalize("NFD", tail))
    assert len(told(sound)) == 1


def test_a_change_in_the_quote_is_told_even_when_the_hash_was_changed_with_it(sound):
    say(sound, f"X{TEXT[1:]}", hashed=True)
    assert told(sound) == ("The quote of DE-app-b is not what the stored comment says. Do not rely on it.",)


def test_a_change_beside_the_quote_asks_for_a_backup(sound):
    say(sound, f"{TEXT}!")
    assert told(sound) == ("The stored comment DE-app-b was changed after it came in. Compare with a backup.",)


@pytest.mark.parametrize("values", [{"text": "DE-apq"}, {"start": 1}, {"end": 5}, {"text": "DE-APP"}])
def test_a_changed_row_of_quotes_is_told(sound, values):
    table = schema.proposal_quote
    with sound.write() as connection:
        connection.execute(update(table).where(table.c.feedback_id == ID).values(**values))
    assert told(sound) == ("The quote of DE-app-b is not what the stored comment says. Do not rely on it.",)


def test_a_changed_comment_that_speaks_against_the_draft_is_told(sound):
    other = "DE-app-bell-2024-W39-0"
    table = schema.proposal_evidence
    with sound.write() as connection:
        row = {"proposal_id": "p1", "feedback_id": other, "role": "counter", "duty": None}
        connection.execute(table.insert(), [row])
    say(sound, "They rang twice.", feedback_id=other, hashed=True)
    assert told(sound) == ()
    say(sound, "They rang once.", feedback_id=other)
    assert "was changed after it came in" in told(sound)[0]


def test_an_erased_comment_is_told(sound):
    with sound.write() as connection:
        erase(connection, RUN, [ID])
    assert told(sound) == ("1 of the comments that the draft cites were erased since; their words are gone.",)


def test_an_erased_comment_that_only_asked_for_the_duty_is_told(sound):
    with sound.write() as connection:
        erase(connection, RUN, ["DE-app-bell-2024-W40-4"])
    assert told(sound) == ("1 of the comments that the draft cites were erased since; their words are gone.",)


def test_a_quote_whose_comment_left_between_two_reads_is_told(sound):
    shown = load(sound, "p1")
    with sound.write() as connection:
        connection.execute(delete(schema.feedback).where(schema.feedback.c.id == ID))
    assert "is not what the stored comment says" in quote_notices(sound, shown)[0]


def test_a_quote_past_the_end_of_its_comment_is_told(sound):
    shown = load(sound, "p1")
    longer = Quote(ID, len(TEXT) + 5, len(TEXT) + 9, "none", "de", "DE")
    assert len(quote_notices(sound, replace(shown, quotes=(longer,)))) == 1


def test_the_clause_that_is_in_force_unchanged_is_not_told(sound):
    assert on_a_day(sound) == ()


def test_a_superseded_clause_is_told_with_the_way_to_rebase(sound):
    newer = GLOBAL.replace("2024-1", "2024-2").replace("2024-01-01", "2024-10-10").replace("2 minutes", "3 minutes")
    import_standard(sound, parse(newer, "s"), markets=MARKETS, stamp=RUN)
    assert on_a_day(sound, on="2024-10-09") == ()
    (line,) = on_a_day(sound)
    assert "Clause 2.1 is another in edition 2024-2" in line
    assert "drafted against 2024-1" in line
    assert line.endswith("voc proposals rebase p1")


def test_a_clause_that_an_edition_left_out_is_told(sound):
    newer = GLOBAL.replace("2024-1", "2024-2").replace("2024-01-01", "2024-10-10").replace("## 2.1 Bell", "## 2.3 Bell")
    import_standard(sound, parse(newer, "s"), markets=MARKETS, stamp=RUN)
    (line,) = on_a_day(sound)
    assert "Clause 2.1 is no longer in force" in line


def test_a_new_edition_that_leaves_the_clause_alone_is_not_told(sound):
    newer = GLOBAL.replace("2024-1", "2024-2").replace("2024-01-01", "2024-10-10").replace("polite", "kind")
    import_standard(sound, parse(newer, "s"), markets=MARKETS, stamp=RUN)
    assert on_a_day(sound) == ()


@pytest.mark.parametrize("state", ["approved", "rejected", "adopted", "superseded", "failed"])
def test_what_is_decided_is_not_compared_with_the_clause_in_force(sound, state):
    table = schema.proposal
    with sound.write() as connection:
        connection.execute(update(table).values(state=state))
    newer = GLOBAL.replace("2024-1", "2024-2").replace("2024-01-01", "2024-10-10").replace("2 minutes", "3 minutes")
    import_standard(sound, parse(newer, "s"), markets=MARKETS, stamp=RUN)
    assert on_a_day(sound) == ()


def test_an_opened_proposal_carries_its_notices_of_every_kind(sound):
    say(sound, f"{TEXT}!")
    newer = GLOBAL.replace("2024-1", "2024-2").replace("2024-01-01", "2024-10-01").replace("2 minutes", "3 minutes")
    import_standard(sound, parse(newer, "s"), markets=MARKETS, stamp=RUN)
    notices = opened(service(sound), "p1").notices
    assert [("backup" in one, "rebase" in one, "figure" in one) for one in notices] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_a_proposal_that_nothing_happened_to_is_opened_without_a_notice(sound):
    shown = load(sound, "p1")
    with sound.write() as connection:
        draft = shown.draft.model_copy(update={"figures": figures_now(service(sound), shown)})
        connection.execute(update(schema.proposal).values(draft=draft.model_dump(mode="json")))
    again = opened(service(sound), "p1")
    assert again.notices == ()
    assert again.draft.new_text == NEW


def test_figures_that_more_deliveries_change_are_told_when_opened(sound):
    shown = load(sound, "p1")
    with sound.write() as connection:
        draft = shown.draft.model_copy(update={"figures": figures_now(service(sound), shown)})
        connection.execute(update(schema.proposal).values(draft=draft.model_dump(mode="json")))
        table = schema.exposure
        connection.execute(update(table).where(table.c.week == "2024-W40").values(deliveries=20_000))
    assert any("A figure has moved" in one and "per 1,000" in one for one in opened(service(sound), "p1").notices)


def test_a_proposal_that_is_not_there_is_told(sound):
    with pytest.raises(NotFoundError, match="No proposal begins with 'nothing'"):
        opened(service(sound), "nothing")
