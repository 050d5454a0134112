"""Write docs/licences.md: every dependency and every model's weights with its licence."""

from __future__ import annotations

import sys

from supply.parts import ROOT, packages, read_rules, wrong
from voc.models.registry import read_registry

TARGET = ROOT / "docs" / "licences.md"
_HEAD = """# Licences

Written by `make licences` from the metadata of what constraints.txt pins and from the registry of models; do not edit.
What is allowed, and why anything else is let in, stands in [licences.toml](../deploy/supply/licences.toml). voc itself
is Apache-2.0.
"""


def page() -> str:
    rules = read_rules()
    found = list(packages(rules))
    lines = [_HEAD, "## Packages that run", "", *_table([one for one in found if one.purpose == "run"]), ""]
    lines += ["## Packages that build and test only", "", *_table([one for one in found if one.purpose == "build"]), ""]
    lines += ["## Let in besides", ""]
    lines += [f"- `{name}`: {why}" for name, why in rules.excepted.items()]
    lines += ["", "## Weights of models", "", "| model | licence | sha256 of its files |", "|---|---|---|"]
    for model in read_registry().models:
        files = "<br>".join(f"`{file.name}` {file.sha256}" for file in model.files)
        lines.append(f"| {model.id} ({model.weights}) | {model.licence} | {files} |")
    return "\n".join(lines) + "\n"


def _table(found: list) -> list[str]:
    rows = [f"| {one.name} | {one.version} | {one.licence} |" for one in found]
    return ["| package | version | licence |", "|---|---|---|", *rows]


def main() -> int:
    rules = read_rules()
    refused = [told for one in packages(rules) if (told := wrong(one, rules))]
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.writelines(f"{told}\n" for told in refused)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
