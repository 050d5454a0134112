"""Quantities: what the gate and the chain read numbers, units and limits with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paced import takes_linear_time

from voc.proposals.quantities import Comparator, quantities

HOUR, DAY, WEEK = 60.0, 1440.0, 10080.0


def read(text, language="en"):
    return [(one.value, one.unit) for one in quantities(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "value", "unit"),
    [
        ("en", "within 24 hours", DAY, "minute"),
        ("en", "twenty-four hours", DAY, "minute"),
        ("en", "twenty four hours", DAY, "minute"),
        ("en", "one hundred and twenty minutes", 120, "minute"),
        ("en", "half an hour", 30, "minute"),
        ("en", "one and a half hours", 90, "minute"),
        ("en", "1½ hours", 90, "minute"),
        ("en", "three quarters of an hour", 45, "minute"),
        ("en", "a dozen photographs", 12, "count"),
        ("en", "a week", WEEK, "minute"),
        ("en", "a fortnight", 2 * WEEK, "minute"),
        ("en", "twice", 2, "count"),
        ("en", "two working days", 2, "working day"),
        ("en", "2 business days", 2, "working day"),
        ("en", "the second working day", 2, "working day"),
        ("en", "the third attempt", 3, "count"),
        ("en", "1 hour 30 minutes", 90, "minute"),
        ("en", "by 9 am", 540, "time of day"),
        ("en", "by 9:30 p.m.", 1290, "time of day"),
        ("en", "until midnight", 1440, "time of day"),
        ("en", "$250", 250, "dollar"),
        ("en", "EUR 1,250.50", 1250.5, "euro"),
        ("en", "50 per cent", 0.5, "share"),
        ("en", "half of the parcels", 0.5, "share"),
        ("en", "two thirds of them", 2 / 3, "share"),
        ("en", "2 km", 2000, "metre"),
        ("en", "٢٤ hours", DAY, "minute"),
        ("en", "२४ hours", DAY, "minute"),
        ("en", "２４ hours", DAY, "minute"),
        ("en", "²⁴ hours", DAY, "minute"),
        ("en", "2\u200b4 hours", DAY, "minute"),
        ("en", "三十 hours", 30 * HOUR, "minute"),
        ("en", "XXIV hours", DAY, "minute"),
        ("en", "24-hour notice", DAY, "minute"),
        ("de", "vierundzwanzig Stunden", DAY, "minute"),
        ("de", "zweihundertfünfzig Euro", 250, "euro"),
        ("de", "2.000 Gramm", 2000, "gram"),
        ("de", "2,5 kg", 2500, "gram"),
        ("de", "24-stündig", DAY, "minute"),
        ("de", "zweitägig", 2 * DAY, "minute"),
        ("de", "dreimal", 3, "count"),
        ("de", "eine halbe Stunde", 30, "minute"),
        ("de", "anderthalb Stunden", 90, "minute"),
        ("de", "am zweiten Werktag", 2, "working day"),
        ("de", "80 vom Hundert", 0.8, "share"),
        ("de", "bis 9 Uhr", 540, "time of day"),
        ("fr", "quatre-vingt-dix minutes", 90, "minute"),
        ("fr", "soixante-douze heures", 3 * DAY, "minute"),
        ("fr", "une heure et demie", 90, "minute"),
        ("fr", "une demi-heure", 30, "minute"),
        ("fr", "deux jours ouvrés", 2, "working day"),
        ("fr", "12 000 euros", 12000, "euro"),
        ("fr", "avant 9h30", 570, "time of day"),
        ("pt", "vinte e quatro horas", DAY, "minute"),
        ("pt", "dois dias úteis", 2, "working day"),
        ("pt", "meia hora", 30, "minute"),
        ("pt", "R$ 1.250,50", 1250.5, "real"),
        ("es", "treinta y seis horas", 36 * HOUR, "minute"),
        ("es", "veinticuatro horas", DAY, "minute"),
        ("es", "dos días hábiles", 2, "working day"),
        ("it", "quarantotto ore", 2 * DAY, "minute"),
        ("it", "mezz'ora", 30, "minute"),
        ("nl", "achtenveertig uur", 2 * DAY, "minute"),
        ("nl", "twee werkdagen", 2, "working day"),
        ("tr", "yirmi dört saat", DAY, "minute"),
        ("tr", "%50", 0.5, "share"),
        ("zh", "三十分钟", 30, "minute"),
        ("zh", "三个工作日", 3, "working day"),
    ],
)
def test_a_quantity_is_read(language, text, value, unit):
    assert read(text, language) == [(pytest.approx(value), unit)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The courier shall ring the bell and wait for an answer on the day of delivery."),
        ("en", "One of the recipients said so, and no one came."),
        ("en", "A third party may collect it."),
        ("de", "Die Zustellerin muss eine Karte hinterlassen und im Alltag einfach helfen."),
        ("fr", "Le livreur doit laisser un avis de passage et une photo."),
        ("pt", "O entregador deve deixar um aviso e uma foto por meio do aplicativo."),
        ("tr", "Kurye bir not bırakmalıdır."),
        ("zh", "快递员应当一律敲门。"),
    ],
)
def test_articles_and_everyday_words_are_no_quantities(language, text):
    assert [one for one in quantities(text, language) if not one.loose] == []


@pytest.mark.parametrize(
    ("language", "text", "comparator"),
    [
        ("en", "within 24 hours", Comparator.AT_MOST),
        ("en", "no later than 09:00", Comparator.AT_MOST),
        ("en", "no more than the next 2 hours", Comparator.AT_MOST),
        ("en", "at least 2 attempts", Comparator.AT_LEAST),
        ("en", "no fewer than two attempts", Comparator.AT_LEAST),
        ("en", "2 attempts or more", Comparator.AT_LEAST),
        ("en", "a value above 250 euros", Comparator.ABOVE),
        ("en", "less than 5 minutes", Comparator.BELOW),
        ("en", "until 22:00", Comparator.UNTIL),
        ("en", "hold it for 7 days", Comparator.LASTING),
        ("en", "every 2 hours", Comparator.EVERY),
        ("en", "daily", Comparator.EVERY),
        ("en", "sends 2 cards", Comparator.EXACTLY),
        ("de", "spätestens bis 9 Uhr", Comparator.AT_MOST),
        ("de", "innerhalb von 24 Stunden", Comparator.AT_MOST),
        ("de", "mindestens zwei Versuche", Comparator.AT_LEAST),
        ("fr", "au plus tard à 9h00", Comparator.AT_MOST),
        ("fr", "au moins deux fois", Comparator.AT_LEAST),
        ("pt", "no prazo de 24 horas", Comparator.AT_MOST),
        ("pt", "pelo menos 2 tentativas", Comparator.AT_LEAST),
        ("es", "a más tardar 24 horas", Comparator.AT_MOST),
        ("it", "entro 24 ore", Comparator.AT_MOST),
        ("nl", "binnen 24 uur", Comparator.AT_MOST),
        ("tr", "en az 2 deneme", Comparator.AT_LEAST),
    ],
)
def test_the_comparator_says_on_which_side_the_limit_lies(language, text, comparator):
    assert [one.comparator for one in quantities(text, language)] == [comparator]


def test_the_first_of_a_range_has_the_unit_of_the_second():
    assert read("2 to 4 hours") == [(120.0, "minute"), (240.0, "minute")]


def test_a_rate_is_not_a_duration():
    (found,) = quantities("open 24 hours a day", "en")
    assert (found.value, found.per) == (DAY, "minute 1440")
    (plain,) = quantities("24 hours", "en")
    assert not found.equals(plain)


def test_equal_quantities_in_other_units_are_equal_and_working_days_are_not_hours():
    (day,), (hours,), (working,) = (quantities(text, "en") for text in ("1 day", "24 hours", "1 working day"))
    assert day.equals(hours)
    assert not working.equals(hours)


def test_a_clause_number_is_not_the_number_of_another_clause():
    (one,), (ten,) = quantities("clause 6.1", "en"), quantities("clause 6.10", "en")
    assert not one.equals(ten)


def test_the_span_is_that_of_the_text_as_it_was_given():
    text = "É tarde: em até vinte e quatro horas."
    (found,) = quantities(text, "pt")
    assert text[found.start : found.end] == "vinte e quatro horas"


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "zh", "xx"]))
def test_no_text_breaks_the_reader_and_spans_lie_inside(text, language):
    for one in quantities(text, language):
        assert 0 <= one.start < one.end <= len(text)


@given(st.integers(1, 999), st.sampled_from(["hours", "days", "minutes", "weeks"]))
def test_a_quantity_equals_itself_in_every_script(number, unit):
    (plain,) = quantities(f"{number} {unit}", "en")
    for zero in "٠०０":
        wide = "".join(chr(ord(zero) + int(digit)) for digit in str(number))
        (found,) = quantities(f"{wide} {unit}", "en")
        assert found.equals(plain)


@pytest.mark.slow
@pytest.mark.parametrize(
    "nasty",
    [
        "1" * 100_000,
        "1 " * 50_000,
        "1,000" * 20_000,
        "einund" * 17_000,
        "a half " * 14_000,
        "十" * 100_000,
        "no more than " * 8_000,
    ],
)
def test_hostile_text_takes_linear_time(nasty):
    assert takes_linear_time(lambda text: [quantities(text, "de"), quantities(text, "en")], nasty)


def test_a_fraction_within_a_reference_breaks_nothing():
    for text in ("Art. ¼.", "clause ¼.2", "§ ¼"):
        for language in ("en", "de"):
            quantities(text, language)
