"""A Monday morning in a real browser: sign in, read, search, decide; wide, narrow, and by keyboard alone."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from played import WEEK

from voc.store import proposals
from voc.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.models, pytest.mark.enable_socket, pytest.mark.timeout(1200)]

PASSWORD = "four words make good"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
PICTURES = os.environ.get("VOC_PICTURES", "")
"""A folder to write pictures of the pages into, such as docs/images."""

PAGES = {
    "overview": "/overview",
    "themes": "/themes",
    "theme": "/themes/{theme}",
    "markets": "/markets",
    "map": "/map",
    "search": "/search?q=colis+sous+la+pluie",
    "report": "/report?draft=1",
    "standards": "/standards",
    "standard": "/standards/delivery?market=US",
    "proposals": "/proposals",
    "proposal": "/proposals/{proposal}",
    "approve": "/proposals/{proposal}/approve",
    "actions": "/actions",
    "effect": "/effect",
    "runs": "/runs",
    "run": "/runs/{run}",
    "import": "/runs/imports/{batch}",
    "start": "/start",
    "admin": "/admin",
    "account": "/account",
    "audit": "/audit",
    "explain": "/explain/rate/{theme}",
    "comment": "/comments/{comment}",
}


@pytest.fixture(scope="module")
def chromium():
    found = os.environ.get("VOC_CHROMIUM") or shutil.which("chromium")
    if found is None:
        pytest.skip(
            "no chromium (Debian: apt install chromium, or name one in VOC_CHROMIUM): nothing was tried in a browser"
        )
    return found


@pytest.fixture(scope="module")
def folder(chromium, played_folder, real_environment, tmp_path_factory):
    """The sample after its newest week, with its drafts, signals and four people."""
    path = shutil.copytree(played_folder, tmp_path_factory.mktemp("e2e") / "w")
    with Workspace.open(path, environment=real_environment) as made:
        made.ingest_figures(path / "signals.csv")
        for name, role in (("ada", "admin"), ("olga", "owner"), ("anna", "analyst"), ("vera", "viewer")):
            made.add_person(name, password=PASSWORD, role=role)
    return path


@pytest.fixture(scope="module")
def names(folder, real_environment):
    """Ids that stand in addresses."""
    with Workspace.open(folder, environment=real_environment) as opened:
        theme = opened.themes()[0].theme.id
        drafts = sorted(row.id for row in opened.proposals() if row.outcome == "revision")
        with opened.services.database.read() as connection:
            comment = proposals.evidence_of(connection, drafts[0])[0].feedback_id
        run = opened.run_of_week(WEEK)
        batch = next(one for one in opened.batches() if one.batch.kind == "feedback")
    ids = {"theme": theme, "proposal": drafts[0], "second": drafts[1], "comment": comment}
    return ids | {"run": run.id, "batch": batch.id}


@pytest.fixture(scope="module")
def base(folder, real_environment, tmp_path_factory):
    """A server of its own over the workspace, stopped as an operator would stop it."""
    port = 20_000 + os.getpid() % 20_000
    log = tmp_path_factory.mktemp("log") / "server.log"
    command = [sys.executable, "-m", "voc.cli.main", "-C", str(folder), "serve", "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stderr=out, env={**os.environ, **real_environment})
    try:
        _wait_for(port, server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    said = log.read_text()
    assert "Traceback" not in said
    assert "pluie" not in said


def _wait_for(port, server, log):
    import urllib.error
    import urllib.request

    for _ in range(600):
        if server.poll() is not None:
            raise AssertionError(f"the server ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the server is never ready: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, base):
    """Return what opens a page of somebody signed in, in a window of a size; what a browser refuses fails the test."""
    contexts, complaints = [], []

    def come(name, size="wide", *, scripts=True):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, base_url=base
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto("/sign-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/overview")
        return page

    yield come
    for context in contexts:
        context.close()
    assert not [one for one in complaints if "Content Security Policy" in one or "Uncaught" in one]


@pytest.mark.parametrize("size", SIZES)
def test_a_week_is_read_from_the_headline_to_the_comment(visit, size):
    page = visit("anna", size)
    assert page.get_by_role("heading", level=1).inner_text().startswith(f"Week {WEEK}")
    page.locator("table a[href^='/themes/']").first.click()
    page.wait_for_url("**/themes/**")
    page.locator("svg.chart").wait_for()
    page.locator("#comments ~ blockquote a, section:has(#comments) blockquote a").first.click()
    page.wait_for_url("**/comments/**")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Comment")


@pytest.mark.parametrize("size", SIZES)
def test_a_question_in_another_language_finds_and_is_kept_and_taken_away(visit, size):
    page = visit("anna", size)
    page.goto("/search")
    page.get_by_label("What customers say").fill("colis laissé sous la pluie")
    page.get_by_role("button", name="Search", exact=True).click()
    assert "rain" in page.locator("blockquote").nth(2).inner_text().lower()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Export csv").click()
    assert taken.value.suggested_filename == "voc-search.csv"
    assert "rain" in Path(taken.value.path()).read_text(encoding="utf-8-sig").lower()
    page.get_by_label("Keep this search as").fill(f"Rain {size}")
    page.get_by_role("button", name="Keep", exact=True).click()
    assert page.locator("p.said").inner_text().startswith("Kept")
    assert page.get_by_role("link", name=f"Rain {size}").is_visible()


def test_every_page_works_without_scripts(visit, names):
    page = visit("ada", scripts=False)
    for name, address in PAGES.items():
        answer = page.goto(address.format(**names))
        assert answer.status == 200, name


def gone_to(page, address):
    """Open a page and return the status of the answer; a map that is still being drawn is waited for."""
    for _ in range(100):
        status = page.goto(address).status
        if not page.get_by_text("The map is being drawn").is_visible():
            return status
        time.sleep(0.3)
    raise AssertionError("the map is never drawn")


@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_a_serious_barrier_or_scrolls_sideways(visit, names, size):
    from axe_playwright_python.sync_playwright import Axe

    page, found = visit("ada", size), {}
    browser_of_owner = visit("olga", size)
    with_owner = {"approve"}
    for name, address in PAGES.items():
        shown = browser_of_owner if name in with_owner else page
        assert gone_to(shown, address.format(**names)) == 200, name
        result = Axe().run(shown).response["violations"]
        serious = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in result
            if one["impact"] in {"serious", "critical"}
        ]
        if shown.evaluate("document.documentElement.scrollWidth") > SIZES[size][0]:
            serious.append("scrolls sideways")
        if serious:
            found[name] = serious
        if PICTURES:
            shown.screenshot(path=f"{PICTURES}/{name}-{size}.png", full_page=True)
    assert found == {}


def test_the_dark_mode_is_read_as_well(visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("anna")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.reload()
    result = Axe().run(page).response["violations"]
    assert [one["id"] for one in result if one["impact"] in {"serious", "critical"}] == []


@pytest.mark.parametrize("size", SIZES)
def test_a_viewer_finds_no_comment_and_no_form(visit, names, size):
    page = visit("vera", size)
    page.goto(f"/themes/{names['theme']}")
    assert page.locator("blockquote").count() == 0
    assert page.locator("main form[method=post]").count() == 0


def test_a_redline_is_reviewed_and_rejected_with_a_reason(visit, names):
    page = visit("anna", "phone")
    page.goto(f"/proposals/{names['second']}")
    assert page.locator("del").count() + page.locator("ins").count() > 0
    page.get_by_role("button", name="Hand in").click()
    owner = visit("olga", "phone")
    owner.goto(f"/proposals/{names['second']}")
    form = owner.locator("#f-reject")
    form.get_by_label("In words").fill("The clause says this already.")
    form.get_by_role("button", name="Reject").click()
    assert "Rejected" in owner.locator("p.said").inner_text()


def test_an_approval_by_keyboard_alone_brings_an_edition_into_force(visit, names):
    analyst = visit("anna")
    analyst.goto(f"/proposals/{names['proposal']}")
    analyst.get_by_role("button", name="Hand in").click()
    page = visit("olga")
    page.goto(f"/proposals/{names['proposal']}")
    _tab_to(page, "Approve …")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approve")
    assert page.locator("ins").count() > 0
    _tab_to(page, "Approve and publish")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/proposals/{names['proposal']}")
    assert "Approved. Edition" in page.locator("p.said").inner_text()
    edition = page.locator("p.said").inner_text().split("Edition ")[1].split(" has it")[0]
    page.get_by_role("link", name="in force").first.click()
    page.wait_for_url("**/standards/**")
    page.get_by_text(edition).first.wait_for()
    page.goto(f"/audit?subject={names['proposal']}")
    assert "approved" in page.locator("table").inner_text()


def _tab_to(page, name):
    """Press Tab until something of that name has the focus, which must be visible."""
    for _ in range(200):
        page.keyboard.press("Tab")
        text = page.evaluate("(document.activeElement.innerText || document.activeElement.value || '').trim()")
        if text == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"no way to '{name}' by keyboard")


def test_a_session_that_ends_in_the_middle_of_an_edit_loses_nothing(visit, names):
    page = visit("anna")
    page.goto(f"/themes/{names['theme']}")
    form = page.locator("form:has(button[value=rename])")
    form.get_by_label("Name").fill("Typed before the session ended")
    form.get_by_label("Why").fill("to try it")
    page.context.clear_cookies()
    form.get_by_role("button", name="Rename").click()
    assert "nothing that you typed is lost" in page.get_by_role("alert").inner_text()
    page.get_by_label("Name", exact=True).fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    send = page.get_by_role("button", name="Send")
    send.wait_for()
    assert "Typed before the session ended" in page.content()
    send.click()
    assert "Renamed" in page.locator("p.said").inner_text()
