"""Complaint, praise, request or other in six languages, against always the most frequent kind and the rating alone.

Usage: python benchmarks/polarity.py [--quick] [--check] [--tune] [--encoder NAME] [--data FOLDER] [--cache FOLDER]

Sets of real comments with a sentiment label (us_airline, magaza_tr, waimai_zh, prdect_id) or a rating (trustpilot_fr,
olist_sample: up to 2 a complaint, from 4 on praise, 3 left out), at most 2,000 texts of each by a fixed draw, redacted
and exact copies folded as in ingest. Each half of a set is judged by a model that has seen the other half:
- cold: as comments without ratings, so that the sentences that ship with voc are the only teacher;
- across: the same, and the rated comments of the other languages;
- within: with its ratings, or where a set has none, with its labels as if people had corrected every comment.
The rating of a text is hidden while it is judged; where the rating is not itself the truth (prdect_id), lines with it
follow. Macro-F1 is over the kinds that a set has; a request counts as neutral. Four sets have no neutral texts, so that
saying so there is an error. ECE: expected calibration error of the probability of the kind given, ten bins.
Constants were chosen on other rows of the same sets; `--tune` shows what each of them does there.

Claims, on the default encoder:
- within: above always the most frequent kind in every language;
- cold: above always the most frequent kind on the mean of the languages;
- across: above cold on the mean;
- with ratings: cold, across and within at least the rating alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from parts.opinions import LANGUAGES, RATED, REPORTED, Opinions, read_opinions
from parts.sets import encoder_of

from voc.themes import polarity as ours
from voc.themes.engine import one_thread
from voc.themes.polarity import Comments, Judgement
from voc.themes.sentences import Sentences, read_sentences
from voc.types import Polarity

DEFAULT, SMALL = "multilingual-e5-small", "all-minilm-l6-v2"
MODES = ("cold", "across", "within")
RATING_ONLY, MAJORITY = "rating alone", "always the most frequent"
WITH_RATING = "prdect_id"
BINS = 10
QUICK = 200
ROOT = Path(__file__).resolve().parents[1]

TRIED = {
    "CARRIED": (0.4, 0.5, 0.7, 0.8, 1.0),
    "OPINIONS": (0.8, 0.85, 0.95),
    "RATED_WEIGHT": (0.1, 1.0),
    "CORRECTED_WEIGHT": (1.0, 10.0),
    "OPINION_PENALTY": (0.005, 0.08),
    "SIDE_PENALTY": (0.05, 0.8),
    "STEADY": (0, 100),
    "DOUBT": (0.0, 0.1, 0.5, 1.0),
    "SURE": (0.4, 0.6),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One way of judging one set: F1 of each kind, their mean, and the calibration error where there are scores."""

    set_name: str
    language: str
    texts: int
    method: str
    with_rating: bool
    macro_f1: float
    f1: dict[str, float]
    ece: float | None


def comments(one: Opinions, *, rated: bool = False, corrected: bool = False) -> Comments:
    """Return a set as comments, with or without its ratings and its labels."""
    count = len(one.truth)
    return Comments(
        one.vectors,
        [one.language] * count,
        one.ratings if rated else [None] * count,
        one.truth if corrected else [None] * count,
        [1.0] * count,
    )


def together(parts: Sequence[Comments]) -> Comments:
    """Return comments of several sets as one."""
    return Comments(
        np.concatenate([one.vectors for one in parts]),
        [each for one in parts for each in one.languages],
        [each for one in parts for each in one.ratings],
        [each for one in parts for each in one.corrected],
        [each for one in parts for each in one.hints],
    )


def taught(mode: str, seen: Opinions, others: Sequence[Opinions]) -> Comments:
    """Return what a model has seen in a mode."""
    if mode == "cold":
        return comments(seen)
    if mode == "across":
        return together([comments(seen), *(comments(one, rated=True) for one in others)])
    has_ratings = seen.name in RATED
    return comments(seen, rated=has_ratings, corrected=not has_ratings)


def judged(
    one: Opinions, mode: str, sentences: Sentences, others: Sequence[Opinions], *, with_rating: bool
) -> tuple[list[Polarity], list[Judgement]]:
    """Return truth and judgement of every text of a set, each half judged by a model that has seen the other."""
    truth: list[Polarity] = []
    found: list[Judgement] = []
    for seen, unseen in (one.halves(), one.halves()[::-1]):
        with one_thread():
            model = ours.learn(sentences, taught(mode, seen, others))
        found += ours.judge(comments(unseen, rated=with_rating), model)
        truth += unseen.truth
    return truth, found


