import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.ingest.redact import Redactor, luhn
from voc.resources import sample_dir

REDACTOR = Redactor(["US", "GB", "DE", "FR", "BR", "JP"])


def _planted():
    with (sample_dir() / "truth.csv").open(encoding="utf-8", newline="") as handle:
        truth = {row["id"]: row["personal_data"] for row in csv.DictReader(handle) if row["personal_data"]}
    with (sample_dir() / "feedback.csv").open(encoding="utf-8", newline="") as handle:
        texts = {row["id"]: row["comment"] for row in csv.DictReader(handle)}
    return [(texts[one], *planted.split("=", 1)) for one, planted in truth.items()]


@pytest.mark.parametrize(("text", "kind", "value"), _planted())
def test_planted_personal_data_is_gone(text, kind, value):
    found = REDACTOR.redact(text)
    assert value in text
    assert value not in found.text
    assert f"[{kind}]" in found.text


@pytest.mark.parametrize(
    "text",
    [
        "It came on 12.09.2024 at 14:30, three days late.",
        "I paid 1,299.00 EUR and waited 45 minutes.",
        "Room 4B, 3rd floor, 10 miles away, 24/7",
        "Das waren 100% Schrott, Note 6",
    ],
)
def test_ordinary_figures_stay(text):
    assert REDACTOR.redact(text).text == text


@given(st.text(max_size=200))
def test_a_second_pass_changes_nothing(text):
    once = REDACTOR.redact(text).text
    assert REDACTOR.redact(once).text == once


def test_luhn_tells_a_card_from_a_number():
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
    assert "4111111111111112" not in REDACTOR.redact("card 4111 1111 1111 1111").text


def test_a_long_hostile_text_takes_linear_time():
    for text in ("a@" * 20_000, "+" + "1 " * 20_000, "DE89" + "A1" * 20_000, "(" * 40_000):
        REDACTOR.redact(text)
