"""What a workspace does with a file of texts that a team labelled: measure its own themes, or take over the codes."""

from __future__ import annotations

from pathlib import Path

from voc.index.neighbours import nearest_rows
from voc.ingest.labelled import LEAST, LabelledColumns, LabelledTexts, read_labelled
from voc.ingest.language import LanguageGuesser
from voc.ingest.redact import Redactor
from voc.runner.steps import sources_of
from voc.themes.codeframe import CodeFrame, CodeFrameImport
from voc.themes.evaluate import Evaluation, evaluate
from voc.types import Progress, no_progress
from voc.wiring import Services


def evaluate_labelled(
    services: Services, file: Path, columns: LabelledColumns, *, progress: Progress = no_progress
) -> Evaluation:
    """Find themes in labelled texts as a first run would, and compare them with the labels; nothing is stored.

    Raises:
        InputError: the file cannot be used, lacks a column, or has too few labelled texts.
    """
    data = _read(services, file, columns, least=LEAST)
    smallest = services.settings.themes.smallest
    return evaluate(data, services.embedder, nearest_rows, smallest=smallest, progress=progress)


def import_codes(services: Services, file: Path, columns: LabelledColumns, *, why: str) -> CodeFrame:
    """Make locked themes of a team's codes.

    Raises:
        InputError: the file or a code cannot be used, or there are no themes yet.
    """
    data = _read(services, file, columns, least=1)
    frame = CodeFrameImport(
        services.database,
        sources_of(services),
        services.embedder.encode,
        services.stamp,
        why,
        services.settings.workspace.reader_language,
    )
    return frame.add(data.texts)


def _read(services: Services, file: Path, columns: LabelledColumns, *, least: int) -> LabelledTexts:
    markets = services.settings.markets
    spoken = list(dict.fromkeys(one for market in markets for one in market.languages))
    guesser = LanguageGuesser(spoken)
    return read_labelled(
        file,
        columns,
        redactor=Redactor([market.code for market in markets]),
        guess=lambda plain: guesser.guess(plain, spoken),
        least=least,
    )
