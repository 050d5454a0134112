import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.embed.encoder import Encoder, padded_width, rows_for
from voc.embed.fake import TrigramEmbedder
from voc.embed.pending import embed_pending
from voc.embed.probe import ROUNDS, probe
from voc.embed.vectors import damaged_blocks, load_vectors, repair
from voc.errors import DamageError
from voc.models.pull import require
from voc.models.registry import read_registry
from voc.wiring import models_dir


def embedded(workspace, texts):
    path = workspace.services.paths.folder / "f.csv"
    head = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
    path.write_text(head + "".join(f"{n},2024-10-01,US,{one},1,,,,\n" for n, one in enumerate(texts)))
    workspace.ingest(path)
    encoder = TrigramEmbedder(dim=16)
    services = workspace.services
    embed_pending(services.database, services.vector_files, encoder, stamp=lambda: services.stamp)
    return encoder


def test_each_distinct_text_is_embedded_once(workspace):
    encoder = embedded(workspace, ["rain", "late", "rain"])
    assert sorted(encoder.encoded) == ["late", "rain"]
    services = workspace.services
    again = embed_pending(services.database, services.vector_files, encoder, stamp=lambda: services.stamp)
    assert (again.embedded, again.stored) == (0, 2)


def test_a_flipped_byte_is_found_and_mended_exactly(workspace):
    encoder = embedded(workspace, ["rain", "late", "rude"])
    services = workspace.services
    path = services.vector_files.path(encoder.model_id, 1)
    good = path.read_bytes()
    path.write_bytes(bytes([good[0] ^ 1]) + good[1:])
    assert len(damaged_blocks(services.database, services.vector_files, model_id=encoder.model_id)) == 1
    assert repair(services.database, services.vector_files, encoder) == 1
    assert path.read_bytes() == good


def test_a_missing_vector_is_never_zeros(workspace):
    encoder = embedded(workspace, ["rain"])
    services = workspace.services
    with pytest.raises(DamageError, match="no vector"):
        load_vectors(services.database, services.vector_files, ["f" * 32], model_id=encoder.model_id, dim=16)


@given(st.integers(1, 600))
def test_the_shape_of_a_batch_follows_from_its_width_alone(tokens):
    width = padded_width(tokens)
    assert width % 8 == 0
    assert width >= tokens
    assert 2 <= rows_for(width) <= 32


def test_one_busy_moment_does_not_choose_the_precision():
    seconds = {"fp32": iter([2, 2, 2]), "bf16": iter([9, 1, 1])}
    now, passed = [0.0], []

    class Slow(TrigramEmbedder):
        def __init__(self, precision):
            super().__init__(dim=32)
            self.precision = precision

        def encode(self, texts, **_):
            if len(passed) >= 2:
                now[0] += next(seconds[self.precision])
            passed.append(self.precision)
            return super().encode(texts)

    assert probe({one: Slow(one) for one in ("fp32", "bf16")}, lambda: now[0]).precision == "bf16"


def test_the_probe_takes_half_precision_only_when_faster_and_faithful():
    class Slow(TrigramEmbedder):
        def __init__(self, noise):
            super().__init__(dim=32)
            self.noise = noise

        def encode(self, texts, **_):
            found = super().encode(texts)
            found[:, 0] += self.noise
            return found / np.linalg.norm(found, axis=1, keepdims=True)

    def chosen(noise, seconds):
        ticks = iter(seconds * ROUNDS)
        return probe({"fp32": Slow(0), "bf16": Slow(noise)}, lambda: next(ticks)).precision

    assert chosen(0.0, [0, 4, 5, 6]) == "bf16"
    assert chosen(0.0, [0, 1, 5, 9]) == "fp32"
    assert chosen(0.5, [0, 4, 5, 6]) == "fp32"


@pytest.mark.models
@pytest.mark.slow
def test_a_question_has_the_vector_of_its_text_whatever_is_asked_beside_it(real_environment):
    model = read_registry().get("multilingual-e5-small")
    encoder = Encoder(model, require(model, models_dir(None, real_environment)), precision="fp32")
    texts = ["parcel left in the rain", "Paket", "荷物が届かない"]
    together = encoder.encode_questions(texts)
    alone = np.concatenate([encoder.encode_questions([text]) for text in texts])
    assert together.tobytes() == alone.tobytes()
    assert (together * encoder.encode(texts)).sum(axis=1).min() > 0.9999


@pytest.mark.slow
@pytest.mark.models
def test_an_encoder_made_half_as_precise_is_the_one_that_was_read_so(real_environment):
    model = read_registry().get("multilingual-e5-small")
    folder = require(model, models_dir(None, real_environment))
    half, read = Encoder(model, folder, precision="fp32").in_half(), Encoder(model, folder, precision="bf16")
    assert half.model_id == read.model_id
    assert (half.encode(["The parcel came late."]) == read.encode(["The parcel came late."])).all()
