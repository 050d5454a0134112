"""Who sees counts only is told of no group of fewer than k comments: on no page, in no file, by no difference."""

import hashlib
import json
import re

import pytest
from conftest import BARE
from counted import stored
from reported import ran
from sqlalchemy import update
from test_web_roles import ROUTES
from visitors import browser

from voc.access import Act
from voc.store import schema
from voc.workspace import Workspace

WEEK = "2024-W40"
K = 5
COUNTS = {
    ("US", "app", "rain"): [8] * 13 + [19],
    ("DE", "app", "rain"): [6] * 13 + [7],
    ("JP", "app", "rain"): [2] * 13 + [3],
    ("US", "app", "bell"): [7] * 13 + [4],
    ("DE", "app", "bell"): [9] * 14,
    ("JP", "app", "bell"): [3] * 13 + [1],
    ("FR", "app", "bell"): [1] * 13 + [2],
}
"""Rain in JP and bell in US, JP and FR are small; all of JP and of FR are small markets."""

MADE_WITH = {"voc": "0", "encoder": "e"}
COUNTED = {"complaints", "comments", "praise", "assigned", "texts", "different", "compared", "series"}
NUMBER = re.compile(r'<td(?![^>]*data-label="Rate beside)[^>]*>\s*(?:<[^>]+>\s*)*([1-4])\s*(?:<|\()')


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "w"
    with Workspace.init(folder, environment=BARE) as made:
        stored(made.services.database, COUNTS)
        with made.services.database.write() as connection:
            table = schema.theme_fit
            connection.execute(update(table).values(sha256=hashlib.sha256(b"").hexdigest()))
            connection.execute(update(schema.theme).values(centroid=bytes(8)))
        ran(made)
        with made.services.database.write() as connection:
            connection.execute(update(schema.run).values(finished_at="2024-10-07T00:10:00.000000Z", manifest=MADE_WITH))
        yield made


@pytest.fixture(scope="module")
def viewer(workspace):
    return browser(workspace, "viewer")


