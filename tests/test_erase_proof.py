"""What was erased is nowhere: every file is decoded and every table read, before, when it is found, and after."""

import json
import re
import shutil

import numpy as np
import pytest
from brought import Inline, bring
from conftest import BARE, new_postgres
from pyarrow import parquet
from scanner import in_files, in_pages, in_tables, with_bytes
from sqlalchemy import select, update

from voc.backup.write import write_backup
from voc.embed.fake import TrigramEmbedder
from voc.erasure.plan import Asked
from voc.llm.fake import FakeChatModel
from voc.llm.protocol import Completion
from voc.search.filters import Asked as Searched
from voc.store import audit, schema
from voc.workspace import Workspace

pytestmark = pytest.mark.slow

WEEK = "2024-W40"
MARKERS = {"en": "zorblaxquint", "de": "Überflüßgnörkel", "ja": "霧笛鯨灯籠蛸", "th": "ฆฌฏฐณฬฮ"}
WHERE = ("outside", "alone", "unseen", "open", "again", "early", "late", "here", "there", "upright", "askew", "dirty")
STAYS = "quandrelnobb"
ERASED = {
    "en": "My parcel was left outside in the pouring rain again, box number {n} was soaked, zorblaxquint it all",
    "de": "Mein Paket lag wieder draußen im strömenden Regen, Karton Nummer {n} war durchnässt, Überflüßgnörkel",
    "ja": "荷物が雨の中に置かれていて箱{n}が濡れていました霧笛鯨灯籠蛸",
    "th": "พัสดุถูกทิ้งไว้กลางสายฝน กล่อง {n} เปียกหมด ฆฌฏฐณฬฮ",
}
OTHERS = {
    "en": ["My parcel was left outside in the pouring rain, box number {n} was soaked", "Nobody rang the bell at {n}"],
    "de": ["Mein Paket lag draußen im strömenden Regen, Karton Nummer {n} war durchnässt"],
    "ja": ["荷物が雨の中に置かれていて箱{n}が濡れていました"],
    "th": ["พัสดุถูกทิ้งไว้กลางสายฝน กล่อง {n} เปียกหมด"],
}
MARKET = {"en": "US", "de": "DE", "ja": "JP", "th": "US"}
COLUMNS = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"


class Echo(FakeChatModel):
    """Answers in the right form, and repeats the marker words of what it was shown wherever it may."""

    def _next(self, messages):
        shown = messages[-1].text
        word = next((one for one in (*MARKERS.values(), STAYS) if one in shown), "water")
        plain = word if word.isascii() else "water"
        answers = {
            "name": json.dumps({"name": f"Soaked boxes standing {WHERE[len(self.history) % len(WHERE)]}"}),
            "summary": json.dumps({"summary": f"Boxes were left outside, one customer says {word}."}),
            "number": '{"number": 1}',
            "answer": '{"answer": "no"}',
            "actor": '{"actor": "courier", "duty": "keep parcels dry"}',
            "sentences": json.dumps(
                {"sentences": [f"Customers report that their boxes were wet with {plain} outside."]}
            ),
            "text": json.dumps({"text": f"A translation that says {word} of it."}),
        }
        self.history.append(tuple(messages))
        return Completion(answers[self.field], 5, 5)

    def complete_many(self, asked, *, schema, temperature, max_tokens):
        self.field = next(iter(schema["properties"]))
        return super().complete_many(asked, schema=schema, temperature=temperature, max_tokens=max_tokens)


def rows():
    """Comments of two subjects in four languages, one of each language with a marker, one with a word that stays."""
    number = 0
    for language, texts in OTHERS.items():
        for text in texts:
            for _ in range(22):
                number += 1
                yield f"o{number}", MARKET[language], text.format(n=number * 7 + 11)
    yield "stays", "US", f"{OTHERS['en'][0].format(n=5)}, {STAYS}"
    for language, text in ERASED.items():
        yield f"gone-{language}", MARKET[language], text.format(n=3)


