"""What was erased is nowhere: every file is decoded and every table read, before, when it is found, and after."""

import json
import re
import shutil
import tempfile

import numpy as np
import pytest
from brought import Inline, bring
from conftest import BARE, drop_postgres, new_postgres
from pyarrow import parquet
from scanner import each_in_files, each_in_tables, in_files, in_pages, in_tables, with_bytes
from sqlalchemy import select, update

from voc.backup.write import write_backup
from voc.embed.fake import TrigramEmbedder
from voc.erasure.plan import Asked
from voc.llm.fake import FakeChatModel
from voc.llm.protocol import Completion
from voc.search.filters import Asked as Searched
from voc.store import audit, backups, schema
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
KILLED = ".voc-backup.00.passing"
"""What a backup that was killed leaves."""


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


class Used:
    """A place with a workspace in it whose comments went everywhere that comments go, put back as often as wanted.

    It holds the workspace in `w`, a cache and a folder for passing files; `outside` is what people keep elsewhere.
    """

    def __init__(self, place, socket):
        self.place, self.kept, self.socket = place, place.with_name(f"{place.name} kept"), socket
        self.name = f"proof{abs(hash(str(place)))}"
        self.environment = {**BARE, "VOC_LLM_PROVIDER": "local", "XDG_CACHE_HOME": str(place / "cache")}
        if socket is not None:
            self.environment["VOC_DATABASE_URL"] = new_postgres(socket, self.name)

    @property
    def folder(self):
        return self.place / "w"

    def opened(self):
        return Workspace.open(self.folder, environment=self.environment, model=Echo())

    def make(self):
        for name in ("cache", "temp", "outside"):
            (self.place / name).mkdir(parents=True)
        Workspace.init(self.folder, environment=self.environment).close()
        said = (self.folder / "voc.toml").read_text()
        said = re.sub(r"(?m)^\[llm\]", "[llm]\ntranslate_quotes = true", said)
        said = re.sub(
            r"(?m)^\[proposals\]", "[proposals]\nevidence = 100\nper_run = 6", said.replace("per_run", "# per_run")
        )
        (self.folder / "voc.toml").write_text(said)
        bare = {**self.environment, "VOC_LLM_PROVIDER": "none"}
        with Workspace.open(self.folder, environment=bare) as workspace:
            _bring_in(workspace, self.place)
        with self.opened() as workspace:
            _use(workspace, self.place)
        shutil.copytree(self.place, self.kept)
        if self.socket is not None:
            new_postgres(self.socket, f"{self.name}kept", template=self.name)

    def put_back(self):
        shutil.rmtree(self.place)
        shutil.copytree(self.kept, self.place)
        if self.socket is not None:
            drop_postgres(self.socket, self.name)
            new_postgres(self.socket, self.name, template=f"{self.name}kept")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def used(request, tmp_path_factory):
    socket = request.getfixturevalue("postgres_socket") if request.param == "postgresql" else None
    one = Used(tmp_path_factory.mktemp("proof") / "place", socket)
    with pytest.MonkeyPatch.context() as patched:
        _as_in_the_proof(patched, one)
        one.make()
    return one


@pytest.fixture
def made(used, monkeypatch):
    """That workspace, as it was when it had been used."""
    used.put_back()
    _as_in_the_proof(monkeypatch, used)
    with used.opened() as workspace:
        yield workspace


def _as_in_the_proof(patched, used):
    """Let every theme have drafts of all its comments, and passing files come where they are looked for."""
    from voc.proposals import mapping
    from voc.proposals.locate import Places

    patched.setattr(Places, "meant", lambda *_: True)
    patched.setattr(mapping, "_near", lambda evidence, duties, _nearness: [list(duties[:4]) for _ in evidence])
    patched.setenv("TMPDIR", str(used.place / "temp"))
    patched.setattr(tempfile, "tempdir", None)


def _bring_in(workspace, place):
    """Run the week without a model, and put the marked comments first in a theme each, so that all read them."""
    folder = workspace.services.paths.folder
    gone = tuple(f"gone-{language}" for language in ERASED)
    workspace.ingest(feedback_file(place / "outside" / "broken.csv", broken=gone))  # rejected rows with the texts
    bring(workspace, feedback_file(place / "outside" / "feedback.csv"), per_part=20)
    workspace.import_standard(folder / "standards" / "global.md")
    workspace.run(WEEK)
    themes = [entry.theme.id for entry in workspace.themes()]
    for number, one in enumerate(ids_of(workspace).values()):
        workspace.edit(why="belongs there").move(one, themes[number % len(themes)])
    with workspace.services.database.write() as connection:
        marked = schema.assignment.c.method == "person"
        connection.execute(update(schema.assignment).where(marked).values(score=1.0))


