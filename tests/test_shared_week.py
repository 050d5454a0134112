"""The whole week on real reviews of two markets in two languages."""

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest

from voc.store import assignments
from voc.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.models, pytest.mark.shared_data]
FR_TEXTS, SHARED_WEEKS, LEAST_A_WEEK = 1000, 8, 10
VOC_TOML = """
[llm]
provider = "none"
[[market]]
code = "FR"
name = "France"
languages = ["fr"]
time_zone = "Europe/Paris"
[[market]]
code = "BR"
name = "Brazil"
languages = ["pt"]
time_zone = "America/Sao_Paulo"
"""
MAPPING = """
source = "reviews"
[columns]
text = "text"
created_at = "created_at"
market = "market"
source_id = "id"
rating = "rating"
"""


def rows_of(path):
    with path.open(encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle]
    for row in rows:
        row["at"] = datetime.fromisoformat(str(row["created_at"]).replace("Z", "+00:00")).replace(tzinfo=None)
    return sorted(rows, key=lambda row: (row["at"], row["id"]))


def week_of(row):
    return row["at"].isocalendar()[:2]


@pytest.fixture(scope="module")
def files(shared_data, tmp_path_factory):
    """FR reviews up to the last week with enough, and the BR reviews of their weeks when moved to end with them."""
    french = rows_of(shared_data / "trustpilot_fr.jsonl")
    busy = max(week for week, count in Counter(map(week_of, french)).items() if count >= LEAST_A_WEEK)
    french = [row for row in french if week_of(row) <= busy][-FR_TEXTS:]
    brazil = rows_of(shared_data / "olist_sample.jsonl")
    weeks = (french[-1]["at"] - brazil[-1]["at"]).days // 7
    for row in brazil:
        row["at"] += timedelta(weeks=weeks)
    brazil = [row for row in brazil if row["at"] >= french[0]["at"]]
    folder = tmp_path_factory.mktemp("shared")
    for name, market, rows in (("fr", "FR", french), ("br", "BR", brazil)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as handle:
            for row in rows:
                kept = {"id": row["id"], "text": row["text"], "rating": row.get("rating"), "market": market}
                handle.write(json.dumps({**kept, "created_at": row["at"].isoformat()}) + "\n")
    return folder


@pytest.fixture(scope="module")
def run(files, real_environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "w"
    folder.mkdir()
    (folder / "voc.toml").write_text(VOC_TOML)
    (folder / "mapping.toml").write_text(MAPPING)
    with Workspace.open(folder, environment=real_environment) as opened:
        for name in ("fr", "br"):
            opened.ingest(files / f"{name}.jsonl")
        with opened.services.database.read() as connection:
            units = assignments.units(connection, last_week="9999-W01")
        weeks = {market: Counter(u.week for u in units if u.market == market) for market in ("FR", "BR")}
        shared = sorted(set(weeks["FR"]) & set(weeks["BR"]))
        week = max(one for one in shared if min(weeks["FR"][one], weeks["BR"][one]) >= LEAST_A_WEEK)
        job = opened.run(week)
        yield opened, job, shared


def test_both_markets_share_eight_weeks(run):
    assert len(run[2]) >= SHARED_WEEKS


def test_coverage_is_reported_for_each_market(run):
    report = run[1].results["write the report"].report
    shares = {scope.title: scope.coverage.share for scope in report.scopes}
    assert set(shares) == {"All markets", "France", "Brazil"}
    assert all(0.3 < share <= 1 for share in shares.values()), shares


def test_no_theme_of_the_networks_top_ten_is_a_language(run):
    """A theme that is only a language would hold most of that language and little else; by lift no theme may."""
    opened, job, _ = run
    with opened.services.database.read() as connection:
        units = assignments.units(connection, last_week=job.week)
    top = [theme for theme, _ in Counter(u.theme_id for u in units if u.theme_id).most_common(10)]
    languages = Counter(unit.language for unit in units)
    for theme in top:
        members = Counter(unit.language for unit in units if unit.theme_id == theme)
        for language, count in members.items():
            holds_the_language = count > 0.5 * languages[language]
            holds_nothing_else = count > 0.95 * members.total()
            assert not (holds_the_language and holds_nothing_else), (theme, members)
    mixed = sum(
        len([1 for n in Counter(u.language for u in units if u.theme_id == theme).values() if n >= 3]) > 1
        for theme in top
    )
    assert mixed >= 5


def test_a_real_week_is_searchable(run):
    found = run[0].search("livraison en retard", limit=10)
    assert len(found.hits) == 10
