"""What one format holds, every format holds."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.resources import sample_dir
from voc.standards.document import Front, Given, ParsedClause, accepted_standard, plain_line, plain_text, standard
from voc.standards.files import as_bytes, read_file, write_file
from voc.standards.json_lines import read_json_lines
from voc.standards.markdown import parse, read_markdown
from voc.standards.word import read_word
from voc.standards.yaml_form import read_yaml

KINDS = (".md", ".yaml", ".docx", ".jsonl")
characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff")
lines = st.one_of(
    st.text(characters, max_size=40),
    st.sampled_from(
        [
            *("# 1 Promise", "## 2.1 Title", "\\# 1", "\\\\## 3", "+++", "- item", "a: b", "yes", "1.10", "~", "[add]"),
            *(
                "a\tb",
                "two  blanks",
                "'",
                '"',
                "{",
                "&a",
                "*a",
                "!!python/none",
                "<b>",
                "--- ",
                "...",
                "| x",
                "> y",
                "% z",
            ),
        ]
    ),
)
texts = st.lists(lines, min_size=1, max_size=4).map("\n".join).map(plain_text).filter(bool)
titles = lines.map(plain_line).map(lambda text: text[:120].strip()).filter(bool)
words = titles.map(lambda text: text[:60].strip()).filter(bool)


@st.composite
def standards(draw):
    market = draw(st.sampled_from(["", "DE"]))
    front = Front(
        document=draw(st.from_regex(r"[a-z][a-z0-9-]{1,10}", fullmatch=True)),
        title=draw(titles),
        edition=draw(words),
        owner=draw(titles),
        effective=draw(st.dates(date(1900, 1, 1), date(2100, 1, 1))),
        language=draw(st.sampled_from(["en", "no", "de", "fil"])),
        market=market,
    )
    addendum = bool(market) and draw(st.booleans())
    found = []
    style = draw(st.sampled_from(["chapters", "paragraphs", "flat"]))
    for chapter in range(1, draw(st.integers(1, 3)) + 1):
        heading = f"{chapter} {draw(titles)}" if style != "flat" else ""
        for at in range(1, draw(st.integers(1, 3)) + 1):
            number = {"chapters": f"{chapter}.{at}", "paragraphs": f"§ {chapter * 10 + at}a", "flat": f"{chapter}{at}"}
            action = draw(st.sampled_from(["add", "replace", "exempt"])) if addendum else "base"
            text = "" if action == "exempt" and draw(st.booleans()) else draw(texts)
            found.append(ParsedClause(number[style], heading, draw(titles), action, text))
    return standard(front, found)


def read(kind, data):
    if kind == ".docx":
        return accepted_standard(read_word(data, "s.docx"))
    text = data.decode()
    if kind == ".jsonl":
        (one,) = read_json_lines(text, "s.jsonl")
        return accepted_standard(one)
    return parse(text, "s.md") if kind == ".md" else accepted_standard(read_yaml(text, "s.yaml"))


@pytest.mark.parametrize("kind", [".md", ".yaml", ".jsonl"])
@settings(max_examples=40, deadline=None)
@given(one=standards())
def test_what_is_written_is_read_again(kind, one):
    assert read(kind, as_bytes(one, kind)) == one


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(one=standards())
def test_what_is_written_to_word_is_read_again(one):
    assert read(".docx", as_bytes(one, ".docx")) == one


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(one=standards(), kinds=st.permutations(KINDS))
def test_a_way_through_all_formats_changes_nothing(one, kinds):
    now = one
    for kind in kinds:
        now = read(kind, as_bytes(now, kind))
    assert now == one
    assert now.id == one.id


@pytest.mark.parametrize("name", ["global", "us", "gb", "de", "fr", "br"])
def test_the_sample_keeps_its_id_in_every_format(name, tmp_path):
    path = sample_dir() / "standards" / f"{name}.md"
    one = parse(path.read_text(), str(path))
    for kind in KINDS:
        write_file(tmp_path / f"s{kind}", one)
        (found,) = read_file(tmp_path / f"s{kind}")
        assert accepted_standard(found).id == one.id, kind
    assert (tmp_path / "s.md").read_bytes() == path.read_bytes()


def test_blanks_within_front_matter_are_the_same_in_every_format():
    source = (sample_dir() / "standards" / "global.md").read_text().replace("Parcel delivery", "Parcel  delivery")
    one = parse(source, "s")
    assert one.front.title == "Parcel delivery standard"
    assert read(".docx", as_bytes(one, ".docx")).front == one.front


@pytest.mark.parametrize(
    ("doc", "document"), [("PostG 1998", "postg-1998"), ("Überführung", "uberfuhrung"), ("a-b-", "a-b-"), ("法", "法")]
)
def test_a_document_in_json_lines_is_named_by_what_is_left_of_its_name(doc, document):
    row = json.dumps({"doc": doc, "clause": "§ 1", "title": "T", "text": "A.", "lang": "de"})
    found = read_json_lines(row, "s", Given(edition="1", owner="O", effective="2024-01-01"))[0]
    if document == doc and not doc.isascii():
        assert "Allowed: 2 to 61 small letters" in found.problems[0].message
    else:
        assert accepted_standard(found).front.document == document


ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("kind", ["markdown", "yaml", "json"])
def test_the_examples_of_the_documentation_are_read(kind):
    text = (ROOT / "docs" / "standards-format.md").read_text()
    (example,) = re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)
    if kind == "json":
        found = read_json_lines(example, "docs", Given(edition="1", owner="O", effective="2024-01-01"))[0]
    else:
        found = (read_markdown if kind == "markdown" else read_yaml)(example, "docs")
    assert found.problems == ()
    assert len(accepted_standard(found).clauses) == 1


def test_every_rule_of_the_check_is_documented():
    code = "".join(path.read_text() for path in (ROOT / "voc" / "standards").glob("*.py"))
    rules = set(re.findall(r'"(?:error|warning)", "([a-z-]+)"', code)) | set(re.findall(r'\bwrong\("([a-z-]+)"', code))
    rules |= set(re.findall(r'_error\([^,()]+, "([a-z-]+)"', code))
    table = (ROOT / "docs" / "standards-format.md").read_text().split("## What the check finds")[1]
    assert len(rules) > 20
    assert [rule for rule in sorted(rules - {"more", "warning"}) if f"`{rule}`" not in table] == []
