"""The page to begin with: uploads, a look before anything is stored, other columns, taking in, running."""

import os
import shutil
import time
import tomllib

import pytest
import xlsxwriter
from conftest import BARE
from hypothesis import given
from hypothesis import strategies as st
from test_typed_files import excel
from visitors import browser

from voc.access import Act, Role, may
from voc.errors import SettingsError
from voc.ingest.assign import FIELDS, assign, columns_in
from voc.workspace import Workspace
from voc.workspace_runs import RunCalls

HOSTILE = "<script>alert(1)</script> \u202egnp.exe parcel was left in the rain"
FEEDBACK = (
    "comment,date,country,stars,ref\n"
    "The parcel was left in the rain again,2024-10-01,US,1,a1\n"
    "Nobody rang the bell at all this time,2024-10-02,XX,2,a2\n"
    f"{HOSTILE},2024-10-03,US,2,a3\n"
    "Too,many,cells,in,this,row\n"
)
DELIVERIES = "market,week,deliveries\nUS,2024-W40,5000\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start") / "w"
    Workspace.init(folder, environment=BARE).close()
    return folder


@pytest.fixture
def workspace(template, tmp_path):
    shutil.copytree(template, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE) as opened:
        yield opened


@pytest.fixture
def client(workspace):
    return browser(workspace)


def upload(client, content, name="feedback.csv", by="guess"):
    body = content.encode() if isinstance(content, str) else content
    return client.post("/start/upload", data={"csrf": client.csrf, "by": by}, files={"file": (name, body, "text/csv")})


def hidden(text, name):
    import html

    return html.unescape(text.split(f'name="{name}" value="')[1].split('"')[0])


def kept_files(workspace):
    folder = workspace.services.paths.private / "uploads"
    return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


def test_an_empty_workspace_says_what_is_missing(client):
    text = client.get("/start").text
    assert "none yet: upload a file below" in text
    assert "/standards#import" in text
    assert "Feedback first." in text


@pytest.mark.parametrize("role", list(Role))
def test_the_page_is_for_those_who_bring_things_in(workspace, role):
    status = browser(workspace, role.value).get("/start").status_code
    assert status == (200 if may(role, Act.INGEST) else 403)


def test_a_look_shows_rows_as_they_would_be_read_and_why_others_would_not(workspace, client):
    text = upload(client, FEEDBACK).text
    assert "The parcel was left in the rain again" in text
    assert "is not configured" in text
    assert "cells where the header has" in text
    assert workspace.holdings_now().weeks == ()


def test_a_hostile_comment_is_text(client):
    text = upload(client, FEEDBACK).text
    assert "<script>alert" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("name", ["<b>x</b>\u202e.csv", "../../etc/passwd.csv", 'a"b.csv', "箱" * 300 + ".csv"])
def test_a_hostile_file_name_leads_nowhere(workspace, client, name):
    answer = upload(client, FEEDBACK, name=name)
    assert "<b>x" not in answer.text
    assert "\u202e" not in answer.text
    (kept,) = kept_files(workspace)
    assert len(kept) == len("0" * 32 + ".csv")


def test_what_was_looked_at_is_taken_in_and_the_upload_forgotten(workspace, client):
    seen = upload(client, FEEDBACK).text
    fields = {name: hidden(seen, name) for name in ("kept", "name", "mapping")}
    answer = client.fill("/start/take", **fields)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/runs/imports/")
    assert workspace.holdings_now().comments == {"US": 2}
    assert kept_files(workspace) == []
    (batch,) = workspace.batches()
    assert (batch.batch.file_name, batch.tally.added, batch.tally.rejected) == ("feedback.csv", 2, 2)
    assert client.get(answer.headers["location"]).status_code == 200


