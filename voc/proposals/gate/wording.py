"""Rules on the words themselves: length, language, personal data, orders, meta text, markup, copied complaints."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from voc.ingest.redact import Redactor
from voc.llm.fence import gives_orders
from voc.proposals.gate import grade
from voc.proposals.gate.case import Case, without_targets
from voc.proposals.gate.language import foreign
from voc.proposals.gate.modals import force_of, knows
from voc.proposals.gate.pasting import taken_from
from voc.proposals.quantities.folding import plain

MOST_ADDED_WORDS: Final = 120
_NUMBERED: Final = re.compile(r"\s*(?:§\s*)?(\d{1,3}(?:\.\d{1,3}){1,3})[.)]?\s")
_SPACELESS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_PLACEHOLDER: Final = re.compile(r"\[[A-Z]{2,12}\]")
_NAME: Final = re.compile(
    r"\b(?:Mrs?|Ms|Mme|Mlle|Herrn?|Frau|Sr|Sra|Dr|Monsieur|Madame|Senhora?|Señora?)\.?\s[A-ZÀ-Þ][a-zà-ÿ]{2,20}"
)
_ORDER: Final = re.compile(
    r"(?:ignore|disregard|forget|override|bypass) (?:all|any|every|the|these|previous|prior|earlier|your|what)"
    r"|(?:ignorier\w*|missacht\w*) (?:alle|die|jede)"
    r"|(?:ignore\w*|oublie\w*) (?:toutes|tous|les|todas|todos|as|os)|(?:respond|reply|answer) (?:only )?with\b"
    r"|output only|print the|act as (?:a|an|the)|system ?(?:prompt|message)"
    r"|(?:system|assistant|user|developer) ?:"
    r"|approved? (?:automatically|immediately|without)|without (?:further )?review"
    r"|ohne (?:weitere )?prufung (?:freigeben|genehmig\w*)"
)
_OF_ITSELF: Final = re.compile(
    r"\b(?:this|the present|dieser?|diesen|ce|cette|esta|este|essa|esse) (?:proposal|draft|revision|prompt"
    r"|entwurf|vorschlag|projet|proposition|proposta|rascunho|revisao)\b"
)
_META: Final = re.compile(
    r"as an? (?:ai|artificial|language|assistant)|language model|\b(?:chatgpt|openai|llm)\b"
    r"|i(?: a|')m (?:sorry|unable|not able)"
    r"|\bi (?:cannot|can't|can not|will not|won't|am unable|apologi[sz]e|hope)"
    r"|unable to (?:comply|assist|help)|let me know|here (?:is|are) (?:the|a|an|your|my)"
    r"|^(?:sure|certainly|of course|okay|ok)\b[,!.:]|(?:revised|updated|new) (?:clause|text|version) ?:"
    r"|als (?:ki|sprachmodell|assistent|taalmodel)\b|kunstliche intelligenz|ich kann (?:\w+ ){0,3}nicht"
    r"|tut mir leid|hier ist (?:der|die|das)|en tant qu(?:'|e )(?:ia|intelligence|assistant|modele)"
    r"|je (?:ne peux|ne suis pas|suis desole\w?|regrette)|desole\w?, |voici (?:la|le|une|l')"
    r"|como (?:uma? |un )?(?:ia|inteligencia|modelo|assistente|asistente)\b|\bnao posso|\blamento\b|\bdesculpe"
    r"|sinto muito|aqui esta|no puedo|lo siento|come (?:ia|intelligenza|modello)|\bnon posso|mi dispiace"
    r"|ik kan (?:\w+ ){0,2}niet",
    re.MULTILINE,
)
_PERSONS: Final = {
    "en": r"i|i'm|i've|my|me|mine|we|we're|our|ours|you|your|yours",
    "de": r"ich|mein\w{0,2}|mir|mich|wir|uns|unser\w{0,2}|du|dein\w{0,2}",
    "fr": r"je|j'\w+|mon|ma|mes|moi|nous|notre|nos|tu|vous|votre|vos",
    "pt": r"eu|meu|meus|minha|minhas|me|mim|nos|nosso\w?|nossa\w?|voce|voces",
    "es": r"yo|mi|mis|me|nosotros|nuestro\w?|nuestra\w?|usted|tu",
    "it": r"io|mio|mia|miei|noi|nostr\w",
    "nl": r"ik|mijn|mij|wij|we|ons|onze|jij|jouw",
    "tr": r"ben|benim|bana|biz|bizim",
}
_MARKUP: Final = re.compile(
    r"<[a-zA-Z/!?][^<>]{0,200}>|`|\]\(|https?:|www\.|\*\*|__|~~|&#?[a-zA-Z0-9]{2,8};|\{\{|\}\}"
    r"|^[ \t]{0,8}(?:#{1,6}|>|[*+|-])[ \t]",
    re.MULTILINE,
)
_JOINERS: Final = "\u200c\u200d"
_JOINED_LANGUAGES: Final = ("fa", "ar", "hi", "bn", "ur", "mr", "ne", "ta", "te", "ml", "kn", "si")


def clause_kept(case: Case) -> str:
    """Draft for the clause that was located, compare with its text, and carry no other number."""
    draft, offered = case.draft, case.offered
    if draft.clause_number != offered.clause_number:
        return f"drafted for clause {draft.clause_number}, located was {offered.clause_number}"
    if draft.old_text != offered.old_text:
        return f"the text in force of clause {offered.clause_number} is another"
    begins = _NUMBERED.match(draft.new_text)
    if begins and not offered.old_text.startswith(begins[0]) and begins[1] != offered.clause_number:
        return f"the new text begins as clause {begins[1]}"
    return ""


def length_of_a_clause(case: Case) -> str:
    """Something is changed, not too much is added, and something shall be done."""
    if " ".join(case.draft.new_text.split()) == " ".join(case.offered.old_text.split()):
        return "nothing is changed"
    added = _words(case.draft.new_text) - _words(case.offered.old_text)
    if added > MOST_ADDED_WORDS:
        return f"{added} words are added; at most {MOST_ADDED_WORDS} may be"
    if knows(case.language) and not force_of(case.draft.new_text, case.language).any:
        return "no sentence says what shall be done"
    return "" if case.draft.new_text.strip() else "the new text is empty"


def _words(text: str) -> int:
    return len(text.split()) + len(_SPACELESS.findall(text)) // 2


def language_of_the_standard(case: Case) -> str:
    """Write new sentences in the language of the standard; the rationale may be in English too."""
    for sentence in case.changes.fresh:
        if reason := foreign(without_targets(sentence, case.language), case.language):
            return f"not '{case.language}', {reason}: {sentence[:60]}"
    for sentence in case.rationale:
        if (reason := foreign(sentence, case.language)) and foreign(sentence, "en"):
            return f"not '{case.language}', {reason}: {sentence[:60]}"
    return ""


def no_personal_data(case: Case) -> str:
    """No address, number or name of a person, and none of the marks that stand for them in stored comments."""
    words = " ".join([case.fresh, *case.rationale])
    found = [kind for kind, _ in Redactor(case.regions).redact(words).found]
    found += [match[0] for match in _PLACEHOLDER.finditer(words)]
    if _NAME.search(words):
        found.append("a name")
    return f"holds {', '.join(found)}" if found else ""


def no_order_echoed(case: Case) -> str:
    """Nothing speaks to a model or of the draft itself."""
    for sentence in (*case.changes.fresh, *case.rationale):
        if gives_orders(sentence) or _ORDER.search(plain(sentence)):
            return f"reads like an order to a model: {sentence[:80]}"
    for sentence in case.changes.fresh:
        if found := _OF_ITSELF.search(plain(sentence)):
            return f"a clause does not speak of '{found[0]}': {sentence[:80]}"
    return ""


def no_meta_text(case: Case) -> str:
    """No refusal, no remark of a model, and nobody says I, we or you in a clause."""
    for sentence in (*case.changes.fresh, *case.rationale):
        if found := _META.search(plain(sentence)):
            return f"a remark, not a clause: '{found[0]}' in {sentence[:80]}"
    persons = _PERSONS.get(case.language, _PERSONS["en"])
    pattern = re.compile(rf"(?<![^\W_])(?:{persons})(?![^\W_])")
    pairs = [*((one.old, one.new) for one in case.changes.changed), *(("", one) for one in case.changes.added)]
    for old, new in pairs:
        if (found := pattern.search(plain(new))) and not pattern.search(plain(old)):
            return f"a clause says nothing of '{found[0]}': {new[:80]}"
    return ""


def plain_text(case: Case) -> str:
    """No HTML, Markdown, link, bracket, control character or mark that hides or turns text."""
    raw, old = case.draft.new_text, case.offered.old_text
    for text, known in ((raw, old), *((one, "") for one in case.rationale)):
        bare = without_targets(text, case.language)
        found = next((one[0] for one in _MARKUP.finditer(bare) if one[0] not in known), "")
        if found:
            return f"markup: {found[:40]}"
        if text is raw and ("[" in bare or "]" in bare) and "[" not in known:
            return "square brackets that are no target"
        hidden = next((mark for mark in bare if _is_hidden(mark, case.language) and mark not in known), "")
        if hidden:
            return f"a character that hides or turns text: U+{ord(hidden):04X}"
    return ""


def _is_hidden(mark: str, language: str) -> bool:
    if mark.isascii():
        return unicodedata.category(mark) == "Cc" and mark not in "\n\r\t"
    if mark in _JOINERS and language in _JOINED_LANGUAGES:
        return False
    return unicodedata.category(mark) in ("Cc", "Cf", "Co", "Cs", "Cn") and mark != "\xad"


def no_pasted_complaint(case: Case) -> str:
    """No new sentence was taken from an offered comment, nor with a few words changed."""
    texts = list(case.offered.texts.values())
    for sentence in case.changes.fresh:
        if found := taken_from(sentence, texts, case.offered.old_text):
            return f"'{sentence[:60]}' is taken from the comment '{found[:60]}'"
    return ""


def reading_grade(case: Case) -> str:
    """Tell how hard the new text is to read; this row reports and never fails."""
    return grade.said(case.draft.new_text, case.offered.old_text, case.language)
