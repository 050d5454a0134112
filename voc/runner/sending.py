"""Send a report of a workspace: which server and webhook its settings and environment name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from voc.errors import InputError
from voc.ingest.identity import keyed_hash
from voc.report import sending
from voc.report.carriers import Carrier, HookCarrier, MailServer, SmtpCarrier, hook_host
from voc.report.letter import Letter, address, letter
from voc.report.sending import Destination, How, Outcome, Post

if TYPE_CHECKING:
    from voc.report.authored import DraftReport, PublishedReport
    from voc.wiring import Services

MAIL, WEBHOOK = "mail", "webhook"


def destinations(services: Services, *, to: Sequence[str], webhook: bool) -> tuple[Destination, ...]:
    """Return where a report is to go: the addresses, else those of the settings; or the webhook beside or instead.

    Raises:
        InputError: nobody is named, an address cannot be one or is elsewhere than allowed, or the webhook has none.
    """
    settings = services.settings
    found = [_mail(one, settings.mail.domains) for one in (to or (() if webhook else settings.mail.to))]
    if webhook:
        found.append(Destination(WEBHOOK, _hook(services), f"webhook at {hook_host(_hook(services))}"))
    if not found:
        raise InputError("Say where to: --to ADDRESS or --webhook, or set mail.to in voc.toml.")
    return tuple(found)


def send(
    services: Services, shown: DraftReport | PublishedReport, to: Sequence[Destination], how: How
) -> tuple[Letter, tuple[Outcome, ...]]:
    """Send a report to destinations, or say what would go where.

    Raises:
        InputError: the mail server is not set.
    """
    quotes = services.settings.mail.quotes
    found = letter(shown.report, shown.cover, shown.place, quotes=quotes, pdf=how.pdf)
    if how.dry_run:
        return found, sending.dry_run(to)
    carriers = _carriers(services, {one.channel for one in to})
    post = Post(
        services.database,
        carriers,
        lambda text: keyed_hash(services.key, "report destination", text),
        lambda: services.stamp,
    )
    return found, sending.send(post, found, to, again=how.again)


def _mail(text: str, domains: Sequence[str]) -> Destination:
    found = address(text)
    if domains and found.domain.lower() not in {one.lower() for one in domains}:
        raise InputError(
            f"Reports are not sent to {found.domain}. Allowed: {', '.join(domains)} (mail.domains in voc.toml)."
        )
    return Destination(MAIL, found.addr_spec, found.addr_spec)


def _hook(services: Services) -> str:
    name = services.settings.webhook.url_variable
    url = services.environment.get(name, "").strip()
    if not url:
        raise InputError(f"The address of the webhook is not set. Put it into the environment variable {name}.")
    return url


def _carriers(services: Services, channels: set[str]) -> Mapping[str, Carrier]:
    built: dict[str, Carrier] = {}
    if MAIL in channels:
        built[MAIL] = services.parts.once("mail carrier", lambda: SmtpCarrier(_server(services)))
    if WEBHOOK in channels:
        timeout = services.settings.webhook.timeout_s
        built[WEBHOOK] = services.parts.once("webhook carrier", lambda: HookCarrier(_hook(services), timeout))
    return built


def _server(services: Services) -> MailServer:
    mail, environment = services.settings.mail, services.environment
    missing = [f"mail.{name}" for name in ("host", "sender") if not getattr(mail, name)]
    if missing:
        raise InputError(f"Mails cannot be sent: {' and '.join(missing)} not set in voc.toml. See docs/report.md.")
    address(mail.sender)
    user = environment.get(mail.user_variable, "")
    password = environment.get(mail.password_variable, "")
    if user and not password:
        raise InputError(f"{mail.user_variable} is set and {mail.password_variable} is not. Set both or neither.")
    return MailServer(mail.host, mail.port, mail.sender, mail.security, user, password, mail.timeout_s)
