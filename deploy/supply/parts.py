"""The parts of voc: pinned packages with their licence and what they are for, and the weights of models."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUN_EXTRAS = ("local", "openai", "postgres", "pdf")
"""Extras of voc that are for its users; the others are for building and measuring it."""

_WORDS = {
    r"^mit\b": "MIT",
    r"mozilla public license 2|^mpl-2": "MPL-2.0",
    r"^apache\b|apache software": "Apache-2.0",
    r"^bsd[ -]2-clause|^2-clause bsd": "BSD-2-Clause",
    r"bsd": "BSD-3-Clause",
    r"\bisc\b": "ISC",
}
"""How packages write a licence that they do not name as SPDX does; "BSD" alone is its three-clause form."""


@dataclass(frozen=True)
class Package:
    """A pinned package; `licence` is an SPDX expression, `purpose` run or build."""

    name: str
    version: str
    licence: str
    purpose: str


@dataclass(frozen=True)
class Rules:
    """Licences that are allowed, packages let in besides with why, and licences read in files."""

    allowed: frozenset[str]
    excepted: Mapping[str, str]
    read: Mapping[str, str]


def read_rules() -> Rules:
    found = tomllib.loads((Path(__file__).parent / "licences.toml").read_text(encoding="utf-8"))
    return Rules(frozenset(found["allowed"]), found["excepted"], found["read"])


def pinned() -> dict[str, str]:
    """Return the version of each package of constraints.txt, by its canonical name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def packages(rules: Rules) -> Iterator[Package]:
    """Yield every pinned package in order of name.

    Raises:
        LookupError: one is not installed here in that version, or does not say its licence.
    """
    running = _needed_to_run()
    for name, version in sorted(pinned().items()):
        try:
            told = metadata(name)
        except PackageNotFoundError as error:
            raise LookupError(f"{name} is not installed: pip install -c constraints.txt -e '.[dev]'") from error
        if told["Version"].split("+")[0] != version:
            raise LookupError(f"{name} is {told['Version']} here and {version} in constraints.txt")
        yield Package(name, version, rules.read.get(name) or _licence(name), "run" if name in running else "build")


def wrong(package: Package, rules: Rules) -> str:
    """Return why a package may not be used, "" where it may."""
    if package.name in rules.excepted or is_allowed(package.licence, rules.allowed):
        return ""
    told = "Replace it, or say in licences.toml why it may stay."
    return f"{package.name} is {package.licence}, which is not allowed. {told}"


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Say whether an SPDX expression can be met with allowed licences alone; AND binds closer than OR."""
    inner = re.search(r"\(([^()]*)\)", expression)
    if inner:
        met = "0BSD" if is_allowed(inner[1], allowed) else "not-allowed"
        return is_allowed(expression[: inner.start()] + met + expression[inner.end() :], allowed)
    return any(
        all(one.strip() in allowed for one in choice.split(" AND ")) for choice in expression.strip().split(" OR ")
    )


def _licence(name: str) -> str:
    told = metadata(name)
    if told["License-Expression"]:
        return str(told["License-Expression"])
    classed = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    for said in (str(told["License"] or "").strip()[:80], *classed):
        if " AND " in said or " OR " in said:
            return said
        for pattern, licence in _WORDS.items():
            if re.search(pattern, said, re.IGNORECASE):
                return licence
    raise LookupError(f"{name} does not say its licence. Read it and write it into licences.toml, under [read].")


def _needed_to_run() -> set[str]:
    """Return the packages that come with voc and its extras for users."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(one for extra in RUN_EXTRAS for one in project["optional-dependencies"][extra]),
    ]
    waiting = [Requirement(line) for line in lines]
    found: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        for one in map(Requirement, lines):
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append(one)
    return found
