"""Who may do what: one table of acts and roles; what is not in it is nobody's."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voc.errors import InputError, NotAllowedError

_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What somebody is; roles are not ranks, the table says what each may do."""

    VIEWER = "viewer"
    OPERATIONS = "operations"
    ANALYST = "analyst"
    CONSULTED = "consulted"
    OWNER = "owner"
    ADMIN = "admin"


class Act(StrEnum):
    """What roles are asked for, in words that finish "may not ..."."""

    VIEW = "see counts, themes and standards"
    READ = "read single comments"
    LOOK_UP = "look up a tracking number"
    EDIT = "edit a draft"
    SUBMIT = "submit a draft for review"
    ASK = "ask for consultation"
    ANSWER = "answer a consultation"
    ASSESS = "assess cost and feasibility"
    DECIDE = "decide on a proposal"
    ADOPT = "adopt a proposal"
    OPEN_ACTION = "open an action"
    CLOSE_ACTION = "close an action"
    READ_AUDIT = "read the audit log"
    SAVE_SEARCH = "keep a search"
    RUN = "start and stop runs"
    EDIT_THEMES = "change themes"
    INGEST = "bring in feedback and figures"
    IMPORT_STANDARD = "import a standard"
    WRITE_REPORT = "write a report"
    PUBLISH_REPORT = "publish a report"
    SEND_REPORT = "send a report"
    SET_UP = "change settings"
    MANAGE_PEOPLE = "manage people and tokens"
    ERASE = "erase comments"


_EVERYONE_WHO_READS: Final = frozenset(Role) - {Role.VIEWER}
_DRAFTERS: Final = frozenset({Role.ANALYST, Role.OWNER, Role.ADMIN})
_DECIDERS: Final = frozenset({Role.OWNER, Role.ADMIN})
_FIELD: Final = frozenset({Role.OPERATIONS, Role.OWNER, Role.ADMIN})

MAY: Final[Mapping[Act, frozenset[Role]]] = MappingProxyType(
    {
        Act.VIEW: frozenset(Role),
        Act.READ: _EVERYONE_WHO_READS,
        Act.LOOK_UP: _FIELD,
        Act.EDIT: _DRAFTERS,
        Act.SUBMIT: _DRAFTERS,
        Act.ASK: _DRAFTERS,
        Act.ANSWER: _EVERYONE_WHO_READS,  # whom a consultation names, and the admin
        Act.ASSESS: _DRAFTERS | _FIELD,
        Act.DECIDE: _DECIDERS,
        Act.ADOPT: _DECIDERS,
        Act.OPEN_ACTION: _FIELD,  # which accepts the proposal that says act
        Act.CLOSE_ACTION: _FIELD,
        Act.READ_AUDIT: _DECIDERS,
        Act.SAVE_SEARCH: _EVERYONE_WHO_READS,
        Act.RUN: _DRAFTERS,
        Act.EDIT_THEMES: _DRAFTERS,
        Act.INGEST: _DRAFTERS,
        Act.IMPORT_STANDARD: _DECIDERS,
        Act.WRITE_REPORT: _DRAFTERS,
        Act.PUBLISH_REPORT: _DRAFTERS,
        Act.SEND_REPORT: _DRAFTERS,
        Act.SET_UP: frozenset({Role.ADMIN}),
        Act.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
        Act.ERASE: frozenset({Role.ADMIN}),
    }
)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks: the name that stands as actor, the role, and the markets they see (None: all)."""

    name: str
    role: Role
    markets: frozenset[str] | None = None

    def sees(self, market: str) -> bool:
        """Say whether they see a market."""
        return self.markets is None or market in self.markets


def may(role: Role, act: Act) -> bool:
    """Say whether a role may do something."""
    return role in MAY.get(act, frozenset())


def check(role: Role, act: Act) -> None:
    """Let only those pass who may do something.

    Raises:
        NotAllowedError: the role may not; the message names those that may.
    """
    if not may(role, act):
        allowed = ", ".join(one for one in Role if may(one, act))
        raise NotAllowedError(f"The role {role} may not {act}. Roles that may: {allowed}.")


def role_named(name: str) -> Role:
    """Return the role of that name; `support`, an earlier name of operations, is taken with a warning.

    Raises:
        InputError: there is none.
    """
    if name == "support":
        _log.warning("The role 'support' is called 'operations' now. Set VOC_ROLE=operations.")
        return Role.OPERATIONS
    try:
        return Role(name)
    except ValueError as error:
        raise InputError(f"There is no role '{name}'. Allowed: {', '.join(Role)}.") from error


def check_reads(role: Role) -> None:
    """Let only those pass who may read single comments.

    Raises:
        NotAllowedError: the role sees aggregates only.
    """
    if not may(role, Act.READ):
        raise NotAllowedError(
            f"The role {role} sees counts, not single comments. Ask how many: voc search TEXT --count"
        )


def check_looks_up(role: Role) -> None:
    """Let only those pass who may find the comments of one parcel.

    Raises:
        NotAllowedError: the role may not.
    """
    check(role, Act.LOOK_UP)
