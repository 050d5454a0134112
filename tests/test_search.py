"""Questions and what they find: filters that are filters, reasons, copies, pages and clear answers to bad input."""

from dataclasses import replace

import pytest
from shop import STAMP, Shop

from voc.embed.fake import TrigramEmbedder
from voc.errors import InputError, ModelError, NotFoundError
from voc.index.generation import pointer
from voc.search import find
from voc.search.filters import Asked, make_filter
from voc.search.find import Page
from voc.search.fuse import Mode
from voc.search.rerank import CrossEncoderReranker
from voc.search.upkeep import Reader
from voc.store import copies
from voc.store.filters import Filter


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    made.add("parcel left in the rain", "wet box at my door", rating=1.0, channel="app", attributes={"depot": "B3"})
    made.add("paquet sous la pluie", market="FR", language="fr", rating=2.0, channel="mail")
    made.add("great courier, thank you", rating=5.0, channel="app", attributes={"depot": "A1"})
    made.holdings.build()
    return made


def texts(found):
    return [hit.feedback.text for hit in found.hits]


def search(shop, text="parcel in the rain", *, mode=Mode.HYBRID, limit=10, cursor="", like="", wanted=None):
    return shop.desk.search(text, Page(limit, wanted or Filter(), cursor), mode=mode, like=like)


def wanted(shop, **asked):
    return make_filter(shop.database, Asked(**asked), markets=("US", "FR"), language="en")


def test_the_best_match_comes_first_and_says_why(shop):
    hit = search(shop).hits[0]
    assert hit.feedback.text == "parcel left in the rain"
    assert (hit.dense_rank, hit.lexical_rank, hit.why) == (1, 1, "meaning #1, words #1")
    assert [hit.feedback.text[start:end] for start, end in hit.matched] == ["parcel", "in", "the", "rain"]


def test_pairs_of_characters_are_marked_as_one_piece(shop):
    shop.add("荷物が濡れて届いた", language="ja")
    hit = search(shop, "荷物が濡れて").hits[0]
    assert [hit.feedback.text[start:end] for start, end in hit.matched] == ["荷物が濡れて"]


def test_words_alone_find_only_what_holds_one(shop):
    assert texts(search(shop, "pluie soleil", mode=Mode.LEXICAL)) == ["paquet sous la pluie"]


def test_meaning_alone_gives_no_rank_by_words(shop):
    assert all(hit.lexical_rank is None and hit.matched == () for hit in search(shop, mode=Mode.DENSE).hits)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"markets": ["fr"]}, {"paquet sous la pluie"}),
        ({"languages": ["fr"]}, {"paquet sous la pluie"}),
        ({"rating": "1-2"}, {"parcel left in the rain", "wet box at my door", "paquet sous la pluie"}),
        ({"channels": ["mail"]}, {"paquet sous la pluie"}),
        ({"where": ["depot=A1"]}, {"great courier, thank you"}),
        ({"where": ["depot=A1", "depot=B3"], "rating": "5"}, {"great courier, thank you"}),
        (
            {"week": "2024-W36", "markets": ["US"]},
            {"parcel left in the rain", "wet box at my door", "great courier, thank you"},
        ),
        ({"since": "2024-09-04", "until": "2024-09-04"}, {"paquet sous la pluie"}),
        ({"theme": "none", "markets": ["FR"]}, {"paquet sous la pluie"}),
    ],
)
def test_a_filter_is_a_filter(shop, asked, found):
    assert set(texts(search(shop, wanted=wanted(shop, **asked)))) == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"markets": ["XX"]}, "no market 'XX'. Known: US, FR"),
        ({"languages": ["xx"]}, "no language 'xx'. Known: en, fr"),
        ({"channels": ["fax"]}, "no channel 'fax'. Known: app, mail"),
        ({"kinds": ["rant"]}, "no kind 'rant'. Known: complaint, praise, request, other"),
        ({"where": ["town=Bonn"]}, "no attribute 'town'. Known: depot"),
        ({"where": ["depot=Z"]}, "depot=Z. Known: B3, A1"),
        ({"where": ["depot"]}, "not a condition such as depot=B3"),
        ({"theme": "zz"}, "no theme 'zz'. Known: none yet"),
        ({"group": "zz"}, "no theme group 'zz'. Known: none yet"),
        ({"week": "2024-W99"}, "not an ISO week"),
        ({"week": "2024-W40..2024-W36"}, "ends before it begins"),
        ({"since": "yesterday"}, "not a day"),
        ({"rating": "9"}, "not a rating"),
    ],
)
def test_a_filter_for_what_does_not_exist_is_refused_with_what_does(shop, asked, said):
    with pytest.raises(InputError) as refused:
        wanted(shop, **asked)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \x00\x07 ", "empty"),
        ("x" * 50_000, "50,000 characters; at most 2,000"),
        ("?!… —", "no letters or digits"),
        ("🙂🙂", "no letters or digits"),
    ],
)
def test_a_question_that_asks_nothing_is_refused(shop, text, said):
    with pytest.raises(InputError, match=said):
        search(shop, text)


