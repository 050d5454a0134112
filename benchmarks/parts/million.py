"""A million comments out of seventy thousand real ones, and vectors for them in minutes."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from voc.embed.encoder import Encoder
from voc.models.pull import model_dir
from voc.models.registry import read_registry
from voc.types import Progress, Vectors, no_progress

HEAD = ("id", "created", "country", "comment", "stars", "channel", "depot", "service", "tracking_no")
SETS = {
    "us_airline": ("US", "en"),
    "trustpilot_fr": ("FR", "fr"),
    "olist_sample": ("BR", "pt"),
    "magaza_tr": ("TR", "tr"),
    "waimai_zh": ("CN", "zh"),
    "prdect_id": ("ID", "id"),
    "banking77": ("GB", "en"),
}
ZONES = {
    "US": "America/New_York",
    "FR": "Europe/Paris",
    "BR": "America/Sao_Paulo",
    "TR": "Europe/Istanbul",
    "CN": "Asia/Shanghai",
    "ID": "Asia/Jakarta",
    "GB": "Europe/London",
}
MONDAY = datetime(2022, 1, 3, 8, tzinfo=UTC)
_BATCH = 4096


def real_texts(data: Path) -> dict[str, list[str]]:
    """Return the real texts of each market."""
    found: dict[str, list[str]] = {}
    for name, (market, _) in SETS.items():
        with (data / f"{name}.jsonl").open(encoding="utf-8") as handle:
            texts = [" ".join(json.loads(line)["text"].split()) for line in handle]
        found[market] = [text for text in texts if len(text) > 1]
    return found


def spliced(texts: Sequence[str], chance: random.Random) -> str:
    """Return the beginning of one real text and the end of another, so that few are alike and each is about something.

    Where a text has spaces it is cut at one.
    """
    one, other = chance.choice(texts), chance.choice(texts)
    share = chance.uniform(0.35, 0.65)
    return f"{_cut(one, share)[0]} {_cut(other, share)[1]}".strip()


def _cut(text: str, share: float) -> tuple[str, str]:
    at = int(len(text) * share)
    space = text.find(" ", at)
    at = space if space > 0 else at
    return text[:at], text[at:].strip()


def write_weeks(path: Path, data: Path, *, count: int, first_week: int, a_week: int, seed: int = 0) -> None:
    """Write a CSV file of so many spliced comments, so many a week from a week on."""
    pools = real_texts(data)
    markets, weights = list(pools), [len(pool) for pool in pools.values()]
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(HEAD)
        for number in range(count):
            market = chance.choices(markets, weights)[0]
            at = MONDAY + timedelta(weeks=first_week + number // a_week, minutes=number % a_week % 9000)
            stars = chance.choice((1, 1, 1, 2, 2, 3, 4, 5))
            text = spliced(pools[market], chance)
            row = (f"{seed}-{number}", at.strftime("%Y-%m-%d %H:%M:%S"), market, text, stars, "app", "", "", "")
            out.writerow(row)


def write_settings(folder: Path) -> None:
    """Give a workspace the markets of the real texts."""
    lines = [
        '[workspace]\nreader_language = "en"\n[models]\nencoder = "multilingual-e5-small"\n[llm]\nprovider = "none"\n'
    ]
    languages = {market: language for market, language in SETS.values()}
    for market, zone in ZONES.items():
        lines.append(
            f'[[market]]\ncode = "{market}"\nname = "{market}"\nlanguages = ["{languages[market]}"]\n'
            f'time_zone = "{zone}"\n'
        )
    (folder / "voc.toml").write_text("\n".join(lines), encoding="utf-8")


@dataclass
class MeanOfTokens:
    """An encoder of a hundredth of the work: the mean of the real encoder's token vectors, without its layers.

    Texts on one subject share words and so lie near each other, as much as a cost of clustering and search needs.
    """

    weights: Vectors
    tokenizer: object
    model_id: str = "mean-of-tokens/e5"

    @property
    def dim(self) -> int:
        """Return the number of dimensions."""
        return int(self.weights.shape[1])

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Vectors:
        """Return `(n, dim)` unit vectors of texts."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            found = self.tokenizer.encode_batch(list(texts[start : start + _BATCH]))  # type: ignore[attr-defined]
            for row, one in enumerate(found, start):
                out[row] = self.weights[one.ids[1:-1] or [0]].mean(axis=0)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return (out / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the same."""
        return self.encode(texts)


def real_encoder(models: Path) -> Encoder:
    """Return the default encoder in half precision."""
    model = read_registry().get("multilingual-e5-small")
    return Encoder(model, model_dir(model, models), precision="bf16")


def mean_of_tokens(encoder: Encoder) -> MeanOfTokens:
    """Return the quick encoder made of a real one."""
    weights = encoder._network.get_input_embeddings().weight.detach().float().numpy()
    return MeanOfTokens(np.ascontiguousarray(weights - weights.mean(axis=0)), encoder._tokenizer)


def bytes_of(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield what a workspace keeps, by kind, in bytes."""
    private = folder / ".voc"
    kinds = {
        "store": private.glob("store.sqlite*"),
        "vectors": (private / "vectors").rglob("*"),
        "index": (private / "index").rglob("*"),
        "reports": (folder / "reports").rglob("*"),
    }
    for kind, paths in kinds.items():
        yield kind, sum(path.stat().st_size for path in paths if path.is_file())
