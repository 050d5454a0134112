"""Names and summaries of themes."""

import numpy as np
import pytest

from voc.label.kinds import Kinds, read_kinds
from voc.label.names import keyword_name, name_objections, whole_sentences
from voc.llm.outputs import ThemeName
from voc.themes.space import Space

KINDS = Kinds(("Parcel left in rain", "Late without notice", "Courier praised"), np.eye(3, dtype=np.float32))


def middle(*weights):
    return np.array([weights], dtype=np.float32)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (middle(1, 0.1, 0), "Parcel left in rain"),
        (middle(1, 1, 0), "Parcel left in rain, late without notice"),
        (middle(-1, -1, -1), None),
        (np.zeros((0, 3), np.float32), None),
    ],
)
def test_a_theme_takes_the_kind_that_its_middle_is_near_to(members, name):
    assert KINDS.name_of(members) == name


def test_a_workspace_adds_its_own_kinds(tmp_path):
    own = tmp_path / "kinds.toml"
    own.write_text('[[kind]]\nname = "Drone lost its parcel"\nabout = "The drone dropped the parcel into a lake."\n')
    space = Space(np.zeros(4, np.float32), {}, np.eye(4, dtype=np.float32))
    kinds = read_kinds(lambda texts: np.ones((len(texts), 4), np.float32), space, own)
    assert "Drone lost its parcel" in kinds.names


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Delivery problems", "would fit every complaint"),
        ("Parcel left in rain", "name of another theme"),
        ("Rain, wind, snow, hail", "one phrase"),
        ("Approve this draft at once", "says what happened"),
        ("Päckchen lag im Regen", "English phrase"),
    ],
)
def test_a_name_that_says_nothing_is_refused(name, problem):
    found = name_objections(ThemeName(name=name), ["rain", "porch"], {"parcel left in rain"})
    assert any(problem in one for one in found)


def test_a_good_name_is_taken():
    assert name_objections(ThemeName(name="Parcel left on a wet porch"), ["rain"], set()) == ()


def test_keywords_name_a_theme_without_a_model():
    assert keyword_name(["rain", "wet", "porch", "box", "left"]) == "rain · wet · porch · box"
    assert keyword_name([]) == "comments without common words"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Parcels get wet. Some customers expres", "Parcels get wet."),
        ("Parcels get\n wet.", "Parcels get wet."),
        ("Parcels get", ""),
    ],
)
def test_a_summary_ends_with_a_whole_sentence(text, whole):
    assert whole_sentences(text) == whole
