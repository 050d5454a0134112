"""What languages are called in prompts, and the few words of our own that a name may need."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from voc.ingest.language import LanguageGuesser

ENGLISH: Final = "en"

_ENGLISH_NAMES: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""Source: ISO 639-1."""

_WITHOUT_WORDS: Final = {
    "de": "Kommentare ohne gemeinsame Wörter",
    "en": "comments without common words",
    "es": "comentarios sin palabras en común",
    "fr": "commentaires sans mots en commun",
    "it": "commenti senza parole in comune",
    "nl": "reacties zonder gemeenschappelijke woorden",
    "pl": "komentarze bez wspólnych słów",
    "pt": "comentários sem palavras em comum",
    "tr": "ortak sözcüğü olmayan yorumlar",
}


def base_language(language: str) -> str:
    """Return a language without its region: "pt-BR" and "pt_PT" are "pt"."""
    return re.split(r"[-_]", language.casefold(), maxsplit=1)[0]


def english_name(language: str) -> str:
    """Return what a model is told to write in, "German" for "de"; of a code that we do not know, the code."""
    return _ENGLISH_NAMES.get(base_language(language), f"the language with the ISO code '{language}'")


def told_from_english(language: str) -> Callable[[str], bool]:
    """Return what says whether a short text is in a language and not in English; of English itself, letters decide.

    Source: all our names of kinds in eight languages are told from English, and all but one English name from them.
    """
    base = base_language(language)
    if base == ENGLISH:
        return str.isascii
    if base not in _ENGLISH_NAMES:
        return lambda _text: True
    spoken = [base, ENGLISH]
    guesser = LanguageGuesser(spoken)
    return lambda text: guesser.guess(text, spoken) == base


def without_words(language: str) -> str:
    """Return the name of a theme whose comments share no word."""
    return _WITHOUT_WORDS.get(base_language(language), _WITHOUT_WORDS[ENGLISH])
