"""Passwords: what may be one, and how it is kept.

Source: argon2id with the costs of RFC 9106's second recommendation (argon2-cffi's default), and the length rule of
NIST SP 800-63B: long enough, no rule about kinds of characters, nothing that stands for itself.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from voc.errors import InputError

SHORTEST: Final = 12
LONGEST: Final = 256


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """Return the hash that is compared where there is no such person, so that a refusal takes as long."""
    return _hasher().hash("nobody has this password")


def hash_password(password: str, *, name: str) -> str:
    """Return what is kept of a password.

    Raises:
        InputError: it is too short or too long, is one character again and again, or holds the name.
    """
    plain = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise InputError(
            f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(plain)}. Four words make a good one."
        )
    if len(set(plain)) < 5 or name.casefold() in plain.casefold():
        raise InputError("This password is too easy to guess: it holds the name or few different characters.")
    return _hasher().hash(plain)


def is_right(password_hash: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept; without one, take as long and say no."""
    plain = unicodedata.normalize("NFC", password)[: LONGEST + 1]
    try:
        return _hasher().verify(password_hash or _nobody(), plain) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_old(password_hash: str) -> bool:
    """Say whether a password is kept with costs that are no longer those of today."""
    return _hasher().check_needs_rehash(password_hash)
