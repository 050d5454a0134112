"""An encoder of texts run in batches of fixed shape, so that a text's vector never depends on its company.

Matrix products of other shapes add up in another order, and the last bits of a row would follow the batch that it fell
into; clusterings then differ from run to run. Here a text's length is padded to a multiple of 8 tokens, the number of
rows follows from that length alone, and an unfilled batch is filled with empty rows. Products that several threads
share add up in another order too, by how many they are: so one thread does a batch, and several are done at once.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from voc.errors import ModelError
from voc.models.registry import Model
from voc.types import Progress, Vectors, no_progress

PRECISIONS: Final = ("fp32", "bf16")
_STEP: Final = 8
_TOKENS_A_BATCH: Final = 512
"""Source: the fastest of 512 to 2,048 on 2,000 real reviews: unfilled batches cost 12 % there instead of 40 %."""
_LEAST_ROWS: Final = 2
_MOST_ROWS: Final = 32


class Encoder:
    """An encoder of the registry, loaded from its folder without any network."""

    def __init__(self, model: Model, folder: Path, *, precision: str, device: str = "cpu") -> None:
        _check(precision)
        self.model_id = f"{model.id}@{model.weights}/{precision}/{model.longest}"
        self.dim = model.dimensions
        self._prefix = model.prefix
        self._device = device
        network, self._tokenizer = _load(folder, longest=model.longest)
        self._network = _lowered(network, precision).to(device)

    def in_half(self) -> Encoder:
        """Return the same encoder in bf16; the weights are not read again."""
        other = copy.copy(self)
        other.__dict__.pop("_hands", None)
        other.model_id = self.model_id.replace("/fp32/", "/bf16/")
        other._network = _lowered(copy.deepcopy(self._network), "bf16")
        return other

    def encode(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Vectors:
        """Return `(n, dim) float32` with rows of unit length, in the order of the texts."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return out
        ids = [found.ids for found in self._tokenizer.encode_batch([self._prefix + text for text in texts])]
        widths = [padded_width(len(one)) for one in ids]
        order = sorted(range(len(texts)), key=lambda row: (widths[row], row))
        batches = []
        at = 0
        while at < len(order):
            width = widths[order[at]]
            batches.append([row for row in order[at : at + rows_for(width)] if widths[row] == width])
            at += len(batches[-1])
        done = 0
        found = self._hands.map(lambda rows: self._batch([ids[row] for row in rows], widths[rows[0]]), batches)
        for rows, vectors in zip(batches, found, strict=True):
            out[rows] = vectors
            done += len(rows)
            progress(done, len(order))
        return out

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the same for questions, each in the smallest batch, which waits for no empty rows.

        The batch of every text has the shape that follows from its own length, so the same question always has the
        same vector; against `encode` the last bits may differ.
        """
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, found in enumerate(self._tokenizer.encode_batch([self._prefix + text for text in texts])):
            width = padded_width(len(found.ids))
            out[row] = self._hands.submit(self._batch, [found.ids], width, height=_LEAST_ROWS).result()[0]
        return out

    @cached_property
    def _hands(self) -> ThreadPoolExecutor:
        return _single_threads()

    def _batch(self, ids: Sequence[Sequence[int]], width: int, *, height: int = 0) -> Vectors:
        import torch

        height = height or rows_for(width)
        tokens = torch.full((height, width), 1, dtype=torch.long)
        mask = torch.zeros((height, width), dtype=torch.long)
        mask[:, 0] = 1
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = torch.tensor(one, dtype=torch.long)
            mask[row, : len(one)] = 1
        with torch.inference_mode():
            state = self._network(
                input_ids=tokens.to(self._device), attention_mask=mask.to(self._device)
            ).last_hidden_state
            weights = mask.to(self._device)[:, :, None].float()
            pooled = (state.float() * weights).sum(dim=1) / weights.sum(dim=1)
            unit = torch.nn.functional.normalize(pooled, dim=1)
        return np.asarray(unit[: len(ids)].cpu().numpy(), dtype=np.float32)


def _check(precision: str) -> None:
    if precision not in PRECISIONS:
        raise ModelError(f"The precision '{precision}' is not known. Allowed: {', '.join(PRECISIONS)}.")


def _lowered(network: Any, precision: str) -> Any:  # noqa: ANN401  a torch module
    import torch

    return network.to(torch.bfloat16) if precision == "bf16" else network


def padded_width(tokens: int) -> int:
    """Return the number of tokens that a text of so many is padded to."""
    return max(_STEP, -(-tokens // _STEP) * _STEP)


def rows_for(width: int) -> int:
    """Return the number of rows of a batch of that width; it follows from the width alone."""
    return max(_LEAST_ROWS, min(_MOST_ROWS, _TOKENS_A_BATCH // width))


def _single_threads() -> ThreadPoolExecutor:
    """Return as many threads as torch would use for one product, each of which does its products alone.

    The number that is set within a thread also becomes that of threads to come, of whoever else uses torch in this
    process: so all are begun here, and the number is put back.
    """
    import torch

    count = torch.get_num_threads()
    begun = threading.Barrier(count + 1)
    hands = ThreadPoolExecutor(count, thread_name_prefix="encode", initializer=_alone)
    for _ in range(count):
        hands.submit(begun.wait)
    begun.wait()
    torch.set_num_threads(count)
    return hands


def _alone() -> None:
    """Let this thread do its products alone; asking makes torch take the number that is set, before it is put back."""
    import torch

    torch.set_num_threads(1)
    torch.get_num_threads()


def _load(folder: Path, *, longest: int) -> tuple[Any, Any]:
    """Return the network and the tokenizer of a folder.

    sentence-transformers would load the same weights and take four seconds more, for a tokenizer that is not used here.
    """
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        network = AutoModel.from_pretrained(str(folder), local_files_only=True, dtype=torch.float32)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"The encoder in {folder} cannot be loaded: {error}. Run 'voc models verify'.") from error
    tokenizer.enable_truncation(longest)
    tokenizer.no_padding()
    return network.eval(), tokenizer
