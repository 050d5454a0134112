"""Send a report: each version once to each place, no small groups, and what the real carriers do."""

import io
import json
import smtplib
import socket
import threading
from email import message_from_bytes
from email.policy import default
from http.client import RemoteDisconnected
from urllib.error import HTTPError, URLError

import pytest
from reported import WEEK, acting, late, opened

from voc.errors import InputError, NotFoundError, SendError, UnsureSendError
from voc.report.carriers import HookCarrier, MailServer, SmtpCarrier
from voc.report.sending import ALREADY, DONE, REFUSED, UNSURE, WOULD, How
from voc.store import reports_sent
from voc.store.reports import Place

ANA, BEA = "ana@example.org", "bea@example.org"
HOOK = "https://hooks.example.org/T0/secret"


class Bag:
    """A carrier that keeps what it is given, or fails as it is told."""

    def __init__(self, *errors):
        self.carried, self.errors = [], list(errors)

    def carry(self, letter, to, *, stamp, identity):
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        self.carried.append((to, letter, identity))


@pytest.fixture
def posted(reported):
    """A published report, a bag in place of the mail server and one in place of the chat."""
    reported.write_report(WEEK, headline="Rain <b>& more</b>", comment="Two depots.\n\nBoth know.")
    reported.publish_report(WEEK)
    return reported


def bag(workspace, *errors, channel="mail"):
    made = Bag(*errors)
    workspace.services.parts.put(f"{channel} carrier", made)
    return made


def states(outcomes):
    return [one.state for one in outcomes[1]]


def test_a_version_goes_to_each_place_once(posted):
    carried = bag(posted).carried
    assert states(posted.send_report(WEEK, to=[ANA, BEA, ANA])) == [DONE, DONE]
    assert states(posted.send_report(WEEK, to=["Ana@Example.org", "eve@example.org"])) == [ALREADY, DONE]
    assert [to for to, _, _ in carried] == [ANA, BEA, "eve@example.org"]


def test_another_edition_and_again_are_sent(posted):
    carried = bag(posted).carried
    posted.send_report(WEEK, to=[ANA])
    assert states(posted.send_report(WEEK, to=[ANA], how=How(again=True))) == [DONE]
    late(posted, "US-late")
    posted.publish_report(WEEK, why="late")
    assert states(posted.send_report(WEEK, to=[ANA])) == [DONE]
    first, repeated, second = (identity for _, _, identity in carried)
    assert first == repeated != second