def test_control_characters_are_passed_over(shop):
    assert texts(search(shop, "par\x00cel\x1b left in the rain"))[0] == "parcel left in the rain"


def test_a_script_that_nobody_wrote_in_is_answered_by_meaning(shop):
    found = search(shop, "ፓርሴል በዝናብ")
    assert len(found.hits) == 4
    assert "by meaning alone" in found.notes[0]


@pytest.mark.parametrize("limit", [0, -1, 1001, 1_000_000])
def test_a_limit_out_of_bounds_is_refused(shop, limit):
    with pytest.raises(InputError, match="not between 1 and 1,000"):
        search(shop, limit=limit)


def test_an_empty_result_says_which_filter_emptied_it(shop):
    found = search(shop, wanted=Filter(markets=("FR",), ratings=(5.0, 5.0)))
    assert found.hits == ()
    assert found.notes == ("No comment passes all filters together; without 'market' 1, without 'rating' 1 would.",)
    found = search(shop, wanted=Filter(markets=("DE",), ratings=(5.0, 5.0)))
    assert found.notes == ("No comment at all passes the filter 'market'.",)


def test_words_that_nobody_wrote_are_said_to_be_so(shop):
    assert "holds a word" in search(shop, "xylophone", mode=Mode.LEXICAL).notes[0]


def test_pages_follow_each_other_without_gap_or_repeat(shop):
    shop.add(*(f"parcel number {n} in the rain" for n in range(30)))
    whole, cursor, pages = texts(search(shop, limit=34)), "", []
    while True:
        page = search(shop, limit=7, cursor=cursor)
        pages += texts(page)
        cursor = page.cursor
        if not cursor:
            break
    assert pages == whole
    assert len(whole) == 34


def test_a_page_says_when_the_store_has_moved_on(shop):
    cursor = search(shop, limit=2).cursor
    shop.add("another parcel")
    assert "search again" in search(shop, limit=2, cursor=cursor).notes[0]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "e30", "WzFlOTk5LCIiLCIiXQ"])
def test_a_cursor_that_no_search_gave_is_refused(shop, cursor):
    with pytest.raises(InputError, match="cursor"):
        search(shop, cursor=cursor)


def test_a_cursor_of_another_question_is_refused(shop):
    cursor = search(shop, limit=2).cursor
    with pytest.raises(InputError, match="another question"):
        search(shop, "something else", limit=2, cursor=cursor)


def test_copies_are_one_hit_with_their_number(shop):
    shop.add("parcel left in the rain")
    near = "parcel left in the rain!!"
    shop.add(near)
    first, second = (hit.feedback.text_hash for hit in search(shop).hits[:2])
    with shop.database.write() as connection:
        copies.add(connection, STAMP, {second: first})
    found = search(shop)
    assert found.hits[0].copies == 2
    assert near not in texts(found)


def test_copies_are_counted_within_the_filter(shop):
    shop.add("parcel left in the rain", market="FR")
    assert search(shop, wanted=Filter(markets=("US",))).hits[0].copies == 0
    assert search(shop).hits[0].copies == 1


def test_more_like_a_comment_leaves_itself_out(shop):
    (one,) = shop.add("parcels left in rain")
    found = search(shop, "", like=one[:10])
    assert texts(found)[0] == "parcel left in the rain"
    assert one not in [hit.feedback.id for hit in found.hits]


def test_more_like_something_unknown_is_refused(shop):
    with pytest.raises(NotFoundError, match="No comment begins"):
        search(shop, "", like="zzzz")
    with pytest.raises(InputError, match="not both"):
        search(shop, "rain", like="zzzz")


def test_what_was_embedded_is_found_at_once(shop):
    shop.add("parcel dropped in a rain puddle")
    assert "parcel dropped in a rain puddle" in texts(search(shop, "rain puddle"))


def test_what_waits_for_its_vector_is_found_by_its_words(shop):
    search(shop)
    shop.add("zeppelin delivery", embed=False)
    assert texts(search(shop, "zeppelin"))[0] == "zeppelin delivery"


def test_what_was_erased_is_gone_at_once(shop):
    hit = search(shop).hits[0]
    assert shop.erase(hit.feedback.id) == 1
    assert hit.feedback.text not in texts(search(shop))
    assert hit.feedback.text not in texts(search(shop, mode=Mode.LEXICAL))


