"""What people take away: HTML, PDF, Markdown and JSON of a report with its author."""

import json
import re
import zlib
from dataclasses import replace

import pytest
from reported import WEEK, acting, late

from voc.access import Role
from voc.errors import InputError
from voc.report.cover import Cover, Restated, paragraphs
from voc.report.masked import untold_markets
from voc.report.render import Medium, as_html, as_markdown
from voc.store.reports import Words

HOSTILE = "<script>alert(1)</script> **b** | [x](javascript:1) ]]> \"'& \u202e evil \u0645\u0631\u062d\u0628\u0627"


@pytest.fixture
def drafted(reported):
    reported.write_report(WEEK, headline="Rain", comment="One.\n\nTwo.", theme_comments={"rain": "Depots."})
    return reported.report_draft(WEEK)


def test_the_author_stands_before_the_machine(drafted):
    html = as_html(drafted.report, drafted.cover)
    told = [html.index(text) for text in ("Draft, not published", ">Rain<", ">One.<", ">Two.<", ">Depots.<")]
    assert told == sorted(told)
    assert told[-1] < html.index("What changed") < html.index("How much was understood")


def test_a_report_without_author_has_no_cover(reported):
    assert 'class="author"' not in as_html(reported.report_draft(WEEK).report)


@pytest.mark.parametrize("medium", Medium)
def test_nothing_runs_and_nothing_is_loaded(drafted, medium):
    html = as_html(drafted.report, drafted.cover, medium=medium, masked=medium is Medium.MAIL)
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)|url\(|@import|<script|<link|<img", html)


@pytest.mark.parametrize("medium", Medium)
def test_a_hostile_text_shows_as_text(drafted, medium):
    restated = (Restated("US", "rain", HOSTILE, "complaints", HOSTILE, HOSTILE, HOSTILE),)
    cover = Cover(Words(HOSTILE, HOSTILE, {"rain": HOSTILE}), 1, HOSTILE, "2024-10-07", HOSTILE, restated, 1)
    report = replace(drafted.report, title=HOSTILE, headlines=(HOSTILE,))
    html = as_html(report, cover, medium=medium)
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "⟨U+202E⟩" in html


def test_markup_in_markdown_is_text(drafted):
    cover = Cover(Words(HOSTILE, HOSTILE), 1, "a", "2024-10-07", HOSTILE, (), 2)
    text = as_markdown(drafted.report, cover)
    assert r"\<script\>alert(1)\</script\> \*\*b\*\*" in text
    assert not re.search(r"(?<!\\)\]\(", text)
    assert "\u202e" not in text
    assert "2 quotes were erased." in text


def test_texts_and_quotes_find_their_direction_themselves(drafted):
    html = as_html(drafted.report, drafted.cover)
    assert '<p class="headline" dir="auto">' in html
    assert '<blockquote><p lang="en" dir="auto">' in html


def test_a_chart_says_its_figures_and_has_them_beside_it(drafted):
    html = as_html(drafted.report, drafted.cover)
    assert re.search(
        r'<svg[^>]*role="img" aria-label="rain: complaints per 1,000, 2024-W32 to 2024-W40: [0-9.]+, ', html
    )
    assert '<span class="series">14 · 14 · 14 · 14 · 14 · 14 · 14 · 14 · 18</span>' in html


def test_a_report_of_one_market_says_so_and_repeats_nothing(reported):
    found = reported.report_draft(WEEK, "US")
    html = as_html(found.report, found.cover)
    assert '<h1>Theme report, week <span class="week">2024-W40</span>: United States</h1>' in html
    assert "All markets" not in html


def test_restated_figures_are_told_on_top_and_listed_at_the_end(reported):
    reported.publish_report(WEEK)
    late(reported, "US-late")
    found = reported.published_report(WEEK)
    html = as_html(found.report, found.cover)
    assert f"{len(found.restated)} figures are restated since it was published" in html
    assert html.index('href="#restated"') < html.index("All markets") < html.index('<h2 id="restated">')
    assert "1 comment came in late (late.csv)" in html
    assert "1 comment came in late (late.csv)" in as_markdown(found.report, found.cover)


def test_what_is_published_names_edition_person_and_reason(reported):
    reported.publish_report(WEEK)
    late(reported, "US-late")
    acting(reported).publish_report(WEEK, why="a late file")
    (file,) = reported.report_files(WEEK, "", ["md"])
    assert "Published 2024-10-07 by ana, edition 2" in file.data.decode()
    assert "Published again because: a late file" in file.data.decode()


def test_json_holds_author_figures_and_differences(reported):
    reported.write_report(WEEK, headline="Rain")
    reported.publish_report(WEEK)
    (file,) = reported.report_files(WEEK, "", ["json"])
    found = json.loads(file.data)
    assert (found["author"]["words"]["headline"], found["author"]["edition"]) == ("Rain", 1)
    assert found["scopes"][0]["coverage"]["comments"] == 28


def test_files_are_the_published_ones_unless_the_draft_is_asked_for(reported):
    reported.publish_report(WEEK)
    reported.write_report(WEEK, headline="Later")
    published, draft = (reported.report_files(WEEK, "", ["html"], draft=one)[0].data for one in (False, True))
    assert b"Later" not in published
    assert b"Later" in draft


def test_files_for_a_viewer_hold_no_single_comment(reported):
    (file,) = acting(reported, Role.VIEWER).report_files(WEEK, "", ["json"])
    assert b"US-app-rain" not in file.data


@pytest.mark.parametrize("forms", [["docx"], [], ["html", "exe"]])
def test_forms_that_there_are_not_are_refused(reported, forms):
    with pytest.raises(InputError, match="html, pdf, md, json"):
        reported.report_files(WEEK, "", forms)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"US": 19, "DE": 6, "JP": 3}, {"JP", "DE"}),
        ({"US": 19, "DE": 3, "JP": 3}, {"JP", "DE"}),
        ({"US": 19, "DE": 6, "JP": 0}, set()),
        ({"US": 19, "DE": 2, "JP": 2, "FR": 7}, {"DE", "JP", "FR"}),
        ({"US": 5, "JP": 4}, {"US", "JP"}),
    ],
)
def test_no_small_market_is_left_when_the_others_are_taken_from_the_whole(drafted, counts, hidden):
    scope = drafted.report.scopes[0]
    scopes = [
        replace(scope, market=market, coverage=replace(scope.coverage, market=market, comments=count))
        for market, count in {"": sum(counts.values()), **counts}.items()
    ]
    assert untold_markets(replace(drafted.report, scopes=tuple(scopes))) == hidden


