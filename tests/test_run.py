import json
import re

import pytest
from conftest import BARE

from voc.errors import LLMUnavailable
from voc.llm.fake import FakeChatModel
from voc.llm.protocol import Completion
from voc.store import audit, runs, themes
from voc.store.filters import Filter
from voc.workspace import Workspace


class Choosing(FakeChatModel):
    """Answers every question of the chain in the right form, always the first choice."""

    def _next(self, messages):
        self.history.append(tuple(messages))
        asked = f"{messages[0].text} {messages[-1].text}"
        answers = {
            "name": json.dumps({"name": f"Wet parcels number {chr(97 + len(self.history) % 26)}"}),
            "summary": '{"summary": "Customers say that their parcels were left outside."}',
            "number": '{"number": 1}',
            "answer": '{"answer": "no"}',
            "actor": '{"actor": "courier", "duty": "keep parcels dry"}',
            "sentences": '{"sentences": ["Customers report that parcels are left outside."]}',
        }
        return Completion(answers[self.field], len(asked.split()), 5)

    def complete_many(self, asked, *, schema, temperature, max_tokens):
        self.field = next(iter(schema["properties"]))
        return super().complete_many(asked, schema=schema, temperature=temperature, max_tokens=max_tokens)


def reopened(ready, model):
    return Workspace.open(ready.services.paths.folder, environment={**BARE, "VOC_LLM_PROVIDER": "local"}, model=model)


def test_a_second_run_of_a_week_changes_nothing(ready):
    first = ready.run("2024-W40").results["write the report"]
    before = (first.html.read_bytes(), first.data.read_bytes(), first.markdown.read_bytes())
    second = ready.run("2024-W40").results["write the report"]
    assert before == (second.html.read_bytes(), second.data.read_bytes(), second.markdown.read_bytes())
    assert ready.run("2024-W40").results["find themes"].decided == 0


def test_a_report_stands_alone_and_carries_coverage_of_every_market(ready):
    html = ready.run("2024-W40").results["write the report"].html.read_text()
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", html)
    assert "<script" not in html
    assert html.count("</svg>") >= 1
    for market in ("United States", "Germany", "France", "United Kingdom", "Brazil", "Japan"):
        assert f"<td>{market}</td>" in html


def test_every_quote_of_a_report_is_verbatim(ready):
    from voc.store import feedback

    report = ready.run("2024-W40").results["write the report"].report
    quotes = [shown.quote for scope in report.scopes for line in scope.themes for shown in line.quotes]
    assert quotes
    with ready.services.database.read() as connection:
        texts = {one.id: one.text for one in feedback.get(connection, [quote.feedback_id for quote in quotes])}
    assert all(texts[quote.feedback_id][quote.start : quote.end] == quote.text for quote in quotes)


def test_without_a_model_briefs_take_the_place_of_drafts(ready):
    done = ready.run("2024-W40").results["draft proposals"]
    assert done.briefs
    assert not done.revisions
    shown = ready.proposal(done.briefs[0])
    assert shown.quotes
    assert "no language model" in shown.draft.note


def test_a_standard_that_is_not_yet_in_force_costs_the_drafts_only(workspace):
    folder = workspace.services.paths.folder
    rows = "".join(f"{n},2020-01-0{1 + n % 5},US,Wet box number {n} at door {n * 7},1,,,,\n" for n in range(80))
    (folder / "f.csv").write_text("id,created,country,comment,stars,channel,depot,service,tracking_no\n" + rows)
    workspace.ingest(folder / "f.csv")
    workspace.import_standard(folder / "standards" / "global.md")
    job = workspace.run("2020-W01")
    assert job.results["write the report"].html.is_file()
    assert "in force" in job.results["draft proposals"].problem


@pytest.fixture
def meaning_is_known(monkeypatch):
    """Trigrams know no meaning: every comment is near to the same duties, and every theme is a matter of delivery."""
    from voc.proposals import mapping
    from voc.proposals.locate import Places

    monkeypatch.setattr(Places, "meant", lambda *_: True)
    monkeypatch.setattr(mapping, "_near", lambda evidence, duties, _nearness: [list(duties[:4]) for _ in evidence])