def feedback_file(path, *, broken=()):
    lines = []
    for place, (one, market, text) in enumerate(rows()):
        day = "soon" if one in broken else f"2024-10-0{1 + place % 6} 10:00:00"
        lines.append(f'{one},{day},{market},"{text}",1,app,B{place},,\n')
    path.write_text(COLUMNS + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request, tmp_path, monkeypatch):
    """A workspace in which the comments went everywhere that comments go, with what it wrote beside it."""
    from voc.proposals import mapping
    from voc.proposals.locate import Places

    monkeypatch.setattr(Places, "meant", lambda *_: True)
    monkeypatch.setattr(mapping, "_near", lambda evidence, duties, _nearness: [list(duties[:4]) for _ in evidence])
    for name in ("cache", "temp", "outside"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    environment = {**BARE, "VOC_LLM_PROVIDER": "local", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    if request.param == "postgresql":
        socket = request.getfixturevalue("postgres_socket")
        name = f"proof{abs(hash(str(tmp_path)))}"
        environment["VOC_DATABASE_URL"] = new_postgres(socket, name)
    folder = tmp_path / "w"
    Workspace.init(folder, environment=environment).close()
    said = (folder / "voc.toml").read_text()
    said = re.sub(r"(?m)^\[llm\]", "[llm]\ntranslate_quotes = true", said)
    said = re.sub(
        r"(?m)^\[proposals\]", "[proposals]\nevidence = 100\nper_run = 6", said.replace("per_run", "# per_run")
    )
    (folder / "voc.toml").write_text(said)
    bare = {**environment, "VOC_LLM_PROVIDER": "none"}
    with Workspace.open(folder, environment=bare) as workspace:
        _bring_in(workspace, tmp_path)
    with Workspace.open(folder, environment=environment, model=Echo()) as workspace:
        _use(workspace, tmp_path)
        yield workspace


def _bring_in(workspace, tmp_path):
    """Run the week without a model, and put the marked comments first in a theme each, so that all read them."""
    folder = workspace.services.paths.folder
    gone = tuple(f"gone-{language}" for language in ERASED)
    workspace.ingest(feedback_file(tmp_path / "outside" / "broken.csv", broken=gone))  # rejected rows with the texts
    bring(workspace, feedback_file(tmp_path / "outside" / "feedback.csv"), per_part=20)
    workspace.import_standard(folder / "standards" / "global.md")
    workspace.run(WEEK)
    themes = [entry.theme.id for entry in workspace.themes()]
    for place, one in enumerate(ids_of(workspace).values()):
        workspace.edit(why="belongs there").move(one, themes[place % len(themes)])
    with workspace.services.database.write() as connection:
        marked = schema.assignment.c.method == "person"
        connection.execute(update(schema.assignment).where(marked).values(score=1.0))


def _use(workspace, tmp_path):
    workspace.run(WEEK)
    for one in ids_of(workspace).values():
        workspace.pin_quote(WEEK, "", theme_of(workspace, one), one, why="tells it best")
    pasted = next(text for one, _, text in rows() if one == "gone-en")
    workspace.write_report(WEEK, "", headline=f"They say: {pasted[:60]}", comment=pasted)
    workspace.publish_report(WEEK, "", why="done")
    for market in ("", "US", "DE", "JP"):
        workspace.report(WEEK, market=market or None)
    for file in workspace.report_files(WEEK, "", ["pdf", "html", "md", "json"]):
        (workspace.services.paths.reports / file.name).write_bytes(file.data)
    workspace.search(MARKERS["en"])
    workspace.save_search("wet", "left outside", Searched(), mode="lexical")
    workspace.watch_searches()
    workspace.run(WEEK)
    late = feedback_file(tmp_path / "outside" / "late.csv")  # workers stop before their outputs are stored
    with pytest.raises(KeyboardInterrupt):
        bring(workspace, late, per_part=20, engine=Inline(stops_after=1, backwards=True))
    write_backup(workspace.services.paths, workspace.services.database, tmp_path / "outside" / "b.tar.gz")
    with workspace.services.database.write() as connection:
        stamp, path = workspace.services.stamp, tmp_path / "outside" / "b.tar.gz"
        audit.record(connection, stamp, action=audit.BACKED_UP, subject=str(path))


def ids_of(workspace):
    table = schema.feedback
    with workspace.services.database.read() as connection:
        rows = connection.execute(select(table.c.source_id, table.c.id).where(table.c.source_id.like("gone-%")))
        return {row.source_id: row.id for row in rows}


def theme_of(workspace, feedback_id):
    from voc.store import assignments

    with workspace.services.database.read() as connection:
        return next((one.theme_id for one in assignments.of_feedback(connection, feedback_id) if one.theme_id), None)


def folders(workspace, tmp_path):
    return [workspace.services.paths.folder, tmp_path / "cache", tmp_path / "temp"]


def wrong(workspace):
    """What is wrong with a workspace, but for the weights of the model, whose place another one takes."""
    return [one for one in workspace.problems() if not one.startswith("The model ")]


def packs(workspace, tmp_path, name):
    """Write the decision packs of every proposal somewhere, as a person would take them away."""
    from voc.proposals.pack_word import pack_docx

    target = tmp_path / name
    target.mkdir()
    for row in workspace.proposals():
        if row.outcome in ("revision", "action"):
            (target / f"{row.id}.docx").write_bytes(pack_docx(workspace.decision_pack(row.id)))
    return target


def test_what_is_erased_is_found_before_and_nowhere_after(made, tmp_path, request):
    database, dialect = made.services.database, made.services.database.dialect
    socket = None if dialect == "sqlite" else request.getfixturevalue("postgres_socket")
    before = {word: in_files(folders(made, tmp_path), word) for word in MARKERS.values()}
    tables = {word: in_tables(database, word) for word in MARKERS.values()}
    seen = {kind for found in before.values() for kind in found}
    assert {".json:raw", ".html:raw", ".md:raw", "tantivy:words"} <= seen
    assert not shutil.which("pdftotext") or ".pdf:pdf" in seen
    for word in MARKERS.values():
        assert {"feedback", "dead_letter", "proposal_quote", "llm_answer", "label"} & tables[word]
        assert "feedback" in tables[word]
        assert "tantivy:words" in before[word]
        if dialect == "sqlite":
            assert {".sqlite:raw", ".sqlite-wal:raw"} & before[word].keys()
        else:
            assert in_pages(database, socket, word)
    every = set().union(*tables.values())
    assert {"feedback", "dead_letter", "proposal_quote", "llm_answer", "label", "weekly_report"} <= every
    assert in_files([tmp_path / "outside"], MARKERS["en"]).keys() >= {".gz:gzip", ".csv:raw"}
    taken = packs(made, tmp_path, "packs")
    assert any(".docx:zip" in in_files([taken], word) for word in MARKERS.values())

    (waiting,) = made.services.paths.private.glob("backfill/*/*/feedback.parquet")
    assert MARKERS["de"] in parquet.read_table(waiting)["text"].to_pylist()[-3]

    ids = ids_of(made)
    asked = Asked(tuple(ids.values()))
    plan = made.plan_erasure(asked)
    assert plan.backups == (tmp_path / "outside" / "b.tar.gz",)
    made.erase(asked, why="asked by the customers")

    for word in MARKERS.values():
        assert in_files(folders(made, tmp_path), word) == {}
        assert in_tables(database, word) == set()
        assert socket is None or in_pages(database, socket, word) == []
    assert not waiting.exists()
    taken = packs(made, tmp_path, "packs after")
    assert [in_files([taken], word) for word in MARKERS.values()] == [{}] * len(MARKERS)
    assert "feedback" in in_tables(database, STAYS)
    assert "tantivy:words" in in_files(folders(made, tmp_path), STAYS)
    assert wrong(made) == []
    with database.read() as connection:
        audit.verify(connection)


def test_the_vector_of_what_is_erased_is_in_no_file(made, tmp_path):
    import faiss

    embedder = TrigramEmbedder(dim=128)
    texts = [text for one, _, text in rows() if one.startswith("gone-")]
    vectors = [embedder.encode([text])[0].astype("<f4") for text in texts]
    assert all(with_bytes([made.services.paths.vectors], one.tobytes()) for one in vectors)
    made.erase(Asked(tuple(ids_of(made).values())), why="asked")
    for one in vectors:
        assert with_bytes(folders(made, tmp_path), one.tobytes()) == []
        assert with_bytes(folders(made, tmp_path), one[:8].tobytes()) == []
        for path in made.services.paths.vectors.rglob("*.f32"):
            stored = np.fromfile(path, dtype="<f4").reshape(-1, 128)
            assert np.max(stored @ one) < 0.999
        for path in made.services.paths.index.rglob("*.faiss"):
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
            assert index.ntotal == len(list(rows())) - len(texts)
            assert np.max(index.reconstruct_n(0, index.ntotal) @ one) < 0.999


def test_what_is_erased_does_not_come_back_with_its_file(made, tmp_path):
    made.erase(Asked(tuple(ids_of(made).values())), why="asked")
    report = made.ingest(feedback_file(tmp_path / "outside" / "again.csv"))
    assert report.tally.suppressed == len(ERASED)
    made.run(WEEK)
    for word in MARKERS.values():
        assert in_tables(made.services.database, word) == set()
        assert in_files(folders(made, tmp_path), word) == {}
    assert wrong(made) == []
