"""The whole job with real weights on the sample, whose truth is known."""

import csv
from collections import Counter

import numpy as np
import pytest
from conftest import models_dir
from played import WEEK, played
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from voc.embed.encoder import Encoder
from voc.embed.vectors import load_vectors
from voc.index.neighbours import nearest_rows
from voc.llm.fake import FakeChatModel
from voc.models.pull import model_dir
from voc.models.registry import read_registry
from voc.resources import sample_dir
from voc.store import assignments, feedback, labels, themes
from voc.themes.fit import find_themes
from voc.themes.space import fit_space

pytestmark = [pytest.mark.slow, pytest.mark.models]
NONSENSE = ("zebraquark", "plonkvest7", "quittenfunk99", "marzipanvolt", "plonkvest", "quittenfunk")


@pytest.fixture(scope="module")
def truth():
    with (sample_dir() / "truth.csv").open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def sample(real_environment, tmp_path_factory):
    with played(tmp_path_factory.mktemp("sample") / "w", real_environment) as opened:
        yield opened


def units_and_comments(workspace):
    with workspace.services.database.read() as connection:
        units = assignments.units(connection, last_week="2024-W40")
        found = feedback.get(connection, [unit.feedback_id for unit in units])
    return units, {one.id: one for one in found}


def test_planted_themes_are_recovered(sample, truth):
    units, comments = units_and_comments(sample)
    known = [unit for unit in units if not truth[comments[unit.feedback_id].source_id]["hostile"]]
    wanted = [truth[comments[unit.feedback_id].source_id]["theme"] for unit in known]
    assert adjusted_mutual_info_score(wanted, [unit.theme_id or "" for unit in known]) >= 0.80


def test_the_emerging_theme_is_born_in_week_nine_or_ten(sample, truth):
    units, comments = units_and_comments(sample)
    with sample.services.database.read() as connection:
        born = {one.theme_id: one.week for one in themes.events(connection) if one.kind == "born"}
    late = {theme for theme, week in born.items() if week in ("2024-W37", "2024-W38")}
    members = {theme: Counter() for theme in late}
    for unit in units:
        if unit.theme_id in late:
            members[unit.theme_id][truth[comments[unit.feedback_id].source_id]["theme"]] += 1
    mostly = [theme for theme, found in members.items() if found["locker_code"] > 0.8 * found.total()]
    assert len(mostly) == 1
    assert members[mostly[0]]["locker_code"] >= 20


def test_the_doubling_shows_in_the_week_it_happens(sample):
    report = sample.report("2024-W38").report
    (market,) = [scope for scope in report.scopes if scope.market == "US"]
    (line,) = [line for line in market.themes if line.name == "Parcel left in rain or wet"]
    assert line.row.complaints == max(line.row.series)
    assert line.row.change.ratio.value > 1.5


def test_hostile_comments_change_no_output_but_their_own_quote(sample, truth):
    hostile = {one["id"] for one in truth.values() if one["hostile"]}
    _, comments = units_and_comments(sample)
    own = {one.id for one in comments.values() if one.source_id in hostile}
    with sample.services.database.read() as connection:
        words = [
            f"{one.name} {one.summary} {' '.join(one.keywords)}"
            for one in labels.newest(connection, language="en").values()
        ]
    for row in sample.proposals():
        shown = sample.proposal(row.id)
        words.append(shown.draft.model_dump_json())
        assert own.isdisjoint(quote.feedback_id for quote in shown.quotes)
        assert own.isdisjoint(one.feedback_id for one in shown.evidence)
    for week in ("2024-W36", "2024-W38", "2024-W39", "2024-W40"):
        report = sample.report(week).report
        words += report.headlines
        for scope in report.scopes:
            for line in scope.themes:
                words.append(f"{line.name} {line.summary} {line.keywords}")
                words += [shown.quote.text for shown in line.quotes if shown.quote.feedback_id not in own]
    said = " ".join(words).casefold()
    assert [word for word in NONSENSE if word in said] == []


