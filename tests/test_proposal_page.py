"""A proposal on screen: everything that an owner needs is there, and nothing that was quoted can act."""

import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proposal import IDS, SAID, quote, shown
from rich.console import Console

from voc.proposals.render import as_markdown, as_page, as_section, as_terminal
from voc.store.proposals import GateRow

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "entity": "&lt;b&gt; &#60;script&#62; ]]> <!-- <?xml ?>",
    "attribute": '" onmouseover="alert(1)" \'',
    "markdown": "[click](http://evil.example) ![x](http://evil.example/p.png) **bold** `code` | cell | # title",
    "lines": "first\n# title\n- item\n1. one\n---\n> quote",
    "override": "safe \u202egnp.exe \u2066hidden\u2069",
    "terminal": "\x1b[31mred\x1b[0m \x07 \x9b2J \x00",
    "zalgo": "h" + "\u0335\u0336\u0334" * 40 + "ello",
}
VOID = {"meta", "br"}


class Tags(HTMLParser):
    """Every tag, attribute and text that a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = set(), [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def everywhere(text):
    return shown(
        theme=text,
        scope=text,
        clause_title=text,
        new_text=text,
        questions=(text,),
        success=text,
        signals=(text,),
        method=text,
        notices=(text,),
        quotes=(quote(0, text, text, text),),
        counter=(quote(5, text, text, text),),
        gate=(GateRow(text, True, text),),
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("form", [as_section, as_page])
def test_hostile_text_is_text_in_html(text, form):
    kind, harmless = Tags(form(everywhere(text))), Tags(form(everywhere("plain")))
    assert kind.tags <= harmless.tags
    assert {name for name, _ in kind.attributes} <= {name for name, _ in harmless.attributes}
    assert kind.open == []
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", kind.text)


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_text_in_html(text):
    found = Tags(as_section(everywhere(text)))
    assert found.tags <= Tags(as_section(everywhere("plain"))).tags | {"ins", "del"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", found.text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text_in_markdown(text):
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark").render(as_markdown(everywhere(text)))
    assert not re.search(r"<(?:script|img|a|code|strong|em|hr|ol)\b", made)
    headings = re.findall(r"<h\d>(.*?)</h\d>", made)
    assert len(headings) == len(re.findall(r"<h\d>", MarkdownIt("commonmark").render(as_markdown(shown()))))


def test_a_struck_out_word_before_brackets_is_no_link_in_markdown():
    from markdown_it import MarkdownIt

    told = as_markdown(
        shown(old_text="Ring at x(http://evil.example) first.", new_text="Ring at (http://evil.example) first.")
    )
    assert "<a " not in MarkdownIt("commonmark").render(told)


def printed(what, **options):
    file = io.StringIO()
    Console(file=file, soft_wrap=True, highlight=False, markup=False, **options).print(as_terminal(what))
    return file.getvalue()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text_in_a_terminal(text):
    said = printed(everywhere(text))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)


@pytest.mark.parametrize(
    "told",
    [
        "Proposed revision",
        "in review",
        "Revise clause 2.2 Announcing arrival",
        "What changes",
        "For the owner to set: [TARGET minutes]",
        "Asked for in 9 of the 12 comments read",
        "Weak support (0.34)",
        "Support 0.91",
        "[aaaaaaaa bbbbbbbb]",
        "JP · ja · dddddddd",
        "The courier rang twice and waited. Great service!",
        "1.84 (95 % interval 1.32 to 2.49)",
        "returned parcels 3.1 %",
        "Which target in minutes?",
        "now 1.84",
        "Gate: 3 of 3 rules passed",
        "Reading grade (Flesch-Kincaid) 8.4, the clause in force 7.9.",
        "passed: quotes are verbatim",
        "14 questions, 1 asked again",
        *(text for text, _, _ in SAID),
    ],
)
def test_everything_that_an_owner_needs_is_told(told):
    assert told in Tags(as_page(shown())).text
    assert told in printed(shown(), width=1000)


def test_notices_stand_before_the_wording():
    text = Tags(as_page(shown(notices=("The clause was superseded.",)))).text
    assert 0 < text.index("The clause was superseded.") < text.index("What changes")


def test_business_figures_claim_no_cause():
    assert not re.search(r"because|caused|due to|led to|therefore", Tags(as_page(shown())).text)


def test_an_action_shows_the_clause_that_stays():
    text = Tags(as_page(shown("action"))).text
    assert "Proposed action" in text
    assert "The clause is right and is not followed" in text
    assert "The courier should ring the bell" in text


def test_an_evidence_brief_says_why_there_is_no_draft():
    brief = shown("brief", obligations=(), rationale=(), clause_number="", note="no duty is asked for by 5 comments")
    text = Tags(as_page(brief)).text
    assert "Insufficient evidence" in text
    assert "No duty is asked for by 5 comments." in text


def test_evidence_that_no_model_has_read_is_not_called_insufficient():
    brief = shown("brief", obligations=(), rationale=(), clause_number="", note="no language model is configured")
    text = Tags(as_page(brief)).text
    assert "Insufficient" not in text
    assert "Evidence without a draft" in text


def test_a_failed_draft_shows_the_rules_and_never_its_wording():
    text = Tags(as_page(shown("failed", state="failed"))).text
    assert "not a proposal" in text
    assert "no limit of the clause is lost: lost: 1" in text
    assert "leave a card" not in text


def test_an_id_leads_to_its_quote():
    page = as_page(shown())
    assert f'href="#q-0123456789ab-{IDS[0][:8]}"' in page
    assert f'id="q-0123456789ab-{IDS[0][:8]}"' in page


def test_without_counter_evidence_that_is_said():
    assert "No comment of the same weeks and markets that speaks against it" in as_page(shown(counter=()))
