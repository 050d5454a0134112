"""One proposal as a page: what is told, which forms its reader may send, and what came of one that was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup
from starlette.responses import Response

from voc.access import Act, Role
from voc.errors import ConflictError, InputError
from voc.proposals.approve import clause_now
from voc.proposals.blocks_html import article
from voc.proposals.consult import PARTS
from voc.proposals.gate import title_of
from voc.proposals.proposal_blocks import proposal_blocks
from voc.proposals.shown import Shown
from voc.proposals.states import EDITABLE, MOVES, Reason, State
from voc.standards.redline import as_html, redline
from voc.store.actions import ActionRow
from voc.store.review import AdoptionRow, ConsultationRow, VersionRow
from voc.web.errors import status_of
from voc.web.show import page
from voc.web.spoken import spoken
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit

_HIDDEN = frozenset({"csrf", "on_version", "version"})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was not taken, and what was typed into it: the fields of the form by name."""

    problem: str
    detail: str
    status: int
    form: str
    typed: Mapping[str, str]

    @property
    def is_conflict(self) -> bool:
        """Say whether somebody else was first."""
        return self.status == status_of(ConflictError(""))

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return what people typed or chose themselves."""
        return tuple((name, text) for name, text in self.typed.items() if name not in _HIDDEN and text)


def refused(sent: Posted, form: str, error: InputError) -> Refused:
    """Return what is told of a form that was not taken."""
    typed = {name: ", ".join(sent.texts(name)) for name in sent.form if name != "csrf"}
    said = spoken(str(error).split("\nYour text is kept in")[0])
    problem, _, detail = said.partition("\n\n")
    return Refused(problem, "" if form == "edit" else detail, status_of(error), form, typed)


@dataclass(frozen=True, slots=True)
class Version:
    """A version with what it changed in the one before it, as HTML."""

    row: VersionRow
    changed: Markup


@dataclass(frozen=True, slots=True)
class Since:
    """What was changed since the version that somebody looked at, and from the newest to what they typed."""

    seen: int
    newest: VersionRow
    theirs: str
    changed: Markup
    yours: Markup | None


@dataclass(frozen=True, slots=True)
class Place:
    """A market where a proposal can be adopted; `wanted` where its evidence comes from there."""

    code: str
    name: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a proposal, within what its reader sees."""

    consultations: tuple[ConsultationRow, ...]
    adoptions: tuple[AdoptionRow, ...]
    actions: tuple[ActionRow, ...]
    stale: bool
    places: tuple[Place, ...] = field(default=())


def proposal_page(visit: Visit, shown: Shown, *, refused: Refused | None = None) -> Response:
    """Return the page of a proposal; with a form that was not taken, that form holds what was typed."""
    workspace, row = visit.workspace, shown.row
    versions = workspace.proposal_versions(row.id)
    beside = _beside(visit, shown)
    told = replace(shown, notices=tuple(spoken(one) for one in shown.notices))
    return page(
        visit,
        "proposal.html",
        status=refused.status if refused else 200,
        shown=shown,
        row=row,
        article=Markup(article(proposal_blocks(told), anchor=f"p-{row.id}")),  # noqa: S704  every block escapes
        comments=_comments(visit, shown),
        versions=_versions(versions, shown),
        newest=versions[-1],
        history=workspace.proposal_history(row.id),
        beside=beside,
        assessment=workspace.assessment(row.id),
        edition=next((one for one in workspace.standards() if one.proposal_id == row.id), None),
        forms=_forms(visit, shown, beside),
        reasons=[one.value for one in Reason],
        parts=PARTS,
        rule_title=title_of,
        refused=refused,
        since=since(versions, refused),
        acts=workspace.audit(subject=row.id, limit=30) if visit.may(Act.READ_AUDIT) else (),
        today=workspace.services.stamp.at.date().isoformat(),
    )


