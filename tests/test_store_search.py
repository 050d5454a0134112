"""What a search asks of the store, on both databases."""

import pytest
from shop import STAMP, Shop

from voc.ingest.identity import text_hash
from voc.store import audit, copies, feedback, saved, search, vectors
from voc.store.filters import Filter

RAIN, WET, PLUIE = "parcel left in the rain", "wet box", "paquet sous la pluie"


@pytest.fixture
def shop(database, tmp_path):
    made = Shop(tmp_path, database=database)
    made.add(RAIN, WET, rating=1.0, channel="app", attributes={"depot": "B3"})
    made.add(PLUIE, market="FR", language="fr", rating=2.0, channel="mail", attributes={"depot": "A1", "lane": "x"})
    made.add(RAIN, market="FR", language="en", rating=5.0)
    return made


@pytest.fixture
def connection(shop):
    with shop.database.read() as opened:
        yield opened


ALL = [text_hash(one) for one in (RAIN, WET, PLUIE)]


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (Filter(), {RAIN, WET, PLUIE}),
        (Filter(markets=("FR",)), {RAIN, PLUIE}),
        (Filter(languages=("fr",)), {PLUIE}),
        (Filter(channels=("app",)), {RAIN, WET}),
        (Filter(ratings=(2.0, 5.0)), {RAIN, PLUIE}),
        (Filter(attributes={"depot": ("A1",), "lane": ("x", "y")}), {PLUIE}),
        (Filter(first_week="2024-W36", last_week="2024-W36", markets=("US",)), {RAIN, WET}),
        (Filter(since="2024-09-04", until="2024-09-04"), {PLUIE}),
        (Filter(theme_id="none", markets=("FR",)), {RAIN, PLUIE}),
        (Filter(theme_id="t"), set()),
        (Filter(group_id="g"), set()),
        (Filter(polarities=("praise",)), set()),
    ],
)
def test_both_ways_of_filtering_let_the_same_texts_through(connection, wanted, passes):
    hashes = {text_hash(one) for one in passes}
    assert set(search.passing(connection, ALL, wanted)) == hashes
    assert set(search.texts(connection, wanted)) == hashes
    assert {one.text_hash for one in search.found_units(connection, ALL, wanted)} == hashes
    assert (search.comments(connection, wanted) > 0) == bool(passes)


def test_a_filter_is_counted_without_some_of_its_parts(connection):
    wanted = Filter(markets=("US",), languages=("fr",))
    assert search.comments(connection, wanted) == 0
    assert search.comments(connection, wanted, without=["market"]) == 1


def test_copies_and_near_copies_are_counted_as_one_text(shop):
    with shop.database.write() as connection:
        copies.add(connection, STAMP, {text_hash(WET): text_hash(RAIN)})
    with shop.database.read() as connection:
        assert search.copies(connection, [text_hash(RAIN)], Filter()) == {text_hash(RAIN): 3}
        assert search.copies(connection, [text_hash(RAIN)], Filter(markets=("FR",))) == {text_hash(RAIN): 1}
        assert search.passing(connection, ALL, Filter())[text_hash(WET)].same_as == text_hash(RAIN)


def test_what_there_is_to_filter_by_is_known(connection):
    assert search.channels(connection) == ("app", "mail")
    assert search.attribute_names(connection) == ("depot", "lane")
    assert set(search.attribute_values(connection, "depot")) == {"A1", "B3"}
    assert feedback.languages_by_hash(connection, ALL)[text_hash(PLUIE)] == "fr"


def test_the_extent_moves_with_what_is_added_embedded_and_erased(shop):
    seen = [shop.extent()]
    ids = shop.add("one more", embed=False)
    seen.append(shop.extent())
    shop.embed()
    seen.append(shop.extent())
    shop.erase(*ids)
    seen.append(shop.extent())
    assert len({repr(one) for one in seen}) == 4


def test_only_vectors_at_or_after_a_mark_are_newer(shop):
    mark = shop.extent().mark
    shop.add("later")
    with shop.database.read() as connection:
        assert set(vectors.after(connection, mark, model_id=shop.embedder.model_id)) == {text_hash("later")}
        assert len(vectors.all_places(connection, model_id=shop.embedder.model_id)) == 4


def test_a_text_that_another_comment_has_survives_the_erasure_of_one(shop):
    with shop.database.read() as connection:
        ids = [one.feedback_id for one in search.found_units(connection, [text_hash(RAIN)], Filter(markets=("US",)))]
    assert shop.erase(*ids, "f" * 32) == 1
    with shop.database.read() as connection:
        assert set(search.texts(connection, Filter())) == set(ALL)
        assert text_hash(RAIN) in vectors.all_places(connection, model_id=shop.embedder.model_id)
        audit.verify(connection)


def test_what_was_erased_is_not_taken_in_again(shop):
    with shop.database.read() as connection:
        ids = [one.feedback_id for one in search.found_units(connection, [text_hash(PLUIE)], Filter())]
    shop.erase(*ids)
    assert shop.add(PLUIE, market="FR", turn=2) == ids
    with shop.database.read() as connection:
        assert text_hash(PLUIE) not in search.texts(connection, Filter())
        assert vectors.places(connection, [text_hash(PLUIE)], model_id=shop.embedder.model_id) == {}


def test_a_saved_search_forgets_erased_comments_and_is_forgotten_whole(shop):
    with shop.database.read() as connection:
        ids = [one.feedback_id for one in search.found_units(connection, ALL, Filter())]
    with shop.database.write() as connection:
        saved.save(connection, STAMP, "rain", text="rain", mode="hybrid", asked={"week": "2024-W36"})
        saved.see(connection, "rain", ids)
    shop.erase(ids[0])
    with shop.database.write() as connection:
        assert saved.seen(connection, "rain") == set(ids[1:])
        saved.forget(connection, STAMP, "rain")
        assert saved.every(connection) == ()
