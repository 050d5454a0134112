"""A worker as a process of its own: numbers of partitions come in, one a line, and outcomes go out as lines of JSON.

Usage: python -m voc.backfill.worker FOLDER KIND
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from voc.backfill.engine import Worker, fatal


def main(folder: str, kind: str) -> None:
    """Say that this worker is ready, then answer until there is nothing more to do; whatever prints goes to errors."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(Path(folder), kind)
    refusal = worker.refusal()
    _say(answers, asdict(fatal(refusal)) if refusal else {"ready": True})
    for line in sys.stdin:
        _say(answers, asdict(worker.outcome_of(int(line))))


def _say(answers: object, told: dict[str, object]) -> None:
    print(json.dumps(told), file=answers, flush=True)  # type: ignore[call-overload]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
