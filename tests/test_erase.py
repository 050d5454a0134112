"""What goes with a comment that is erased, what stays, and what is asked for."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
from conftest import BARE
from hypothesis import given
from hypothesis import strategies as st
from shop import STAMP, Shop
from sqlalchemy import JSON, String, Text, func, insert, select
from typer.testing import CliRunner

from voc.access import Role, Who
from voc.cli.main import app
from voc.embed.scrub import scrub
from voc.embed.vectors import damaged_blocks, repair
from voc.erasure.plan import Asked, expires_before
from voc.erasure.spoken import ENOUGH, MARK, Spoken
from voc.errors import BusyError, InputError, NotAllowedError, NotFoundError
from voc.label.erased import forget
from voc.proposals.draft import Draft, Sentence
from voc.proposals.erased import without
from voc.store import answers, copies, erase, labels, schema, sweep, themes
from voc.store.answers import AnswerRow
from voc.store.labels import LabelRow
from voc.themes.erased import measure_again
from voc.workspace import Workspace

RAIN = "The parcel was left in the rain and all of it is soaked now"
NO_WORDS = {
    "audit": {"action", "subject", "detail", "previous", "hash"},
    "batch": {"id", "kind", "file_name", "sha256", "mapping_hash"},
    "backfill_part": {"plan_id", "batch_id"},
    "batch_check": {"name", "subject", "first_week", "last_week"},
    "source_cursor": {"source", "name", "value"},
    "edition": {"id", "document", "name", "title", "owner", "effective", "source", "proposal_id"},
    "clause": {"number", "chapter", "title", "action", "text", "text_hash"},
    "erasure": {"themes", "reports", "why"},
    "failed_sign_in": {"name_hash", "address_hash"},
    "dead_letter": {"field"},
    "lease": {"name", "holder", "taken_at", "beat_at"},
    "llm_answer": {"key", "prompt_name", "prompt_version", "prompt_hash", "model_id", "params"},
    "person": {"name", "password_hash", "role", "markets"},
    "report_event": {"what", "detail"},
    "report_sent": {"version", "channel", "destination_hash"},
    "run": {"id", "pipeline", "config_hash", "started_at", "finished_at", "manifest"},
    "step": {"name", "started_at", "finished_at"},
    "saved_search": {"name", "mode"},
    "text_copy": {"text_hash", "first_hash"},
    "theme_group": {"id", "born_week"},
    "vector": {"model_id", "text_hash"},
    "vector_block": {"model_id", "sha256"},
    "workspace": {"key", "value"},
    "api_token": {"id", "token_hash", "title", "scopes", "expires_at", "used_at", "revoked_at"},
    "run_progress": {"step"},
    "session": {"id_hash", "csrf", "begun_at", "seen_at"},
    "signal": {"attribute", "name"},
    "theme_fit": {"id", "model_id", "config", "sha256"},
    "theme": {"id", "born_week", "into", "group_id"},
    "theme_event": {"kind", "parents", "children"},
    "label": {"method", "answer_key", "basis_hash"},
    "proposal": {"id", "document", "clause_number", "outcome", "basis_hash"},
    "proposal_event": {"from_state", "to_state", "reason"},
    "gate_result": {"rule"},
    "consultation": {"reviewer", "part", "due", "answer", "answered_by", "answered_at", "override_by", "override_at"},
    "action": {"id", "markets", "document", "clause_number", "owner", "due", "done_on"},
    "action_event": {"from_state", "to_state"},
    "adoption": {"since"},
}
"""Columns that hold ids, hashes, codes and names, or what a standard says: never what a customer or a model said."""
EVERYWHERE = {"actor", "at", "ended_at", "week", "market", "language", "state", "feedback_id", "theme_id"}
BY_HAND = {"feedback", "unit", "assignment", "lookup", "label_feedback", "proposal_quote", "proposal_evidence"}
"""They go with the comment."""


def test_no_column_that_can_hold_words_is_forgotten():
    missing = set()
    for table in schema.metadata.sorted_tables:
        swept = (*sweep.SWEPT.get(table.name, ()), *sweep.REMOVED.get(table.name, ()))
        known = {*swept, *NO_WORDS.get(table.name, ()), *EVERYWHERE}
        if table.name == "report_edition":
            known |= {"headline", "comment", "theme_comments", "figures", "sha256", "why"}
        words = {
            one.name for one in table.columns if isinstance(one.type, Text | JSON | String) and not one.foreign_keys
        }
        if table.name not in BY_HAND:
            missing |= {(table.name, one) for one in words - known}
    assert missing == set()


@pytest.fixture
def shop(database, tmp_path):
    return Shop(tmp_path, database=database)


def count(database, table):
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_an_answer_of_a_model_goes_with_each_comment_that_it_read(shop):
    one, other = shop.add(RAIN, "Nobody rang the bell here", embed=False)
    row = AnswerRow("k", "summarise_theme", "1", "h", "m", {}, '{"summary": "x"}', 1, 1, 0.1, 1)
    with shop.database.write() as connection:
        answers.put(connection, STAMP, row, feedback_ids=[one, other])
    shop.erase(other)
    assert count(shop.database, schema.llm_answer) == 0


def test_an_answer_that_says_what_was_struck_out_goes_too(shop):
    """It would no longer be of the form that its question asks for."""
    one, other = shop.add(RAIN, "Nobody rang the bell here", embed=False)
    with shop.database.write() as connection:
        for key, feedback_id in (("own", one), ("other", other), ("free", other)):
            said = "Boxes were wet." if key != "free" else "Nobody rang."
            row = AnswerRow(key, "summarise_theme", "1", "h", "m", {}, json.dumps({"summary": said}), 1, 1, 0.1, 1)
            answers.put(connection, STAMP, row, feedback_ids=[feedback_id])
    with shop.database.write() as connection:
        assert sweep.sweep(connection, STAMP, lambda text: text.replace("Boxes were wet.", MARK)) == 2
    with shop.database.read() as connection:
        assert [answers.get(connection, key) is None for key in ("own", "other", "free")] == [True, True, False]


def test_copies_of_an_erased_text_count_as_one_of_themselves(shop):
    first, second, third = shop.add(RAIN, f"{RAIN}!", f"{RAIN}!!")
    with shop.database.read() as connection:
        column = schema.feedback.c.text_hash
        hashes = [
            connection.execute(select(column).where(schema.feedback.c.id == one)).scalar_one()
            for one in (first, second, third)
        ]
    with shop.database.write() as connection:
        copies.add(connection, STAMP, {hashes[1]: hashes[0], hashes[2]: hashes[0]})
    shop.erase(first)
    with shop.database.read() as connection:
        known = copies.of_texts(connection, hashes)
    leader = min(hashes[1:])
    assert known == {next(one for one in hashes[1:] if one != leader): leader}
    assert hashes[0] not in str(known)


def test_a_text_that_another_comment_has_too_is_not_alone(shop):
    one, other = *shop.add(RAIN), *shop.add(RAIN)
    with shop.database.read() as connection:
        assert erase.held(connection, [one]).texts == ()
        assert erase.held(connection, [one, other]).texts == (RAIN,)


def test_a_scrubbed_block_is_zeros_where_the_text_is_gone_and_sound(shop):
    one, *_ = shop.add(RAIN, "Nobody rang the bell here", "The driver threw it over the gate")
    vector = shop.embedder.encode([RAIN])[0].astype("<f4").tobytes()
    model = shop.embedder.model_id
    (path,) = shop.files.root.rglob("*.f32")
    assert vector in path.read_bytes()
    shop.erase(one)
    assert scrub(shop.database, shop.files, model_id=model) == 1
    assert vector not in path.read_bytes()
    assert (np.fromfile(path, dtype="<f4").reshape(-1, 32) == 0).all(axis=1).sum() == 1
    assert damaged_blocks(shop.database, shop.files, model_id=model) == ()
    before = path.read_bytes()
    assert scrub(shop.database, shop.files, model_id=model) == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize("damaged_first", [True, False])
def test_a_block_with_erased_rows_can_be_mended(shop, damaged_first):
    one, *_ = shop.add(RAIN, "Nobody rang the bell here", "The driver threw it over the gate")
    (path,) = shop.files.root.rglob("*.f32")
    shop.erase(one)
    if not damaged_first:
        scrub(shop.database, shop.files, model_id=shop.embedder.model_id)
    sound = path.read_bytes()
    path.write_bytes(b"x" * len(sound))
    scrub(shop.database, shop.files, model_id=shop.embedder.model_id)
    assert repair(shop.database, shop.files, shop.embedder) == 1
    assert damaged_blocks(shop.database, shop.files, model_id=shop.embedder.model_id) == ()
    assert shop.embedder.encode([RAIN])[0].astype("<f4").tobytes() not in path.read_bytes()


@pytest.fixture
def themed(shop):
    """Two comments in a theme, and the id of each."""
    first, second = shop.add("wet parcels zorblax", "wet parcels again")
    with shop.database.write() as connection:
        now = {"actor": "t", "at": "2024"}
        run = {"id": "r", "pipeline": "w", "week": "2024-W40", "config_hash": "", "state": "done", "manifest": {}}
        connection.execute(insert(schema.run), {**run, "started_at": "2024", "actor": "t"})
        fit = {"id": "f", "model_id": "m", "run_id": "r", "config": {}, "space": b"", "sha256": "", **now}
        connection.execute(insert(schema.theme_fit), fit)
        theme = {
            "id": "t",
            "fit_id": "f",
            "born_week": "2024-W36",
            "state": "active",
            "centroid": b"",
            "threshold": 0.5,
        }
        connection.execute(insert(schema.theme), {**theme, **now})
        units = connection.execute(select(schema.unit.c.id)).scalars().all()
        decided = {"theme_id": "t", "score": 0.9, "polarity": "complaint", "polarity_method": "a", "run_id": "r", **now}
        connection.execute(insert(schema.assignment), [{"unit_id": one, **decided} for one in units])
    return first, second


def forgotten(shop, gone, *, linked=True):
    with shop.database.write() as connection:
        erase.erase(connection, STAMP, [gone])
        made_from = {("t", "en", 1)} if linked else set()
        lost = forget(connection, theme_ids=["t"], made_from=made_from, texts=["wet parcels zorblax"])
        return lost, labels.newest(connection, language="en").get("t")


def add_label(shop, ids=(), **said):
    base = {"name": "Wet parcels", "summary": "", "keywords": ("wet",), "method": "keywords"}
    row = LabelRow("t", "en", 1, answer_key=None, basis_hash="b", **{**base, **said})
    with shop.database.write() as connection:
        labels.add(connection, STAMP, row, feedback_ids=ids, run_id=None)


def test_a_name_stays_while_others_say_its_words(shop, themed):
    add_label(shop, themed)
    lost, label = forgotten(shop, themed[0])
    assert (lost, label.name) == ((), "Wet parcels")


def test_a_name_with_a_word_that_nobody_else_says_goes(shop, themed):
    add_label(shop, name="Zorblax parcels")
    lost, label = forgotten(shop, themed[0], linked=False)
    assert (lost, label) == (("Zorblax parcels",), None)


def test_a_name_whose_evidence_is_all_gone_goes(shop, themed):
    add_label(shop, themed[:1], method="llm")
    assert forgotten(shop, themed[0]) == (("Wet parcels",), None)


def test_a_summary_goes_with_each_comment_it_was_made_from_and_is_due_again(shop, themed):
    add_label(shop, themed, method="llm", summary="Somebody says that all is wet.")
    lost, label = forgotten(shop, themed[0])
    assert lost == ("Somebody says that all is wet.",)
    assert (label.summary, label.basis_hash, label.name) == ("", "", "Wet parcels")


def test_what_a_person_named_keeps_its_name_and_loses_the_word(shop, themed):
    add_label(shop, method="person", name="Zorblax", keywords=("wet", "zorblax"))
    _, label = forgotten(shop, themed[0], linked=False)
    assert (label.name, label.keywords) == ("Zorblax", ("wet",))


def test_a_draft_loses_what_rested_on_the_comment():
    kept = Sentence(text="Most say so.", evidence=("a", "b"), support=0.9)
    alone = Sentence(text="One says so.", evidence=("a",), support=0.9)
    struck = Sentence(text=f"Customers report {MARK}.", evidence=("b",), support=0.9)
    draft = Draft(theme="t", scope="s", markets=("US",), rationale=(kept, alone, struck))
    found = Draft.model_validate(without(draft.model_dump(mode="json"), {"a"}, mark=MARK))
    assert [(one.text, one.evidence) for one in found.rationale] == [("Most say so.", ("b",))]
    assert found.erased == 1


@given(st.text(min_size=10, max_size=200).filter(lambda text: len(text.strip()) >= 10), st.text(), st.text())
def test_a_text_is_struck_wherever_it_stands(text, before, after):
    found = Spoken([text]).strike(f"{before}{text}{after}")
    assert text.strip() not in found.replace(MARK, "\0")
    assert MARK in found


@given(st.text(max_size=300))
def test_where_nothing_is_to_be_struck_nothing_changes(text):
    assert Spoken([RAIN]).strike(text) == text


def test_a_text_is_known_by_its_beginning_and_not_by_a_few_words():
    spoken = Spoken([RAIN])
    assert spoken.strike(f"They say: {RAIN[:ENOUGH]}…") == f"They say: {MARK}…"
    assert not spoken.holds(f"{RAIN[:30]} as many say")
    assert Spoken(["届きません"]).strike("「届きません」") == f"「{MARK}」"
    assert not Spoken(["Too late"]).holds("Too late for some")


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 600))
def test_a_retention_ends_on_the_day_of_the_month_or_its_last(today, months):
    found = expires_before(today, months)
    passed = (today.year - found.year) * 12 + today.month - found.month
    assert passed == months
    assert found.day <= today.day


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "w"
    with Workspace.init(folder, environment=BARE) as made:
        columns = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
        rows = [
            "a1,2023-01-05 10:00:00,US,The box was soaked through and through,1,,,,VX123456789US\n",
            "a2,2024-09-05 10:00:00,US,Nobody rang the bell at our house,1,,,,\n",
            "a3,2023-01-06 10:00:00,DE,Der Bote hat nicht geklingelt bei uns,1,,,,\n",
        ]
        (folder / "late.csv").write_text(columns + "".join(rows))
        made.ingest(folder / "late.csv")
        yield made


def stored(workspace):
    with workspace.services.database.read() as connection:
        table = schema.feedback
        return set(connection.execute(select(table.c.source_id)).scalars())


def ids(workspace, *source_ids):
    with workspace.services.database.read() as connection:
        return erase.chosen(connection, source_ids=list(source_ids))


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (Asked(before=date(2024, 1, 1)), {"a2"}),
        (Asked(before=date(2024, 1, 1), market="DE"), {"a1", "a2"}),
        (Asked(subject="vx 123456789 us"), {"a2", "a3"}),
        (Asked(subject="a2"), {"a1", "a3"}),
    ],
)
def test_what_is_asked_for_goes_and_nothing_else(small, asked, left):
    small.erase(asked, why="asked")
    assert stored(small) == left


def test_what_is_older_than_the_retention_goes(small):
    folder = small.services.paths.folder
    with pytest.raises(InputError, match="No retention"):
        small.plan_erasure(Asked(expired=True))
    (folder / "voc.toml").write_text((folder / "voc.toml").read_text() + "\n[retention]\nmonths = 12\n")
    with Workspace.open(folder, environment=BARE, clock=lambda: datetime(2024, 10, 7, tzinfo=UTC)) as again:
        again.erase(Asked(expired=True), why="retention")
        assert stored(again) == {"a2"}
        assert again.erase(Asked(expired=True), why="retention").comments == 0


def test_an_erased_number_and_an_unknown_one_are_told(small):
    with pytest.raises(NotFoundError, match="carries that number"):
        small.plan_erasure(Asked(subject="nothing"))
    with pytest.raises(NotFoundError, match="No comment begins"):
        small.plan_erasure(Asked(("zz",)))
    with pytest.raises(InputError, match="Say what to erase"):
        small.plan_erasure(Asked())


def test_erasing_twice_is_nothing(small):
    (one,) = ids(small, "a1")
    small.erase(Asked((one[:8],)), why="asked")
    assert small.erase(Asked((one[:8],)), why="asked").comments == 0


def test_the_reason_is_needed_and_redacted(small):
    with pytest.raises(InputError, match="--why"):
        small.erase(Asked(subject="a1"), why="  ")
    small.erase(Asked(subject="a1"), why="asked by ana.silva@example.org")
    acts = [one for one in small.audit() if one.action == "erase"]
    assert [("ana.silva" in str(one.detail), "asked by" in str(one.detail)) for one in acts] == [(False, True)]


def test_only_an_admin_erases(small):
    for role in set(Role) - {Role.ADMIN}:
        with pytest.raises(NotAllowedError):
            small.acting(Who("x", role)).erase(Asked(subject="a1"), why="asked")
    assert stored(small) == {"a1", "a2", "a3"}


def test_a_file_of_ours_that_holds_it_is_told_and_left(small):
    found = small.plan_erasure(Asked(subject="a1"))
    assert [path.name for path in found.yours] == ["late.csv"]


def test_a_store_that_is_being_read_is_told_and_completed_later(small, monkeypatch):
    from voc.store import database

    folder = small.services.paths.folder
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    reading = database.open_database(f"sqlite:///{small.services.paths.store}")
    with Workspace.open(folder, environment=BARE) as again:
        with reading.read() as connection:
            connection.execute(select(schema.feedback)).all()
            with pytest.raises(BusyError, match="--resume"):
                again.erase(Asked(subject="a1"), why="asked")
        assert stored(again) == {"a2", "a3"}
        assert again.has_unfinished_erasure()
        again.resume_erasures()
        assert not again.has_unfinished_erasure()
    reading.close()


def spaced(shop):
    """Give the fit of the theme a space of three dimensions, and the theme a centroid in it."""
    from voc.themes.space import Space

    rows = np.eye(3, dtype=np.float32)
    with shop.database.write() as connection:
        themes.rewrite_fit(connection, themes.FitRow("f", "m", {}, Space(rows[0], {}, rows).to_bytes()))
        row = themes.ThemeRow("t", "f", "2024-W36", "active", rows[1], 0.5)
        themes.change(connection, STAMP, row)


def again(shop, vector):
    def vectors(_model, hashes):
        return np.tile(np.array(vector, dtype=np.float32), (len(hashes), 1))

    measure_again(shop.database, ["t"], vectors, stamp=STAMP)
    with shop.database.read() as connection:
        return themes.get(connection, "t"), themes.events(connection, theme_id="t")


def test_a_centroid_is_measured_over_what_is_left(shop, themed):
    spaced(shop)
    shop.erase(themed[0])
    theme, events = again(shop, [1, 0, 5])
    assert (theme.state, theme.threshold, events) == ("active", 0.5, ())
    assert theme.centroid.tolist() == [0, 0, 1]  # the mean of the space is taken off


def test_a_theme_without_comments_falls_asleep_and_takes_nothing_in(shop, themed):
    spaced(shop)
    shop.erase(*themed)
    theme, (event,) = again(shop, [1, 0, 5])
    assert (theme.state, theme.threshold, theme.centroid.tolist()) == ("dormant", 1.0, [0, 0, 0])
    assert (event.kind, event.members, "erased" in event.why) == ("dormant", 0, True)


def test_the_mean_of_a_language_that_nobody_writes_in_any_more_goes(shop, themed):
    from voc.themes.erased import forget_languages
    from voc.themes.space import Space, from_bytes

    rows = np.eye(3, dtype=np.float32)
    space = Space(rows[0], {"en": rows[1], "th": rows[2]}, rows)
    with shop.database.write() as connection:
        fit = themes.FitRow("f", "m", {}, space.to_bytes())
        themes.rewrite_fit(connection, fit)
    assert forget_languages(shop.database, {"en", "de"}) == 1
    with shop.database.read() as connection:
        left = from_bytes(themes.fit(connection, "f").space)
    assert list(left.language_means) == ["en"]
    assert np.array_equal(left.mean, rows[0])
    assert forget_languages(shop.database, {"en"}) == 0


def command(workspace, *arguments):
    environment = BARE | {"VOC_WORKSPACE": str(workspace.services.paths.folder)}
    return CliRunner().invoke(app, ["erase", *arguments], env=environment)


def test_the_command_shows_first_and_erases_when_told_so(small):
    shown = command(small, "--subject", "a1")
    assert (shown.exit_code, stored(small)) == (0, {"a1", "a2", "a3"})
    assert "comments                  1" in shown.output
    done = command(small, "--subject", "a1", "--yes", "--why", "asked")
    assert (done.exit_code, stored(small)) == (0, {"a2", "a3"})
    assert "Erased: 1 comments" in done.output
    assert "nothing to complete" in command(small, "--resume").output
