"""Try, once for a workspace, whether half precision is faster here and faithful enough to be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from voc.embed.protocol import Embedder

FAITHFUL: Final = 0.999
"""Smallest cosine between a text's vectors in both precisions. Source: the project's design; measured .9999 on CPUs
with matrix units."""

_TEXTS: Final = (
    "The parcel came two days late and nobody told me.",
    "Das Paket lag im Regen vor der Tür, der Karton war völlig durchweicht.",
    "Le livreur n'a pas sonné et a laissé un avis de passage dans la boîte aux lettres.",
    "O entregador foi muito educado, chegou antes do prazo e tudo veio em perfeito estado.",
    "不在票が入っていましたが、一日中家にいました。再配達をお願いします。",
    "Refund still missing after five weeks, three e-mails and two calls, each answered with the same copied sentence.",
    "ok",
    "Tracking says delivered, but there is nothing at the door, nothing at the neighbours' and nothing in the shed.",
)
_COPIES: Final = 4
ROUNDS: Final = 3
"""Both take turns and the best of each counts, so that a busy moment of the machine does not choose the precision."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was chosen and why; `speedup` is seconds of fp32 over seconds of bf16, `cosine` the smallest."""

    precision: str
    speedup: float
    cosine: float


def probe(encoders: Mapping[str, Embedder], clock_s: Callable[[], float]) -> Probe:
    """Encode the same texts in both precisions and choose.

    Args:
        encoders: the encoder by precision ("fp32" and "bf16").
        clock_s: a monotonic clock in seconds.
    """
    texts = [f"{text} {copy}" for copy in range(_COPIES) for text in _TEXTS]
    vectors = {precision: encoder.encode(texts) for precision, encoder in encoders.items()}
    seconds = dict.fromkeys(encoders, float("inf"))
    for _ in range(ROUNDS):
        for precision, encoder in encoders.items():
            start = clock_s()
            encoder.encode(texts)
            seconds[precision] = min(seconds[precision], clock_s() - start)
    cosine = float((vectors["fp32"] * vectors["bf16"]).sum(axis=1).min())
    speedup = seconds["fp32"] / max(seconds["bf16"], 1e-9)
    return Probe("bf16" if speedup > 1 and cosine >= FAITHFUL else "fp32", speedup, cosine)
