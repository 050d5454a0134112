"""The weekly report: as published or as it would be, what its author says, its quotes, its forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from voc.access import Act
from voc.errors import ConflictError, InputError, NotFoundError
from voc.report.authored import DraftReport, PublishedReport
from voc.report.masked import untold_markets
from voc.web.charts import weekly_spark
from voc.web.show import after, page
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

if TYPE_CHECKING:
    from voc.store.reports import Words

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Author = Annotated[Posted, Depends(posted(Act.WRITE_REPORT))]
Publisher = Annotated[Posted, Depends(posted(Act.PUBLISH_REPORT))]

FORMS: Final = ("html", "pdf", "md", "json")
_THEME: Final = "theme-"


def router() -> APIRouter:
    """Return the addresses of the report."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/report", report, methods=["GET"])
    found.add_api_route("/report/list", reports, methods=["GET"])
    found.add_api_route("/report/file", file, methods=["GET"])
    found.add_api_route("/report/write", write, methods=["POST"])
    found.add_api_route("/report/quote", quote, methods=["POST"])
    found.add_api_route("/report/publish", publish, methods=["POST"])
    return found


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed into the form of words."""

    headline: str
    comment: str
    themes: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a form was not taken, and what was typed into it."""

    problem: str
    status: int
    typed: _Typed | None = None


def report(visit: Visitor, week: str = "", market: str = "", edition: str = "", draft: str = "") -> Response:
    """Show the report of a week: the edition in force, another one, or the draft."""
    return _shown(visit, visit.workspace.run_week(week), market, edition=_edition(edition), draft=draft == "1")


def reports(visit: Visitor) -> Response:
    """List the reports that somebody wrote or published."""
    return page(visit, "reports.html", reports=visit.workspace.reports())


def file(visit: Visitor, week: str, market: str = "", form: str = "html", draft: str = "") -> Response:
    """Return a report in one form, to be kept."""
    if form not in FORMS:
        raise NotFoundError(f"There is no form '{form[:20]}'. Forms: {', '.join(FORMS)}.")
    (found,) = visit.workspace.report_files(visit.workspace.run_week(week), market, (form,), draft=draft == "1")
    headers = {"content-disposition": f'attachment; filename="{found.name}"'}
    return Response(found.data, media_type=found.media_type, headers=headers)


def write(sent: Author) -> Response:
    """Keep what the author says."""
    visit, week, market = sent.visit, sent.text("week"), sent.text("market")
    typed = _Typed(
        sent.text("headline", most=300).strip(),
        sent.text("comment").strip(),
        {name.removeprefix(_THEME): sent.text(name).strip() for name in sent.form if name.startswith(_THEME)},
    )
    try:
        visit.workspace.write_report(
            week,
            market,
            headline=typed.headline,
            comment=typed.comment,
            theme_comments=typed.themes,
            on_version=sent.number("on_version"),
        )
    except ConflictError as error:
        return _shown(visit, week, market, draft=True, refused=_Refused(str(error), 409, typed))
    except InputError as error:
        return _shown(visit, week, market, draft=True, refused=_Refused(str(error), 422, typed))
    return after(visit, _address(week, market, draft=True), "Kept. It stands on top of the draft.")


def quote(sent: Author) -> Response:
    """Pin a quote, hide it, or leave it to the machine again."""
    visit, week, market = sent.visit, sent.text("week"), sent.text("market")
    calls = {
        "pin": visit.workspace.pin_quote,
        "hide": visit.workspace.hide_quote,
        "leave": visit.workspace.unpin_quote,
    }
    act = sent.text("act")
    if act not in calls:
        raise InputError(f"A quote can be: {', '.join(calls)}. '{act[:20]}' came.")
    calls[act](week, market, sent.text("theme"), sent.text("feedback"), on_version=sent.number("on_version"))
    said = {"pin": "Pinned: it comes first.", "hide": "Hidden: it is not shown.", "leave": "Left to the machine."}
    return after(visit, _address(week, market, draft=True) + f"#t-{sent.text('theme')}", said[act])


def publish(sent: Publisher) -> Response:
    """Freeze the report as its next edition."""
    visit, week, market = sent.visit, sent.text("week"), sent.text("market")
    try:
        done = visit.workspace.publish_report(
            week, market, why=sent.text("why", most=2000), on_version=sent.number("on_version")
        )
    except ConflictError as error:
        return _shown(visit, week, market, draft=True, refused=_Refused(str(error), 409))
    return after(visit, _address(week, market), f"Published as edition {done.edition}. Its figures no longer change.")


def _shown(
    visit: Visit,
    week: str,
    market: str,
    *,
    edition: int | None = None,
    draft: bool = False,
    refused: _Refused | None = None,
) -> Response:
    workspace = visit.workspace
    editions = workspace.report_editions(week, market)
    shown: DraftReport | PublishedReport
    if editions and not draft:
        shown = workspace.published_report(week, market, edition=edition)
    else:
        shown = workspace.report_draft(week, market)
    words: Words | _Typed = (refused.typed if refused else None) or shown.words
    chosen = shown.quotes if isinstance(shown, DraftReport) else ()
    return page(
        visit,
        "report.html",
        status=refused.status if refused else 200,
        weeks=workspace.weeks_run(),
        week=week,
        market=market,
        markets=markets_of(visit),
        shown=shown,
        is_draft=isinstance(shown, DraftReport),
        editions=editions,
        history=workspace.report_history(week, market),
        words=words,
        chosen={(one.theme_id, one.feedback_id): one.state for one in chosen},
        problem=refused.problem if refused else "",
        forms=FORMS,
        spark=partial(weekly_spark, least=shown.report.k if shown.report.masked else 0),
        untold=untold_markets(shown.report) if shown.report.masked else frozenset(),
    )


def _edition(text: str) -> int | None:
    if text and not text.isdecimal():
        raise NotFoundError(f"There is no edition '{text[:20]}'. Editions are numbers, the first is 1.")
    return int(text) if text else None


def _address(week: str, market: str, *, draft: bool = False) -> str:
    from urllib.parse import urlencode

    asked = {"week": week, "market": market, "draft": "1" if draft else ""}
    return "/report?" + urlencode({name: value for name, value in asked.items() if value})
