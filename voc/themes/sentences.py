"""Sentences written for this project that show what a complaint, praise, a request and anything else sound like."""

from __future__ import annotations

import hashlib
import io
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field, RootModel, ValidationError

from voc.errors import SettingsError
from voc.files import write_atomic
from voc.types import Polarity, Vectors

_SHIPPED = Path(__file__).with_name("polarity.toml")


class _File(RootModel[dict[str, dict[Polarity, list[str]]]]):
    root: dict[str, dict[Polarity, list[str]]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Vectors `(n, d)` of sentences, what each is, and its language."""

    vectors: Vectors
    polarities: tuple[Polarity, ...]
    languages: tuple[str, ...]


def no_sentences() -> Sentences:
    """Return none, for vectors that no encoder made."""
    return Sentences(np.zeros((0, 0), np.float32), (), ())


def read_sentences(
    encode: Callable[[Sequence[str]], Vectors], *, model_id: str, cache: Path | None = None, path: Path = _SHIPPED
) -> Sentences:
    """Return the sentences that ship with voc as an encoder sees them.

    Args:
        encode: returns the vectors of texts.
        model_id: the encoder's id.
        cache: folder in which vectors are kept by encoder and sentences; a damaged file there is made again.
        path: another file of sentences.

    Raises:
        SettingsError: the file is not made of lists of sentences by language and kind.
    """
    by_language = _read(path)
    rows = [
        (language, polarity, text)
        for language, kinds in by_language.items()
        for polarity, texts in kinds.items()
        for text in texts
    ]
    texts = [text for _, _, text in rows]
    vectors = _kept(cache, model_id, texts)
    if vectors is None:
        vectors = encode(texts)
        _keep(cache, model_id, texts, vectors)
    return Sentences(vectors, tuple(polarity for _, polarity, _ in rows), tuple(language for language, _, _ in rows))


def _read(path: Path) -> Mapping[str, Mapping[Polarity, Sequence[str]]]:
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).root
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} is not made of sentences by language and kind: {error}") from error
    for language, kinds in found.items():
        lacking = [one.value for one in Polarity if not kinds.get(one)]
        if lacking:
            raise SettingsError(f"{path}: [{language}] has no sentence for {', '.join(lacking)}.")
    return found


def _name(model_id: str, texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([model_id, *texts]).encode()).hexdigest()[:32] + ".npz"


def _kept(cache: Path | None, model_id: str, texts: Sequence[str]) -> Vectors | None:
    """Return the kept vectors, None where there are none that can be read whole."""
    path = cache / _name(model_id, texts) if cache is not None else None
    if path is None or not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            vectors: Vectors = arrays["vectors"]
            digest = str(arrays["sha256"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return vectors if digest == hashlib.sha256(vectors.tobytes()).hexdigest() else None


def _keep(cache: Path | None, model_id: str, texts: Sequence[str], vectors: Vectors) -> None:
    if cache is None:
        return
    whole = np.ascontiguousarray(vectors, dtype=np.float32)
    data = io.BytesIO()
    np.savez(data, vectors=whole, sha256=np.array(hashlib.sha256(whole.tobytes()).hexdigest()))
    write_atomic(cache / _name(model_id, texts), data.getvalue())
