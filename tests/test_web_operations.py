"""What watches the server: health, figures that tell nothing of anybody, log lines without texts, and `voc serve`."""

import json
import logging
import shutil
import subprocess
import sys

import pytest
from conftest import BARE
from fastapi.testclient import TestClient
from typer.testing import CliRunner
from visitors import HOST, browser, program

from voc.cli.main import app as cli
from voc.errors import StoreError
from voc.store.database import Database
from voc.web import health
from voc.web.app import create_app
from voc.web.visit import COOKIE
from voc.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(ready_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("operations") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        yield opened


@pytest.fixture
def app(workspace):
    return create_app(workspace)


def at(app, address="127.0.0.1", **headers):
    client = TestClient(app, base_url=HOST, client=(address, 5000), follow_redirects=False)
    client.headers.update(headers)
    return client


def break_store(monkeypatch):
    def broken(self):
        raise StoreError("the file is gone")

    monkeypatch.setattr(Database, "read", broken)


def figures(app):
    """Return the figures by name and labels as they are written."""
    lines = at(app).get("/metrics").text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


# Health


def test_health_and_readiness_are_open_to_all(app):
    assert at(app, "203.0.113.9").get("/healthz").json() == {"status": "ok"}
    assert at(app, "203.0.113.9").get("/readyz").json() == {"status": "ok", "index": "there"}


def test_a_store_that_cannot_be_read_is_not_ready_but_alive(app, monkeypatch):
    break_store(monkeypatch)
    assert at(app).get("/readyz").status_code == 503
    assert at(app).get("/healthz").status_code == 200


def test_a_full_disk_is_not_ready(app, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 62)
    answer = at(app).get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "the disk is nearly full"})


def test_an_index_that_is_missing_is_told_and_keeps_nobody_away(app, monkeypatch):
    monkeypatch.setattr(health, "index_texts", lambda _: None)
    answer = at(app).get("/readyz")
    assert (answer.status_code, answer.json()["index"]) == (200, "none yet")


# Figures


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_figures_are_for_this_machine(app, address):
    assert at(app, address).get("/metrics").status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "", "testclient", "127.0.0.1.example.org"])
def test_strangers_get_no_figures(app, address):
    answer = at(app, address).get("/metrics")
    assert answer.status_code == 403
    assert "voc_feedback" not in answer.text


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_who_comes_through_a_proxy_is_not_at_this_machine(app, header):
    assert at(app, **{header: "203.0.113.9"}).get("/metrics").status_code == 403


def test_a_token_of_the_scope_counts_gets_figures(workspace, app):
    assert program(workspace, "viewer", scopes=["counts"], app=app).get("/metrics").status_code == 200


def test_a_wrong_token_gets_none(app):
    assert at(app, "10.0.0.1", authorization="Bearer voc_wrong").get("/metrics").status_code == 403


def test_answers_are_counted_by_the_pattern_of_their_address(workspace, app):
    client = browser(workspace, app=app)
    client.get("/themes/feedfeed?q=secret")
    client.get("/themes/beefbeef")
    client.get("/api/v1/themes/beefbeef")
    client.get("/no/such/place")
    found = figures(app)
    assert found['voc_requests_total{method="GET",route="/themes/{theme_id}",status="404"}'] == "2.0"
    assert found['voc_requests_total{method="GET",route="/api/v1/themes/{theme_id}",status="404"}'] == "1.0"
    assert found['voc_requests_total{method="GET",route="unknown",status="404"}'] == "1.0"
    assert found['voc_request_seconds_count{method="GET",route="/themes/{theme_id}"}'] == "2.0"


def test_no_figure_holds_a_name_an_id_or_a_text(workspace, app):
    client = browser(workspace, "owner", name="olga.secret", app=app)
    client.get("/themes/feedfeed?q=secret")
    client.get("/static/1234/secret.css")
    client.request("SECRET", "/overview")
    text = at(app).get("/metrics").text
    assert "secret" not in text.lower()
    assert "feedfeed" not in text


def test_tries_to_sign_in_are_counted(workspace, app):
    workspace.add_person("ana", password="four words make good", role="viewer")
    client = at(app)
    client.get("/sign-in")
    form = client.get("/sign-in").text
    csrf = form.split('name="csrf" value="')[1].split('"')[0]
    fields = {"csrf": csrf, "name": "ana", "next": "/"}
    assert client.post("/sign-in", data={**fields, "password": "wrong"}).status_code == 401
    assert client.post("/sign-in", data={**fields, "password": "four words make good"}).status_code == 303
    found = figures(app)
    assert found['voc_sign_ins_total{end="wrong"}'] == "1.0"
    assert found['voc_sign_ins_total{end="in"}'] == "1.0"
    assert found['voc_sign_ins_total{end="too_many"}'] == "0.0"


def test_figures_of_the_workspace(workspace, app):
    found = figures(app)
    assert float(found["voc_feedback"]) > 100
    assert found['voc_runs{state="done"}'] == "1.0"
    assert float(found["voc_newest_run_age_seconds"]) >= 0
    assert float(found["voc_index_texts"]) > 100


def test_a_store_that_cannot_be_read_is_a_figure_too(app, monkeypatch):
    break_store(monkeypatch)
    found = figures(app)
    assert found["voc_store_readable"] == "0.0"
    assert "voc_feedback" not in found