def _use(workspace, place):
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
    late = feedback_file(place / "outside" / "late.csv")  # workers stop before their outputs are stored
    with pytest.raises(KeyboardInterrupt):
        bring(workspace, late, per_part=20, engine=Inline(stops_after=1, backwards=True))
    write_backup(workspace.services.paths, workspace.services.database, place / "outside" / "b.tar.gz")
    with workspace.services.database.write() as connection:
        backups.begin(connection, workspace.services.stamp, place / "outside" / "b.tar.gz")
    killed = place / "outside" / KILLED
    shutil.copytree(workspace.services.paths.reports, killed / "w" / "reports")
    (killed / "held").touch()


def ids_of(workspace):
    table = schema.feedback
    with workspace.services.database.read() as connection:
        rows = connection.execute(select(table.c.source_id, table.c.id).where(table.c.source_id.like("gone-%")))
        return {row.source_id: row.id for row in rows}


def theme_of(workspace, feedback_id):
    from voc.store import assignments

    with workspace.services.database.read() as connection:
        return next((one.theme_id for one in assignments.of_feedback(connection, feedback_id) if one.theme_id), None)


def folders(used):
    return [used.folder, used.place / "cache", used.place / "temp", used.place / "outside" / KILLED]


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


def test_what_is_erased_is_found_before_and_nowhere_after(used, made, tmp_path):
    database, words = made.services.database, list(MARKERS.values())
    before, tables = each_in_files(folders(used), words), each_in_tables(database, words)
    seen = {kind for found in before.values() for kind in found}
    assert {".json:raw", ".html:raw", ".md:raw", "tantivy:words"} <= seen
    assert not shutil.which("pdftotext") or ".pdf:pdf" in seen
    for word in words:
        assert {"feedback", "dead_letter", "proposal_quote", "llm_answer", "label"} & tables[word]
        assert "feedback" in tables[word]
        assert "tantivy:words" in before[word]
        if used.socket is None:
            assert {".sqlite:raw", ".sqlite-wal:raw"} & before[word].keys()
        else:
            assert in_pages(database, used.socket, word)
    every = set().union(*tables.values())
    assert {"feedback", "dead_letter", "proposal_quote", "llm_answer", "label", "weekly_report"} <= every
    assert in_files([used.place / "outside"], MARKERS["en"]).keys() >= {".gz:gzip", ".csv:raw"}
    taken = packs(made, tmp_path, "packs")
    assert any(".docx:zip" in found for found in each_in_files([taken], words).values())

    (waiting,) = made.services.paths.private.glob("backfill/*/*/feedback.parquet")
    assert MARKERS["de"] in parquet.read_table(waiting)["text"].to_pylist()[-3]

    ids = ids_of(made)
    asked = Asked(tuple(ids.values()))
    plan = made.plan_erasure(asked)
    assert plan.backups == (used.place / "outside" / "b.tar.gz",)
    made.erase(asked, why="asked by the customers")

    assert not any(each_in_files(folders(used), words).values())
    assert not any(each_in_tables(database, words).values())
    assert used.socket is None or not any(in_pages(database, used.socket, word) for word in words)
    assert not waiting.exists()
    taken = packs(made, tmp_path, "packs after")
    assert not any(each_in_files([taken], words).values())
    assert "feedback" in in_tables(database, STAYS)
    assert "tantivy:words" in in_files(folders(used), STAYS)
    assert wrong(made) == []
    with database.read() as connection:
        audit.verify(connection)


def test_the_vector_of_what_is_erased_is_in_no_file(used, made):
    import faiss

    embedder = TrigramEmbedder(dim=128)
    texts = [text for one, _, text in rows() if one.startswith("gone-")]
    vectors = [embedder.encode([text])[0].astype("<f4") for text in texts]
    assert all(with_bytes([made.services.paths.vectors], [one.tobytes()]) for one in vectors)
    made.erase(Asked(tuple(ids_of(made).values())), why="asked")
    assert with_bytes(folders(used), [one[:8].tobytes() for one in vectors]) == []
    for one in vectors:
        for path in made.services.paths.vectors.rglob("*.f32"):
            stored = np.fromfile(path, dtype="<f4").reshape(-1, 128)
            assert np.max(stored @ one) < 0.999
        for path in made.services.paths.index.rglob("*.faiss"):
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
            assert index.ntotal == len(list(rows())) - len(texts)
            assert np.max(index.reconstruct_n(0, index.ntotal) @ one) < 0.999


def test_what_is_erased_does_not_come_back_with_its_file(used, made):
    made.erase(Asked(tuple(ids_of(made).values())), why="asked")
    report = made.ingest(feedback_file(used.place / "outside" / "again.csv"))
    assert report.tally.suppressed == len(ERASED)
    made.run(WEEK)
    words = list(MARKERS.values())
    assert not any(each_in_tables(made.services.database, words).values())
    assert not any(each_in_files(folders(used), words).values())
    assert wrong(made) == []