def test_other_columns_are_read_when_they_are_chosen(client):
    seen = upload(client, FEEDBACK.replace("comment,", "c1,").replace("stars", "c2")).text
    columns = {f"column-{field}": "" for field in FIELDS} | {
        "column-text": "c1",
        "column-created_at": "date",
        "column-market": "country",
        "column-rating": "c2",
    }
    fields = {name: hidden(seen, name) for name in ("kept", "name", "mapping")}
    text = client.fill("/start/preview", assign="1", **fields, **columns).text
    assert columns_in(hidden(text, "mapping")) == {
        "text": "c1",
        "created_at": "date",
        "market": "country",
        "rating": "c2",
    }
    assert "The parcel was left in the rain again" in text


def test_a_mapping_that_cannot_be_used_is_said_and_stays_typed(client):
    seen = upload(client, FEEDBACK).text
    answer = client.fill(
        "/start/preview", kept=hidden(seen, "kept"), name="feedback.csv", mapping="this is = not [ toml"
    )
    assert answer.status_code == 422
    assert "is not TOML" in answer.text
    assert "this is = not [ toml" in answer.text


def test_a_file_that_comes_twice_changes_nothing(workspace, client):
    for _ in range(2):
        seen = upload(client, FEEDBACK).text
        client.fill("/start/take", **{name: hidden(seen, name) for name in ("kept", "name", "mapping")})
    assert workspace.holdings_now().comments == {"US": 2}
    assert tomllib.loads(hidden(upload(client, FEEDBACK).text, "mapping"))["source"] == "feedback"


def test_a_refusal_tells_no_folder_of_the_server(workspace, client):
    text = upload(client, b"a,a\n1,2\n", "twice.csv").text
    assert "twice.csv has the column" in text
    assert "uploads" not in text


@pytest.mark.parametrize("role", ["analyst", "owner"])
def test_bringing_in_wants_no_more_than_its_own_act(workspace, role):
    client = browser(workspace, role)
    seen = upload(client, FEEDBACK).text
    answer = client.fill("/start/take", **{name: hidden(seen, name) for name in ("kept", "name", "mapping")})
    assert answer.status_code == 303


def test_deliveries_are_told_by_their_columns_and_taken_in(workspace, client):
    seen = upload(client, DELIVERIES, "deliveries.csv").text
    assert "<strong>deliveries</strong>" in seen
    client.fill("/start/take", kept=hidden(seen, "kept"), name="deliveries.csv")
    assert workspace.holdings_now().deliveries == 1


def test_a_bad_row_of_deliveries_takes_nothing_in_and_says_so(workspace, client):
    seen = upload(client, DELIVERIES + "US,2024-W41,many\n", "deliveries.csv").text
    answer = client.fill("/start/take", kept=hidden(seen, "kept"), name="deliveries.csv")
    assert answer.status_code == 422
    assert "not a whole number" in answer.text
    assert workspace.holdings_now().deliveries == 0


def test_a_mapping_is_kept_only_when_asked_and_the_old_one_stays_beside(workspace, client):
    before = workspace.services.paths.mapping.read_text()
    seen = upload(client, FEEDBACK).text
    fields = {name: hidden(seen, name) for name in ("kept", "name", "mapping")}
    client.fill("/start/take", save="1", **fields)
    assert workspace.services.paths.mapping.read_text() == fields["mapping"]
    assert workspace.services.paths.mapping.with_name("mapping.toml.old").read_text() == before


def test_only_who_may_set_up_keeps_a_mapping_and_nothing_is_taken_in_otherwise(workspace):
    client = browser(workspace, "analyst")
    seen = upload(client, FEEDBACK).text
    assert 'name="save"' not in seen
    fields = {name: hidden(seen, name) for name in ("kept", "name", "mapping")}
    assert client.fill("/start/take", save="1", **fields).status_code == 403
    assert workspace.holdings_now().weeks == ()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"no rows\n", b"a,a\n1,2\n"])
def test_a_file_that_cannot_be_read_is_said(client, content):
    answer = upload(client, content)
    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_a_workbook_is_looked_at_and_taken_in(workspace, client, tmp_path):
    path = excel(
        tmp_path / "a.xlsx", [dict(zip(*(line.split(",") for line in FEEDBACK.splitlines()[:2]), strict=True))]
    )
    seen = upload(client, path.read_bytes(), "a.xlsx").text
    assert "The parcel was left in the rain again" in seen
    client.fill("/start/take", **{name: hidden(seen, name) for name in ("kept", "name", "mapping")})
    assert workspace.holdings_now().comments == {"US": 1}


