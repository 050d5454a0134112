"""A small world of texts with vectors, to search with and without an index."""

from __future__ import annotations

import hashlib
import math
from collections import Counter

import numpy as np

from voc.index.analyse import forms
from voc.index.generation import Source, build, open_named, pointer

DIM = 8


def key_of(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def vector_of(text):
    chance = np.random.default_rng(int(key_of(text)[:8], 16))
    found = chance.normal(size=DIM).astype(np.float32)
    return found / np.linalg.norm(found)


class World:
    """Texts in the order in which they got vectors, as the store would have them."""

    def __init__(self, texts=(), language="en"):
        self.log, self.texts, self.languages = [], {}, {}
        for text in texts:
            self.add(text, language)

    def add(self, text, language="en"):
        key = key_of(text)
        if key not in self.texts:
            self.log.append(text)
            self.texts[key], self.languages[key] = text, language
        return key

    def erase(self, key):
        text = self.texts.pop(key)
        self.log[self.log.index(text)] = None

    def places(self):
        return {key_of(text): (1, row) for row, text in enumerate(self.log) if text is not None}

    def take(self, places):
        return np.stack([vector_of(self.log[row]) for _, row in places] or [np.zeros(DIM)])[: len(places)].astype("f4")

    def source(self):
        return Source(
            "m", DIM, (1, len(self.log)), self.places(), self.take, self.known(self.texts), self.known(self.languages)
        )

    @staticmethod
    def known(table):
        return lambda keys: {key: table[key] for key in keys if key in table}

    def build(self, root, **options):
        return build(root, self.source(), **options)

    def open(self, root):
        return open_named(root, pointer(root).current, model_id="m", take=self.take)

    def nearest(self, query, among=None):
        keys = set(self.texts if among is None else among) & set(self.texts)
        return sorted(keys, key=lambda key: (-float(vector_of(self.texts[key]) @ query), key))

    def holding(self, terms, among=None):
        keys = set(self.texts if among is None else among) & set(self.texts)
        return {key for key in keys if set(terms) & set(forms(self.texts[key]))}


def bm25(texts, terms):
    """BM25 of every text by its definition."""
    counts = {key: Counter(forms(text)) for key, text in texts.items()}
    mean = sum(sum(one.values()) for one in counts.values()) / len(counts)
    found = {}
    for key, one in counts.items():
        score = 0.0
        for term in set(terms):
            held = sum(term in other for other in counts.values())
            rarity = math.log(1 + (len(counts) - held + 0.5) / (held + 0.5))
            score += rarity * one[term] * 2.2 / (one[term] + 1.2 * (0.25 + 0.75 * sum(one.values()) / mean))
        if score:
            found[key] = score
    return found
