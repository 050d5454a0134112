"""What people see of an effect: sentence, notes, plots, page, values."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from test_effect import WEEKS, course, others, panel

from voc.effect.chart import rates_chart, standalone, weeks_chart
from voc.effect.measure import measure
from voc.effect.page import as_page
from voc.effect.table import as_values, week_rates
from voc.effect.words import notes, sentence
from voc.types import Estimate

HOSTILE = '<script>alert("x")</script> & wet'
VOID = {"meta", "rect", "line", "circle", "path", "br"}


@pytest.fixture(scope="module")
def fallen():
    return measure(panel({"US": course(60, 24)} | others()))


@pytest.fixture(scope="module")
def alone():
    return measure(panel({"US": course(60, 24)}))


class Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_sentence_says_what_was_compared_when_and_how_much(fallen):
    told = sentence(fallen)
    assert told.startswith("Improved: in the 8 weeks from ")
    assert f"{fallen.ratio.value:.2f} times (95 % interval {fallen.ratio.low:.2f} to {fallen.ratio.high:.2f})" in told
    assert "M0, M1, M2 and M3, which did not change" in told


def test_the_notes_say_which_weeks_were_left_out_and_why(fallen):
    told = " ".join(notes(fallen))
    assert f"{fallen.out[0]} to {fallen.out[-1]}, the 2 weeks" in told
    assert "after an alarm" in told


def test_without_other_markets_no_cause_is_claimed(alone):
    assert "its own course before" in sentence(alone)
    assert "a fall or rise is told, not its cause" in " ".join(notes(alone))


def test_no_effect_says_what_can_be_ruled_out():
    effect = measure(panel({"US": course(400, 400)} | others(400)), studies=False)
    fall = f"{1 - effect.ratio.low:.0%}"
    assert sentence(effect).startswith("No effect seen")
    assert f"a fall of more than {fall}" in sentence(effect)


def test_the_event_study_is_near_one_before_and_near_the_effect_after(fallen):
    before = [one.ratio.value for one in fallen.weeks if one.week < 0 and not one.left_out]
    after = [one.ratio.value for one in fallen.weeks if one.week >= 0]
    assert np.exp(np.mean(np.log(before))) == pytest.approx(1, abs=0.05)
    assert np.exp(np.mean(np.log(after))) == pytest.approx(fallen.ratio.value, abs=0.06)
    assert [one.week for one in fallen.weeks if one.left_out] == [-2, -1]


def test_pretended_changes_elsewhere_and_earlier_show_nothing_in_steady_markets(fallen):
    assert [one.what for one in fallen.other_markets] == ["M0", "M1", "M2", "M3"]
    assert fallen.earlier
    assert not any(one.apart for one in (*fallen.other_markets, *fallen.earlier))


@pytest.mark.parametrize("chart", [rates_chart, weeks_chart, standalone])
def test_a_plot_is_sound_xml_with_title_and_description(fallen, chart):
    root = ET.fromstring(chart(fallen, HOSTILE))
    titles = [one.text for one in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles
    assert all(HOSTILE in title for title in titles)
    assert all(one.text for one in root.iter("{http://www.w3.org/2000/svg}desc"))
    assert "script" not in {one.tag.split("}")[1] for one in root.iter()}


def test_no_coordinate_lies_outside_the_plot(fallen):
    for chart in (rates_chart(fallen, "x"), weeks_chart(fallen, "x")):
        for name, most in (("x", 720), ("x1", 720), ("cx", 720), ("y", 300), ("y1", 300), ("cy", 300)):
            values = [float(one) for one in re.findall(rf'\b{name}="(-?[\d.]+)"', chart)]
            assert all(0 <= one <= most for one in values), (name, values)


def test_the_axis_of_weekly_ratios_ends_at_sixteen_times(fallen):
    wide = replace(fallen, weeks=(replace(fallen.weeks[0], ratio=Estimate(1.0, 1e-9, 1e9)), *fallen.weeks[1:]))
    assert re.search(r'y="38.0" [^>]*>16</text>', weeks_chart(wide, "x"))
    assert "1/32" not in weeks_chart(wide, "x")
    assert re.search(r'y1="256.0" y2="34.0"', weeks_chart(wide, "x"))


def test_weeks_without_a_rate_leave_a_gap_in_the_line(fallen):
    counts = {"US": course(60, 24)} | others()
    counts["US"][5] = np.nan
    effect = measure(panel(counts), studies=False)
    line = re.search(r'class="own"><path d="([^"]+)"', rates_chart(effect, "x"))[1]
    assert line.count("M") == 2


def test_the_page_is_one_balanced_document_without_anything_from_elsewhere(fallen):
    page = as_page(fallen, HOSTILE)
    reader = Balance()
    reader.feed(page)
    assert reader.open == []
    assert "script" not in reader.seen
    assert not re.search(r'(?:src|href)="', page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_each_plot_of_the_page_has_its_table(fallen):
    page = as_page(fallen, "x")
    rates = re.search(r"<caption>Complaints by week</caption>.*?</table>", page)[0]
    assert rates.count("<tr>") == WEEKS + 1
    weeks = re.search(r"<caption>Weeks since the change</caption>.*?</table>", page)[0]
    assert weeks.count("<tr>") == len(fallen.weeks) + 1


def test_rates_are_complaints_per_thousand(fallen):
    row = week_rates(fallen)[0]
    assert row.own == pytest.approx(row.own_complaints / 10)
    assert row.others == pytest.approx(row.other_complaints / 40)


def test_all_values_can_be_written_as_json(fallen, alone):
    for effect in (fallen, alone):
        again = json.loads(json.dumps(as_values(effect, "x"), allow_nan=False))
        assert again["verdict"] == "improved"
        assert again["ratio"]["value"] == effect.ratio.value


def test_shares_of_comments_are_not_called_deliveries(fallen):
    effect = measure(replace(fallen.panel, by_share=("US",)), studies=False)
    assert "per 1,000 comments" in rates_chart(effect, "x")
    assert "Deliveries of US are not known" in " ".join(notes(effect))
