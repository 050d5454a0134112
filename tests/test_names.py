"""Names against each other: told apart, never the same, faithful to their own comments, in the reader's language."""

import re
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from conftest import BARE
from typer.testing import CliRunner

from voc.cli import place
from voc.cli.themes import app
from voc.errors import LLMUnavailable
from voc.label.faith import measurable
from voc.label.ground import Ground, nearest_themes
from voc.label.kinds import Kinds
from voc.label.members import Comments, Member, Sampled
from voc.label.naming import Naming, Theme
from voc.label.wording import NameWords, name_key
from voc.llm.chain import Budget, Chain
from voc.llm.fake import FakeChatModel
from voc.llm.prompts import read_prompt
from voc.store import labels, themes
from voc.themes.space import Space
from voc.types import no_progress
from voc.workspace import Workspace

WEEK = "2024-W40"
PLACES = {"rain": (1, 0, 0), "late": (0.8, 0.6, 0), "code": (0, 1, 0), "rude": (0, 0, 1)}
AT = {
    "about wet": (1, 0.2, 0),
    "about rain": (1, 0, 0),
    "about late": (0, 1, 0),
    "about code": (0, 0.9, 0.4),
    "about rude": (0, 0, 1),
}
REAL = {
    "Parcel left in the rain": (
        "The box stood in the rain all afternoon and everything inside was soaked.",
        "Left outside without cover, my order got completely wet.",
        "It was pouring and he put it on the open porch, the cardboard fell apart.",
        "Book ruined by water because it lay in a puddle.",
        "Why leave it on the lawn in a storm? All wet.",
        "Das Paket lag im Regen und war durchnässt.",
    ),
    "Locker code does not work": (
        "I stood at the locker and the code was refused.",
        "No access code ever came, so the locker stayed shut.",
        "The screen says wrong code every time I type it.",
        "Still waiting for the number that opens the parcel locker.",
        "The compartment did not open with the code from the message.",
        "Der Code für das Schliessfach kam nie an.",
    ),
}
NO_KINDS = Kinds((), np.zeros((0, 3), np.float32))


def comments(theme, count=30):
    sample = tuple(Sampled(f"{theme}{n:03d}", f"{theme}{n:03d}", "en") for n in range(count))
    shown = (Member(one.feedback_id, one.text_hash, "en", f"about {theme} {n}") for n, one in enumerate(sample[:9]))
    return Comments(tuple(shown), sample)


def vectors(hashes):
    """Comments lie around the place of their theme, all moved by the same offset."""
    turn = [np.random.default_rng(int(one[-3:])).normal(0, 0.3, 3) for one in hashes]
    return (np.array([PLACES[one[:-3]] for one in hashes]) + turn + 5).astype(np.float32)


def encode(texts):
    """Names lie elsewhere than comments: all are moved by another offset."""
    return (np.array([AT.get(one, (0, 0, 0)) for one in texts], dtype=np.float32) - 3).reshape(-1, 3)


def ground(names=tuple(PLACES)):
    space = Space(np.zeros(3, np.float32), {}, np.eye(3, dtype=np.float32))
    centroids = {one: np.array(PLACES[one], np.float32) for one in names}
    return Ground(space, centroids, NO_KINDS, vectors, encode)


def measured(current, *, count=30, made_from=None):
    found = measurable({one: comments(one, count) for one in current}, made_from or {}, ground(tuple(current)))
    return found.scores(current)


def right(*names):
    return {one: f"about {one}" for one in names}


def naming(*, current=None, names=tuple(PLACES)):
    found = {one: Theme(comments(one), (one, "box", "door"), NameWords((one,), ("box", "door")), None) for one in names}
    return Naming(found, ground(names), "en", dict(current or {}))


class Unlinked(Chain):
    """Asks about comments that are not stored."""

    def ask(self, *arguments, feedback_ids=(), **named):
        return super().ask(*arguments, **named)


def answered(database, stamp, made, *answers):
    model = FakeChatModel()
    model.enqueue(*[one if isinstance(one, Exception) else f'{{"name": "{one}"}}' for one in answers])
    made.ask(Unlinked(database, model, lambda: stamp, Budget(100_000, 100.0), lambda: 0.0), no_progress)
    return model