def test_a_crash_in_between_is_told_as_may_have_been_sent(posted):
    bag(posted, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        posted.send_report(WEEK, to=[ANA])
    carried = bag(posted).carried
    (outcome,) = posted.send_report(WEEK, to=[ANA])[1]
    assert (outcome.state, carried) == (UNSURE, [])
    assert "--again" in outcome.said
    assert states(posted.send_report(WEEK, to=[ANA], how=How(again=True))) == [DONE]
    assert states(posted.send_report(WEEK, to=[ANA])) == [ALREADY]


def test_a_broken_connection_is_unsure_and_a_refusal_may_be_tried_again(posted):
    bag(posted, UnsureSendError("hung up"), SendError("no such user"))
    assert states(posted.send_report(WEEK, to=[ANA, BEA])) == [UNSURE, REFUSED]
    assert states(posted.send_report(WEEK, to=[ANA, BEA])) == [UNSURE, DONE]


def test_one_place_that_fails_keeps_no_other_from_its_mail(posted):
    bag(posted, SendError("full"))
    assert states(posted.send_report(WEEK, to=[ANA, BEA])) == [REFUSED, DONE]


def test_a_dry_run_sends_nothing_and_writes_nothing(posted):
    carried = bag(posted).carried
    letter, outcomes = posted.send_report(WEEK, to=[ANA], how=How(dry_run=True))
    assert [one.state for one in outcomes] == [WOULD]
    assert (carried, posted.report_sent(WEEK)) == ([], ())
    assert letter.subject == "Parcel voices: week 2024-W40: Rain <b>& more</b>"


def test_addresses_are_kept_as_keyed_hashes_only(posted):
    bag(posted)
    posted.send_report(WEEK, to=[ANA])
    (row,) = posted.report_sent(WEEK)
    assert (row.state, row.version, row.channel) == ("sent", "edition 1", "mail")
    assert "ana@" not in str(row)
    assert "ana@" not in str(posted.audit()) + str(posted.report_history(WEEK))
    assert posted.audit(subject="report 2024-W40")[0].action == "send report"


def test_what_is_not_published_is_sent_as_a_draft_only(reported):
    bag(reported)
    with pytest.raises(NotFoundError, match="not published yet"):
        reported.send_report(WEEK, to=[ANA])
    letter, _ = reported.send_report(WEEK, to=[ANA], how=How(draft=True))
    assert letter.subject.startswith("Draft. ")
    assert letter.version.startswith("draft ")
    reported.write_report(WEEK, headline="Else")
    assert states(reported.send_report(WEEK, to=[ANA], how=How(draft=True))) == [DONE]


def test_no_small_group_and_no_smaller_one_by_subtraction_is_in_a_mail(posted):
    bag(posted)
    letter, _ = posted.send_report(WEEK, to=[ANA])
    rows = [line for line in letter.html.splitlines() if line.startswith("<tr><td>")]
    told = {name: row for row in rows for name in ("All markets", "United States", "Germany", "Japan") if name in row}
    assert ">28<" in told["All markets"]
    assert ">19<" in told["United States"]
    assert "not told" in told["Japan"]  # three comments, fewer than k
    assert "not told" in told["Germany"]  # 28 less 19 and 6 would tell Japan's three
    assert "<svg" not in letter.html
    (file,) = posted.report_files(WEEK, "", ["html"])
    assert "not told" not in file.data.decode()


@pytest.fixture
def set_up(reported_folder, tmp_path):
    """Open a copy of the workspace with lines in its `[mail]` section."""

    def open_with(lines):
        with opened(reported_folder, tmp_path / "v") as workspace:
            path = workspace.services.paths.folder / "voc.toml"
            path.write_text(f"{path.read_text()}\n[mail]\n{lines}\n")
        return opened(tmp_path / "v", tmp_path / "x")

    return open_with


def test_a_mail_without_quotes_shows_no_single_comment(set_up):
    with set_up("quotes = false") as workspace:
        workspace.publish_report(WEEK)
        letter, _ = workspace.send_report(WEEK, to=[ANA], how=How(dry_run=True))
        assert "US-app-ra" not in letter.html + letter.text


def test_mails_go_to_allowed_domains_only(set_up):
    with set_up('domains = ["Example.org"]') as workspace:
        workspace.publish_report(WEEK)
        workspace.send_report(WEEK, to=["ana@EXAMPLE.org"], how=How(dry_run=True))
        with pytest.raises(InputError, match=r"not sent to elsewhere\.net\. Allowed: Example\.org"):
            workspace.send_report(WEEK, to=[ANA, "ana@elsewhere.net"], how=How(dry_run=True))


def test_those_of_the_settings_get_it_when_nobody_is_named(set_up):
    with set_up(f'to = ["{ANA}", "{BEA}"]') as workspace:
        workspace.publish_report(WEEK)
        _, outcomes = workspace.send_report(WEEK, how=How(dry_run=True))
        assert [one.destination.told for one in outcomes] == [ANA, BEA]


def test_a_report_of_a_small_market_tells_no_count(posted):
    posted.publish_report(WEEK, "JP")
    letter, _ = posted.send_report(WEEK, "JP", to=[ANA], how=How(dry_run=True))
    assert "fewer than 5 comments in all, fewer than 5 the week before" in letter.text
    assert "3 comments" not in letter.text + letter.html
    assert "Japan" in letter.html


def test_markup_of_the_author_is_text_in_every_form(posted):
    letter, _ = posted.send_report(WEEK, to=[ANA], how=How(dry_run=True))
    assert "Rain &lt;b&gt;&amp; more&lt;/b&gt;" in letter.html
    assert "<b>" not in letter.html
    assert "&lt;b&gt;" in letter.chat["text"]
    assert {block["text"]["type"] for block in letter.chat["blocks"]} == {"plain_text"}
    assert "Two depots.\nBoth know." in letter.text


@pytest.mark.parametrize(
    "odd", ["ana", "", "a b@c.org", "a@b.org\nBcc: x@y.org", "ä@b.org", "@b.org", "a@", "<a@b.org"]
)
def test_what_is_no_address_is_refused_before_anything_is_sent(posted, odd):
    carried = bag(posted).carried
    with pytest.raises(InputError, match="not a mail address"):
        posted.send_report(WEEK, to=[ANA, odd])
    assert carried == []


def test_settings_that_are_missing_are_named(posted):
    with pytest.raises(InputError, match=r"mail\.host and mail\.sender not set"):
        posted.send_report(WEEK, to=[ANA])
    with pytest.raises(InputError, match="--to ADDRESS or --webhook"):
        posted.send_report(WEEK)
    with pytest.raises(InputError, match="VOC_REPORT_WEBHOOK"):
        posted.send_report(WEEK, webhook=True)


def test_a_password_does_not_travel_in_the_clear():
    with pytest.raises(InputError, match="unprotected"):
        MailServer("mail.example.org", 25, ANA, "none", "user", "secret")
    assert "secret" not in repr(MailServer("mail.example.org", 587, ANA, "starttls", "user", "secret"))


class Server:
    """Stands in for smtplib.SMTP, and writes down what was asked of it."""

    def __init__(self, fails_at="", error=None):
        self.calls, self.mail, self.fails_at, self.error = [], b"", fails_at, error

    def __call__(self, host, port, *, timeout, context=None):
        self._do(f"connect {host}:{port}")
        return self

    def starttls(self, *, context):
        assert context.check_hostname
        self._do("starttls")

    def login(self, user, password):
        self._do(f"login {user}/{password}")

    def send_message(self, message):
        self._do("send")
        self.mail = bytes(message)

    def quit(self):
        self.calls.append("quit")

    def close(self):
        self.calls.append("close")

    def _do(self, call):
        self.calls.append(call)
        if self.fails_at and call.startswith(self.fails_at):
            raise self.error


def by_mail(workspace, server, *, security="starttls", pdf=False):
    place = MailServer("mail.example.org", 587, "voc@example.org", security, "u", "p")
    carrier = SmtpCarrier(place, plain=server, secure=server)
    workspace.services.parts.put("mail carrier", carrier)
    return workspace.send_report(WEEK, to=[ANA], how=How(pdf=pdf))


def test_a_mail_has_text_and_html_and_names_itself(posted):
    server = Server()
    assert states(by_mail(posted, server)) == [DONE]
    assert server.calls == ["connect mail.example.org:587", "starttls", "login u/p", "send", "quit"]
    mail = message_from_bytes(server.mail, policy=default)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (mail["To"], mail["From"]) == (ANA, "voc@example.org")
    assert mail["Message-ID"].endswith("@example.org>")
    assert '<h1>Theme report, week <span class="week">2024-W40</span></h1>' in mail.get_body(("html",)).get_content()


def test_implicit_tls_starts_no_tls_again(posted):
    server = Server()
    by_mail(posted, server, security="ssl")
    assert "starttls" not in server.calls


@pytest.mark.slow
def test_a_pdf_is_attached_when_asked(posted):
    pytest.importorskip("weasyprint")
    server = Server()
    by_mail(posted, server, pdf=True)
    (file,) = message_from_bytes(server.mail, policy=default).iter_attachments()
    assert (file.get_filename(), file.get_content()[:5]) == ("2024-W40.pdf", b"%PDF-")


class Wire(smtplib.SMTP):
    """The real client, on one end of a pair of sockets; what a server would answer comes from the other."""

    def _get_socket(self, host, port, timeout):
        here, there = socket.socketpair(socket.AF_UNIX)
        self.server = threading.Thread(target=self._serve, args=(there,), daemon=True)
        self.server.start()
        return here

    def _serve(self, there):
        lines, self.heard, inside = there.makefile("rb"), [], False
        there.sendall(b"220 here\r\n")
        for line in lines:
            self.heard.append(line)
            if inside and line != b".\r\n":
                continue
            word = line[:4].upper()
            inside = word == b"DATA"
            there.sendall(b"354 go on\r\n" if inside else b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
            if word == b"QUIT":
                break
        there.close()


def test_the_real_client_hands_over_a_whole_mail(posted):
    posted.write_report(WEEK, comment="First.\n\n.A line with a dot first.")
    posted.publish_report(WEEK, why="a dot")
    made = []

    def connect(*args, **kwargs):
        made.append(Wire(*args, local_hostname="here.test", **kwargs))
        return made[0]

    carrier = SmtpCarrier(MailServer("127.0.0.1", 25, "voc@example.org", "none"), plain=connect)
    posted.services.parts.put("mail carrier", carrier)
    assert states(posted.send_report(WEEK, to=[ANA])) == [DONE]
    made[0].server.join(timeout=5)
    heard = b"".join(made[0].heard)
    assert b"rcpt TO:<ana@example.org>" in heard
    mail = heard[heard.index(b"From:") : heard.index(b"\r\n.\r\n")].replace(b"\r\n..", b"\r\n.")
    text = message_from_bytes(mail, policy=default).get_body(("plain",)).get_content()
    assert ".A line with a dot first." in text.splitlines()


@pytest.mark.parametrize(
    ("fails_at", "error", "state"),
    [
        ("connect", ConnectionRefusedError("refused"), REFUSED),
        ("starttls", smtplib.SMTPNotSupportedError("no tls"), REFUSED),
        ("login", smtplib.SMTPAuthenticationError(535, b"no"), REFUSED),
        ("send", smtplib.SMTPRecipientsRefused({ANA: (550, b"no")}), REFUSED),
        ("send", smtplib.SMTPServerDisconnected("gone"), UNSURE),
        ("send", TimeoutError("slow"), UNSURE),
    ],
)
def test_only_a_break_while_handing_over_is_unsure(posted, fails_at, error, state):
    outcome = by_mail(posted, Server(fails_at, error))[1][0]
    assert outcome.state == state
    assert "mail.example.org" in outcome.said


class Opener:
    """Stands in for urllib's opener."""

    def __init__(self, error=None):
        self.error, self.requests = error, []

    def open(self, request, timeout):
        self.requests.append((request, timeout))
        if self.error:
            raise self.error
        return io.BytesIO(b"ok")


def by_hook(workspace, opener):
    carrier = HookCarrier(HOOK, 10, opener)
    workspace.services.parts.put("webhook carrier", carrier)
    workspace.services.environment["VOC_REPORT_WEBHOOK"] = HOOK
    return workspace.send_report(WEEK, webhook=True)


@pytest.fixture
def chatting(posted):
    from dataclasses import replace

    from voc.workspace import Workspace

    return Workspace(replace(posted.services, environment=dict(posted.services.environment)))


def test_a_chat_gets_text_and_blocks_and_no_single_comment(chatting):
    opener = Opener()
    (outcome,) = by_hook(chatting, opener)[1]
    assert (outcome.state, outcome.destination.told) == (DONE, "webhook at hooks.example.org")
    ((request, timeout),) = opener.requests
    assert (request.full_url, request.method, timeout) == (HOOK, "POST", 10)
    sent = json.loads(request.data)
    assert set(sent) == {"text", "blocks"}
    assert "US-app-ra" not in request.data.decode()
    assert max(len(block["text"]["text"]) for block in sent["blocks"]) <= 3_000


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (HTTPError(HOOK, 302, "moved", {}, io.BytesIO()), REFUSED, "status 302"),
        (HTTPError(HOOK, 404, "gone", {}, io.BytesIO()), REFUSED, "status 404"),
        (URLError(ConnectionRefusedError("no")), REFUSED, "not reached"),
        (URLError(TimeoutError("slow")), UNSURE, "did not answer"),
        (TimeoutError("slow"), UNSURE, "broke off"),
        (RemoteDisconnected("gone"), UNSURE, "broke off"),
    ],
)
def test_a_webhook_that_fails_says_why_and_keeps_its_address_to_itself(chatting, error, state, said):
    outcome = by_hook(chatting, Opener(error))[1][0]
    assert outcome.state == state
    assert said in outcome.said
    assert "secret" not in outcome.said + outcome.destination.told