def small(value, path=()):
    """Yield the places in an answer where a count of fewer than k is told."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from small(one, (*path, name))
    elif isinstance(value, list):
        for one in value:
            yield from small(one, path)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < K and path[-1] in COUNTED:
        yield ".".join(path), value


WITHOUT_COUNTS = {
    "/",
    "/account",
    "/actions",
    "/actions/{action_id}",
    "/effect",
    "/report/list",
    "/runs",
    "/runs/{run_id}",
    "/runs/{run_id}/events",
    "/standards",
    "/standards/compare",
    "/standards/export",
    "/standards/import",
    "/standards/{document}",
    "/api/v1/actions",
    "/api/v1/actions/{action_id}",
    "/api/v1/markets",
    "/api/v1/openapi.json",
    "/api/v1/reports",
    "/api/v1/runs",
    "/api/v1/runs/{run_id}",
    "/api/v1/searches",
    "/api/v1/standards",
    "/api/v1/standards/{document}/clauses",
    "/api/v1/weeks",
}
ELSEWHERE = {  # by the same call, tested there with its own small groups
    "/search": "test_access.py, test_counting.py",
    "/search/export": "test_access.py, test_export.py",
    "/api/v1/search/count": "test_access.py, test_counting.py",
    "/effect/{change_id}": "test_effect_shown.py, test_web_effect.py",
    "/api/v1/effect/{change_id}": "test_web_effect.py",
}
ADDRESSES = [
    f"/api/v1{one}{mark}week={WEEK}{also}"
    for one, mark in (("/overview", "?"), ("/themes/rain", "?"), ("/themes/bell", "?"), ("/themes", "?"))
    for also in ("", "&market=US", "&market=JP", "&market=FR")
    if one != "/themes" or not also
] + [f"/api/v1/reports/{WEEK}{also}" for also in ("", "?market=US", "?market=JP", "?market=FR")]
PAGES = [
    f"{one}{'&' if '?' in one else '?'}week={WEEK}{also}"
    for one in (
        "/overview",
        "/markets",
        "/markets?theme=rain&channel=app",
        "/themes",
        "/themes/rain",
        "/themes/bell",
        "/report",
        "/report/file?form=html",
        "/report/file?form=md",
        "/report/file?form=json",
        "/explain/coverage",
        "/explain/alerts",
        "/explain/complaints/rain",
        "/explain/complaints/bell",
        "/explain/rate/rain",
        "/explain/change/bell",
    )
    for also in ("", "&market=US", "&market=JP")
]


def test_every_address_that_a_viewer_may_ask_is_walked_or_told_why_not():
    open_to_all = {one.path for one in ROUTES if one.method == "GET" and one.acts <= {Act.VIEW}}
    asked = [one.partition("?")[0] for one in (*ADDRESSES, *PAGES)]
    shapes = {one: re.compile(re.sub(r"{[^}]+}", "[^/]+", one)) for one in open_to_all}
    walked = {one for one, shape in shapes.items() if any(shape.fullmatch(each) for each in asked)}
    assert open_to_all - walked - WITHOUT_COUNTS - ELSEWHERE.keys() == set()
    assert {*WITHOUT_COUNTS, *ELSEWHERE} <= open_to_all


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_small_count_is_in_an_answer(viewer, address):
    answer = viewer.get(address.replace("/api/v1/themes?week=2024-W40", "/api/v1/themes"))
    assert answer.status_code in (200, 403, 404), answer.text
    if answer.status_code == 200:
        assert sorted(set(small(answer.json()))) == []


@pytest.mark.parametrize("address", PAGES)
def test_no_small_count_is_on_a_page(viewer, address):
    answer = viewer.get(address)
    assert answer.status_code in (200, 403, 404), answer.text
    if answer.status_code != 200:
        return
    if "form=json" in address:
        assert sorted(set(small(json.loads(answer.text)))) == []
        return
    assert NUMBER.findall(answer.text) == []


def complaints(rows):
    return {row["market"]: row["complaints"] for row in rows}


@pytest.mark.parametrize("theme", ["rain", "bell"])
def test_what_is_left_of_a_theme_is_not_small(viewer, theme):
    told = complaints(viewer.get(f"/api/v1/themes/{theme}?week={WEEK}").json()["rows"])
    for market in ("US", "DE", "JP", "FR"):
        own = viewer.get(f"/api/v1/overview?week={WEEK}&market={market}").json()
        told |= {row["market"]: row["complaints"] for row in own["themes"] if row["theme_id"] == theme}
    left = told.pop("") - sum(told.values())
    assert left == 0 or left >= K


@pytest.mark.parametrize("theme", ["rain", "bell"])
def test_what_is_left_of_each_week_of_a_theme_is_not_small(viewer, theme):
    rows = viewer.get(f"/api/v1/themes/{theme}?week={WEEK}").json()["rows"]
    whole = next(row["series"] for row in rows if not row["market"])
    shown = {row["market"]: row["series"] for row in rows if row["market"]}
    assert shown
    for place, total in enumerate(whole):
        left = total - sum(series[place] or 0 for series in shown.values())
        assert left == 0 or left >= K


def test_what_is_left_of_the_comments_of_all_markets_is_not_small(viewer):
    found = viewer.get(f"/api/v1/overview?week={WEEK}").json()["coverage"]
    whole = next(one["comments"] for one in found if not one["market"])
    told = [one["comments"] for one in found if one["market"] and one["comments"] is not None]
    left = whole - sum(told)
    assert left == 0 or left >= K
    for market in ("JP", "FR"):
        own = viewer.get(f"/api/v1/overview?week={WEEK}&market={market}").json()["coverage"]
        assert {one["comments"] for one in own} == {None}


def test_a_report_leaves_no_small_difference(viewer):
    report = viewer.get(f"/api/v1/reports/{WEEK}").json()["report"]
    whole = {line["row"]["theme_id"]: line["row"]["complaints"] for line in report["scopes"][0]["themes"]}
    for scope in report["scopes"][1:]:
        for line in scope["themes"]:
            whole[line["row"]["theme_id"]] -= line["row"]["complaints"]
    assert whole
    assert all(left == 0 or left >= K for left in whole.values())


def test_who_is_limited_to_markets_is_told_of_no_other(workspace):
    client = browser(workspace, "viewer", name="german", markets=("DE",))
    for address in (*ADDRESSES, *PAGES):
        answer = client.get(address)
        assert answer.status_code in (200, 403, 404, 422), address
        if answer.status_code == 200 and address.startswith("/api/"):
            assert not {"US", "JP", "FR"} & set(markets_in(answer.json())), address


def markets_in(value):
    """Yield every market that a count in an answer is of."""
    if isinstance(value, dict):
        if "market" in value and COUNTED & value.keys():
            yield value["market"]
        for one in value.values():
            yield from markets_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from markets_in(one)
