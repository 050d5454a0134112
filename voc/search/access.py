"""Who may see what of a search: comments, aggregates only, or what came with a tracking number too."""

from __future__ import annotations

from enum import StrEnum

from voc.errors import InputError, NotAllowedError


class Role(StrEnum):
    """What a reader is; each may do what the next one may, and more."""

    OWNER = "owner"
    SUPPORT = "support"
    ANALYST = "analyst"
    VIEWER = "viewer"


def role_named(name: str) -> Role:
    """Return the role of that name.

    Raises:
        InputError: there is none.
    """
    try:
        return Role(name)
    except ValueError as error:
        raise InputError(f"There is no role '{name}'. Allowed: {', '.join(Role)}.") from error


def check_reads(role: Role) -> None:
    """Let only those pass who may read single comments.

    Raises:
        NotAllowedError: the role sees aggregates only.
    """
    if role is Role.VIEWER:
        raise NotAllowedError("The role viewer sees counts, not single comments. Ask how many: voc search TEXT --count")


def check_looks_up(role: Role) -> None:
    """Let only those pass who may find the comments of one parcel.

    Raises:
        NotAllowedError: the role may not.
    """
    if role not in (Role.OWNER, Role.SUPPORT):
        raise NotAllowedError(f"The role {role} may not look up a tracking number; support and owner may.")
