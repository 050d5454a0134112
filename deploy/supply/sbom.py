"""Write a bill of materials in CycloneDX 1.6: packages with the hashes of the lock, models with those of their files.

It holds no time and no random number, so that the same parts give the same bytes.
Source: the specification, https://cyclonedx.org/docs/1.6/json/.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from supply.locks import entries
from supply.parts import ROOT, Package, packages, read_rules
from voc.models.registry import Model, read_registry
from voc.version import VERSION

LOCKS = ("requirements.lock", "requirements-torch-cpu.lock")


def bill() -> dict[str, object]:
    """Return the bill; parts that only build and test are marked as excluded from what runs."""
    hashes = locked()
    parts = [_package(one, hashes.get(one.name, ())) for one in packages(read_rules())]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/voc@{VERSION}",
                "name": "voc",
                "version": VERSION,
                "licenses": [{"expression": "Apache-2.0"}],
                "purl": f"pkg:pypi/voc@{VERSION}",
            }
        },
        "components": [*parts, *map(_model, read_registry().models)],
    }


def locked() -> dict[str, tuple[str, ...]]:
    """Return the sha256 that each package may have, by name."""
    found: dict[str, tuple[str, ...]] = {}
    for lock in LOCKS:
        for name, lines in entries((ROOT / lock).read_text(encoding="utf-8")):
            found[name] = tuple(re.findall(r"sha256:([0-9a-f]{64})", lines))
    return found


def _package(one: Package, hashes: tuple[str, ...]) -> dict[str, object]:
    address = f"pkg:pypi/{one.name}@{one.version}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": one.name,
        "version": one.version,
        "scope": "required" if one.purpose == "run" else "excluded",
        "licenses": [{"expression": one.licence}],
        "purl": address,
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{one.name}/{one.version}/",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
            }
        ],
    }


def _model(model: Model) -> dict[str, object]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{model.id}@{model.weights}",
        "name": model.id,
        "version": model.weights,
        "description": model.about,
        "licenses": [{"expression": model.licence}],
        "components": [
            {
                "type": "file",
                "bom-ref": f"model:{model.id}@{model.weights}/{file.name}",
                "name": file.name,
                "hashes": [{"alg": "SHA-256", "content": file.sha256}],
            }
            for file in model.files
        ],
    }


def main(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
