"""Labelled themes for the proposal chain: which comments each holds, and what should come of it.

`cases.jsonl` names a set and its rows, because real reviews are not part of the project, and a label that was written
from the texts and the standard alone. `read_cases` finds the texts; `into_workspace` makes a workspace in which every
case is a theme, so that drafting can run on exactly these themes.

Outcomes: `revision` (the clause is silent, ambiguous or too weak: kept to the letter it would not prevent the
complaint), `action` (a clear rule would prevent it if it were kept), `insufficient` (no clause is about it, mixed
complaints, fewer than five different ones, or praise).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from voc.embed.pending import embed_pending
from voc.embed.vectors import load_vectors
from voc.ingest.fold import fold
from voc.ingest.identity import clean, feedback_id
from voc.ingest.redact import Redactor
from voc.resources import sample_dir
from voc.store import assignments, labels, runs, themes
from voc.store.assignments import UnitRow
from voc.store.labels import LabelRow
from voc.store.themes import FIRST_FIT, FitRow, ThemeEvent, ThemeRow
from voc.themes.centroids import measure
from voc.themes.decide import theme_id
from voc.themes.space import fit_space
from voc.themes.update import ThemeConfig, new_fit
from voc.types import Assignment, Polarity
from voc.weeks import monday, shift_week
from voc.workspace import Workspace

SAMPLE: Final = "sample"
OUTCOMES: Final = ("revision", "action", "insufficient")
WEEK: Final = "2024-W40"
DELIVERIES: Final = 20_000
"""Parcels of each market and week: rates exist, and none of them stands out."""

_BACK: Final = (0, 1, 2, 3, 0, 4, 1, 5, 2, 6, 3, 7)
"""Weeks before `WEEK` in which the comments of a case come, market by market: two thirds in the last four weeks."""

_FIRST_WEEK: Final = shift_week(WEEK, -max(_BACK))
_STANDARDS: Final = ("global", "us", "gb", "de", "fr", "br")
_MARKETS: Final[Mapping[str, tuple[str, str, str]]] = {
    "TR": ("Turkey", "tr", "Europe/Istanbul"),
    "CN": ("China", "zh", "Asia/Shanghai"),
    "ID": ("Indonesia", "id", "Asia/Jakarta"),
}
"""Name, language and time zone of the markets that the sample does not have."""

SOURCE: Final = "cases"

_MAPPING: Final = f"""source = "{SOURCE}"

[columns]
text = "text"
created_at = "created"
market = "market"
source_id = "id"
language = "language"
rating = "rating"
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A comment as it would be stored: redacted. `date` is that of the set, "" where it has none."""

    id: str
    text: str
    market: str
    language: str
    rating: float | None
    date: str
    praise: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Acceptable outcomes, the best first, acceptable clause numbers, and why."""

    outcomes: tuple[str, ...]
    clauses: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """A theme with its comments; `missing` is true where the set's file is not here, and `rows` is empty then."""

    id: str
    set: str
    theme: str
    market: str
    markets: tuple[str, ...]
    rows: tuple[Row, ...]
    label: Label
    missing: bool = False


@dataclass(frozen=True, slots=True)
class CaseWorkspace:
    """A workspace folder with the theme id of each case, and the feedback id of each row, by their ids."""

    folder: Path
    themes: Mapping[str, str]
    feedback: Mapping[str, str]


