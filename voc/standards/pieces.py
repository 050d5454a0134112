"""Cut a text into sentences and a sentence into pieces that are compared: words, figures, targets, signs."""

from __future__ import annotations

from typing import Final

import regex

_SENTENCE: Final = regex.compile(
    r"""\s*                                     # what parts it from the one before
        (?:[^.!?。！？।؟\n]                   # a full stop inside a figure or a name ends nothing
          | [.!?](?!["'”’»)\]]*(?:\s|$)))+
        (?:[.!?。！？।؟]+["'”’»)\]」』]*)?    # its end
      | \s+ | .""",
    regex.VERBOSE,
)
_PIECE: Final = regex.compile(
    r"""\[[^\[\]\n]{1,120}\]                                                    # a target
      | \n | [^\S\n]+
      | \p{N}+(?:[.,:/]\p{N}+)*
      | [\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*  # written without spaces
      | [\p{L}\p{M}\p{N}_]+?(?=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])
      | [\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:['’\-][\p{L}\p{N}][\p{L}\p{M}\p{N}_]*)*
      | \X""",
    regex.VERBOSE,
)
_SPOKEN: Final = regex.compile(r"[\p{L}\p{N}]")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the white space before it; they join to the text."""
    return [found[0] for found in _SENTENCE.finditer(text)]


def pieces(sentence: str) -> list[str]:
    """Return words, figures, targets, white space and signs; they join to the sentence.

    Scripts that are written without spaces are cut by character, and no character is cut from its accents.
    """
    return [found[0] for found in _PIECE.finditer(sentence)]


def is_spoken(piece: str) -> bool:
    """Say whether a piece has a letter or a figure in it."""
    return _SPOKEN.search(piece) is not None