def test_hostile_comments_reach_no_model(sample):
    model = sample.services.given_model
    assert isinstance(model, FakeChatModel)
    asked = " ".join(message.text for messages in model.history for message in messages).casefold()
    assert model.history
    assert [word for word in NONSENSE if word in asked] == []


def test_personal_data_reaches_no_model_and_no_report(sample, truth):
    model = sample.services.given_model
    asked = " ".join(message.text for messages in model.history for message in messages)
    html = sample.report("2024-W40").html.read_text()
    stored = sample.services.paths.store.read_bytes()
    for row in truth.values():
        if row["personal_data"]:
            value = row["personal_data"].split("=", 1)[1]
            assert value not in asked
            assert value not in html
            assert value.encode() not in stored


def test_a_proposal_is_gated_and_rests_on_at_least_k_comments(sample):
    revisions = [row for row in sample.proposals("2024-W40") if row.outcome == "revision"]
    assert revisions
    for row in revisions:
        shown = sample.proposal(row.id)
        assert all(gate.passed for gate in shown.gate)
        assert all(duty.supporters >= 5 for duty in shown.draft.obligations)


def test_searching_by_meaning_crosses_languages(sample):
    found = sample.search("Der Abholcode für die Packstation kam nie an", limit=60)
    assert {"de", "fr"} <= {hit.feedback.language for hit in found.hits}


def test_replay_from_embedding_on_gives_identical_themes(sample):
    """Shuffled input, another chunking and other numbers of threads, from re-embedding on: the same themes.

    Every sixth text will do: the rerun from scratch below embeds them all again, in another order.
    """
    import torch

    services = sample.services
    units, comments = units_and_comments(sample)
    texts = {unit.text_hash: comments[unit.feedback_id].text[unit.start : unit.end] for unit in units}
    spoken = {unit.text_hash: unit.language for unit in units}
    hashes = sorted(texts)[::6]
    stored = load_vectors(
        services.database, services.vector_files, hashes, model_id=services.embedder.model_id, dim=384
    )
    model = read_registry().get("multilingual-e5-small")
    precision = services.embedder.model_id.split("/")[1]
    again = Encoder(model, model_dir(model, models_dir()), precision=precision)
    shuffled = np.random.default_rng(3).permutation(len(hashes))
    before = torch.get_num_threads()
    torch.set_num_threads(2 if before == 1 else 1)
    try:
        parts = [again.encode([texts[hashes[row]] for row in part]) for part in np.array_split(shuffled, 7)]
    finally:
        torch.set_num_threads(before)
    vectors = np.zeros_like(stored)
    vectors[shuffled] = np.concatenate(parts)
    assert np.array_equal(vectors, stored)
    languages = [spoken[one] for one in hashes]
    labels_of = []
    for found in (stored, vectors):
        rows = fit_space(found, languages).place(found, languages)
        labels_of.append(find_themes(rows, smallest=8, neighbours=nearest_rows).labels)
    assert adjusted_rand_score(*labels_of) == 1.0
    assert np.array_equal(*labels_of)


def test_a_rerun_from_scratch_gives_the_same_report(sample, played_folder):
    """In another workspace with the same key, from a file in another order: reports of the same bytes and theme ids."""
    ours, theirs = (folder / "reports" for folder in (sample.services.paths.folder, played_folder))
    for ending in ("html", "json", "md"):
        name = f"{WEEK}.{ending}"
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()


def test_reports_say_what_was_planted_and_nothing_in_quiet_weeks(sample):
    told = {week: " ".join(sample.report(week).report.headlines) for week in ("2024-W36", "2024-W37", "2024-W40")}
    assert "No theme rose or fell beyond chance." in told["2024-W36"]
    assert "New theme: Locker code missing" in told["2024-W37"]
    assert "Parcel left in rain or wet rises in United States: 17 complaints, 2." in told["2024-W40"]
    assert "for 3 weeks now" in told["2024-W40"]