def test_right_names_fit_their_own_comments_and_exchanged_ones_do_not():
    assert all(score > 0.9 for score in measured(right("rain", "code", "rude")).values())
    assert measured({"rain": "about code", "code": "about rain"}) == pytest.approx({"rain": 0, "code": 0}, abs=0.1)


def test_exchanged_names_score_what_right_ones_miss():
    own, other = measured(right("rain", "late")), measured({"rain": "about late", "late": "about rain"})
    assert all(score > 0 for score in own.values())
    assert {one: round(1 - score, 4) for one, score in own.items()} == other


def test_names_that_lie_in_one_place_leave_every_comment_in_the_middle():
    assert measured({"rain": "nowhere", "code": "nothing"}) == {"rain": 0.5, "code": 0.5}


def test_a_name_is_measured_against_that_of_the_nearest_theme():
    assert nearest_themes("rain", ground().centroids, count=2) == ("late", "code")
    current = {**right("rain", "code", "rude"), "late": "about rain"}
    assert measured(current)["rain"] == 0.5


def test_a_theme_alone_has_no_score():
    assert measured(right("rain")) == {"rain": None}


def test_too_few_held_out_comments_give_no_score():
    made_from = {one: frozenset(f"{one}{n:03d}" for n in range(6)) for one in ("rain", "code")}
    assert measured(right("rain", "code"), count=10, made_from=made_from) == {"rain": None, "code": None}
    assert None not in measured(right("rain", "code"), count=11, made_from=made_from).values()


def test_what_a_model_was_shown_is_not_what_its_name_is_measured_on():
    odd = {one for one in (f"rain{n:03d}" for n in range(30)) if np.dot(vectors([one])[0], (1, -1, 0)) < 0.6}
    score = measured(right("rain", "late"))["rain"]
    without = measured(right("rain", "late"), made_from={"rain": frozenset(odd)})["rain"]
    assert score < without


def strays(summaries, names=None):
    current = names or right(*summaries)
    found = measurable({one: comments(one) for one in current}, {}, ground(tuple(current)))
    return found.strays(summaries, current)


def test_a_summary_that_lies_nearest_its_own_theme_stays_and_exchanged_ones_stray():
    own = {"rain": "about rain", "code": "about code", "rude": "about rude"}
    assert strays(own) == set()
    assert strays({**own, "rain": "about code", "code": "about rain"}) == {"rain", "code"}


def test_a_summary_is_measured_beside_names_where_there_is_no_other():
    names = right("rain", "code", "rude")
    assert strays({"rain": "about wet"}, names) == set()
    assert strays({"rain": "about code", "code": "", "rude": ""}, names) == {"rain"}


def test_without_summaries_with_one_theme_or_with_equal_ones_nothing_strays():
    assert strays({"rain": "", "code": ""}) == set()
    assert strays({"rain": "about code"}) == set()
    assert strays({"rain": "about code", "code": "about code"}) == set()


def test_plain_names_are_told_apart_and_from_those_of_people_and_models():
    made = naming(current={"elsewhere": "RAIN", "other": "Late · box"})
    made.themes["code"] = replace(made.themes["code"], name_words=NameWords(("late",), ("box", "sms")))
    made.plainly(["rain", "late", "code"])
    assert [made.current[one] for one in ("rain", "late", "code")] == ["rain · box", "late", "late · box · sms"]


def of_one_kind(*names):
    """A naming of themes whose comments are all of one known kind."""
    made = naming(names=names)
    kinds = Kinds(("Parcel left in rain", "Other"), np.eye(3, dtype=np.float32)[:2])
    made.ground = replace(
        made.ground, kinds=kinds, vectors=lambda hashes: np.eye(3, dtype=np.float32)[[0 for _ in hashes]]
    )
    return made


def test_themes_of_one_kind_have_names_of_their_own():
    made = of_one_kind("rain", "late")
    made.plainly(["rain", "late"])
    assert made.current == {"rain": "Parcel left in rain", "late": "Parcel left in rain (late, box)"}


def test_the_prompt_shows_the_nearest_themes_names_and_words_and_those_named_before(sqlite, stamp):
    made = naming()
    made.plainly(list(PLACES))
    model = answered(sqlite, stamp, made, "Left out in rain", "Came days late", "Locker stays shut", "Courier swore")
    assert made.current == {
        "rain": "Left out in rain",
        "late": "Came days late",
        "code": "Locker stays shut",
        "rude": "Courier swore",
    }
    first, second = (messages[1].text for messages in model.history[:2])
    assert "- late (late, box, door)\n- code (code, box, door)\n- rude (rude, box, door)\nThis group:" in first
    assert "- Left out in rain (rain, box, door)" in second
    assert "about rain 0" in first


