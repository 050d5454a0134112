import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import InputError, NotFoundError
from voc.resources import sample_dir
from voc.standards.markdown import parse
from voc.standards.redline import accepted, as_html, redline, rejected
from voc.standards.registry import clauses_in_force, import_standard, read_standard

FRONT = (
    '+++\ndocument = "delivery"\ntitle = "T"\nedition = "1"\nowner = "O"\n'
    'effective = 2024-01-01\nlanguage = "en"\n+++\n'
)
BODY = "# 1 Promise\n\n## 1.1 Date\n\nThe carrier shall say when.\n"
ADDENDUM = FRONT.replace('edition = "1"', 'edition = "DE-1"\nmarket = "DE"')
MARKETS = ("US", "DE", "FR", "GB", "BR", "JP")
words = st.lists(st.sampled_from(["the", "courier", "shall", "ring", "24", "hours.", "[TARGET hours]", "\n", "é"])).map(
    " ".join
)


@given(words, words)
def test_rejecting_gives_the_old_text_and_accepting_the_new(old, new):
    spans = redline(old, new)
    assert rejected(spans) == old
    assert accepted(spans) == new


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_survives_a_redline(old, new):
    spans = redline(old, new)
    assert (rejected(spans), accepted(spans)) == (old, new)


def test_a_redline_escapes_markup():
    assert "<script>" not in as_html(redline("a", "a <script>"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# 1 Promise", "line 1: a standard begins with"),
        (FRONT.replace("2024-01-01", '"soon"') + BODY, "effective"),
        (FRONT + "text\n" + BODY, "line 9: text stands before"),
        (FRONT + BODY + "## 1.1 Again\n\nText.\n", "line 14: clause 1.1 stands there twice"),
        (FRONT + BODY + "## 2.1 Elsewhere\n\nText.\n", "does not stand in its chapter"),
        (FRONT + BODY + "## First\n\nText.\n", "is not a clause"),
        (FRONT + BODY.replace("Date", "Date [add]"), "is for addenda"),
        (ADDENDUM + BODY + "## 1.2 Window [add]\n\nText.\n", r"line 12: clause 1.1: .* ends in \[add\]"),
        (FRONT + "# 1 Promise\n\n## 1.1 Date\n", "has no text"),
        (FRONT, "has no clause"),
    ],
)
def test_a_wrong_line_is_named(text, said):
    with pytest.raises(InputError, match=said):
        parse(text, "s.md")


def test_the_sample_is_read_whole(sqlite, stamp):
    for name in ("global", "us", "gb", "de", "fr", "br"):
        done = import_standard(
            sqlite, read_standard(sample_dir() / "standards" / f"{name}.md"), markets=MARKETS, stamp=stamp
        )
        assert done.new
    base = clauses_in_force(sqlite, document="delivery", market="", on="2024-10-01")
    german = clauses_in_force(sqlite, document="delivery", market="DE", on="2024-10-01")
    assert len(base) >= 30
    by_number = {clause.number: clause for clause in german}
    assert by_number["3.1"].market == "DE"
    assert by_number["1.1"].market == ""
    assert "6.5" in by_number
    assert "6.5" not in {clause.number for clause in base}


def test_an_edition_never_changes(database, stamp):
    assert import_standard(database, parse(FRONT + BODY, "s"), markets=MARKETS, stamp=stamp).new
    assert not import_standard(database, parse(FRONT + BODY, "s"), markets=MARKETS, stamp=stamp).new
    with pytest.raises(InputError, match="Editions never change"):
        import_standard(database, parse(FRONT + BODY.replace("say", "tell"), "s"), markets=MARKETS, stamp=stamp)


def test_an_addendum_needs_the_clause_that_it_changes(sqlite, stamp):
    replaced = ADDENDUM + BODY.replace("1.1 Date", "1.2 Window [replace]")
    with pytest.raises(InputError, match="no global edition"):
        import_standard(sqlite, parse(replaced, "s"), markets=MARKETS, stamp=stamp)
    import_standard(sqlite, parse(FRONT + BODY, "s"), markets=MARKETS, stamp=stamp)
    with pytest.raises(InputError, match="is not in the global edition"):
        import_standard(sqlite, parse(replaced, "s"), markets=MARKETS, stamp=stamp)


def test_an_exempt_clause_does_not_hold(sqlite, stamp):
    import_standard(sqlite, parse(FRONT + BODY, "s"), markets=MARKETS, stamp=stamp)
    exempt = ADDENDUM + "# 1 Promise\n\n## 1.1 Date [exempt]\n"
    import_standard(sqlite, parse(exempt, "s"), markets=MARKETS, stamp=stamp)
    assert clauses_in_force(sqlite, document="delivery", market="DE", on="2024-10-01") == ()


def test_an_edition_holds_from_its_day_on(sqlite, stamp):
    import_standard(sqlite, parse(FRONT + BODY, "s"), markets=MARKETS, stamp=stamp)
    with pytest.raises(NotFoundError, match="No global edition"):
        clauses_in_force(sqlite, document="delivery", market="", on="2023-12-31")
