"""Feedback and files that themes cannot be made of: a clear answer each, and nothing is lost."""

import dataclasses

import numpy as np
import pytest

from voc.embed.fake import TrigramEmbedder
from voc.errors import InputError, ModelError
from voc.store import assignments, vectors
from voc.wiring import Parts
from voc.workspace import Workspace

HEADER = "id,created,country,comment,stars,channel,depot,service,tracking_no"
WEEK = "2024-W40"


def ingest(workspace, texts, country="US"):
    path = workspace.services.paths.folder / "f.csv"
    rows = [
        f'{number},2024-10-01 10:{number // 60 % 60:02d}:{number % 60:02d},{country},"{text}",1,app,NJ1,standard,'
        for number, text in enumerate(texts)
    ]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return workspace.ingest(path)


def stored(workspace):
    with workspace.services.database.read() as connection:
        return assignments.units(connection, last_week="9999-W53")


def test_ten_comments_are_kept_for_a_later_week_and_the_run_says_so(workspace):
    ingest(workspace, [f"comment number {number} about a parcel" for number in range(10)])
    job = workspace.run(WEEK)
    assert "10 different texts are too few to find themes" in job.results["find themes"].note
    assert [unit.method for unit in stored(workspace)] == [None] * 10


def test_identical_comments_are_one_text_and_too_few(workspace):
    ingest(workspace, ["Never delivered."] * 200)
    job = workspace.run(WEEK)
    assert "1 different texts" in job.results["find themes"].note
    assert len(stored(workspace)) == 200


def test_identical_comments_beside_enough_others_share_a_theme(workspace):
    verbs = ("lost", "broke", "wet")
    others = [f"the courier {verb} parcel {chr(97 + n)}{chr(98 + n)}" for n in range(20) for verb in verbs]
    ingest(workspace, ["Never delivered."] * 60 + others)
    workspace.run(WEEK)
    homes = {unit.theme_id for unit in stored(workspace) if unit.end == len("Never delivered.")}
    assert len(homes) == 1


def test_empty_texts_are_dead_letters_and_one_character_is_feedback(workspace):
    report = ingest(workspace, ["", "   ", "a", "!", "雨"] + [f"parcel {n} was late again today" for n in range(70)])
    assert (report.tally.rejected, report.tally.added) == (2, 73)
    workspace.run(WEEK)
    assert all(unit.method == "machine" for unit in stored(workspace))


def test_one_language_only_is_enough(workspace):
    ingest(workspace, [f"the parcel {chr(97 + n % 26)} came {n} days late" for n in range(80)])
    assert workspace.run(WEEK).results["find themes"].fitted


def test_vectors_that_are_not_numbers_are_refused_and_none_is_kept(workspace, monkeypatch):
    ingest(workspace, [f"the parcel {chr(97 + n % 26)} came {n} days late" for n in range(80)])
    sound = TrigramEmbedder.encode

    def broken(self, texts, **given):
        found = sound(self, texts, **given)
        found[0, 0] = np.nan
        return found

    monkeypatch.setattr(TrigramEmbedder, "encode", broken)
    with pytest.raises(ModelError, match=r"not numbers for 1 of 80 texts.*voc models verify"):
        workspace.run(WEEK)
    with workspace.services.database.read() as connection:
        assert vectors.count(connection, model_id=workspace.services.embedder.model_id) == 0
    monkeypatch.setattr(TrigramEmbedder, "encode", sound)
    assert workspace.run(WEEK).results["find themes"].fitted


class Other(TrigramEmbedder):
    """The same vectors under another name, as if the encoder had been changed."""

    def __init__(self, dim):
        super().__init__(dim)
        self.model_id = "another/1"


def with_other_encoder(workspace):
    services = dataclasses.replace(workspace.services, parts=Parts())
    services.parts.put("embedder", Other(dim=128))
    return Workspace(services)


def test_themes_of_another_encoder_are_not_mixed_and_nothing_changes(ready):
    before = {unit.unit_id: unit.theme_id for unit in stored(ready)}
    with pytest.raises(InputError, match=r"fitted with the encoder trigrams.*another/1.*voc themes refit"):
        with_other_encoder(ready).run(WEEK)
    assert {unit.unit_id: unit.theme_id for unit in stored(ready)} == before
    ready.run(WEEK)


def test_a_refit_takes_themes_over_to_another_encoder_with_their_ids(ready):
    ids = {entry.theme.id for entry in ready.themes()}
    changed = with_other_encoder(ready)
    done = changed.run(WEEK, pipeline="refit").results["refit themes"]
    assert len(set(done.continued) & ids) >= len(ids) * 0.7
    assert changed.run("2024-W40").results["find themes"].fitted is False


def test_a_label_column_that_is_missing_is_named_with_those_there_are(workspace, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text,topic\n" + "\n".join(f"text {n},a" for n in range(30)) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column 'label'. Its columns: text, topic"):
        workspace.evaluate_themes(path, labels="label")
