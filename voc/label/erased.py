"""What names and summaries lose when comments that they were made from are erased."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from voc.store import assignments, labels
from voc.store.database import Connection
from voc.store.labels import LabelRow
from voc.themes.words import tokens

Version = tuple[str, str, int]
"""A version of a label: theme, language and number."""


def forget(
    connection: Connection, *, theme_ids: Sequence[str], made_from: Collection[Version], texts: Sequence[str]
) -> tuple[str, ...]:
    """Take out of the labels of themes what only erased comments said; return the names and summaries that are gone.

    To be called when the rows of the comments are gone.

    A name stays while another comment of its theme says each of its words and one that it was made from is left; what a
    person named keeps its name. A summary that a model made from an erased comment goes, and is made anew by the next
    run that has a model. `made_from` are the versions that were made from an erased comment, `texts` what those said.
    """
    erased = {word for text in texts for word in tokens(text)}
    phrases: list[str] = []
    for theme in theme_ids:
        known = labels.versions(connection, theme_ids=[theme])
        alone = _said_by_nobody(connection, theme, _words(known) & erased)
        for label in known:
            linked = (theme, label.language, label.version) in made_from
            if label.method != "person" and _is_lost(connection, label, alone, linked=linked):
                labels.forget(connection, label)
                phrases += [label.name, label.summary]
                continue
            left = _left(label, alone, linked=linked, gone=phrases)
            if left != label:
                labels.amend(connection, left)
                phrases += [label.summary] if left.summary != label.summary else []
    return tuple(one for one in dict.fromkeys(phrases) if one)


def _is_lost(connection: Connection, label: LabelRow, alone: set[str], *, linked: bool) -> bool:
    if alone & set(tokens(label.name)):
        return True
    return linked and not labels.rests_on(connection, label)


def _left(label: LabelRow, alone: set[str], *, linked: bool, gone: Sequence[str]) -> LabelRow:
    """Return a label without what is gone; its basis is left open where a summary went, so that it is made anew."""
    keywords = tuple(word for word in label.keywords if not alone & {word, *tokens(word)})
    if not label.summary or not (linked or label.summary in gone or alone & set(tokens(label.summary))):
        return replace(label, keywords=keywords)
    return replace(label, keywords=keywords, summary="", basis_hash="")


def _words(known: Sequence[LabelRow]) -> set[str]:
    said = [text for label in known for text in (label.name, label.summary, *label.keywords)]
    return {word for text in said for word in tokens(text)}


def _said_by_nobody(connection: Connection, theme: str, words: set[str]) -> set[str]:
    """Return those of the words that no comment of a theme says."""
    left = set(words)
    for text in assignments.texts(connection, theme_id=theme):
        if not left:
            break
        left -= set(tokens(text))
    return left
