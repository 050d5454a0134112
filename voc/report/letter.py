"""What is sent: a report as a mail with text, HTML and perhaps a PDF, and as a message for a chat."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from voc.errors import InputError
from voc.proposals.pack_pdf import printed
from voc.report.cover import Cover
from voc.report.digest import as_chat, as_text, digest, subject
from voc.report.forms import stem_of
from voc.report.model import Report, with_quotes
from voc.report.render import Medium, as_html
from voc.store.reports import Place
from voc.types import Stamp

_HASH: Final = 12


@dataclass(frozen=True, slots=True)
class Letter:
    """A report ready to be sent; `version` names what it says, `pdf` is None where it is not attached."""

    place: Place
    version: str
    subject: str
    text: str
    html: str
    chat: Mapping[str, object]
    pdf: bytes | None = None


def letter(report: Report, cover: Cover, place: Place, *, quotes: bool, pdf: bool) -> Letter:
    """Return a report as it is sent: no count below k anywhere, and no single comment unless `quotes`.

    Raises:
        InputError: WeasyPrint is not installed for a PDF.
    """
    shown = replace(report if quotes else with_quotes(report, lambda _quote: None), proposal_sections=())
    parts = digest(shown, cover)
    html = as_html(shown, cover, medium=Medium.MAIL, masked=True)
    page = as_html(shown, cover, medium=Medium.PRINT, masked=True) if pdf else ""
    title = subject(shown, cover)
    said = hashlib.sha256(html.encode()).hexdigest()[:_HASH]
    return Letter(
        place,
        f"edition {cover.edition}" if cover.published else f"draft {said}",
        title,
        as_text(parts),
        html,
        as_chat(title, parts),
        printed(page, instead="send without --pdf") if pdf else None,
    )


def message(found: Letter, *, sender: str, to: str, stamp: Stamp, identity: str) -> EmailMessage:
    """Return a letter as a mail; `identity` makes its message id, so that a mail sent twice is known as one.

    Raises:
        InputError: an address cannot be one.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = address(sender), address(to)
    mail["Subject"] = found.subject
    mail["Date"] = format_datetime(stamp.at)
    mail["Message-ID"] = f"<{identity}@{address(sender).domain}>"
    mail.set_content(found.text)
    mail.add_alternative(found.html, subtype="html")
    if found.pdf is not None:
        name = f"{stem_of(found.place)}.pdf"
        mail.add_attachment(found.pdf, maintype="application", subtype="pdf", filename=name)
    return mail


def address(text: str) -> Address:
    """Return a mail address.

    Raises:
        InputError: it cannot be one.
    """
    try:
        found = Address(addr_spec=text.strip())
    except (ValueError, IndexError, TypeError, MessageError) as error:
        raise InputError(f"{text[:80]!a} is not a mail address such as ana@example.org.") from error
    if not (found.username and found.domain and text.isascii() and text.isprintable()):
        raise InputError(f"{text[:80]!a} is not a mail address such as ana@example.org.")
    return found