def test_a_name_that_a_near_theme_took_is_asked_for_again(sqlite, stamp):
    made = naming(names=("rain", "late"))
    made.plainly(["rain", "late"])
    model = answered(sqlite, stamp, made, "Left out in rain", "left out in RAIN", "Rain left", "Came days late")
    assert made.current == {"rain": "Left out in rain", "late": "Came days late"}
    assert "name of another group" in model.history[2][-1].text
    assert "says no more than 'Left out in rain'" in model.history[3][-1].text


def test_a_plain_name_stands_where_no_model_answers(sqlite, stamp):
    made = naming(names=("rain", "late"))
    made.plainly(["rain", "late"])
    answered(sqlite, stamp, made, LLMUnavailable("timed out"))
    assert made.current == {"rain": "rain", "late": "late"}
    assert {one.method for one in made.named.values()} == {"keywords"}
    assert made.problems == ["timed out"] * 2


def test_a_model_names_no_theme_of_a_known_kind_but_its_second_one(sqlite, stamp):
    made = of_one_kind("rain", "late")
    made.plainly(["rain", "late"])
    model = answered(sqlite, stamp, made, "Came days late")
    assert len(model.history) == 1
    assert made.current == {"rain": "Parcel left in rain", "late": "Came days late"}


@pytest.mark.parametrize(
    ("by_model", "plain", "kept", "method"),
    [
        ("about code", "about rain", "about rain", "keywords"),
        ("about code", "about late", "about code", "llm"),
        ("about wet", "about rain", "about wet", "llm"),
    ],
)
def test_a_models_name_in_doubt_gives_way_to_a_plain_one_that_fits_better(sqlite, stamp, by_model, plain, kept, method):
    made = naming(names=("rain", "late"))
    made.themes["rain"] = replace(made.themes["rain"], name_words=NameWords((plain,), ()))
    made.themes["late"] = replace(made.themes["late"], name_words=NameWords(("nowhere",), ()))
    made.plainly(["rain", "late"])
    answered(sqlite, stamp, made, by_model, LLMUnavailable("timed out"))
    made.compare(measurable({one: comments(one) for one in ("rain", "late")}, {}, made.ground))
    assert (made.current["rain"], made.named["rain"].method) == (kept, method)
    assert made.named["rain"].answer_key is not None


def test_the_golden_rendering_of_the_naming_prompt():
    system, user = read_prompt("name_theme").render(
        {"comments": "<comment>", "keywords": "rain, wet", "siblings": "- Late (day)", "language": "German"}
    )
    assert system.text.startswith("You name groups of customer comments about parcel delivery, in German, in 3 to 8")
    assert "Write German, whatever the language of comments and examples." in system.text
    assert user.text == (
        "Other groups, not this one:\n- Late (day)\n"
        "This group:\n<comment>\n"
        "Words that stand out in this group: rain, wet"
    )


def newest(workspace, language="en"):
    with workspace.services.database.read() as connection:
        return labels.newest(connection, language=language)


def test_every_theme_has_a_name_of_its_own_and_a_score(ready):
    found = newest(ready)
    assert len({name_key(one.name) for one in found.values()}) == len(found) > 3
    scores = [one.faithfulness for one in found.values() if one.faithfulness is not None]
    assert len(scores) > len(found) / 2
    assert all(0 <= score <= 1 for score in scores)


def test_a_score_is_measured_again_without_a_new_version(ready):
    ready.run(WEEK)
    before = newest(ready)
    theme = min(before)
    with ready.services.database.write() as connection:
        labels.measured(connection, replace(before[theme], faithfulness=0.123))
    assert newest(ready)[theme].faithfulness == 0.123
    ready.run(WEEK)
    assert newest(ready) == before


def test_of_two_themes_with_one_name_the_one_that_a_person_named_keeps_it(ready, stamp):
    known = newest(ready)
    first, second = sorted(known)[:2]
    with ready.services.database.write() as connection:
        for theme, method in ((first, "keywords"), (second, "person")):
            row = replace(known[theme], version=9, name=("wet box", "WET Box")[theme == second], method=method)
            labels.add(connection, stamp, row, feedback_ids=(), run_id=None)
    ready.run(WEEK)
    after = newest(ready)
    assert after[second].name == "WET Box"
    assert name_key(after[first].name) != "wet box"
    assert after[first].version == 10