def test_two_apps_in_one_process_count_apart(workspace, app):
    at(app).get("/healthz")
    assert 'voc_requests_total{method="GET",route="/healthz",status="200"}' not in figures(create_app(workspace))


# Log lines


def lines(caplog):
    return [one for one in caplog.records if one.name == "voc.requests"]


def test_a_line_tells_who_asked_what_and_how_it_ended(workspace, app, caplog):
    caplog.set_level(logging.INFO, logger="voc.requests")
    browser(workspace, "owner", name="olga", app=app).get("/themes/feedfeed?q=secret")
    (line,) = lines(caplog)
    assert (line.method, line.route, line.status, line.person) == ("GET", "/themes/{theme_id}", 404, "olga")
    assert line.ms > 0


def test_no_line_holds_a_query_a_form_a_cookie_or_a_token(workspace, app, caplog):
    caplog.set_level(logging.DEBUG)
    client = browser(workspace, app=app)
    client.get("/search?q=my+secret+parcel")
    client.fill("/account/password", old="secret one", new="secret two", again="secret three")
    at(app, "10.0.0.1", authorization="Bearer voc_secret", cookie=f"{COOKIE}=secret").get("/overview?x=secret")
    told = "\n".join(f"{one.getMessage()} {vars(one)}" for one in caplog.records if not one.name.startswith("httpx"))
    assert lines(caplog)
    assert "secret" not in told


def test_what_is_too_large_is_logged_with_its_status(app, caplog):
    caplog.set_level(logging.INFO, logger="voc.requests")
    at(app).post("/sign-in", content=b"x" * (3 << 20))
    assert [one.status for one in lines(caplog)] == [413]


def test_a_fault_is_logged_as_an_error(workspace, app, caplog, monkeypatch):
    monkeypatch.setattr(Workspace, "runs", lambda self, **_: 1 / 0)
    caplog.set_level(logging.INFO, logger="voc.requests")
    browser(workspace, app=app).get("/runs")
    assert [(one.status, one.levelname) for one in lines(caplog)] == [(500, "ERROR")]


@pytest.mark.slow
def test_a_line_is_json_with_the_time_in_utc():
    code = (
        "from voc.web.door import Asked; from voc.web import logs; logs.set_up();"
        "logs.log(Asked('GET', '/themes/{theme_id}', 200, 0.0123, 'ana'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    line = json.loads(done.stderr)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "voc.requests",
        "method": "GET",
        "ms": 12.3,
        "person": "ana",
        "route": "/themes/{theme_id}",
        "status": 200,
    }


# voc serve


@pytest.fixture
def served(ready_folder, monkeypatch, tmp_path):
    """Call `voc serve` with a server that notes how it was set up and does not begin."""
    import uvicorn

    from voc.web import app as web
    from voc.web import logs

    noted = {}

    class Noting(uvicorn.Server):
        def run(self, sockets=None):
            noted["config"], noted["server"] = self.config, self

    shutil.copytree(ready_folder, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE) as copied, copied.services.database.write() as connection:
        connection.exec_driver_sql("delete from person")  # other tests may have taken people in
    monkeypatch.setattr(uvicorn, "Server", Noting)
    monkeypatch.setattr(web, "warm", lambda app: None)
    monkeypatch.setattr(logs, "set_up", lambda: None)
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)

    def call(*flags):
        done = CliRunner().invoke(cli, ["-C", str(tmp_path / "w"), "serve", *flags])
        return done, noted.get("config"), noted.get("server")

    return call


def test_it_listens_on_this_machine_unless_told_otherwise(served):
    done, config, _ = served()
    assert done.exit_code == 0, done.output
    assert (config.host, config.port, config.proxy_headers) == ("127.0.0.1", 8000, False)
    assert not config.access_log
    assert not config.server_header


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "voc.example.org"])
def test_it_refuses_to_listen_elsewhere_without_tls(served, host):
    done, config, _ = served("--host", host)
    assert config is None
    assert done.exit_code != 0


@pytest.mark.parametrize("flags", [["--behind-tls"], ["--insecure-http"]])
def test_it_listens_elsewhere_when_told_so(served, flags):
    assert served("--host", "192.0.2.1", *flags)[1].host == "192.0.2.1"


def test_only_behind_a_proxy_is_believed_who_a_request_is_from(served):
    assert served("--behind-tls")[1].proxy_headers is True


@pytest.mark.parametrize("flag", ["--tls-cert", "--tls-key"])
def test_a_certificate_and_its_key_belong_together(served, flag, tmp_path):
    done, config, _ = served(flag, str(tmp_path / "x.pem"))
    assert config is None
    assert done.exit_code != 0


def test_streams_end_when_the_server_is_told_to_stop(served):
    _, config, server = served()
    assert not config.app.state.streams.is_stopping()
    server.should_exit = True
    assert config.app.state.streams.is_stopping()


def test_open_requests_have_some_seconds_to_end(served):
    assert 5 <= served()[1].timeout_graceful_shutdown <= 60


def test_it_says_how_the_first_admin_is_made(served):
    assert "voc users add NAME --role admin" in served()[0].output