def test_a_webhook_follows_no_redirect():
    from voc.report.carriers import _NoRedirects

    assert _NoRedirects().redirect_request(None, None, 302, "", {}, "http://169.254.169.254/") is None


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "hooks.example.org", "https://", "https://a b/"])
def test_only_http_and_https_are_posted_to(chatting, url):
    chatting.services.environment["VOC_REPORT_WEBHOOK"] = url
    with pytest.raises(InputError, match="https://"):
        chatting.send_report(WEEK, webhook=True, how=How(dry_run=True))


def test_two_who_send_at_once_send_once(database, stamp):
    place = Place(WEEK)
    known = {"version": "edition 1", "channel": "mail", "destination": "h"}
    with database.write() as connection:
        first = reports_sent.begin(connection, stamp, place, **known, again=False)
    with database.write() as connection:
        second = reports_sent.begin(connection, stamp, place, **known, again=False)
    assert isinstance(first, int)
    assert second.state == "sending"
    with database.write() as connection:
        reports_sent.end(connection, stamp, place, first, state="failed")
        assert isinstance(reports_sent.begin(connection, stamp, place, **known, again=False), int)


def test_an_analyst_of_one_market_sends_its_report(posted):
    ana = acting(posted, markets=["US"])
    carried = bag(posted).carried
    ana.publish_report(WEEK, "US")
    ana.send_report(WEEK, "US", to=[ANA])
    assert carried[0][1].subject == "Parcel voices: week 2024-W40, United States"
