"""Carry a letter away: to a mail server, or to the webhook of a chat."""

from __future__ import annotations

import contextlib
import json
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO, Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from voc.errors import InputError, SendError, UnsureSendError
from voc.report.letter import Letter, message
from voc.types import Stamp

_HERE: Final = ("localhost", "127.0.0.1", "::1")
Connect = Callable[..., smtplib.SMTP]


class Carrier(Protocol):
    """Brings letters to one kind of place."""

    def carry(self, letter: Letter, to: str, *, stamp: Stamp, identity: str) -> None:
        """Bring a letter to a place.

        Raises:
            UnsureSendError: nobody can say whether it arrived.
            SendError: it did not arrive.
        """


@dataclass(frozen=True, slots=True, repr=False)
class MailServer:
    """A mail server: security is starttls, ssl or none; an empty user signs in nowhere."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = ""
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse to send a password in the clear.

        Raises:
            InputError: it would be.
        """
        if self.user and self.security == "none" and self.host not in _HERE:
            raise InputError(
                f"The password for {self.host} would travel unprotected. Set mail.security to starttls or ssl."
            )


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    """Hands mails to a server; `plain` and `secure` open a connection, as smtplib does."""

    server: MailServer
    plain: Connect = smtplib.SMTP
    secure: Connect = smtplib.SMTP_SSL

    def carry(self, letter: Letter, to: str, *, stamp: Stamp, identity: str) -> None:
        """Send a letter to one address.

        Raises:
            UnsureSendError: the connection broke while the mail was handed over.
            SendError: the server was not reached, or refused.
        """
        mail = message(letter, sender=self.server.sender, to=to, stamp=stamp, identity=identity)
        with self._open() as client:
            try:
                client.send_message(mail)
            except smtplib.SMTPServerDisconnected as error:
                raise UnsureSendError(f"{self.server.host} hung up while the mail was handed over.") from error
            except smtplib.SMTPException as error:
                raise SendError(f"{self.server.host} refused the mail: {_said(error)}") from error
            except OSError as error:
                raise UnsureSendError(f"The connection to {self.server.host} broke: {_said(error)}") from error

    @contextlib.contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        server = self.server
        try:
            client = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(
                f"The mail server {server.host}:{server.port} cannot be used: {_said(error)}. See mail.* in voc.toml."
            ) from error
        try:
            yield client
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        if server.security == "ssl":
            context = ssl.create_default_context()
            client = self.secure(server.host, server.port, timeout=server.timeout_s, context=context)
        else:
            client = self.plain(server.host, server.port, timeout=server.timeout_s)
        try:
            if server.security == "starttls":
                client.starttls(context=ssl.create_default_context())
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request | None:
        return None


@dataclass(frozen=True, slots=True, repr=False)
class HookCarrier:
    """Posts messages to a webhook; its address is a secret and is told to nobody."""

    url: str
    timeout_s: float = 10.0
    opener: OpenerDirector | None = None

    def carry(self, letter: Letter, to: str, *, stamp: Stamp, identity: str) -> None:
        """Post a letter.

        Raises:
            UnsureSendError: no answer came.
            SendError: the webhook was not reached, or refused.
        """
        host = hook_host(self.url)
        opener = self.opener or build_opener(_NoRedirects)
        request = Request(  # noqa: S310  hook_host let only http and https pass
            self.url,
            data=json.dumps(letter.chat, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
            method="POST",
        )
        try:
            with opener.open(request, timeout=self.timeout_s):
                return
        except HTTPError as error:
            error.close()
            raise SendError(f"The webhook at {host} refused: status {error.code}.") from None
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise UnsureSendError(f"The webhook at {host} did not answer in {self.timeout_s:g} s.") from None
            raise SendError(f"The webhook at {host} was not reached: {_said(error.reason)}") from None
        except (OSError, HTTPException) as error:
            raise UnsureSendError(f"The webhook at {host} broke off: {_said(error)}") from None


def hook_host(url: str) -> str:
    """Return the host of a webhook, which may be told.

    Raises:
        InputError: it is no address of http or https.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise InputError("The address of the webhook does not begin with https:// (or http://) and a host. Mend it.")
    return host


def _said(error: object) -> str:
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
