"""From a social text to the features both the training and the classifier count.

One place only: a model trained on other tokens than those it meets would be silently wrong.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

INTENSITY = 1.4
SCOPE = 4  # tokens after a negator that it can reach, clause breaks permitting
NOT = "!"  # prefix of the feature of a negated word
PIECE = "~"  # prefix of a character n-gram

_LINK = re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![\w.])@[\w.\-]*\w(?:@[\w.\-]*\w)?")
_SELECTOR = re.compile("[\ufe0e\ufe0f\u200d\u2640\u2642\U0001f3fb-\U0001f3ff]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(
    r"_url|_user"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|\d+(?:[.,:h ]\d+)*"
    r"|[:;=]['’]?-?[)(DPp/|\]\[]+|<3|\^\^|xD\b"
    r"|[.!?…,;]+|:(?=\s)|\n"
    "|[\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001faff]",
)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001faff]|[:;=]['’]?-?[)(DPp/|\\]\\[]+|<3|\\^\\^|xD")

_ELIDED = frozenset({"j", "l", "n", "qu", "c", "d", "s", "m", "t", "jusqu", "lorsqu", "puisqu", "quelqu"})
# How people write on their phones, for words that carry sense here.
_SHORT = {
    "pb": "probleme", "pbs": "problemes", "bcp": "beaucoup", "bjr": "bonjour", "slt": "salut", "dsl": "desole",
    "jms": "jamais", "tjs": "toujours", "tjrs": "toujours", "mrc": "merci", "pr": "pour",
    "pq": "pourquoi", "pk": "pourquoi", "qd": "quand", "tt": "tout", "rdv": "rendez-vous", "thx": "thanks",
    "thks": "thanks", "tks": "thanks", "ty": "thanks", "u": "you", "ur": "your", "pls": "please", "plz": "please",
}  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that turn what follows. "plus" turns only after "ne" (or at the head of "plus de"): "plus rapide" is praise.
_NEGATORS = _words(
    "pas jamais aucun aucune sans ni guere rien not no never without cannot nothing neither nor hardly barely "
    "dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt hasnt havent hadnt aint",
)
_IDIOMS = frozenset({"pas mal", "pas terrible", "not only", "no doubt", "pas seulement", "rien que"})
_BREAKS = _words(
    "mais but et and car parce because donc however although meme alors puis que qui",
)
_INTENSIFIERS = _words(
    "tres vraiment trop tellement extremement totalement absolument super hyper ultra franchement completement "
    "si very really so extremely absolutely totally incredibly completely such too",
)
# Never shown as a reason: they carry weight by accident of the sample, and would puzzle the reader.
_FUNCTION = _words(
    "a ai ainsi alors apres as au aussi aux avant avec avez avoir avons c ca car ce cela ces cet cette chez ci "
    "comme d dans de depuis des deux donc du elle elles en encore entre es est et ete etes etre eu eux fait "
    "faire fois font hier il ils j je jusqu l la le les leur leurs lui m ma mais me meme mes moi mon n ne nos "
    "notre nous on ont ou par parce plus pour puis qu quand que quel quelle quelles quels qui quoi s sa se ses "
    "si son sont sous suis sur t ta te tes toi ton tous tout toute toutes tu un une va vais vers voici voila "
    "vos votre vous y about after again all also am an and any are at be because been before being by can could "
    "did do does for from get had has have he her here him his how i if in into is it its just more most my of "
    "off on one only or other our out over own she so some than that their them then there these they this "
    "those through to under until up us was we were what when where which while who whom why will with would "
    "you your yours re ve ll avait avais etait etais sera serai the jour jours semaine semaines mois an ans",
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, emoji or mark. `shown` is as written; `key` is the folded form the model counts."""

    shown: str
    key: str
    negator: str = ""  # as written; empty: not negated
    scale: float = 1.0
    is_content: bool = False


