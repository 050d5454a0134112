"""How many comments are about something, and searches that are kept and watched."""

import pytest
from shop import STAMP, Shop

from voc.errors import InputError, NotFoundError
from voc.index.snapshot import Ranked
from voc.report import build
from voc.search import desk as desks
from voc.search.calibrate import Calibration, calibration_of
from voc.search.filters import Asked
from voc.search.fuse import Mode, Scale, Scored, coverage, fuse
from voc.search.watch import Watch, WeekOfSearch
from voc.store import audit, saved
from voc.store.filters import Filter

SURE = Calibration(-4.0, 2.0, 2.0, 2.0)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setattr(desks, "calibration_of", lambda model_id: SURE)
    made = Shop(tmp_path)
    made.add("parcel left in the rain", "parcel left in the rain today", rating=1.0, channel="app")
    made.add("parcel left in the rain", market="FR", rating=2.0)
    made.add(*(f"{word} courier, thank you" for word in ["great", "kind", "quick", "nice", "good", "polite"]))
    made.holdings.build()
    return made


@pytest.fixture
def watch(shop):
    return Watch(shop.desk, ("US", "FR"))


def test_counts_trend_and_facets_are_of_the_same_comments(shop):
    found = shop.desk.count("parcel left in the rain", Filter())
    assert (found.comments, found.different) == (3, 2)
    assert found.facets["market"] == {"US": 2, "FR": 1}
    assert found.facets["rating"] == {"1": 2, "2": 1}
    assert sum(found.weeks.values()) == 3


def test_a_filter_bounds_the_count(shop):
    assert shop.desk.count("parcel left in the rain", Filter(markets=("FR",))).comments == 1
    assert shop.desk.count("parcel left in the rain", Filter(markets=("DE",))).comments == 0


def test_the_estimate_lies_within_its_interval_and_within_what_matches(shop):
    right = shop.desk.count("parcel left in the rain", Filter()).right
    assert 0 <= right.low <= right.value <= right.high <= 2


def test_words_alone_are_counted_exactly(shop):
    found = shop.desk.count("rain parcel", Filter(), mode=Mode.LEXICAL)
    assert (found.comments, found.right) == (3, None)
    assert shop.desk.count("rain courier", Filter(), mode=Mode.LEXICAL).comments == 0


def test_all_that_is_likely_is_counted_however_much_it_is(shop):
    shop.add(*(f"parcel left in the rain {n}" for n in range(1500)), *(f"thanks {n}, fine" for n in range(1500)))
    found = shop.desk.count("parcel left in the rain", Filter())
    assert found.comments >= 1503


def test_an_encoder_that_was_not_calibrated_is_not_counted_with(tmp_path):
    plain = Shop(tmp_path)
    plain.add("parcel")
    with pytest.raises(InputError, match="not calibrated"):
        plain.desk.count("parcel", Filter())


def test_calibration_follows_the_encoder_whatever_its_precision():
    assert calibration_of("multilingual-e5-small@x/bf16/512") == calibration_of("multilingual-e5-small@x/fp32/512")
    assert calibration_of("trigrams/32") is None


def test_a_text_is_likelier_the_further_it_stands_out():
    chances = [SURE.at(height, 0.0) for height in (-1.0, 0.0, 3.0, 900.0)]
    assert chances == sorted(chances)
    assert all(0 <= one <= 1 for one in chances)


def test_saving_counts_what_matches_and_watching_lists_only_what_is_new(shop, watch):
    assert watch.save(STAMP, "rain", "parcel left in the rain", Asked(), mode="hybrid") == 3
    assert watch.watch("rain")[0].fresh == ()
    (one,) = shop.add("parcel left in the rain again")
    assert [comment.id for comment in watch.watch()[0].fresh] == [one]
    assert watch.watch()[0].fresh == ()


def test_what_is_new_can_be_looked_at_without_being_remembered(shop, watch):
    watch.save(STAMP, "rain", "parcel left in the rain", Asked(), mode="hybrid")
    first, second = shop.add("parcel left in the rain again", "parcel left in the rain today")
    for _ in range(2):
        assert {one.id for one in watch.watch("rain", remember=False)[0].fresh} == {first, second}
    assert watch.see("rain", [first]) == 1
    assert watch.see("rain", [first]) == 0
    assert [one.id for one in watch.watch("rain", remember=False)[0].fresh] == [second]


def test_what_is_new_is_told_of_the_asked_markets_only(shop, watch):
    watch.save(STAMP, "rain", "parcel left in the rain", Asked(markets=("US", "FR")), mode="hybrid")
    shop.add("parcel left in the rain again")
    assert watch.watch("rain", within=("FR",))[0].fresh == ()
    assert watch.watch("rain", within=("GB",))[0].fresh == ()
    assert len(watch.watch("rain", within=("US", "GB"))[0].fresh) == 1


def test_a_new_copy_of_an_old_text_is_new(shop, watch):
    watch.save(STAMP, "rain", "parcel left in the rain", Asked(), mode="hybrid")
    (one,) = shop.add("parcel left in the rain")
    assert [comment.id for comment in watch.watch()[0].fresh] == [one]


