"""Words that take something away from a duty, each list by language; all are folded (no accents, no capitals)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_HEDGES: Final = {
    "en": (
        r"as soon as (?:reasonably )?(?:possible|practicable|practical|feasible)|as quickly as possible"
        r"|as far as possible"
        r"|(?:where|when|whenever|if|wherever) (?:at all )?(?:possible|practicable|feasible|practical"
        r"|convenient|appropriate|time (?:allows|permits)|capacity (?:allows|permits))"
        r"|to the extent (?:possible|practicable|feasible)|reasonabl[ey]|within a reasonable|best efforts?"
        r"|(?:try|tries|trying|endeavou?rs?|aims?|strives?|seeks?|intends?|hopes?|plans?) to"
        r"|(?:shall|must|should|will) attempt to|make (?:every|an|some) effort|normally|usually|generally"
        r"|typically|ideally|preferably|in principle|as a rule|in general|mostly|in most cases|if needed"
        r"|in due course|from time to time|soon|at some point|shortly|where necessary|approximately|roughly"
        r"|(?:about|around)(?= \d)|consider|considers|considering|at the courier's convenience|in good time"
        r"|on average|average|(?:as|if) appropriate|permitting|options? to|target of|in the best case|works? towards?"
        r"|aims? at|strives? for|at (?:its|their|the) [\w' ]{0,20}?option"
    ),
    "de": (
        r"so (?:bald|schnell|rasch|zeitnah) wie (?:moglich|machbar)|moglichst|baldmoglichst|schnellstmoglich"
        r"|nach moglichkeit|zeitnah"
        r"|(?:soweit|sofern|falls|wenn|wo) (?:es )?(?:moglich|machbar|zumutbar|angemessen|betrieblich moglich"
        r"|die zeit (?:reicht|erlaubt)|zeit ist)|angemessen\w{0,2}|zumutbar\w{0,2}|versuchen|versucht|bemuhen"
        r"|bemuht|anstreben|strebt|normalerweise|ublicherweise|in der regel|grundsatzlich|im regelfall"
        r"|im allgemeinen|meistens|gegebenenfalls|bei bedarf|bald|rechtzeitig|ungefahr|circa"
        r"|(?:etwa|rund)(?= \d)|weitgehend|in absehbarer zeit"
        r"|im (?:schnitt|durchschnitt|mittel)|durchschnittlich|anzustreben|je nach|im besten fall|unverbindlich\w?"
        r"|zielwert|binnen kurzem|in kurze"
    ),
    "fr": (
        r"(?:des que|aussitot que|aussi vite que|autant que|lorsque|si|quand|la ou"
        r"|dans la mesure du) (?:c'est |cela est )?possible|dans les meilleurs delais|au plus vite"
        r"|raisonnable\w{0,4}|s'efforce\w{0,3}|tente\w{0,3} de|essay\w{2,4} de|essaie\w{0,2} de"
        r"|cherche\w{0,3} a|normalement|generalement|habituellement|en principe|en regle generale"
        r"|de preference|le cas echeant|si besoin|si necessaire|si le temps le permet|bientot|prochainement"
        r"|environ|en temps utile"
        r"|en moyenne|indicati\w{1,3}|selon (?:les |l')?(?:disponibilites?|possibilites?|besoins?|affluence)"
        r"|en fonction d[eu]|hors periodes?"
    ),
    "es": (
        r"(?:tan pronto como|lo antes|cuando|si|donde|siempre que|en la medida de lo) (?:sea )?posible"
        r"|a la mayor brevedad|razonable\w{0,5}|intentar\w{0,3}|tratar\w{0,3} de|procurar\w{0,3}|normalmente"
        r"|generalmente|habitualmente|en principio|por regla general|preferentemente|si es necesario|pronto"
        r"|en promedio|de media|orientativ\w|segun (?:la )?(?:disponibilidad|demanda)|en funcion de"
        r"|aproximadamente"
    ),
    "pt": (
        r"(?:assim que|logo que|tao logo|o mais rapido|o quanto antes|quando|se|onde|sempre que"
        r"|na medida do) (?:for |seja )?possivel|o mais breve possivel|o quanto antes|razoa\w{3,7}"
        r"|(?:tentar|procurar|buscar)a?(?= \w{1,20}[aei]r(?!\w))|esforcar-se|envidar|normalmente|geralmente"
        r"|em geral|habitualmente|em principio|via de regra|em regra|de preferencia|preferencialmente"
        r"|se necessario|se houver tempo|quando conveniente|em breve|aproximadamente"
        r"|(?:cerca|por volta) de(?= \d)|em tempo habil|oportunamente"
        r"|em media|em torno de|conforme (?:a )?(?:demanda|disponibilidade|possibilidade)|dependendo|indicativ\w"
    ),
    "it": (
        r"(?:non appena|appena|quando|se|ove|per quanto|il prima) possibile|ragionevol\w{1,5}|cerca\w{0,3} di"
        r"|tenta\w{0,3} di|normalmente|generalmente|di norma|in linea di principio|preferibilmente"
        r"|se necessario|a breve|circa"
        r"|in media|indicativ\w{1,5}|secondo disponibilita|a seconda"
    ),
    "nl": (
        r"zo (?:snel|spoedig) mogelijk|(?:waar|indien|als|wanneer) mogelijk|redelijk\w{0,5}|proberen|probeert"
        r"|streven|streeft|trachten|normaal gesproken|normaliter|doorgaans|gewoonlijk|in principe|in de regel"
        r"|bij voorkeur|indien nodig|binnenkort|ongeveer"
        r"|gemiddeld|afhankelijk|naar gelang|streeftermijn"
    ),
    "tr": (r"mumkunse|mumkun oldugunca|mumkun olan en kisa|makul|calis\w{2,10}|normalde|genellikle|yaklasik|ortalama"),
}
_EXCEPTIONS: Final = {
    "en": (
        r"unless|except(?:ing|ions?)?|save (?:for|where|when)|other than|notwithstanding|regardless of"
        r"|subject to|depending on|but not|(?:does|do|shall|need) not apply|apart from|with the exception"
        r"|provided that|insofar|at (?:its|their|the) [\w' ]{0,20}?discretion|waive\w?|skip|omit|exempt\w*"
        r"|suspend\w*"
    ),
    "de": (
        r"es sei denn|ausser|ausgenommen|mit ausnahme|ausnahme\w?|sofern nicht|soweit nicht|falls nicht"
        r"|wenn nicht|vorbehaltlich|ungeachtet|gilt nicht|gelten nicht|nach (?:eigenem )?ermessen|verzichten"
        r"|abweichend|entfallt|entfallen"
    ),
    "fr": (
        r"sauf|hormis|excepte\w{0,2}|a moins que?|a l'exception|exception|sous reserve|nonobstant"
        r"|ne s'applique\w{0,2} pas|a (?:sa|leur|la) discretion|selon (?:son|leur) appreciation|pourvu que"
        r"|renonce\w{0,3}"
    ),
    "es": (
        r"salvo|excepto|a menos que|excepcion\w*|a excepcion|sujeto a|no se aplica\w?|a (?:su|la) discrecion"
        r"|siempre y cuando"
    ),
    "pt": (
        r"salvo|exceto|a menos que|a nao ser|excecao|excecoes|com excecao|sujeito a|nao se aplica\w?"
        r"|a (?:seu|sua) criterio|a criterio|desde que|ressalvad\w{2}|dispensar|fica sem efeito"
    ),
    "it": (r"salvo|eccetto|tranne|a meno che|eccezione|non si applica|a (?:sua|propria) discrezione|purche"),
    "nl": (r"tenzij|behalve|uitgezonderd|met uitzondering|uitzondering\w*|behoudens|geldt niet|naar eigen inzicht"),
    "tr": (r"haric|disinda|istisna\w*|gecerli degil\w*|takdirine"),
}
_CONDITIONS: Final = {
    "en": (
        r"if|when|whenever|only (?:if|when|where)|provided|as long as|in case|once|on request|upon request"
        r"|at peak times?|during peak"
    ),
    "de": (r"wenn|falls|sofern|soweit|auf anfrage|auf wunsch|auf verlangen|im fall\w?|bei hohem"),
    "fr": (r"si|lorsque|quand|sur demande|a la demande|en cas|des lors que"),
    "es": (r"si|cuando|a peticion|previa solicitud|en caso"),
    "pt": (r"se|quando|caso|mediante (?:pedido|solicitacao)|a pedido|em caso"),
    "it": (r"se|quando|qualora|su richiesta|in caso"),
    "nl": (r"als|indien|wanneer|op verzoek|in geval"),
    "tr": (r"eger|talep\w*|durumunda"),
}
_ONLY: Final = {
    "en": (r"only|solely|exclusively|each|every|all|any|always"),
    "de": (r"nur|ausschliesslich|lediglich|jede\w?|alle\w?|immer|stets"),
    "fr": (r"seulement|uniquement|seul|seuls|chaque|tous|toutes|tout|toute|toujours"),
    "es": (r"solo|solamente|unicamente|cada|todos|todas|todo|toda|siempre"),
    "pt": (r"so|somente|apenas|unicamente|cada|todos|todas|todo|toda|sempre"),
    "it": (r"solo|soltanto|unicamente|ogni|tutti|tutte|sempre"),
    "nl": (r"alleen|uitsluitend|slechts|elk\w?|ieder\w?|alle|altijd"),
    "tr": (r"yalnizca|sadece|her|tum|daima"),
}
_NEGATIONS: Final = {
    "en": (r"not|no|never|none|nobody|nothing|without|cannot|neither|nor|un(?:attended|signed|sealed)"),
    "de": (r"nicht|kein\w{0,2}|nie|niemals|niemand\w{0,2}|nichts|ohne|weder"),
    "fr": (r"ne|n|pas|jamais|aucun\w?|sans|ni"),
    "es": (r"no|nunca|ningun\w{0,2}|sin|ni|jamas"),
    "pt": (r"nao|nunca|nenhum\w?|sem|nem|jamais"),
    "it": (r"non|mai|nessun\w?|senza|ne"),
    "nl": (r"niet|geen|nooit|niemand|zonder"),
    "tr": (r"degil|hic|yok"),
}
_SOME: Final = {
    "en": (r"some|most|certain|selected|many|several|part of"),
    "de": (r"einige\w?|bestimmte\w?|meisten|manche\w?|mehrere\w?|ausgewahlte\w?|teil der"),
    "fr": (r"certain\w{0,2}|quelques|la plupart|plusieurs|une partie"),
    "es": (r"algun\w{0,3}|ciert\w{2}|la mayoria|vari[oa]s|una parte"),
    "pt": (r"algum\w{0,2}|alguns|a maioria|determinad\w{2}|vari[oa]s|uma parte"),
    "it": (r"alcun\w|la maggior parte|divers[ie]"),
    "nl": (r"sommige|enkele|bepaalde|de meeste|een deel"),
    "tr": (r"bazi|cogu"),
}
_CUSTOMERS: Final = re.compile(
    r"(?<![^\W_])(?:recipients?|customers?|senders?|addressees?|consumers?|neighbou?rs?|(?:empfanger|kund|absender|nachbar)\w{0,5}"
    r"|destinataires?|clients?|expediteurs?|voisine?s?|destinatari[oa]s?|clientes?|remetentes?|vizinh[oa]s?|vecin[oa]s?"
    r"|destinatari|clienti|mittente|ontvangers?|klant(?:en)?|afzenders?|alici\w{0,4}|musteri\w{0,4})(?![^\W_])"
)


def pattern_of(table: dict[str, str], language: str) -> re.Pattern[str]:
    """Return the words of a language as a pattern over folded text; English ones where the language is not known."""
    return re.compile(rf"(?<![^\W_])(?:{table.get(language[:2], table['en'])})(?![^\W_])")


@cache
def hedges(language: str) -> re.Pattern[str]:
    """Return what makes a duty vague: "as soon as possible", "soweit möglich"."""
    return pattern_of(_HEDGES, language)


@cache
def some(language: str) -> re.Pattern[str]:
    """Return what makes a duty reach less far: "some", "most"."""
    return pattern_of(_SOME, language)


@cache
def exceptions(language: str) -> re.Pattern[str]:
    """Return what takes cases out of a duty: "unless", "es sei denn"."""
    return pattern_of(_EXCEPTIONS, language)


@cache
def conditions(language: str) -> re.Pattern[str]:
    """Return what makes a duty depend on something: "if", "wenn"."""
    return pattern_of(_CONDITIONS, language)


@cache
def only(language: str) -> re.Pattern[str]:
    """Return what makes a duty reach far: "only", "every", "jede"."""
    return pattern_of(_ONLY, language)


@cache
def negations(language: str) -> re.Pattern[str]:
    """Return what turns a sentence into its opposite."""
    return pattern_of(_NEGATIONS, language)


def is_of_customers(subject: str) -> bool:
    """Say whether the folded words before a modal name a customer, recipient, sender or neighbour."""
    return _CUSTOMERS.search(subject) is not None
