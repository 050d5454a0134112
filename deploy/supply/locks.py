"""Write the locks from what pip-compile found: torch and its CUDA libraries apart from everything else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from supply.parts import ROOT

_HEADS = {
    "requirements.lock": (
        "# Every package that voc and its tools need, with the sha256 of each of its files; written by `make lock`.\n"
        "# torch is apart: requirements-torch-cpu.lock or requirements-torch.lock first (docs/supply-chain.md).\n"
        "# pip install --no-deps --require-hashes -r requirements.lock\n"
    ),
    "requirements-torch.lock": (
        "# torch from PyPI with its CUDA libraries, and what it needs itself; written by `make lock`.\n"
        "# pip install --no-deps --require-hashes -r requirements-torch.lock\n"
    ),
}
_ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)==[^\n]*(?:\n    --hash=[^\n]*)+", re.MULTILINE)
_CUDA = re.compile(r"(?:torch|triton|nvidia-.*|cuda-.*)")


def entries(text: str) -> list[tuple[str, str]]:
    """Return each package's name and its lines; voc itself, which has no hash, is left out."""
    return [(match[1], match[0]) for match in _ENTRY.finditer(text)]


def main(everything: Path, torch: Path) -> None:
    """Write both locks."""
    parted = {
        "requirements.lock": [lines for name, lines in entries(everything.read_text()) if not _CUDA.fullmatch(name)],
        "requirements-torch.lock": [lines for _, lines in entries(torch.read_text())],
    }
    for name, lines in parted.items():
        (ROOT / name).write_text(_HEADS[name] + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