def test_a_saved_search_keeps_its_filter_and_mode(shop, watch):
    watch.save(STAMP, "fr", "rain parcel", Asked(markets=("FR",), rating="1-2"), mode="lexical")
    shop.add("rain on my parcel", rating=1.0)
    assert watch.watch("fr")[0].fresh == ()
    with shop.database.read() as connection:
        assert saved.get(connection, "fr").asked == {"markets": ["FR"], "rating": "1-2"}
        audit.verify(connection)


def test_personal_data_in_a_saved_question_is_taken_out(shop, watch):
    watch.save(STAMP, "mail", "parcel of ann@example.com", Asked(), mode="hybrid")
    with shop.database.read() as connection:
        assert saved.get(connection, "mail").text == "parcel of [EMAIL]"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_saved_search_needs_a_name(watch, name):
    with pytest.raises(InputError, match="needs a name"):
        watch.save(STAMP, name, "rain", Asked(), mode="hybrid")


def test_a_name_is_taken_once(watch):
    watch.save(STAMP, "rain", "rain", Asked(), mode="hybrid")
    with pytest.raises(InputError, match="already"):
        watch.save(STAMP, "rain", "snow", Asked(), mode="hybrid")


def test_what_is_not_saved_is_said_with_what_is(shop, watch):
    watch.save(STAMP, "rain", "rain", Asked(), mode="hybrid")
    with pytest.raises(NotFoundError, match="Saved: rain"):
        watch.watch("snow")
    with shop.database.write() as connection:
        saved.forget(connection, STAMP, "rain")
    assert watch.watch() == ()


def test_the_week_of_a_saved_search_is_counted_beside_the_week_before(shop, watch):
    watch.save(STAMP, "rain", "parcel left in the rain", Asked(), mode="hybrid")
    weeks = shop.desk.count("parcel left in the rain", Filter()).weeks
    week = max(weeks)
    (found,) = watch.week(week, "2024-W01", markets=("US", "FR"))
    assert (found.name, found.comments, found.before) == ("rain", weeks[week], 0)
    assert watch.week(week, "2024-W01", markets=("DE",))[0].comments == 0


def test_what_was_erased_is_neither_counted_nor_remembered(shop, watch):
    watch.save(STAMP, "rain", "parcel left in the rain", Asked(), mode="hybrid")
    with shop.database.read() as connection:
        ids = sorted(saved.seen(connection, "rain"))
    shop.erase(*ids)
    assert shop.desk.count("parcel left in the rain", Filter()).comments == 0
    with shop.database.read() as connection:
        assert saved.seen(connection, "rain") == set()


def test_words_that_cover_little_of_a_question_change_little():
    dense, lexical = Ranked(("a", "b"), (0.9, 0.8)), Ranked(("b",), (5.0,))
    scale = Scale(0.5, 0.1)
    few = fuse(dense, lexical, scale=scale, cosines={}, covered=0.1, mode=Mode.HYBRID)
    much = fuse(dense, Ranked(("b",), (5.0,)), scale=Scale(0.5, 0.5), cosines={}, covered=1.0, mode=Mode.HYBRID)
    assert [one.key for one in few] == ["a", "b"]
    assert [one.key for one in much] == ["b", "a"]


def test_a_text_without_vector_stands_out_by_its_words():
    found = fuse(
        Ranked(("a",), (0.9,)),
        Ranked(("w", "a"), (4.0, 1.0)),
        scale=Scale(0.5, 0.1),
        cosines={},
        covered=1.0,
        mode=Mode.HYBRID,
    )
    assert found[0] == Scored("w", pytest.approx(5.0), None, None, 1.0, None, 1)


def test_coverage_weighs_words_by_their_rarity():
    rarity = {"rain": 3.0, "the": 1.0}.get
    assert coverage(["rain", "the"], ["the"], rarity) == 0.25
    assert coverage(["rain", "the"], ["the", "rain", "rain"], rarity) == 1.0
    assert coverage([], ["the"], rarity) == 0.0


def test_a_report_withholds_small_counts_of_saved_searches():
    one = build._search_line(WeekOfSearch("rain", "wet", 3, None), 5)
    assert (one.comments, one.before) == ("fewer than 5", "–")
    assert build._search_line(WeekOfSearch("rain", "wet", 0, 1200), 5).before == "1,200"


def test_the_report_tells_of_saved_searches(ready):
    ready.save_search("rain", "rain", Asked(), mode="lexical")
    report = ready.report("2024-W39").report
    assert [one.name for one in report.searches] == ["rain"]
    page = (ready.services.paths.reports / "2024-W39.html").read_text()
    assert "Saved searches" in page


def test_the_theme_that_most_matches_are_in_is_told_with_all_its_comments(ready):
    by_theme = ready.count("rain", mode="lexical")
    assert by_theme.home is not None
    name = by_theme.home.theme
    assert by_theme.home.comments >= by_theme.facets["theme"][name]
    inside = ready.count("rain", mode="lexical", wanted=ready.filter(Asked(theme=name)))
    assert inside.home is None
