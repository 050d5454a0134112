"""Take what may be secret out of addresses and out of what others say about them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_USER_INFO: Final = re.compile(r"(?<=://)[^/\s?#]*@")
_QUERY: Final = re.compile(r"(\w+://[^\s?#'\"]*)[?#][^\s'\"]*")
_NAMED: Final = re.compile(
    r"(?i)\b([\w-]*(?:passw|secret|token|sig|credential|key)[\w-]*)(\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)]+)"
)
_LONGEST: Final = 300


def scrub_url(url: str) -> str:
    """Return an address without user, password, query and fragment."""
    return _USER_INFO.sub("", re.sub(r"[?#].*", "", url, flags=re.DOTALL))


def scrub(text: str, *secrets: str) -> str:
    """Return what was said in one line of at most 300 characters, without passwords, keys and the given secrets."""
    plain = " ".join(text.split())
    for secret in secrets:
        for form in {secret, quote(secret, safe=""), unquote(secret)} - {""}:
            plain = plain.replace(form, "***")
    return _NAMED.sub(r"\1\2***", _QUERY.sub(r"\1", _USER_INFO.sub("", plain)))[:_LONGEST]


def password_in(url: str) -> str:
    """Return the password that an address holds, "" where it holds none."""
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return url
