import io
import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from voc.standards.pieces import pieces, sentences
from voc.standards.redline import Span, accepted, as_html, as_rich, as_text, redline, rejected
from voc.standards.visible import storable, visible

OLD = "The courier should ring the bell. The courier should wait at least 1 minute for an answer."
SCRIPTS = st.text(
    alphabet=st.sampled_from("ab Z.!?\n\t\r12,[]'鳴配。บรัิé\u0301👨\u200d👩🏽אב\u202e\u2066عر़ि"), max_size=60
)
ANY = st.one_of(SCRIPTS, st.text(max_size=60))


@given(ANY, ANY)
@example("A. B.", "B.")
@example("a\n", "a")
def test_rejecting_gives_the_old_text_and_accepting_the_new(old, new):
    spans = redline(old, new)
    assert (rejected(spans), accepted(spans)) == (old, new)


@given(ANY, ANY)
def test_neighbours_differ_in_kind_and_none_is_empty(old, new):
    spans = redline(old, new)
    assert all(span.text for span in spans)
    assert all(left.kind != right.kind for left, right in itertools.pairwise(spans))


@given(ANY)
def test_a_text_beside_itself_has_no_change(text):
    assert {span.kind for span in redline(text, text)} <= {"same"}


@given(ANY)
def test_sentences_and_pieces_join_to_their_text(text):
    assert "".join(sentences(text)) == text
    assert "".join(pieces(text)) == text


def test_a_word_that_changed_is_marked_alone():
    assert as_text(redline("The courier should ring the bell.", "The courier shall ring the bell.")) == (
        "The courier [-should-]{+shall+} ring the bell."
    )


def test_a_sentence_that_is_added_leaves_the_others_alone():
    assert redline(OLD, OLD + " The driver shall leave a card.") == (
        Span("same", OLD),
        Span("in", " The driver shall leave a card."),
    )


def test_a_sentence_with_little_in_common_is_replaced_whole():
    new = OLD.replace("The courier should ring the bell.", "Customer support shall answer every complaint in a day.")
    out, put_in, same = redline(OLD, new)
    assert out == Span("out", "The courier should ring the bell.")
    assert put_in == Span("in", "Customer support shall answer every complaint in a day.")
    assert same.kind == "same"


def test_a_sentence_that_shares_only_its_articles_is_replaced_whole():
    out, put_in = redline("The courier should ring the bell.", "The depot shall keep the parcel for seven days.")
    assert (out.kind, put_in.kind) == ("out", "in")


def test_a_sentence_that_was_taken_out_is_found_between_two_that_changed():
    old = "Staff shall scan each parcel. The notice shall be sent by e-mail. Staff should call the recipient."
    new = "Staff shall scan every parcel. Staff shall call the recipient."
    assert as_text(redline(old, new)) == (
        "Staff shall scan [-each-]{+every+} parcel.[- The notice shall be sent by e-mail.-] "
        "Staff [-should-]{+shall+} call the recipient."
    )


def test_words_that_are_replaced_side_by_side_are_one_change():
    assert as_text(redline("wait at least 1 minute here", "wait at least 2 minutes here")) == (
        "wait at least [-1 minute-]{+2 minutes+} here"
    )


def test_a_space_between_two_parts_that_are_put_in_belongs_to_them():
    assert as_text(redline("ring or knock at the door now.", "ring or knock, and wait now.")) == (
        "ring or knock[- at the door-]{+, and wait+} now."
    )


def test_a_single_word_amid_a_rewritten_part_is_no_scrap():
    old = "The courier shall ring twice at the recipient's own front door today."
    new = "The courier shall ring and then wait before the parcel is called undelivered today."
    assert [span.kind for span in redline(old, new)] == ["same", "out", "in", "same"]


def test_scripts_without_spaces_are_compared_by_character():
    assert as_text(redline("配達員は1分待つ。", "配達員は2分待つ。")) == "配達員は[-1-]{+2+}分待つ。"
    assert (
        as_text(redline("配達員は呼び鈴を鳴らす。", "配達員は必ず呼び鈴を鳴らす。"))
        == "配達員は{+必ず+}呼び鈴を鳴らす。"
    )


def test_a_target_and_a_figure_are_each_one_piece():
    assert "[TARGET working days]" in pieces("within [TARGET working days] or 2.5 hours")
    assert "2.5" in pieces("within [TARGET working days] or 2.5 hours")


def test_a_character_keeps_its_accents_and_an_emoji_its_parts():
    assert pieces("e\u0301👨\u200d👩\u200d👧") == ["e\u0301", "👨\u200d👩\u200d👧"]


@pytest.mark.slow
def test_a_very_long_sentence_is_compared_in_a_moment():
    old = " ".join(f"w{number}" for number in range(20_000))
    spans = redline(old, old.replace("w7 ", "x "))
    assert accepted(spans) == old.replace("w7 ", "x ")


@given(ANY, ANY)
def test_html_has_no_tag_but_its_own(old, new):
    left = re.sub(r"</?(?:del|ins)>|<span class=\"sr\">|</span>", "", as_html(redline(old, new)))
    assert "<" not in left
    assert ">" not in left


def test_html_says_what_is_struck_out_without_colours():
    shown = as_html(redline("a b", "a c"))
    assert '<del><span class="sr"> [struck out: </span>b<span class="sr">] </span></del>' in shown
    assert '<ins><span class="sr"> [put in: </span>c<span class="sr">] </span></ins>' in shown


def test_a_direction_override_is_shown_as_a_sign():
    assert "\u202e" not in as_html(redline("a", "a \u202eb"))
    assert "⟨U+202E⟩" in as_html(redline("a", "a \u202eb"))


@pytest.mark.parametrize(
    ("terminal", "colour", "escapes"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_terminal_has_marks_and_colours_only_where_they_are_wanted(terminal, colour, escapes):
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=terminal, no_color=colour, color_system="standard" if terminal else None
    )
    console.print(as_rich(redline("a b", "a c")), end="")
    said = file.getvalue()
    assert re.sub(r"\x1b\[[\d;]*m", "", said) == "a [-b-]{+c+}"
    assert ("\x1b[9;31m" in said) is escapes


@given(st.text())
def test_what_is_visible_steers_nothing(text):
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", visible(text))


@given(st.text(alphabet="aé鳴ب\u200d👩\n\t"))
def test_what_steers_nothing_is_shown_as_it_is(text):
    assert visible(text) == storable(text) == text