@pytest.mark.slow
def test_a_pdf_is_tagged_titled_and_the_same_twice(reported):
    pytest.importorskip("weasyprint")
    reported.write_report(WEEK, headline="Regen 雨 ฝน")
    reported.publish_report(WEEK)
    first, second = (reported.report_files(WEEK, "", ["pdf"])[0] for _ in range(2))
    assert first.data == second.data
    assert first.data[:5] == b"%PDF-"
    streams = re.findall(rb"stream\n(.*?)\nendstream", first.data, re.DOTALL)
    inside = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"x")
    assert b"/StructTreeRoot" in inside
    assert b"/Marked true" in inside


def test_scripts_that_no_font_has_are_named(reported, monkeypatch):
    pytest.importorskip("weasyprint")
    from voc.report import forms

    monkeypatch.setattr(forms, "charsets", lambda: ("20-2fff",))
    monkeypatch.setattr(forms, "printed", lambda _text, instead: b"%PDF-")
    reported.write_report(WEEK, headline="Regen 雨")
    (file,) = reported.report_files(WEEK, "", ["pdf"])
    assert "Cjk" in file.undrawn


def test_paragraphs_are_parted_by_blank_lines():
    assert paragraphs("a\nb\n\n\n\n c \n\n") == ("a\nb", "c")