def calibration_error(truth: Sequence[Polarity], found: Sequence[Judgement]) -> float:
    """Return the expected calibration error of the probability of the kind given, in bins of equal width."""
    sure = np.array([one.score for one in found], dtype=np.float64)
    right = np.array([_plain(one.polarity) is known for known, one in zip(truth, found, strict=True)])
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return float(sum(abs((right - sure)[bins == one].sum()) for one in range(BINS)) / len(sure))


def _plain(one: Polarity) -> Polarity:
    """Return a kind as the sets know it: a request is neutral."""
    return Polarity.OTHER if one is Polarity.REQUEST else one


def by_rating(rating: float | None) -> Polarity:
    """Return what the rating alone says: up to 2 a complaint, from 4 on praise, else neither."""
    if rating is None or ours.LOW < rating < ours.HIGH:
        return Polarity.OTHER
    return Polarity.COMPLAINT if rating <= ours.LOW else Polarity.PRAISE


def line(
    one: Opinions,
    method: str,
    truth: Sequence[Polarity],
    said: Sequence[Polarity],
    *,
    ece: float | None = None,
    with_rating: bool = False,
) -> Line:
    """Return the figures of what a method said."""
    from sklearn.metrics import f1_score

    kinds = sorted({known.value for known in truth})
    plain = [_plain(each).value for each in said]
    f1 = f1_score([known.value for known in truth], plain, labels=kinds, average=None, zero_division=0)
    by_kind = dict(zip(kinds, map(float, f1), strict=True))
    return Line(one.name, one.language, len(truth), method, with_rating, float(np.mean(f1)), by_kind, ece)


def lines_of(one: Opinions, sets: Sequence[Opinions], sentences: Sentences) -> Iterator[Line]:
    """Yield a line for each peer and mode on a set."""
    others = [other for other in sets if other.name in RATED and other.name != one.name]
    most = Counter(one.truth).most_common(1)[0][0]
    yield line(one, MAJORITY, one.truth, [most] * len(one.truth))
    for with_rating in (False, True) if one.name == WITH_RATING else (False,):
        if with_rating:
            yield line(one, RATING_ONLY, one.truth, [by_rating(each) for each in one.ratings], with_rating=True)
        for mode in MODES:
            truth, found = judged(one, mode, sentences, others, with_rating=with_rating)
            said, ece = [each.polarity for each in found], calibration_error(truth, found)
            yield line(one, mode, truth, said, ece=ece, with_rating=with_rating)


def compare(sets: Sequence[Opinions], sentences: Sentences) -> list[Line]:
    """Return the lines of all sets."""
    return [found for one in sets for found in lines_of(one, sets, sentences)]


def mean(lines: Sequence[Line], method: str) -> float:
    """Return the mean macro-F1 of a method over the sets, ratings hidden."""
    return float(np.mean([one.macro_f1 for one in lines if one.method == method and not one.with_rating]))


def shortfalls(lines: Sequence[Line]) -> list[str]:
    """Return the claims that fell short."""
    found: list[str] = []
    always = {one.set_name: one.macro_f1 for one in lines if one.method == MAJORITY}
    rating = {one.set_name: one.macro_f1 for one in lines if one.method == RATING_ONLY}
    for one in lines:
        if one.method == "within" and not one.with_rating and one.macro_f1 <= always[one.set_name]:
            found.append(f"{one.set_name}: within {one.macro_f1:.3f} to {always[one.set_name]:.3f} of {MAJORITY}")
        if one.method in MODES and one.with_rating and one.macro_f1 < rating[one.set_name]:
            found.append(f"{one.set_name}: {one.method} {one.macro_f1:.3f} to {rating[one.set_name]:.3f} of the rating")
    for better, worse in (("cold", MAJORITY), ("across", "cold")):
        if mean(lines, better) <= mean(lines, worse):
            found.append(f"mean: {better} {mean(lines, better):.3f} to {mean(lines, worse):.3f} of {worse}")
    return found