def test_what_is_erased_while_a_search_runs_is_left_out(shop, monkeypatch):
    ranked = find.rank

    def rank_and_erase(*arguments, **options):
        found = ranked(*arguments, **options)
        best = next(one for one in found.scored if one.key in found.passing)
        shop.erase(found.passing[best.key].unit_id.split(":")[0])
        return found

    monkeypatch.setattr(find, "rank", rank_and_erase)
    assert "parcel left in the rain" not in texts(search(shop))


def test_what_was_erased_does_not_come_back(shop):
    hit = search(shop).hits[0]
    shop.erase(hit.feedback.id)
    shop.holdings.build()
    shop.reopen()
    assert hit.feedback.text not in texts(search(shop))


def test_answers_in_one_language_do_not_depend_on_whether_texts_are_in_the_index_or_beside_it(tmp_path):
    shop = Shop(tmp_path)
    shop.add("parcel left in the rain", "wet box at my door")
    shop.holdings.build()
    shop.add(*(f"box {n} was {word}" for n, word in enumerate(["wet", "torn", "late", "open"] * 5)))
    beside = texts(search(shop, "wet box", limit=20, mode=Mode.DENSE))
    shop.holdings.build()
    shop.reopen()
    assert texts(search(shop, "wet box", limit=20, mode=Mode.DENSE)) == beside


def test_a_data_frame_has_one_row_a_hit(shop):
    frame = search(shop).to_df()
    assert list(frame["text"]) == texts(search(shop))
    assert frame.loc[0, "attributes"] == {"depot": "B3"}


def test_there_is_no_index_before_anything_was_embedded(tmp_path):
    with pytest.raises(NotFoundError, match="no search index yet"):
        search(Shop(tmp_path))


def test_an_index_that_was_never_built_is_built(tmp_path):
    shop = Shop(tmp_path)
    shop.add("parcel in the rain")
    assert texts(search(shop)) == ["parcel in the rain"]


def damage(shop):
    path = next((shop.folder / "index").glob("*/keys.bin"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    shop.reopen()


def test_a_damaged_index_is_made_anew_and_says_so(shop):
    before = texts(search(shop))
    damage(shop)
    found = search(shop)
    assert texts(found) == before
    assert "made anew" in found.notes[0]


def test_a_damaged_index_gives_way_to_the_one_before(shop):
    shop.add("one more parcel in the rain")
    shop.holdings.build()
    before = texts(search(shop))
    path = shop.folder / "index" / pointer(shop.folder / "index").current.name / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"m", b"n", 1))
    shop.reopen()
    found = search(shop)
    assert set(texts(found)) == set(before)
    assert "the one before it is used" in found.notes[0]
    shop.holdings.build_if_due()
    shop.reopen()
    assert search(shop).notes == ()


def test_an_outgrown_index_is_written_anew_in_the_background(tmp_path):
    shop = Shop(tmp_path)
    shop.add("first")
    shop.holdings.build()
    shop.reader = Reader(shop.holdings, compact=True)
    shop.add(*(f"comment {n}" for n in range(600)))
    assert len(shop.reader.now().snapshot.delta.keys) == 600
    shop.reader.close()
    assert len(Shop(tmp_path).reader.now().snapshot.delta.keys) == 0


def test_pages_beyond_the_first_hundred_follow_each_other_too(shop):
    shop.add(*(f"parcel number {n} in the rain" for n in range(260)))
    whole, cursor, pages = [], "", []
    first = search(shop, limit=264)
    whole = texts(first)
    while True:
        page = search(shop, limit=40, cursor=cursor)
        pages += texts(page)
        cursor = page.cursor
        if not cursor:
            break
    assert pages == whole
    assert len(set(pages)) == 264


class Backwards:
    """A reranker that likes short texts."""

    def scores(self, question, texts):
        return [-float(len(text)) for text in texts]


def test_a_reranker_puts_the_first_hits_in_its_own_order(shop):
    plain = search(shop)
    shop.desk = replace(shop.desk, reranker=Backwards())
    found = search(shop)
    assert texts(found) == sorted(texts(plain), key=len)


def test_a_missing_reranker_is_said(tmp_path):
    with pytest.raises(ModelError, match="no cross-encoder"):
        CrossEncoderReranker(tmp_path)


@pytest.mark.slow
def test_a_cross_encoder_from_a_folder_scores_pairs(tmp_path):
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "parcel", "rain"]))
    config = BertConfig(vocab_size=7, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    scores = CrossEncoderReranker(tmp_path).scores("rain", ["parcel", "rain parcel"])
    assert len(scores) == 2


def test_an_index_of_another_encoder_is_said_and_never_empty(shop):
    other = TrigramEmbedder(dim=16)
    holdings = replace(shop.holdings, model_id=other.model_id, dim=other.dim)
    with pytest.raises(InputError, match=r"embedded with trigrams/32, this workspace now encodes with trigrams/16"):
        holdings.open()

    assert texts(search(shop))