@lru_cache(maxsize=32_768)
def fold(word: str) -> str:
    """Lower case without accents: people drop them on phones ("decu")."""
    lowered = word.lower().replace("œ", "oe").replace("æ", "ae")
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))


def clean(text: str) -> str:
    """Links and account names out (a brand's name must not become a sentiment), entities and long letters undone."""
    if "&" in text:
        text = html.unescape(text)
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u202f", " ")
    if "http" in text or "www." in text:
        text = _LINK.sub(" _url ", text)
    if "@" in text:
        text = _ACCOUNT.sub(" _user ", text)
    if not text.isascii():
        text = _SELECTOR.sub("", text)
    return _REPEATED.sub(r"\1\1", text)


def _split(word: str) -> list[str]:
    """French elisions apart ("n'est"), English contractions whole when they negate ("don't")."""
    if "'" not in word and "’" not in word:
        return [word]
    parts = word.replace("’", "'").split("'")
    if len(parts) == 2 and parts[1].lower() == "t" and parts[0][-1:].lower() == "n":
        return ["".join(parts)]
    if parts[0].lower() in _ELIDED:
        return parts
    return ["".join(parts)] if parts[0].lower() == "aujourd" else parts[:1]


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, each knowing the negator and intensifier that act on it."""
    words = [part for raw in _TOKEN.findall(clean(text)) for part in _split(raw)]
    keys = [_key(word) for word in words]
    tokens: list[Token] = []
    negator, reach, ne_at, boost = "", 0, -99, 1.0
    for index, (word, key) in enumerate(zip(words, keys, strict=True)):
        if not key[0].isalpha() or key in _BREAKS:
            tokens.append(Token(word, key, is_content=bool(_EMOJI.fullmatch(word))))
            if key != "0":
                negator, reach, ne_at, boost = "", 0, -99, 1.0
            continue
        if key in ("ne", "n"):
            ne_at = index
        following = keys[index + 1] if index + 1 < len(keys) else ""
        if _negates(key, after_ne=index - ne_at <= 3, previous=keys[index - 1] if index else "", following=following):
            for between in range(max(ne_at, 0) + 1, index):  # "ne recommande pas": the verb comes first
                if ne_at >= 0 and tokens[between].is_content:
                    tokens[between] = replace(tokens[between], negator=word)
            tokens.append(Token(word, key, is_content=True))
            negator, reach, ne_at = word, SCOPE, -99
            continue
        content = key not in _FUNCTION and len(key) > 1
        tokens.append(Token(word, key, negator if reach and content else "", boost, content))
        reach = max(0, reach - 1)
        boost = INTENSITY if key in _INTENSIFIERS else 1.0
    return tokens


def _key(word: str) -> str:
    if word[0].isdigit():
        return "0"
    folded = fold(word)
    if len(folded) > 1 and folded[0] in ".!?…,;":
        return "?!" if "?" in folded and "!" in folded else folded[0] * min(len(folded), 2)
    return _SHORT.get(folded, folded)


def _negates(key: str, *, after_ne: bool, previous: str, following: str) -> bool:
    if key == "plus":
        return after_ne or (following in ("de", "d", "aucun", "aucune") and previous not in ("le", "en", "beaucoup"))
    if key == "peu":
        return previous not in ("un", "quelque")
    return key in _NEGATORS and f"{key} {following}" not in _IDIOMS


def pieces(key: str) -> list[str]:
    """Character 3- to 5-grams of a word with its ends marked: "deception" says something about "decevant"."""
    if len(key) < 4 or not key.isalpha():
        return []
    marked = f"<{key[:24]}>"
    return [PIECE + marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]


def word_feature(token: Token) -> str:
    return NOT + token.key if token.negator else token.key


def pair_features(tokens: list[Token]) -> list[str]:
    """Neighbours, the start and end of the text included: "? >" is a text that ends on a question."""
    keys = ["<", *(token.key for token in tokens), ">"]
    return [f"{left} {right}" for left, right in zip(keys, keys[1:], strict=False)]