def table(lines: Sequence[Line]) -> str:
    """Return the lines as Markdown: macro-F1 with the calibration error in brackets, then the F1 of each kind."""
    hidden, rated = ([one for one in lines if one.with_rating is shown] for shown in (False, True))
    out = _rows("macro-F1 (ECE), rating hidden", hidden, (MAJORITY, *MODES))
    out.append(f"| mean | | {' | '.join(f'{mean(lines, method):.3f}' for method in (MAJORITY, *MODES))} |")
    out += ["", *_rows("with the rating", rated, (RATING_ONLY, *MODES)), ""]
    kinds = ("complaint", "praise", "other")
    out += [f"| F1 of each kind, rating hidden | {' | '.join(kinds)} |", "|---|--:|--:|--:|"]
    for one in hidden:
        if one.method in MODES:
            cells = [f"{one.f1[kind]:.3f}" if kind in one.f1 else "" for kind in kinds]
            out.append(f"| {one.set_name}, {one.method} | {' | '.join(cells)} |")
    return "\n".join(out)


def _rows(title: str, lines: Sequence[Line], methods: Sequence[str]) -> list[str]:
    out = [f"| {title} | texts | {' | '.join(methods)} |", "|---|--:|" + "--:|" * len(methods)]
    for name in dict.fromkeys(one.set_name for one in lines):
        here = {one.method: one for one in lines if one.set_name == name}
        first = here[methods[0]]
        out.append(
            f"| {name} ({first.language}, {len(first.f1)} kinds) | {first.texts} | "
            f"{' | '.join(_cell(here[method]) for method in methods)} |"
        )
    return out


def _cell(one: Line) -> str:
    return f"{one.macro_f1:.3f}" + (f" ({one.ece:.2f})" if one.ece is not None else "")


def tuning_table(sets: Sequence[Opinions], sentences: Sentences) -> str:
    """Return, as Markdown, what each constant does when it alone is changed."""
    out = [f"| development rows, mean macro-F1 (ECE) | {' | '.join(MODES)} |", "|---|" + "--:|" * len(MODES)]
    out.append(f"| as shipped | {_means(sets, sentences)} |")
    for name, values in TRIED.items():
        shipped = getattr(ours, name)
        for value in values:
            with patch.object(ours, name, value):
                out.append(f"| {name} {value:g} in place of {shipped:g} | {_means(sets, sentences)} |")
    return "\n".join(out)


def _means(sets: Sequence[Opinions], sentences: Sentences) -> str:
    lines = [one for one in compare(sets, sentences) if not one.with_rating]
    cells = []
    for mode in MODES:
        errors = [one.ece for one in lines if one.method == mode and one.ece is not None]
        cells.append(f"{mean(lines, mode):.3f} ({np.mean(errors):.2f})")
    return " | ".join(cells)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK} texts of each set, only claims against {MAJORITY}"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 and name each claim that fell short")
    parser.add_argument("--tune", action="store_true", help="what each constant does on development rows")
    parser.add_argument("--encoder", choices=[DEFAULT, SMALL], default=DEFAULT, help="the encoder")
    default = os.environ.get("VOC_SHARED_DATA") or str(ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the real texts")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voc" / "benchmarks"
    parser.add_argument("--cache", type=Path, default=cache, help="folder of vectors")
    return parser.parse_args()


def main() -> int:
    """Run the benchmark."""
    chosen = arguments()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    if not (chosen.data / "us_airline.jsonl").is_file():
        print(f"There are no real texts at {chosen.data}; name their folder with --data. Nothing was measured.")
        return 2
    begun = time.perf_counter()
    encoder = encoder_of(chosen.encoder)
    sentences = read_sentences(encoder.encode, model_id=encoder.model_id, cache=chosen.cache)
    most = QUICK if chosen.quick else REPORTED
    sets = [
        read_opinions(name, chosen.data, chosen.encoder, chosen.cache, development=chosen.tune, most=most)
        for name in LANGUAGES
    ]
    ready = time.perf_counter()
    if chosen.tune:
        print(tuning_table(sets, sentences))
        return 0
    lines = compare(sets, sentences)
    done = time.perf_counter()
    print(table(lines) + "\n\n" + json.dumps([asdict(one) for one in lines]))
    print(f"\nread and embedded in {ready - begun:.0f} s, learned and judged in {done - ready:.0f} s")
    claimed = shortfalls(lines) if chosen.encoder == DEFAULT else []
    short = [one for one in claimed if MAJORITY in one or not chosen.quick]
    for each in short:
        print(f"FELL SHORT: {each}")
    return 1 if short and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
