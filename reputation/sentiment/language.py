"""The language of a short text, by its script, its commonest words and its letters.

A library with a 176-language model does a little better on single words, and costs numpy, a downloader and 10 times
the memory of the sentiment model. Networks usually declare the language; this fills the gaps.
"""

import re

from reputation.sentiment.text import clean

# Words so common that a sentence rarely lacks them all. A word of two languages counts half for each.
_COMMON = {
    "fr": "le la les un une des du de d l et est sont était c'est ça ce cette ces je j tu il elle on nous vous ils elles"
    " mon ma mes votre vos notre nos leur ne n pas plus jamais rien aucun aucune que qu qui quoi où dans sur avec sans"
    " pour par chez au aux en depuis très bien trop merci bonjour bravo mais ou donc car si tout tous encore avez avoir"
    " été être fait faire va suis ai as ont quand comment pourquoi quel quelle quels combien franchement vraiment super"
    " nul génial y a-t-il non oui salut bonsoir j'ai j'adore déçu déçue svp mdr livraison commande client mieux moins"
    " ni ses son sa entre vers sous contre selon dont deux peu chaque semaine mois ans fois là me te vais vas veux peux même aussi après avant hier demain aujourd'hui puis alors parce déjà faut peut moi toi lui eux",
    "en": "the a an and is are was were be been it its this that these those i you he she we they my your our their not"
    " no never don't doesn't didn't can't won't isn't to of in on at for with from by about as but or so if when where"
    " what why how who have has had do does did will would can could should just very really too thanks thank hello hi"
    " please great good love best worst bad again still all any some get got going me us them him her there here than"
    " then out up down off over only still more most many much after before today yesterday new service i've i'd i'll let's come yeah oh back home want need i'm it's"
    " awful disappointed nice happy well",
    "es": "el la los las un una unos y es son está están que de del en por para con sin no muy más pero como cuando donde"
    " qué quién porque mi tu su nos se lo le me te ya hay gracias hola buenos días todo todos nunca siempre este esta"
    " eso bien mal ha han he fue ser tengo servicio al también llevo nuevo nueva tienda producto desde desde hasta o si sobre",
    "it": "il lo la i gli le un una uno e è sono che di del della dei delle in nel nella per con senza non molto più ma"
    " come quando dove perché mio tuo suo ci si mi ti grazie ciao buongiorno tutto tutti mai sempre questo questa bene"
    " ho ha hanno ancora nessuna nessuno niente ottimo nuovo nuova al alla anche da dal o se cosa chi servizio",
    "de": "der die das ein eine einen dem den des und ist sind war nicht kein keine ich du er sie es wir ihr mein dein"
    " sein zu zum zur in im am an auf mit ohne für von vom bei aus nach aber oder wenn wann wo was wer warum wie sehr"
    " danke hallo guten auch noch nur schon immer nie tolles toll neue neuen wieder hat haben habe wird werden kann dass seit gut schlecht",
    "pt": "o a os as um uma e é são que de do da dos das em no na nos nas por para com sem não muito mais mas como"
    " quando onde porque meu minha seu sua se me você vocês já obrigado obrigada olá bom dia tudo nunca sempre este esta"
    " isso tem ao à também até foi ser estou está nova novo loja ainda ou ele ela",
    "nl": "de het een en is zijn was niet geen ik je jij hij zij we wij jullie mijn jouw te in op aan met zonder voor van"
    " bij uit naar maar of als wanneer waar wat wie waarom hoe heel erg bedankt hallo ook nog alleen al altijd nooit"
    " werkt niets snelle nieuwe heeft hebben heb wordt kan dat dit deze goed slecht er om dan",
    "pl": "i w na z do nie jest są to się że jak co kto gdzie kiedy dlaczego mój moja twój bardzo dziękuję cześć dzień"
    " dobry ale lub od po za przez czy tak już tylko też ten ta te był była mam ma",
    "ro": "și si este sunt nu un o în la de cu fără pentru din pe mai foarte dar sau când unde ce cine cum mulțumesc"
    " bună ziua am are ai acest această sa să că",
    "tr": "ve bir bu şu o ben sen biz siz değil çok daha için ile ama veya ne nerede neden nasıl var yok teşekkürler"
    " merhaba iyi kötü gibi kadar mi mı da de",
    "sv": "och är en ett det den att inte jag du han hon vi ni de på i med utan för från av men eller när var vad vem"
    " varför hur mycket tack hej också bara alltid aldrig har hade kan som",
}  # fmt: skip
# Letters a language uses and most of its neighbours do not.
_TELLING = {
    "fr": "çœêùûîôâëèàé", "es": "ñ¿¡íóú", "de": "ßäöü", "pt": "ãõçáâóú", "it": "ìòàèù", "pl": "łżźśćąęńó",
    "ro": "țșă", "tr": "ğışçöü", "sv": "åäö",
}  # fmt: skip
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
# What our users mostly meet: others must show clearer signs.
_EXPECTED = {"fr": 1.5, "en": 1.5}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_HASHTAG = re.compile(r"#\w+")


def _by_word() -> dict[str, tuple[tuple[str, float], ...]]:
    owners: dict[str, list[str]] = {}
    for language, words in _COMMON.items():
        for word in dict.fromkeys(words.split()):
            owners.setdefault(word, []).append(language)
    return {word: tuple((language, 1 / len(found)) for language in found) for word, found in owners.items()}


_WEIGHTS = _by_word()
_ACCENTS = {c: tuple(lang for lang, letters in _TELLING.items() if c in letters) for c in "".join(_TELLING.values())}


def detect_language(text: str) -> str:
    """An ISO 639-1 code; empty when the text does not say (no words, a name, an emoji)."""
    cleaned = _HASHTAG.sub(" ", clean(text).replace("_url", " ").replace("_user", " "))
    latin = len(_LATIN.findall(cleaned))
    for language, script in _SCRIPTS:
        if not cleaned.isascii() and len(script.findall(cleaned)) * 2 > latin:
            return language
    scores: dict[str, float] = {}
    for word in _WORD.findall(cleaned.lower()):
        plain = word.replace("’", "'")
        for part in (plain,) if plain in _WEIGHTS else plain.split("'"):
            for language, weight in _WEIGHTS.get(part, ()):
                scores[language] = scores.get(language, 0.0) + weight
        for letter in word if not word.isascii() else "":
            for language in _ACCENTS.get(letter, ()):
                scores[language] = scores.get(language, 0.0) + 0.6 / len(_ACCENTS[letter])
    if not scores:
        return ""
    return max(scores, key=lambda language: (round(scores[language] * _EXPECTED.get(language, 1.0), 6), language))
