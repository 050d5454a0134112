"""Whatever is added, erased, written anew, reopened or cut off by a crash, a search finds what a dictionary holds."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule
from shop import Shop

from voc.index import generation
from voc.index.analyse import forms
from voc.search.find import Page, rank
from voc.search.fuse import Mode
from voc.search.question import ask
from voc.store.filters import Filter

WORDS = ["parcel", "rain", "late", "box", "door", "荷物", "濡れ"]
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
MARKET = st.sampled_from(["US", "FR", "JP"])


class Crash(BaseException):
    """Ends a write where a kill would."""


class Search(RuleBasedStateMachine):
    """A store with its index beside a dictionary of what is in it."""

    comments = Bundle("comments")

    @initialize()
    def start(self):
        self.folder = Path(tempfile.mkdtemp())
        self.shop = Shop(self.folder)
        self.known, self.waiting = {}, set()

    def teardown(self):
        self.shop.database.close()
        shutil.rmtree(self.folder)

    @rule(target=comments, texts=st.lists(TEXT, min_size=1, max_size=4), market=MARKET, embed=st.booleans())
    def add(self, texts, market, embed):
        before = self.embedded()
        ids = self.shop.add(*texts, market=market, embed=embed)
        self.known.update({one: (text, market) for one, text in zip(ids, texts, strict=True)})
        if embed:
            self.waiting.clear()
        else:
            self.waiting |= set(texts) - before
        return multiple(*ids)

    def embedded(self):
        return {text for text, _ in self.known.values()} - self.waiting

    @rule(one=consumes(comments))
    def erase(self, one):
        self.shop.erase(one)
        text, _ = self.known.pop(one)
        if text not in {other for other, _ in self.known.values()}:
            self.waiting.discard(text)

    @rule(target=comments, one=consumes(comments), text=TEXT, market=MARKET)
    def update(self, one, text, market):
        self.erase(one)
        return self.add([text], market, embed=True)

    @rule()
    def embed(self):
        self.shop.embed()
        self.waiting.clear()

    @rule(tier=st.sampled_from(list(generation.Tier)))
    def compact(self, tier):
        self.shop.holdings.build(tier=tier)

    @rule()
    def reopen(self):
        self.shop.reopen()

    @rule(place=st.sampled_from(["index.half-written", "index.written", "index.swapped"]))
    def crash(self, place):
        def reach(name):
            if name == place:
                raise Crash

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(generation, "reach", reach)
            with contextlib.suppress(Crash):
                self.shop.holdings.build()
        self.shop.reopen()

    @rule(chance=st.randoms(use_true_random=False))
    def damage(self, chance):
        files = [one for one in sorted(self.folder.glob("index/**/*")) if one.is_file() and one.name != "LOCK"]
        if files:
            path = chance.choice([one for one in files if one.suffix != ".lock"])
            data = bytearray(path.read_bytes())
            if data:
                data[chance.randrange(len(data))] ^= 1
                path.write_bytes(bytes(data))
            self.shop.reopen()

    def ask(self, text, mode, wanted):
        opened = self.shop.reader.now()
        question = ask(text, opened.snapshot, mode=mode, encode=self.shop.embedder.encode)
        ranking = rank(self.shop.database, opened.snapshot, question, wanted, depth=100)
        return [one for one in ranking.scored if one.key in ranking.passing], ranking

    def passing(self, wanted):
        return {text for text, market in self.known.values() if not wanted.markets or market in wanted.markets}

    @rule(text=TEXT, markets=st.lists(MARKET, max_size=2, unique=True))
    def meaning_finds_what_has_a_vector_in_the_order_of_cosines(self, text, markets):
        if not self.embedded():
            return
        wanted = Filter(markets=tuple(sorted(markets)))
        found, _ = self.ask(text, Mode.DENSE, wanted)
        query = self.shop.embedder.encode([text])[0]
        texts = sorted(self.passing(wanted) & self.embedded())
        cosines = {
            one: float(vector @ query) for one, vector in zip(texts, self.shop.embedder.encode(texts), strict=True)
        }
        assert np.allclose([one.cosine for one in found], sorted(cosines.values(), reverse=True), atol=1e-5)
        page = self.shop.desk.search(text, Page(1000, wanted), mode=Mode.DENSE)
        assert {hit.feedback.text for hit in page.hits} == set(texts)
        assert all(not markets or hit.feedback.market in markets for hit in page.hits)

    @rule(text=TEXT, markets=st.lists(MARKET, max_size=2, unique=True))
    def words_find_what_holds_one(self, text, markets):
        if not self.embedded():
            return
        wanted = Filter(markets=tuple(sorted(markets)))
        page = self.shop.desk.search(text, Page(1000, wanted), mode=Mode.LEXICAL)
        holding = {one for one in self.passing(wanted) if set(forms(one)) & set(forms(text))}
        assert {hit.feedback.text for hit in page.hits} == holding


TestSearch = Search.TestCase
TestSearch.settings = settings(
    max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
