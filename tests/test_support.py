"""The support score on vectors without weights, its file, and the pairs that it is fitted to."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.embed.fake import TrigramEmbedder
from voc.errors import SettingsError
from voc.proposals.support import claim, parts, read_statements, read_support
from voc.themes.sentences import Sentences, no_sentences
from voc.types import Polarity

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from parts.pairs import read_pairs

BARE = TrigramEmbedder()
SUPPORT = read_support(BARE.encode, no_sentences(), model_id=BARE.model_id)
BELL = "Customers report that nobody rang the bell at their door."


def test_a_quote_that_says_the_same_supports_more_than_one_about_something_else():
    same = SUPPORT.score(BELL, ["Nobody rang the bell at my door!"])
    other = SUPPORT.score(BELL, ["My refund is five weeks late."])
    assert same > other


def test_a_second_quote_about_something_else_takes_little_away():
    alone = SUPPORT.score(BELL, ["Nobody rang the bell at my door!"])
    both = SUPPORT.score(BELL, ["Nobody rang the bell at my door!", "My refund is five weeks late."])
    assert both == pytest.approx(alone)


def test_without_quotes_nothing_supports():
    assert SUPPORT.score(BELL, []) == 0.0
    assert SUPPORT.is_weak(0.0)


words = st.text(alphabet="abcdefgh 配達", min_size=1, max_size=30)


@given(words, st.lists(words, min_size=1, max_size=4))
def test_a_score_is_a_probability_whatever_the_order_of_the_quotes(sentence, quotes):
    score = SUPPORT.score(sentence, quotes)
    assert 0 <= score <= 1
    assert SUPPORT.score(sentence, quotes[::-1]) == pytest.approx(score)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Customers report that parcels got wet.", "Parcels got wet."),
        ("Recipients also say that parcels got wet.", "Parcels got wet."),
        ("Most of the comments read for this draft describe this: parcels got wet.", "Parcels got wet."),
        ("Parcels got wet.", "Parcels got wet."),
    ],
)
def test_the_frame_of_a_sentence_is_no_part_of_its_claim(sentence, said):
    assert claim(sentence) == said


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("Nobody rang the bell.", ("Nobody rang the bell.",)),
        ("Honestly. Nobody rang the bell!", ("Honestly. Nobody rang the bell!", "Nobody rang the bell!")),
        (
            "誰も来ていません。再配達は困ります。",
            ("誰も来ていません。再配達は困ります。", "誰も来ていません。", "再配達は困ります。"),
        ),
        ("", ("",)),
    ],
)
def test_a_quote_is_read_whole_and_by_its_sentences(quote, found):
    assert parts(quote) == found


def test_what_is_written_around_a_matter_does_not_hide_it():
    plain = SUPPORT.score(BELL, ["Nobody rang the bell at my door!"])
    around = "Good evening to you. Nobody rang the bell at my door! I expect an answer within this week."
    assert SUPPORT.score(BELL, [around]) == pytest.approx(plain)


def sentences(rows, kinds, languages):
    return Sentences(np.array(rows, dtype=np.float32), tuple(kinds), tuple(languages))


def spoken(strength):
    """Two languages, told apart by the third number; complaint and praise by the first."""
    rows = [[1, 0, strength], [-1, 0, strength], [1, 0.1, -strength], [-1, 0.1, -strength]]
    kinds = [Polarity.COMPLAINT, Polarity.PRAISE] * 2
    return sentences(rows, kinds, ["en", "en", "de", "de"])


def test_what_the_language_puts_into_a_vector_does_not_count():
    support = read_support(lambda texts: np.ones((len(texts), 3), np.float32), spoken(5), model_id="x@1")
    english, german = support.space.place(np.array([[0.5, 0.5, 5], [0.5, 0.5, -5]], np.float32))
    assert english == pytest.approx(german, abs=0.15)


def test_vectors_lie_on_the_unit_sphere():
    rows = SUPPORT.space.place(BARE.encode(["Nobody rang.", "x"]))
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1])


def test_complaint_and_praise_lie_on_two_sides():
    support = read_support(lambda texts: np.ones((len(texts), 3), np.float32), spoken(5), model_id="x@1")
    complaint, praise = support.space.place(np.array([[1, 0, 0], [-1, 0, 0]], np.float32))
    assert complaint @ support.space.side > support.space.level > praise @ support.space.side


def test_the_score_is_calibrated_for_the_encoder_of_its_fit_only():
    assert not SUPPORT.calibrated
    own = read_support(BARE.encode, no_sentences(), model_id=f"{SUPPORT.fit.encoder}@q4/bf16/512")
    assert own.calibrated


def test_a_subject_can_be_hidden():
    hidden = SUPPORT.without("bell")
    assert len(hidden.subjects) == len(SUPPORT.subjects) - 3
    assert len(hidden.statements) == len(hidden.subjects)


@pytest.mark.parametrize("text", ["", "[fit]\noffset = 1\n", "not toml at all =", "[statements]\nrain = []\n"])
def test_a_file_without_weights_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "support.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"support\.toml does not hold"):
        read_support(BARE.encode, no_sentences(), model_id="x", path=path)


def test_pairs_are_many_and_of_every_kind():
    pairs = read_pairs()
    assert len(pairs) >= 300
    assert len({one.subject for one in pairs}) >= 12
    assert len({language for one in pairs for language in one.languages}) >= 8
    assert len({one.id for one in pairs}) == len(pairs)
    assert 0.3 <= np.mean([one.supported for one in pairs]) <= 0.7
    assert len({(one.sentence, one.quotes) for one in pairs}) == len(pairs)


def test_what_ships_was_fitted_to_the_pairs_that_are_here():
    pairs = read_pairs()
    assert (SUPPORT.fit.pairs, SUPPORT.fit.subjects) == (len(pairs), len({one.subject for one in pairs}))


def test_no_statement_is_a_sentence_of_the_pairs():
    assert not {text for _, text in read_statements()} & {claim(one.sentence) for one in read_pairs()}


@pytest.mark.slow
@pytest.mark.models
def test_the_real_encoder_hears_a_complaint_in_another_language(real_environment):
    from voc.embed.encoder import Encoder
    from voc.models.pull import require
    from voc.models.registry import read_registry
    from voc.wiring import models_dir

    model = read_registry().get("multilingual-e5-small")
    encoder = Encoder(model, require(model, models_dir(None, real_environment)), precision="fp32")
    support = read_support(encoder.encode, no_sentences(), model_id=encoder.model_id)
    said = support.score(BELL, ["War den ganzen Tag daheim, es hat niemand geklingelt."])
    assert support.calibrated
    assert said > support.score(BELL, ["O reembolso nunca caiu na conta."])
    assert said > support.score(BELL, ["荷物の中身が割れていました。"])
