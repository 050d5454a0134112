"""A proposal and its decision pack, built by hand, as the chain and people leave them."""

from voc.proposals.draft import Cost, Draft, Figure, Obligation, Sentence
from voc.proposals.pack_model import Assessed, Consulted, Detectable, Edited, Happened, MarketRow, Pack
from voc.proposals.shown import Shown
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.types import Estimate, Quote

OLD = (
    "The courier should ring the bell or knock at the recipient's door. "
    "The courier should wait at least 1 minute for an answer."
)
NEW = (
    "The courier shall ring the bell or knock at the recipient's door, and wait for an answer. "
    "The courier should wait at least 1 minute for an answer. "
    "When no one answers, the courier shall leave a card within [TARGET minutes]."
)
IDS = tuple(f"{letter * 32}" for letter in "abcdef")
SAID = (
    ("Nobody rang the bell, I was home all day!", "en", "US"),
    ("Ninguém tocou a campainha e o pacote voltou.", "pt", "BR"),
    ("Es hat niemand geklingelt, obwohl ich zu Hause war.", "de", "DE"),
    ("呼び鈴は鳴りませんでした。", "ja", "JP"),
)


def quote(place, text, language, market):
    return Quote(IDS[place], 0, len(text), text, language, market)


def draft(**changes):
    values = {
        "theme": "Courier does not ring the bell",
        "scope": "all markets",
        "markets": ("US", "DE", "BR"),
        "document": "delivery",
        "edition": "2024-1",
        "clause_number": "2.2",
        "clause_title": "Announcing arrival",
        "verdict": "too weak",
        "old_text": OLD,
        "new_text": NEW,
        "obligations": (
            Obligation(
                id="ring",
                who="courier",
                what="ring the bell or knock",
                sentence="The courier shall ring the bell or knock at the recipient's door, and wait for an answer.",
                supporters=9,
                evidence=IDS[:3],
            ),
            Obligation(
                id="card",
                who="courier",
                what="leave a card",
                when="When no one answers",
                limit="within [TARGET minutes]",
                sentence="When no one answers, the courier shall leave a card within [TARGET minutes].",
                supporters=6,
                evidence=IDS[1:2],
            ),
        ),
        "rationale": (
            Sentence(text="Customers report that nobody rang the bell.", evidence=IDS[:2], support=0.91),
            Sentence(
                text="Some parcels went back although they were home.", evidence=IDS[2:3], support=0.34, weak=True
            ),
        ),
        "figures": (
            Figure(name="complaints", value=41, text="41 complaints in 2024-W40 (all markets)"),
            Figure(name="rate", value=1.84, text="1.84 (95 % interval 1.32 to 2.49) complaints per 1,000 deliveries"),
            Figure(name="change", value=2.1, text="2.1 times (95 % interval 1.4 to 3.1) its usual rate"),
        ),
        "signals": ("DE: returned parcels 3.1 % (usual 2.4 %)", "US: first-attempt success 88.0 % (usual 91.2 %)"),
        "questions": ("Which target in minutes? The evidence does not say; the owner sets it.",),
        "success": "Complaints of this theme per 1,000 deliveries in US, DE, BR: now 1.84.",
        "offered": 12,
        "relevant": 9,
        "method": "fake-1.5b",
        "attempts": 2,
        "cost": Cost(tokens_in=9_120, tokens_out=610, seconds=41.2, questions=14, re_asked=1),
    }
    return Draft(**(values | changes))


def shown(outcome="revision", *, state="in_review", market="", **changes):
    beside = {"notices": changes.pop("notices", ())}
    quotes = changes.pop("quotes", tuple(quote(place, *one) for place, one in enumerate(SAID)))
    counter = changes.pop("counter", (quote(5, "The courier rang twice and waited. Great service!", "en", "GB"),))
    gate = changes.pop(
        "gate",
        (
            GateRow("quotes-verbatim", True, ""),
            GateRow("reading-grade", True, "grade (Flesch-Kincaid) 8.4, the clause in force 7.9"),
            GateRow("no-limit-lost", outcome != "failed", "" if outcome != "failed" else "lost: 1"),
        ),
    )
    made = draft(**changes)
    row = ProposalRow(
        "0123456789ab", "t1", market, "2024-W40", "delivery", made.clause_number or None, "e1", outcome, state,
        made.model_dump(mode="json"), "basis", None,
    )  # fmt: skip
    evidence = (*(EvidenceRow(one.feedback_id, "evidence", "ring") for one in quotes),)
    against = (*(EvidenceRow(one.feedback_id, "counter", None) for one in counter),)
    return Shown(row, made, evidence + against, quotes, gate, counter, **beside)


def pack(**changes):
    values = {
        "shown": shown(),
        "owner": "Head of Delivery Standards",
        "edition_title": "Parcel delivery standard 2024-1",
        "period": ("2024-W33", "2024-W40"),
        "markets": (
            MarketRow("US", "United States", "2.2 Announcing arrival", OLD, "2024-1", "2024-01-01", False, 63,
                      Estimate(1.84, 1.32, 2.49), "deliveries", Estimate(2.1, 1.4, 3.1), "rising"),
            MarketRow("DE", "Germany", "2.2 Announcing arrival", OLD.replace("1 minute", "2 minutes"), "2024-DE",
                      "2024-03-01", True, 21, Estimate(0.7, 0.4, 1.2), "comments", Estimate(float("inf"), None, None)),
            MarketRow("BR", "Brazil", "", "", "", "", False, None),
        ),
        "consulted": (
            Consulted("Ada Legal", "legal", "2024-10-20", "agree", "Fine with me.", "ada", "2024-10-12T08:00:00Z", 1),
            Consulted("Bo Operations", "operations", "2024-10-20", "object", "Costs two minutes a stop.", "bo",
                      "2024-10-13T08:00:00Z", 2, "The owner accepts the cost.", "olga"),
            Consulted("Market Brazil", "BR", "2024-10-25"),
        ),
        "assessed": (Assessed("about 40,000 euros a year", "possible on every route", "bo", "2024-10-13T09:00:00Z"),),
        "versions": (
            Edited(1, "2024-10-07T12:00:00Z", "voc", "drafted", NEW),
            Edited(2, "2024-10-11T10:30:00Z", "olga", "shorter", NEW.replace(", and wait for an answer", ""),
                   ("length is that of a clause: too short",)),
        ),
        "history": (
            Happened("2024-10-07T12:00:00Z", "voc", "", "draft", "drafted"),
            Happened("2024-10-10T09:15:00Z", "olga", "draft", "in_review", "ready to be read"),
        ),
        "detectable": (
            Detectable(8, "2025-W05", 0.34), Detectable(26, "2025-W23", 0.18), Detectable(4, "2025-W01", None),
        ),
        "approving": ("A new edition of the standard is published.", "Nothing holds before its effective date."),
    }  # fmt: skip
    return Pack(**(values | changes))
