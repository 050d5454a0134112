"""Comments, duties and vectors made by hand, so that a test says by itself what is near what."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from voc.llm.chain import Budget, Chain
from voc.llm.fake import FakeChatModel
from voc.proposals.catalogue import Duty
from voc.proposals.evidence import Evidence
from voc.proposals.nearness import Nearness
from voc.themes.space import Space
from voc.types import Feedback, Stamp

STAMP = Stamp("tester", datetime(2024, 10, 7, 12, tzinfo=UTC))
RING = Duty("ring", "courier", "ring the bell", "Nobody rang.", "bell", matter="the door")
CARD = Duty("card", "courier", "leave a card", "No card was left.", "card", matter="the door")
DRY = Duty("dry", "courier", "keep parcels dry", "The box was wet.", "rain", matter="the box")
CALL = Duty("call", "carrier", "answer calls", "Nobody answers.", "support")
REFUND = Duty("refund", "carrier", "pay claims", "No money came.", "claims")
DUTIES = (RING, CARD, DRY, CALL, REFUND)


def comment(text, *, name="", market="US", language="en"):
    """Return a comment as evidence; its id is its text or the name given."""
    id = name or text
    said = Feedback(
        id=id,
        source="s",
        source_id=id,
        revision="",
        market=market,
        created_at=STAMP.at,
        week="2024-W40",
        language=language,
        text=text,
        text_hash=text,
        rating=None,
        channel="",
        attributes={},
        source_url="",
    )
    return Evidence(said, 0, len(text), text)


def towards(**meanings):
    """Return a vector of five meanings, in the order of the duties above."""
    row = np.array([meanings.get(duty.id, 0.0) for duty in DUTIES], dtype=np.float32)
    return row


def meaning(text, known):
    """Return the vector that was given for a text, else that of the duty whose words it holds."""
    if text in known:
        return known[text]
    own = {duty.id: 1.0 for duty in DUTIES for part in (duty.about, duty.what, duty.clauses) if part in text}
    return towards(**own)


def near(known=None, *, language_means=None):
    """Return a nearness in which texts mean what `known` says, and texts about a duty mean that duty."""

    def encode(texts):
        return np.stack([meaning(text, known or {}) for text in texts])

    return Nearness(encode, encode, Space(np.zeros(5, np.float32), language_means or {}, np.eye(5, dtype=np.float32)))


class Asking(Chain):
    """A chain that ties no answer to stored feedback, because these comments are not stored."""

    def _asked(self, form, question):
        return super()._asked(form, replace(question, feedback_ids=()))


def asking(database, *answers, model=None):
    """Return a chain whose model gives these answers in order."""
    model = model or FakeChatModel()
    model.enqueue(*answers)
    return Asking(database, model, lambda: STAMP, Budget(10**6, 10**6), lambda: 0.0)
