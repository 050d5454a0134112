"""Names without a model: a few words that members of a theme share, in one language, and never the name of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from voc.label.languages import base_language, without_words
from voc.label.members import Member
from voc.themes.keywords import keywords
from voc.themes.words import tokens

SEPARATOR: Final = " · "
NAME_WORDS: Final = 4
_LEAST_WORDS: Final = 2
FEWEST_READ: Final = 5
"""So many comments in the reader's language say what a theme is about; with fewer, its commonest language does."""
_AS_COMMON: Final = 0.5
"""A word stands in a name when it is used more often than this share of the commonest of the theme's words: a word that
a few customers use tells themes apart, but is not what this one is about."""
_SHARED_BEGINNING: Final = 2 / 3
"""Two words with so much of the longer one in common are forms of one word."""
_SHORTEST_STEM: Final = 4


@dataclass(frozen=True, slots=True)
class NameWords:
    """The words of a name, in the order in which customers write them, and more words should it be taken."""

    lead: tuple[str, ...]
    more: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """Return all words, those of the name first."""
        return (*self.lead, *self.more)


def name_key(name: str) -> str:
    """Return a name as it is compared with others: two themes never share it."""
    return " ".join(name.split()).casefold()


def name_words(members: Mapping[str, Sequence[Member]], *, language: str, stop: frozenset[str]) -> dict[str, NameWords]:
    """Return the words that each theme's name is made of, from its members of one language.

    That is the reader's where enough of them speak it, else the theme's commonest: words of several languages in a row
    say one thing three times, and most of it to nobody.
    """
    texts = {theme: [one.text for one in _of_one_language(found, language)] for theme, found in members.items()}
    ranked = keywords(texts, stop=stop)
    return {theme: _chosen(ranked[theme], [tokens(text) for text in texts[theme]]) for theme in members}


def word_names(words: NameWords, language: str) -> Iterator[str]:
    """Yield names made of words: the words that lead, then more and more of the rest."""
    for extra in range(len(words.more) + 1):
        yield SEPARATOR.join((*words.lead, *words.more[:extra])) or without_words(language)


def kind_names(kind: str, words: NameWords) -> Iterator[str]:
    """Yield names of a theme of a known kind: the kind's, then with words that tell it from the kind's other themes."""
    yield kind
    told = [word for word in words.every if word not in tokens(kind)]
    for shown in range(2, len(told) + 1):
        yield f"{kind} ({', '.join(told[:shown])})"


def first_free(names: Iterable[str], taken: set[str]) -> str:
    """Return the first name that no other theme has (`taken` holds keys); when all are, the last one with a number."""
    name = ""
    for name in names:
        if name_key(name) not in taken:
            return name
    return next(numbered for number in count(2) if name_key(numbered := f"{name} ({number})") not in taken)


def _of_one_language(members: Sequence[Member], language: str) -> list[Member]:
    spoken = Counter(base_language(member.language) for member in members)
    wanted = base_language(language)
    if spoken and spoken[wanted] < FEWEST_READ:
        wanted = min(spoken, key=lambda one: (-spoken[one], one))
    return [member for member in members if base_language(member.language) == wanted]


def _chosen(ranked: Sequence[str], said: Sequence[Sequence[str]]) -> NameWords:
    """Choose among ranked words, given the words of each member."""
    uses = Counter(word for words in said for word in set(words))
    most = max((uses[word] for word in ranked), default=0)
    common = [word for word in ranked if uses[word] > _AS_COMMON * most]
    lead: list[str] = []
    for word in (*common, *ranked):
        wanted = NAME_WORDS if word in common else _LEAST_WORDS
        if len(lead) < wanted and not any(_alike(word, one) for one in lead):
            lead.append(word)
    places = {word: _usual_place(word, said) for word in lead}
    more = [word for word in ranked if word not in lead and not any(_alike(word, one) for one in lead)]
    return NameWords(tuple(sorted(lead, key=lambda word: places[word])), tuple(more))


def _usual_place(word: str, said: Sequence[Sequence[str]]) -> float:
    """Return where in a comment a word usually stands: 0 is its beginning, 1 its end."""
    found = [words.index(word) / len(words) for words in said if word in words]
    return sum(found) / len(found)


def _alike(one: str, other: str) -> bool:
    """Say whether two words are forms of one, or overlapping pairs of a script without spaces."""
    if one == other:
        return True
    if min(len(one), len(other)) < _SHORTEST_STEM:
        return len(one) == len(other) == 2 and bool(set(one) & set(other))
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared >= _SHORTEST_STEM and shared >= _SHARED_BEGINNING * max(len(one), len(other))