def since(versions: Sequence[VersionRow], refused: Refused | None) -> Since | None:
    """Return what came between what somebody saw and what they sent, None where nothing did."""
    if refused is None or not refused.is_conflict:
        return None
    seen = next((one for one in versions if str(one.version) == refused.typed.get("on_version")), None)
    if seen is None or seen is versions[-1]:
        return None
    theirs = _text(versions[-1])
    yours = _marks(theirs, refused.typed["text"]) if refused.form == "edit" else None
    return Since(seen.version, versions[-1], theirs, _marks(_text(seen), theirs), yours)


def _beside(visit: Visit, shown: Shown) -> Beside:
    workspace, row = visit.workspace, shown.row
    names = markets_of(visit)
    adopted = tuple(one for one in workspace.adoptions(row.id) if one.market in names)
    taken = {one.market for one in adopted}
    places = [row.market] if row.market else list(names)
    with workspace.services.database.read() as connection:
        now = clause_now(connection, row, row.market) if row.outcome == "revision" else None
    return Beside(
        workspace.consultations(row.id),
        adopted,
        tuple(one for one in workspace.actions() if one.proposal_id == row.id),
        now is not None and now.text != shown.draft.old_text,
        tuple(
            Place(one, names[one], one in shown.draft.markets) for one in places if one in names and one not in taken
        ),
    )


def _comments(visit: Visit, shown: Shown) -> tuple[str, ...]:
    """Return the ids of the comments for it that the reader may open: to those of some markets, the quoted ones."""
    quoted = [one.feedback_id for one in shown.quotes]
    more = [one.feedback_id for one in shown.evidence if one.role == "evidence" and visit.who.markets is None]
    return tuple(dict.fromkeys((*quoted, *more)))


def _forms(visit: Visit, shown: Shown, beside: Beside) -> frozenset[str]:
    """Return the forms that make sense for a proposal as it is, and that the reader may send."""
    row, me = shown.row, visit.who.name.casefold()
    moves, editable = MOVES[State(row.state)], row.state in EDITABLE
    is_text, is_action = row.outcome == "revision", row.outcome == "action"
    named = visit.who.role is Role.ADMIN or any(one.reviewer.casefold() == me for one in beside.consultations)
    sense = {
        "submit": (Act.SUBMIT, State.IN_REVIEW in moves and (is_text or is_action)),
        "approve": (Act.DECIDE, State.APPROVED in moves and is_text),
        "changes": (Act.DECIDE, State.CHANGES_ASKED in moves),
        "reject": (Act.DECIDE, State.REJECTED in moves),
        "ask": (Act.ASK, editable),
        "answer": (Act.ANSWER, editable and bool(beside.consultations) and named),
        "assess": (Act.ASSESS, editable),
        "edit": (Act.EDIT, editable and is_text),
        "restore": (Act.EDIT, editable and is_text),
        "rebase": (Act.EDIT, editable and is_text and beside.stale),
        "adopt": (Act.ADOPT, is_text and row.state in (State.APPROVED, State.ADOPTED) and bool(beside.places)),
        "action": (Act.OPEN_ACTION, is_action and editable and not beside.actions),
        "supersede": (Act.DECIDE, State.SUPERSEDED in moves),
    }
    return frozenset(name for name, (act, fits) in sense.items() if fits and visit.may(act))


def _versions(rows: Sequence[VersionRow], shown: Shown) -> tuple[Version, ...]:
    """Return the versions, the newest first, each as what it changed; the first against the clause."""
    before = str(rows[0].draft.get("old_text", shown.draft.old_text))
    texts = [before, *(_text(row) for row in rows)]
    found = [Version(row, _marks(texts[place], texts[place + 1])) for place, row in enumerate(rows)]
    return tuple(reversed(found))


def _text(row: VersionRow) -> str:
    return str(row.draft.get("new_text", ""))


def _marks(old: str, new: str) -> Markup:
    return Markup(as_html(redline(old, new)))  # noqa: S704  as_html escapes
