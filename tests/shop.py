"""A store with comments and an index beside it, to search without a workspace."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from migrated import new_store

from voc.embed.fake import TrigramEmbedder
from voc.embed.pending import embed_pending
from voc.embed.vectors import VectorFiles
from voc.ingest.identity import text_hash
from voc.search.desk import SearchDesk
from voc.search.upkeep import Holdings, Reader
from voc.store import batches, feedback, search
from voc.store.batches import Batch, Tally
from voc.store.erase import erase
from voc.store.feedback import NewFeedback
from voc.types import Feedback, Stamp

STAMP = Stamp("tester", datetime(2024, 10, 7, 12, tzinfo=UTC))
START = datetime(2024, 9, 2, 12, tzinfo=UTC)


class Shop:
    """Comments in a SQLite store, and what searches them."""

    def __init__(self, folder, *, dim=32, database=None):
        self.folder = folder
        self.database = database or new_store(folder / "store.sqlite")
        self.files, self.embedder = VectorFiles(folder / "vectors"), TrigramEmbedder(dim=dim)
        self.holdings = Holdings(self.database, self.files, folder / "index", self.embedder.model_id, dim)
        self.reopen()
        self.batches = 0

    def reopen(self):
        self.reader = Reader(self.holdings)
        self.desk = SearchDesk(self.database, self.reader, self.embedder, "en")

    def add(self, *texts, market="US", embed=True, turn=None, **fields):
        """Add comments; each is one unit with its whole text. Those of the same turn have the same ids."""
        self.batches += 1
        batch = Batch(f"b{self.batches}", "feedback", "f", "", "")
        rows = [self._comment(f"{turn or self.batches}-{at}", text, market, fields) for at, text in enumerate(texts)]
        with self.database.write() as connection:
            batches.begin(connection, STAMP, batch)
            done = feedback.add(connection, STAMP, [NewFeedback(one) for one in rows], batch_id=batch.id)
            batches.tally(connection, batch.id, counts=Tally(len(rows), done.added))
        if embed:
            self.embed()
        return [one.id for one in rows]

    def _comment(self, source_id, text, market, fields):
        created = fields.get("created_at", START + timedelta(days=self.batches % 28))
        year, week, _ = created.isocalendar()
        return Feedback(
            id=hashlib.sha256(source_id.encode()).hexdigest()[:32],
            source=fields.get("source", "app"),
            source_id=source_id,
            revision="",
            market=market,
            created_at=created,
            week=f"{year}-W{week:02d}",
            language=fields.get("language", "en"),
            text=text,
            text_hash=text_hash(text),
            rating=fields.get("rating"),
            channel=fields.get("channel", ""),
            attributes=fields.get("attributes", {}),
            source_url=fields.get("source_url", ""),
        )

    def embed(self):
        embed_pending(self.database, self.files, self.embedder, stamp=lambda: STAMP, everything=True)

    def erase(self, *ids):
        with self.database.write() as connection:
            return erase(connection, STAMP, ids)

    def extent(self):
        with self.database.read() as connection:
            return search.extent(connection, model_id=self.embedder.model_id)