def test_a_workbook_that_asks_for_all_memory_is_refused_on_the_page(client, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        page = book.add_worksheet()
        page.write(0, 0, "text")
        page.write(1_048_575, 16_383, "x")
    answer = upload(client, (tmp_path / "far.xlsx").read_bytes(), "far.xlsx")
    assert answer.status_code == 422
    assert "a cell far away from all others" in answer.text


def test_a_file_of_another_kind_is_refused(workspace, client):
    assert upload(client, "x", "evil.exe").status_code == 422
    assert kept_files(workspace) == []


def test_a_form_without_a_file_says_so(client):
    assert "Choose a file first" in client.fill("/start/upload").text


@pytest.mark.parametrize("kept", ["../key", "../../voc.toml", "0" * 32 + ".csv", "", "/etc/passwd"])
def test_only_an_upload_is_ever_read(client, kept):
    for path in ("/start/preview", "/start/take"):
        assert client.fill(path, kept=kept, name="x.csv", mapping="x").status_code == 404


def test_an_upload_from_another_site_is_refused_and_not_kept(workspace, client):
    client.csrf = "wrong"
    assert upload(client, FEEDBACK).status_code == 403
    assert kept_files(workspace) == []


def test_an_upload_is_kept_for_a_day(workspace, client):
    upload(client, FEEDBACK)
    (old,) = kept_files(workspace)
    path = workspace.services.paths.private / "uploads" / old
    os.utime(path, (time.time() - 90_000,) * 2)
    upload(client, FEEDBACK)
    assert old not in kept_files(workspace)


def test_a_person_of_one_market_sees_the_counts_of_that_market(workspace, client):
    seen = upload(client, FEEDBACK).text
    client.fill("/start/take", **{name: hidden(seen, name) for name in ("kept", "name", "mapping")})
    mine = browser(workspace, "analyst", name="de.one", markets=["DE"]).get("/start").text
    assert "DE 0" in mine
    assert "US" not in mine.split("<dt>Deliveries")[0].split("<dt>Feedback")[1]


def test_a_market_of_few_comments_tells_no_number(client):
    seen = upload(client, FEEDBACK).text
    client.fill("/start/take", **{name: hidden(seen, name) for name in ("kept", "name", "mapping")})
    assert "US fewer than 5" in client.get("/start").text


def test_a_run_is_started_and_its_page_shown(workspace, client, monkeypatch):
    asked = []

    class Made:
        id = "abc"

    monkeypatch.setattr(RunCalls, "start_run", lambda self, week, **more: asked.append((week, more)) or Made)
    answer = client.fill("/start/run", week="2024-W40", market="US", backfill="1")
    assert answer.headers["location"] == "/runs/abc"
    assert asked == [("2024-W40", {"market": "US", "backfill": True})]


# Other columns


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20).filter(lambda text: text.isprintable()), min_size=1)
)
def test_the_columns_that_are_put_in_come_out(columns):
    toml = 'source = "x"\n\n[columns]\ntext = "old"\nrevision = "kept"\n\n[dates]\nformat = "%d.%m.%Y"\n'
    changed = assign(toml, columns)
    found = tomllib.loads(changed)
    wanted = {"text": "old", "revision": "kept", **columns}
    assert found["columns"] == {name: value for name, value in wanted.items() if value}
    assert found["dates"] == {"format": "%d.%m.%Y"}


def test_a_mapping_without_columns_gets_them():
    assert columns_in(assign('source = "x"\n', {"text": "t"})) == {"text": "t"}
    assert columns_in(assign('source = "x"\n[dates]\nformat = ""\n', {"text": "t"})) == {"text": "t"}


def test_columns_cannot_be_put_into_what_is_not_toml():
    with pytest.raises(SettingsError):
        assign("= [", {"text": "t"})
