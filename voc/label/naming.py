"""The names of one run in the making: plain ones first, then a model's, then whichever of the two fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from voc.errors import LLMError
from voc.label.asking import Question, Sibling, ask_name
from voc.label.faith import Names
from voc.label.ground import Ground, nearest_themes
from voc.label.languages import told_from_english
from voc.label.members import Comments, Member
from voc.label.wording import NameWords, first_free, kind_names, name_key, word_names
from voc.llm.chain import Chain
from voc.store.labels import LabelRow, is_doubted
from voc.types import Progress

SIBLINGS: Final = 3
"""So many of the nearest themes a model sees beside the one that it names."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name and how it came about; `answer_key` is that of a model's answer, also where its name was not taken."""

    name: str
    method: str
    answer_key: str | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme with comments: its keywords, the words that a name may be made of, and its label, if it has one."""

    comments: Comments
    words: tuple[str, ...]
    name_words: NameWords
    known: LabelRow | None

    @property
    def members(self) -> tuple[Member, ...]:
        """Return the strongest comments."""
        return self.comments.strongest


@dataclass
class Naming:
    """Names themes so that no two carry the same name; `current` holds the names of all that have not ended."""

    themes: Mapping[str, Theme]
    ground: Ground
    language: str
    current: dict[str, str]
    named: dict[str, Named] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _plain: dict[str, Named] = field(default_factory=dict)
    _vague: set[str] = field(default_factory=set)

    def plainly(self, theme_ids: Sequence[str]) -> None:
        """Name themes without a model: by the known kind that they are of, else by their words."""
        for theme_id in theme_ids:
            theme, taken = self.themes[theme_id], self._taken(theme_id)
            kind = self.ground.kind_of(theme.members)
            if kind is None:
                plain = Named(first_free(word_names(theme.name_words, self.language), taken), "keywords")
            else:
                plain = Named(first_free(kind_names(kind, theme.name_words), taken), "kind")
            self._plain[theme_id] = plain
            self._vague |= {theme_id} if plain.name != kind else set()
            self._take(theme_id, plain)

    def ask(self, chain: Chain, progress: Progress) -> None:
        """Let a model name the themes that are not simply of a kind, each told from its nearest themes."""
        is_readable = told_from_english(self.language)
        for done, theme_id in enumerate(self._plain):
            progress(done, len(self._plain))
            if theme_id not in self._vague:
                continue
            try:
                name, key = ask_name(chain, self.themes[theme_id].members, self._question(theme_id, is_readable))
            except LLMError as error:
                self.problems.append(str(error))
            else:
                self._take(theme_id, Named(name, "llm", key))
        progress(len(self._plain), len(self._plain))

    def compare(self, names: Names) -> None:
        """Take the plain name back where a model's fits the nearest theme better and the plain one fits more."""
        for theme_id, named in list(self.named.items()):
            if named.method != "llm":
                continue
            plain = self._plain[theme_id]
            score = names.scores(self.current, only=[theme_id])[theme_id]
            other = names.scores({**self.current, theme_id: plain.name}, only=[theme_id])[theme_id]
            if is_doubted(score) and (other or 0.0) > (score or 0.0):
                self._take(theme_id, replace(plain, answer_key=named.answer_key))

    def _take(self, theme_id: str, named: Named) -> None:
        self.named[theme_id] = named
        self.current[theme_id] = named.name

    def _taken(self, theme_id: str) -> set[str]:
        """Return the keys of all other themes' names, and of the plain names that may still come back."""
        plain = {other: named.name for other, named in self._plain.items()}
        return {name_key(name) for held in (self.current, plain) for other, name in held.items() if other != theme_id}

    def _question(self, theme_id: str, is_readable: Callable[[str], bool]) -> Question:
        centroids = {one: self.ground.centroids[one] for one in self.themes}
        near = nearest_themes(theme_id, centroids, count=SIBLINGS)
        siblings = tuple(Sibling(self.current[one], self.themes[one].name_words.every) for one in near)
        words, taken = self.themes[theme_id].name_words.every, frozenset(self._taken(theme_id))
        return Question(words, siblings, taken, self.language, is_readable)