def test_with_a_model_a_gated_revision_carries_a_redline(ready, meaning_is_known):
    model = Choosing()
    with reopened(ready, model) as opened:
        done = opened.run("2024-W40").results["draft proposals"]
        assert done.revisions
        shown = opened.proposal(done.revisions[0])
        assert shown.draft.new_text != shown.draft.old_text
        assert all(row.passed for row in shown.gate)
        asked = len(model.history)
        opened.run("2024-W40")
        assert len(model.history) == asked


def test_a_model_that_does_not_answer_costs_words_only(ready):
    model = FakeChatModel()
    model.enqueue(LLMUnavailable("timed out"))
    with reopened(ready, model) as opened:
        job = opened.run("2024-W40")
    assert job.results["write the report"].report.scopes[0].themes
    assert job.results["draft proposals"].briefs
    assert len(model.history) <= 3


def test_a_model_that_answers_nonsense_costs_words_only(ready):
    model = FakeChatModel()
    model.enqueue(*["nonsense"] * 500)
    with reopened(ready, model) as opened:
        job = opened.run("2024-W40")
    assert job.results["write the report"].html.is_file()
    assert not job.results["draft proposals"].revisions


def test_a_failed_draft_is_kept_and_never_shown_as_a_proposal(ready, monkeypatch, meaning_is_known):
    from voc.proposals import drafting

    monkeypatch.setattr(drafting, "assemble", lambda old, duty, **_: old + " The courier shall pay 999 euros.")
    with reopened(ready, Choosing()) as opened:
        done = opened.run("2024-W40").results
        assert done["draft proposals"].failed
        row = opened.proposal(done["draft proposals"].failed[0]).row
        assert row.state == "failed"
        assert "999 euros" not in done["write the report"].html.read_text()


def test_a_market_report_shows_that_market_only(ready):
    ready.run("2024-W40")
    found = ready.report("2024-W40", market="DE").report
    assert [scope.market for scope in found.scopes] == ["", "DE"]
    assert found.scopes[0].coverage.comments == found.scopes[1].coverage.comments


def test_every_step_is_recorded_with_time_and_memory(ready):
    job = ready.run("2024-W40")
    with ready.services.database.read() as connection:
        steps = runs.steps(connection, run_id=job.run_id)
        assert runs.last_done(connection, pipeline="weekly", week="2024-W40").id == job.run_id
    assert [step.state for step in steps] == ["done"] * 9
    assert all(step.seconds >= 0 and step.peak_bytes > 10**7 for step in steps)


def test_duplicates_share_a_theme(ready):
    from voc.store import assignments

    ready.run("2024-W40")
    with ready.services.database.read() as connection:
        by_text = {}
        for unit in assignments.units(connection, last_week="2024-W40"):
            by_text.setdefault(unit.text_hash, set()).add(unit.theme_id)
    assert all(len(found) == 1 for found in by_text.values())


def test_the_ledger_tells_births_and_continuations(ready):
    ready.run("2024-W40")
    with ready.services.database.read() as connection:
        events = themes.events(connection)
        audit.verify(connection)
    assert {event.kind for event in events} == {"born", "continued"}
    assert {event.week for event in events if event.kind == "continued"} == {"2024-W40"}


@pytest.mark.parametrize(
    ("wanted", "check"),
    [
        (Filter(markets=("FR",)), lambda one: one.market == "FR"),
        (Filter(languages=("de",)), lambda one: one.language == "de"),
        (Filter(ratings=(1.0, 2.0)), lambda one: one.rating in (1.0, 2.0)),
        (Filter(since="2024-09-01", until="2024-09-07"), lambda one: 8 <= one.created_at.month <= 9),
    ],
)
def test_every_hit_passes_the_filter(ready, wanted, check):
    found = ready.search("left in the rain", wanted=wanted, limit=20)
    assert found.hits
    assert all(check(hit.feedback) for hit in found.hits)


def test_an_effect_is_compared_with_the_other_markets(ready):
    ready.run("2024-W40")
    theme = ready.themes()[0].theme.id
    found = ready.effect(theme[:8], markets=["US"], since="2024-W38")
    assert found.own.markets == ("US",)
    assert found.verdict in ("improved", "worsened", "no effect seen", "cannot tell")


def test_the_python_door_is_one_name():
    import voc

    assert voc.__all__ == ["Workspace"]
    assert voc.Workspace is Workspace
