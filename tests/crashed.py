"""What must be the same after a crash and without one: all that is stored but moments, reports, index answers."""

from __future__ import annotations

import csv
import hashlib
import itertools

from conftest import BARE, same_every_time
from reviewed import RING, RUN, drafted
from sqlalchemy import select

from voc.store import assignments, audit, runs, schema
from voc.store.database import integrity_problems
from voc.workspace import Workspace

WEEKS = ("2024-W31", "2024-W32")
NOT_KEPT = {
    "batch",
    "batch_check",
    "dead_letter",
    "run",
    "step",
    "lease",
    "run_progress",
    "run_cancel",
    "session",
    "audit",
}
"""Tables that say how often and when something was tried."""
OF_THE_MOMENT = {"at", "run_id", "batch_id", "submitted_at", "decided_at"}
NUMBERED = {"theme_event", "proposal_event", "report_event", "action_event", "report_sent"}
"""Tables whose id is a number given by the store."""


def contents(folder, *, tables=None, search=("rain",)):
    """Everything stored but the moments of storing, the bytes of the reports, and what a search finds."""
    with Workspace.open(folder, environment=BARE) as opened:
        with opened.services.database.read() as connection:
            found = {
                table.name: sorted(map(repr, connection.execute(select(*_kept(table)))))
                for table in schema.metadata.sorted_tables
                if table.name in (tables or {table.name}) - NOT_KEPT
            }
            audit.verify(connection)
        assert integrity_problems(opened.services.database) == []
        for question in search:
            hits = opened.search(question, limit=20).hits
            found[f"search {question}"] = [(hit.feedback.id, round(hit.score, 6)) for hit in hits]
    reports = folder / "reports"
    for path in sorted(reports.glob("[!.]*")):  # half a file of a killed command is told of as left over
        found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def differences(found, wanted):
    """What is not the same, in words that a failing test can show."""
    for name in sorted(found.keys() | wanted.keys()):
        ours, theirs = found.get(name), wanted.get(name)
        if ours != theirs:
            lists = isinstance(ours, list) and isinstance(theirs, list)
            extra = [one for one in ours if one not in theirs][:2] if lists else ours
            lost = [one for one in theirs if one not in ours][:2] if lists else theirs
            yield f"{name}: {extra} instead of {lost}"


def problems(folder):
    """What the doctor finds in a workspace."""
    with Workspace.open(folder, environment=BARE) as opened:
        return list(opened.problems())


def make(forks, folder, **variables):
    """Make a small workspace, run up to its last week but one, with a file of the last week beside it."""
    run = lambda *arguments: _done(forks.run(folder, *arguments, **(variables or BARE)))  # noqa: E731  short for here
    run("init", folder, "--sample")
    same_every_time(folder)
    with (folder / "feedback.csv").open(encoding="utf-8", newline="") as handle:
        head, *rows = csv.reader(handle)
    rows = list(itertools.islice((row for row in rows if row[2] == "US"), 130))
    old, new = rows[:100], rows[100:]
    for name, part in (("feedback.csv", old), ("late.csv", new)):
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([head, *part])
    run("ingest", folder / "feedback.csv", folder / "deliveries.csv")
    run("standards", "import", folder / "standards" / "global.md", folder / "standards" / "us.md")
    run("run", "--week", WEEKS[0])
    return folder


def draft(folder):
    """Put a draft that changes a clause of the sample's standard into a workspace."""
    with Workspace.open(folder, environment=BARE) as made:
        database = made.services.database
        with database.read() as connection:
            table = schema.clause.join(schema.edition, schema.edition.c.id == schema.clause.c.edition_id)
            query = select(schema.clause).select_from(table).where(schema.edition.c.market == "")
            clause = connection.execute(query.order_by(schema.clause.c.ordinal)).first()
            units = assignments.units(connection, last_week=WEEKS[0])
        theme = next(unit.theme_id for unit in units if unit.theme_id)
        ids = sorted({unit.feedback_id for unit in units if unit.theme_id == theme})[:5]
        with database.write() as connection:
            runs.start(connection, RUN, run_id="r", pipeline="propose", week=WEEKS[0], config_hash="", manifest={})
            runs.finish(connection, RUN, run_id="r")
        changes = {"clause_number": clause.number, "clause_title": clause.title, "old_text": clause.text}
        drafted(database, market="US", said=(theme, ids), new_text=f"{clause.text} {RING}", **changes)
    return folder


def _done(ended):
    assert ended.status == 0, ended.err
    return ended


def _kept(table):
    skipped = OF_THE_MOMENT | ({"id"} if table.name in NUMBERED else set())
    return [column for column in table.columns if column.name not in skipped]
