"""A store with a standard and drafts of proposals, to review them without a run."""

from datetime import UTC, datetime

from counted import stored

from voc.access import Role
from voc.proposals.desk import Desk, Rules
from voc.proposals.draft import Draft, Figure, Obligation, Sentence
from voc.standards.markdown import parse
from voc.standards.registry import import_standard
from voc.store import editions, proposals
from voc.store.proposals import EvidenceRow, GateRow, ProposalRow
from voc.types import Quote, Stamp

MARKETS = ("US", "DE", "FR")
RUN = Stamp("night run", datetime(2024, 10, 7, 12, tzinfo=UTC))
RING = "The courier shall ring the bell or knock, and wait for an answer."
OLD = "The courier should ring the bell. The courier shall wait at least 2 minutes."
NEW = f"{RING} The courier shall wait at least 2 minutes."
GLOBAL = (
    '+++\ndocument = "delivery"\ntitle = "Delivery"\nedition = "2024-1"\nowner = "Network"\n'
    'effective = 2024-01-01\nlanguage = "en"\n+++\n\n# 1 Promise\n\n## 1.1 Date\n\nThe carrier shall say when.\n\n'
    f"# 2 At the door\n\n## 2.1 Bell\n\n{OLD}\n\n## 2.2 Manners\n\nThe courier shall be polite.\n"
)
ADDENDUM = (
    '+++\ndocument = "delivery"\ntitle = "Delivery DE"\nedition = "DE-1"\nowner = "Germany"\nmarket = "DE"\n'
    'effective = 2024-02-01\nlanguage = "en"\n+++\n\n# 2 At the door\n\n## 2.2 Manners [replace]\n\n'
    "The courier shall greet.\n"
)
COUNTS = [5] * 14


def shelf(database, *, addendum=False):
    """Store comments of the theme "bell" in three markets, and the standard."""
    stored(database, {(market, "app", "bell"): COUNTS for market in MARKETS})
    for source in (GLOBAL, *([ADDENDUM] if addendum else [])):
        import_standard(database, parse(source, "s"), markets=MARKETS, stamp=RUN)


def drafted(
    database, proposal_id="p1", *, market="DE", markets=None, outcome="revision", stamp=RUN, said=None, **changes
):
    """Store a sound draft as the machine would, and return its id; `said` is the theme and the ids of its evidence."""
    told = tuple(markets or [market])
    theme, ids = said or ("bell", [f"{told[0]}-app-bell-2024-W40-{one}" for one in range(5)])
    duty = {"id": "ring", "who": "courier", "what": "ring the bell or knock, and wait for an answer", "sentence": RING}
    with database.read() as connection:
        known = editions.every(connection, document="delivery")
    base = next(one for one in known if not one.market)
    values = {
        "theme": "Nobody rings",
        "scope": market or "all markets",
        "markets": told,
        "document": "delivery",
        "edition": base.name,
        "clause_number": "2.1",
        "clause_title": "Bell",
        "verdict": "too weak",
        "old_text": OLD,
        "new_text": NEW if outcome == "revision" else OLD,
        "obligations": (Obligation(**duty, supporters=5, evidence=tuple(ids)),),
        "rationale": (Sentence(text="Customers report that nobody rings.", evidence=tuple(ids[:2]), support=0.8),),
        "figures": (Figure(name="complaints", value=17, text="17 complaints in 2024-W40"),),
        "offered": 8,
        "relevant": 5,
    }
    draft = Draft(**(values | changes))
    row = ProposalRow(
        proposal_id,
        theme,
        market,
        "2024-W40",
        "delivery",
        draft.clause_number,
        base.id,
        outcome,
        "failed" if outcome == "failed" else "draft",
        draft.model_dump(mode="json"),
        "",
        "r",
    )
    with database.write() as connection:
        proposals.add(
            connection,
            stamp,
            row,
            evidence=[EvidenceRow(one, "evidence", "ring") for one in ids],
            quotes=[Quote(ids[0], 0, 6, ids[0][:6], "en", told[0])],
            gate=[GateRow("clause number is kept", True, "")],
        )
    return proposal_id


def desk(database, role="owner", actor="olga", *, rules=None, at=None):
    """Return the desk of somebody at work."""
    stamp = Stamp(actor, at or datetime(2024, 10, 14, 9, tzinfo=UTC))
    return Desk(database, stamp, Role(role), lambda text: f"sealed-{len(text)}", rules or Rules(), MARKETS)


def state(database, proposal_id="p1"):
    with database.read() as connection:
        return proposals.get(connection, proposal_id).state
