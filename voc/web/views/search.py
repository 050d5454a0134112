"""Search by meaning and by words, with filters, facets and export, and the look-up of a number."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from voc.access import Act
from voc.errors import InputError, ModelError, NotFoundError, StoreError
from voc.types import Polarity
from voc.web.show import page
from voc.web.views.overview import markets_of
from voc.web.visit import Posted, Visit, needs, posted

if TYPE_CHECKING:
    from voc.search.count import Count
    from voc.search.filters import Asked
    from voc.search.result import SearchResult
    from voc.workspace_search import FilterValues

Visitor = Annotated[Visit, Depends(needs(Act.VIEW))]
Finder = Annotated[Posted, Depends(posted(Act.LOOK_UP))]

FIELDS: Final = (
    "q",
    "like",
    "mode",
    "market",
    "week",
    "since",
    "until",
    "theme",
    "group",
    "rating",
    "lang",
    "channel",
    "kind",
    "where",
)
MODES: Final = {"hybrid": "meaning and words", "dense": "meaning", "lexical": "words"}
EXPORTS: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
FACETS: Final = {
    "market": "market",
    "language": "lang",
    "channel": "channel",
    "rating": "rating",
    "kind": "kind",
    "theme": "theme",
}
LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Question:
    """What the address asks."""

    values: Mapping[str, str]

    def __getattr__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def is_asked(self) -> bool:
        """Say whether anything is looked for."""
        return bool(self.q.strip() or self.like)

    def filter(self) -> Asked:
        """Return the filter."""
        from voc.search.filters import Asked

        def many(name: str) -> list[str]:
            return [self.values[name]] if self.values.get(name) else []

        return Asked(
            markets=many("market"),
            week=self.week,
            since=self.since,
            until=self.until,
            theme=self.theme,
            group=self.group,
            rating=self.rating,
            languages=many("lang"),
            channels=many("channel"),
            kinds=many("kind"),
            where=many("where"),
        )

    def address(self, path: str = "/search", **changed: str) -> str:
        """Return the address that asks the same but for what is changed; a page begins anew."""
        values = {name: value for name, value in {**self.values, **changed}.items() if value}
        return f"{path}?{urlencode(values)}"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: hits for those who read comments, the count where it was asked for and can be told."""

    result: SearchResult | None = None
    count: Count | None = None
    is_counted: bool = False


def router() -> APIRouter:
    """Return the addresses of search."""
    found = APIRouter(include_in_schema=False)
    found.add_api_route("/search", search, methods=["GET"])
    found.add_api_route("/search/export", export, methods=["GET"])
    found.add_api_route("/search/lookup", lookup, methods=["POST"])
    return found


def search(request: Request, visit: Visitor) -> Response:
    """Show the hits of a question, or only their count to those who see no single comments."""
    asked = question(request.query_params)
    found, problem, status = Found(), "", 200
    if asked.is_asked:
        try:
            found = _found(visit, asked, request.query_params)
        except (InputError, NotFoundError, StoreError, ModelError) as error:
            from voc.web.errors import status_of

            problem, status = str(error), status_of(error)
    return page(
        visit,
        "search.html",
        status=status,
        asked=asked,
        result=found.result,
        count=found.count,
        counted=found.is_counted,
        cursor=request.query_params.get("cursor", ""),
        problem=problem,
        modes=MODES,
        exports=EXPORTS,
        facets=FACETS,
        choices=_choices(request, visit),
        markets=markets_of(visit),
        saved=visit.workspace.saved_searches(),
        kinds=[one.value for one in Polarity],
        k=visit.workspace.services.settings.workspace.k,
    )


def export(request: Request, visit: Visitor, form: str = "csv") -> Response:
    """Return the best hits as a file; counts of groups to those who see no single comments."""
    if form not in EXPORTS:
        raise NotFoundError(f"There is no form '{form[:10]}'. Forms: {', '.join(EXPORTS)}.")
    asked = question(request.query_params)
    workspace = visit.workspace
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"hits.{form}"
        wanted = workspace.filter(asked.filter())
        workspace.export_search(path, asked.q, like=asked.like, wanted=wanted, mode=asked.mode or "hybrid")
        body = path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="voc-search.{form}"'}
    return Response(body, media_type=EXPORTS[form], headers=headers)


def lookup(sent: Finder) -> Response:
    """Find the comments of a parcel; the number stands in no address."""
    found = sent.visit.workspace.lookup(sent.text("number", most=200))
    return page(sent.visit, "lookup.html", found=found)


def question(params: QueryParams) -> Question:
    """Return what the address asks.

    Raises:
        InputError: a field is longer than allowed.
    """
    values = {name: params.get(name, "").strip() for name in FIELDS}
    for name, value in values.items():
        if len(value) > LONGEST:
            raise InputError(f"The field '{name}' has {len(value):,} characters; at most {LONGEST:,} are read.")
    return Question({name: value for name, value in values.items() if value})


def _found(visit: Visit, asked: Question, params: QueryParams) -> Found:
    """Return the hits, and the count where it is asked for: it looks at far more comments than the hits do."""
    workspace = visit.workspace
    wanted, mode = workspace.filter(asked.filter()), asked.mode or "hybrid"
    if not visit.may(Act.READ):
        return Found(count=workspace.count(asked.q, like=asked.like, wanted=wanted, mode=mode))
    cursor = params.get("cursor", "")
    result = workspace.search(asked.q, like=asked.like, wanted=wanted, mode=mode, limit=10, cursor=cursor)
    if not params.get("count"):
        return Found(result)
    try:
        return Found(result, workspace.count(asked.q, like=asked.like, wanted=wanted, mode=mode), is_counted=True)
    except InputError:
        return Found(result, is_counted=True)


def _choices(request: Request, visit: Visit) -> FilterValues:
    """Return the values that filters can have in the markets that somebody sees, kept while the store stays."""
    found: FilterValues = request.app.state.kept.get(("choices", visit.who.markets), visit.workspace.filter_values)
    return found