def read_cases(shared: Path | None, *, only: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return the cases with their comments; sets that are not in the folder are named on the screen.

    Args:
        shared: the folder of real reviews, None where there is none.
        only: ids of the cases wanted; all without any.

    Raises:
        ValueError: a row is not in its set, or a case of `only` does not exist.
    """
    path = Path(__file__).with_name("cases.jsonl")
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    unknown = sorted(set(only) - {one["id"] for one in found})
    if unknown:
        raise ValueError(f"there is no case {unknown[0]}; cases: {', '.join(one['id'] for one in found)}")
    cases = tuple(_case(one, shared) for one in found if not only or one["id"] in only)
    absent = sorted({one.set for one in cases if one.missing})
    if absent:
        print(f"not here, and their cases left out: {', '.join(absent)} (--data FOLDER names the folder)", flush=True)
    return cases


def _case(found: Mapping[str, object], shared: Path | None) -> Case:
    label, praise = dict(found["label"]), set(found.get("praise", ()))  # type: ignore[call-overload]
    name, ids = str(found["set"]), [str(one) for one in found["rows"]]  # type: ignore[attr-defined]
    rows = _sample_rows() if name == SAMPLE else _real_rows(shared / f"{name}.jsonl") if shared else {}
    lost = [one for one in ids if one not in rows]
    if rows and lost:
        raise ValueError(f"{found['id']}: {name} has no row {lost[0]}")
    return Case(
        id=str(found["id"]),
        set=name,
        theme=str(found["theme"]),
        market=str(found["market"]),
        markets=tuple(map(str, found["markets"])),  # type: ignore[call-overload]
        rows=tuple(_as_stored(rows[one], praise=one in praise) for one in ids) if rows else (),
        label=Label(tuple(label["outcome"]), tuple(label["clauses"]), str(label["why"])),
        missing=not rows,
    )


@lru_cache
def _sample_rows() -> dict[str, Row]:
    """Return the sample's comments by source id, not yet redacted."""
    with (sample_dir() / "truth.csv").open(encoding="utf-8", newline="") as handle:
        languages = {row["id"]: row["language"] for row in csv.DictReader(handle)}
    with (sample_dir() / "feedback.csv").open(encoding="utf-8", newline="") as handle:
        return {
            row["id"]: Row(
                id=row["id"],
                text=row["comment"],
                market="GB" if row["country"] == "UK" else row["country"],
                language=languages.get(row["id"], ""),
                rating=float(row["stars"]) if row["stars"] else None,
                date=row["created"][:10],
            )
            for row in csv.DictReader(handle)
        }


@lru_cache
def _real_rows(path: Path) -> dict[str, Row]:
    """Return the comments of a set by id, not yet redacted; none where the file is absent."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as handle:
        found = [json.loads(line) for line in handle]
    return {
        row["id"]: Row(
            id=row["id"],
            text=row["text"],
            market=row.get("market", ""),
            language=row.get("lang", ""),
            rating=None if row.get("rating") is None else float(row["rating"]),
            date=str(row.get("created_at", ""))[:10],
        )
        for row in found
    }


def _as_stored(row: Row, *, praise: bool) -> Row:
    return replace(row, text=_redactor(row.market).redact(clean(row.text)).text, praise=praise)


@lru_cache
def _redactor(market: str) -> Redactor:
    return Redactor([market])


def into_workspace(
    cases: tuple[Case, ...], folder: Path, *, environment: Mapping[str, str] | None = None
) -> CaseWorkspace:
    """Make a workspace in which each case that has its texts is a theme of week `WEEK`; nothing is drafted.

    Put all cases into one workspace: the space of themes is learnt from the comments that are there.

    Args:
        cases: from `read_cases`.
        folder: a new folder.
        environment: settings above voc.toml, such as VOC_ENCODER; that of the process without them.
    """
    present = tuple(case for case in cases if case.rows)
    Workspace.init(folder, environment=environment).close()
    _settings(folder, room=len(present))
    _write(folder / "cases.csv", ("id", "text", "created", "market", "language", "rating"), _feedback(present))
    _write(folder / "parcels.csv", ("market", "week", "deliveries"), _deliveries())
    (folder / "cases.toml").write_text(_MAPPING, encoding="utf-8")
    with Workspace.open(folder, environment=environment) as workspace:
        report = workspace.ingest(folder / "cases.csv", mapping=folder / "cases.toml")
        if report.letters:
            raise ValueError(
                f"row {report.letters[0].row_number} of the cases was not taken: {report.letters[0].reason}"
            )
        workspace.ingest_figures(folder / "parcels.csv")
        for name in _STANDARDS:
            workspace.import_standard(folder / "standards" / f"{name}.md")
        return _themes(workspace, present)


def _settings(folder: Path, *, room: int) -> None:
    path = folder / "voc.toml"
    tables = [
        f'[[market]]\ncode = "{code}"\nname = "{name}"\nlanguages = ["{language}"]\ntime_zone = "{zone}"\n'
        for code, (name, language, zone) in _MARKETS.items()
    ]
    text = path.read_text(encoding="utf-8").replace("per_run = 3 ", f"per_run = {min(50, max(3, room))} ")
    path.write_text("\n".join([text, *tables]), encoding="utf-8")


def _feedback(cases: tuple[Case, ...]) -> Iterator[tuple[str, ...]]:
    for case in cases:
        come: dict[str, int] = {}
        for row in case.rows:
            number = come.setdefault(row.market, 0)
            come[row.market] += 1
            back = _BACK[number % len(_BACK)]
            day = monday(shift_week(WEEK, -back)) + timedelta(days=number % 5)
            rating = "" if row.rating is None else f"{row.rating:g}"
            yield row.id, row.text, f"{day.isoformat()} 12:00:00", row.market, row.language, rating


def _deliveries() -> Iterator[tuple[str, ...]]:
    for market in ("US", "DE", "FR", "GB", "BR", "JP", *_MARKETS):
        for back in range(max(_BACK), -1, -1):
            yield market, shift_week(WEEK, -back), str(DELIVERIES)


def _write(path: Path, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([head, *rows])


def _themes(workspace: Workspace, cases: tuple[Case, ...]) -> CaseWorkspace:
    """Embed every comment and write fit, themes, assignments and names, as a weekly run would have left them."""
    services, stamp = workspace.services, workspace.services.stamp
    fold(services.database, week=WEEK, quotas={}, stamp=stamp)
    embed_pending(services.database, services.vector_files, services.embedder, stamp=lambda: stamp)
    feedback = {
        row.id: feedback_id(services.key, source=SOURCE, source_id=row.id, revision="", created_at="", text=row.text)
        for case in cases
        for row in case.rows
    }
    with services.database.read() as connection:
        units = assignments.units(connection, last_week=WEEK)
    fit, made, scores = _fit(workspace, units, [[feedback[row.id] for row in case.rows] for case in cases])
    ids = {case.id: theme.id for case, theme in zip(cases, made, strict=True)}
    theme_of = {feedback[row.id]: (ids[case.id], row.praise) for case in cases for row in case.rows}
    decisions = [_decided(unit, *theme_of[unit.feedback_id], score) for unit, score in zip(units, scores, strict=True)]
    names = [LabelRow(ids[case.id], "en", 1, case.theme, "", (), "person", None, "") for case in cases]
    with services.database.write() as connection:
        runs.start(
            connection,
            stamp,
            run_id=SOURCE,
            pipeline="weekly",
            week=WEEK,
            config_hash="",
            manifest={"cases": len(cases)},
        )
        themes.add_fit(connection, stamp, fit, run_id=SOURCE)
        themes.add(connection, stamp, made)
        assignments.put(connection, stamp, decisions, run_id=SOURCE)
        born = [ThemeEvent(ids[case.id], "born", _FIRST_WEEK, len(case.rows), why=FIRST_FIT) for case in cases]
        themes.record(connection, stamp, born, run_id=SOURCE)
        for name in names:
            labels.add(connection, stamp, name, feedback_ids=(), run_id=SOURCE)
        runs.finish(connection, stamp, run_id=SOURCE)
    return CaseWorkspace(services.paths.folder, ids, feedback)


def _fit(
    workspace: Workspace, units: Sequence[UnitRow], members: Sequence[Sequence[str]]
) -> tuple[FitRow, tuple[ThemeRow, ...], Sequence[float]]:
    """Return the space of all units, a theme for the comments of each case, and each unit's cosine to its own theme."""
    services, embedder = workspace.services, workspace.services.embedder
    case_of = {one: number for number, comments in enumerate(members) for one in comments}
    numbers = np.array([case_of[unit.feedback_id] for unit in units], dtype=np.int64)
    languages = [unit.language for unit in units]
    wanted, model_id = [unit.same_as for unit in units], embedder.model_id
    vectors = load_vectors(services.database, services.vector_files, wanted, model_id=model_id, dim=embedder.dim)
    space = fit_space(vectors, languages)
    rows = space.place(vectors, languages)
    found = measure(rows, numbers)
    fit = new_fit(space, model_id, ThemeConfig())
    made = []
    for number, (centroid, threshold) in enumerate(zip(found.rows, found.thresholds, strict=True)):
        hashes = [f"{number}", *(unit.same_as for unit, own in zip(units, numbers, strict=True) if own == number)]
        made.append(ThemeRow(theme_id(hashes, fit.id), fit.id, _FIRST_WEEK, "active", centroid, float(threshold)))
    return fit, tuple(made), np.einsum("ij,ij->i", rows, found.rows[numbers]).tolist()


def _decided(unit: UnitRow, theme: str, praise: bool, score: float) -> Assignment:
    polarity = Polarity.PRAISE if praise else Polarity.COMPLAINT
    return Assignment(unit.unit_id, theme, score, theme, polarity, SOURCE)
