"""Comments in bulk, so that tests can read weeks from a store as they are counted."""

from datetime import UTC, datetime

from sqlalchemy import insert

from voc.store import schema
from voc.store.times import to_text
from voc.trends.read import read_week
from voc.weeks import week_range

AT = to_text(datetime(2024, 1, 1, tzinfo=UTC))
BY = {"actor": "t", "at": AT}
WEEKS = week_range("2024-W27", "2024-W40")


def stored(database, counts, *, weeks=WEEKS, deliveries=10_000):
    """Store comments by {(market, channel, theme): series}, each with its own text, and read the last of the weeks."""
    markets = sorted({market for market, _, _ in counts})
    rows = [
        (f"{market}-{channel}-{theme}-{week}-{one}", market, channel, theme, week)
        for (market, channel, theme), series in counts.items()
        for week, count in zip(weeks, series, strict=True)
        for one in range(count)
    ]
    empty = {"sha256": "", **BY}
    with database.write() as connection:
        run = {"id": "r", "pipeline": "w", "week": weeks[-1], "config_hash": "", "state": "done", "manifest": {}}
        connection.execute(insert(schema.run), {**run, "started_at": AT, "actor": "t"})
        batch = {"id": "b", "kind": "feedback", "file_name": "f", "mapping_hash": "", "rows": 0, "added": 0}
        connection.execute(insert(schema.batch), {**batch, "known": 0, "rejected": 0, "suppressed": 0, **empty})
        connection.execute(
            insert(schema.theme_fit),
            {"id": "f", "model_id": "m", "run_id": "r", "config": {}, "space": b"", **empty},
        )
        theme = {"fit_id": "f", "born_week": weeks[0], "state": "active", "centroid": b"", "threshold": 0.5, **BY}
        connection.execute(insert(schema.theme), [{"id": one, **theme} for one in sorted({row[3] for row in rows})])
        same = {"source": "s", "revision": "", "created_at": AT, "language": "en", "attributes": {}, "source_url": ""}
        connection.execute(
            insert(schema.feedback),
            [
                {
                    "id": one,
                    "source_id": one,
                    "market": market,
                    "channel": channel,
                    "week": week,
                    "text": one,
                    "text_hash": one,
                    "batch_id": "b",
                    **same,
                    **BY,
                }
                for one, market, channel, _, week in rows
            ],
        )
        connection.execute(
            insert(schema.unit),
            [{"id": row[0], "feedback_id": row[0], "start": 0, "end": 9, "text_hash": row[0]} for row in rows],
        )
        decided = {"score": 0.9, "polarity": "complaint", "polarity_method": "assumed", "run_id": "r", **BY}
        connection.execute(
            insert(schema.assignment), [{"unit_id": row[0], "theme_id": row[3], **decided} for row in rows]
        )
        if deliveries:
            known = {"deliveries": deliveries, "batch_id": "b", **BY}
            connection.execute(
                insert(schema.exposure), [{"market": one, "week": week, **known} for one in markets for week in weeks]
            )
    return read_week(database, weeks[-1], markets=markets, baseline_weeks=8)
