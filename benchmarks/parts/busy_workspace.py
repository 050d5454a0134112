"""A workspace with many comments: the sample as it is run, then its comments again with other texts and vectors."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import insert, select

from voc.embed.vectors import append, load_vectors
from voc.ingest.identity import text_hash
from voc.store import batches, feedback, runs, schema
from voc.store.batches import Batch, Tally
from voc.store.feedback import NewFeedback
from voc.types import Feedback, Stamp, Vectors
from voc.workspace import Workspace

WEEK = "2024-W40"
NOISE = 0.2
_PIECE = 10_000
_QUIET = {"VOC_LLM_PROVIDER": "none"}


def busy_workspace(folder: Path, comments: int) -> Path:
    """Make a workspace with so many comments under the themes of the sample, once, and return its folder."""
    place = folder / f"busy-{comments}"
    done = place / ".made"
    if done.exists():
        return place
    with Workspace.init(place, sample=True, environment=_QUIET) as workspace:
        workspace.ingest(place / "feedback.csv")
        for name in ("deliveries.csv", "signals.csv"):
            workspace.ingest_figures(place / name)
        workspace.import_standards(sorted((place / "standards").glob("*.md")))
        workspace.run(WEEK, pipeline="backfill")
        _more(workspace, comments)
        workspace.run(WEEK, pipeline="reindex")
    done.touch()
    return place


def _more(workspace: Workspace, comments: int) -> None:
    """Write copies of the stored comments, as earlier runs would have left them."""
    services = workspace.services
    unit, known = schema.unit, schema.assignment
    with services.database.read() as connection:
        found = connection.execute(
            select(schema.feedback.c.id, known)
            .join(unit, unit.c.feedback_id == schema.feedback.c.id)
            .join(known, known.c.unit_id == unit.c.id)
            .order_by(schema.feedback.c.id, unit.c.start)
        ).all()
        first = {row.id: row for row in reversed(found)}
        rows = feedback.get(connection, sorted(first))
        run = runs.newest(connection, limit=1)[0].id
    embedder = services.embedder
    vectors = load_vectors(
        services.database,
        services.vector_files,
        [_known_hash(services, one) for one in rows],
        model_id=embedder.model_id,
        dim=embedder.dim,
    )
    stamp, chance = services.stamp, random.Random(5)
    with services.database.write() as connection:
        batches.begin(connection, stamp, Batch("busy", "feedback", "busy.csv", "", ""))
    made = _again(rows, comments - len(rows), chance)
    noise = np.random.default_rng(6)
    total = 0
    while piece := [one for _, one in zip(range(_PIECE), made, strict=False)]:
        total += len(piece)
        _write(services, stamp, piece, _noisy(vectors[[place for place, _ in piece]], noise), [*rows], first, run)
    with services.database.write() as connection:
        batches.tally(connection, "busy", counts=Tally(total, total))
        connection.execute(schema.undecided.delete())


def _known_hash(services: object, one: Feedback) -> str:
    """Return the hash under which the vector of a comment's first piece lies."""
    with services.database.read() as connection:  # type: ignore[attr-defined]
        query = select(schema.unit.c.text_hash).where(schema.unit.c.feedback_id == one.id)
        return str(connection.execute(query.order_by(schema.unit.c.start).limit(1)).scalar_one())


def _again(rows: tuple[Feedback, ...], count: int, chance: random.Random) -> Iterator[tuple[int, Feedback]]:
    """Yield comments like stored ones, with the place of what each is like; a number makes each text its own."""
    for number in range(count):
        place = chance.randrange(len(rows))
        like = rows[place]
        text = f"{like.text} ({number})"
        identity = f"{number:032x}"
        yield (
            place,
            Feedback(
                identity,
                "busy",
                identity,
                "",
                like.market,
                like.created_at + timedelta(seconds=chance.randrange(3600)),
                like.week,
                like.language,
                text,
                text_hash(text),
                like.rating,
                like.channel,
                like.attributes,
            ),
        )


def _noisy(vectors: Vectors, noise: np.random.Generator) -> Vectors:
    moved = vectors + NOISE / np.sqrt(vectors.shape[1]) * noise.normal(size=vectors.shape).astype(np.float32)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _write(services, stamp: Stamp, piece, vectors: Vectors, rows, first, run: str) -> None:  # noqa: ANN001
    texts = [one for _, one in piece]
    append(
        services.database,
        services.vector_files,
        vectors,
        model_id=services.embedder.model_id,
        text_hashes=[one.text_hash for one in texts],
        stamp=stamp,
    )
    with services.database.write() as connection:
        feedback.add(connection, stamp, [NewFeedback(one) for one in texts], batch_id="busy")
        keep = [column.name for column in schema.assignment.c if column.name not in {"unit_id", "run_id"}]
        units = dict(
            connection.execute(
                select(schema.unit.c.feedback_id, schema.unit.c.id).where(
                    schema.unit.c.feedback_id.in_([one.id for one in texts])
                )
            ).all()
        )
        connection.execute(
            insert(schema.assignment),
            [
                {
                    "unit_id": units[one.id],
                    "run_id": run,
                    **{name: first[rows[place].id]._mapping[name] for name in keep},
                }
                for place, one in piece
            ],
        )