def test_the_name_of_an_ended_theme_is_free(ready, stamp):
    theme = min(newest(ready))
    with ready.services.database.write() as connection:
        assert theme in labels.names_in_force(connection, language="en")
        themes.change(connection, stamp, replace(themes.get(connection, theme), state="merged"))
        assert theme not in labels.names_in_force(connection, language="en")


def test_what_the_newest_label_was_made_from_is_known(ready, stamp):
    known = newest(ready)
    theme = min(known)
    with ready.services.database.write() as connection:
        before = labels.shown(connection, language="en")
        one = min(before[theme])
        labels.add(connection, stamp, replace(known[theme], version=9), feedback_ids=[one], run_id=None)
        after = labels.shown(connection, language="en")
    assert set(before) == set(known)
    assert len(before[theme]) > 1
    assert after == {**before, theme: frozenset([one])}


def test_a_reader_of_another_language_gets_names_in_it(ready):
    settings = ready.services.paths.folder / "voc.toml"
    settings.write_text(re.sub(r'reader_language = "en"', 'reader_language = "de"', settings.read_text()))
    with Workspace.open(ready.services.paths.folder, environment=BARE) as opened:
        opened.run(WEEK)
        german, english = newest(opened, "de"), newest(opened)
    assert set(german) >= set(english)
    by_kind = {one.name for one in english.values() if one.method == "kind"}
    assert by_kind
    assert by_kind.isdisjoint(one.name for one in german.values())


def test_a_theme_page_names_the_theme_that_its_name_is_measured_against(ready):
    found = newest(ready)
    entry = next(one for one in ready.themes() if found[one.theme.id].faithfulness is not None)
    rows = {one.theme.id: one.theme.centroid for one in ready.themes()}
    (nearest,) = nearest_themes(entry.theme.id, rows, count=1)
    assert ready.theme(entry.theme.id).nearest == found[nearest].name


def test_a_name_in_doubt_is_marked(ready, monkeypatch):
    theme = min(newest(ready))
    with ready.services.database.write() as connection:
        labels.measured(connection, replace(newest(ready)[theme], faithfulness=0.31))
    monkeypatch.setattr(place, "open_workspace", lambda: nullcontext(ready))
    shown, listed = (CliRunner().invoke(app, command).output for command in (["show", theme], ["list"]))
    assert re.search(r"name fits 31 % of held-out comments better than that of '.+': name in doubt", shown)
    doubted = {line.split()[0] for line in listed.splitlines() if "(name in doubt)" in line}
    assert doubted == {one.theme.id for one in ready.themes() if one.name_in_doubt} >= {theme}


@pytest.mark.slow
@pytest.mark.models
def test_with_real_weights_right_names_are_told_from_exchanged_ones(real_environment, tmp_path):
    with Workspace.init(tmp_path / "w", environment=real_environment) as made:
        embedder = made.services.embedder
        texts = [text for theme in REAL.values() for text in theme]
        rows = dict(zip(texts, embedder.encode(texts), strict=True))
        space = Space(np.mean(list(rows.values()), axis=0), {}, np.eye(embedder.dim, dtype=np.float32))
        centroids = {name: np.mean([rows[text] for text in theme], axis=0) for name, theme in REAL.items()}
        lie = Ground(
            space, centroids, NO_KINDS, lambda wanted: np.stack([rows[one] for one in wanted]), embedder.encode
        )
        found = {name: Comments((), tuple(Sampled(one, one, "en") for one in theme)) for name, theme in REAL.items()}
        names = measurable(found, {}, lie)
        wet, shut = REAL
        right, exchanged = names.scores({wet: wet, shut: shut}), names.scores({wet: shut, shut: wet})
        rain = "Parcels were left outside without cover, so that their contents got wet."
        code = "Customers cannot open the locker, because the code is missing or refused."
        called = {wet: wet, shut: shut}
        assert names.strays({wet: rain, shut: code}, called) == set()
        assert names.strays({wet: code, shut: rain}, called) == {wet, shut}
    assert min(right.values()) > 0.9
    assert max(exchanged.values()) < 0.1
