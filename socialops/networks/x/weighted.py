"""Length as X counts it, and what X makes a link or a cashtag of: twitter-text's rules, configuration 3 (`[weighted]` of limits.toml).

X counts UTF-16 units as JavaScript sees them, after NFC: links are found in those, so that a link found here is one there, also beside characters outside of the basic plane.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

import regex

from socialops.networks.data import network_data
from socialops.networks.text import Span

HERE = files("socialops.networks.x")
SCHEME = "https://"  # what a link without one is opened with
PUNYCODE = "xn--"
SELECTOR, JOINER, KEYCAP = "\ufe0f", "\u200d", "\u20e3"
FIRST_INDICATOR = 0x1F1E6  # regional indicator A
TAGS = 0xE0000
LONGEST_LABEL = 63  # RFC 1035
MOST_LABELS = 255  # of a domain: twice what can be; twitter-text has no bound and takes quadratic time for it

# Character classes. A host may hold any letter or sign but ASCII punctuation, spaces, direction marks and what no post may hold.
INVALID = "\ufffe\ufeff\uffff"
DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
HOST = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${SPACES}{INVALID}{DIRECTION}]"
HOST_RUN = HOST.replace(r"\-.", "").replace("_", "")
# Accented Latin letters and combining marks; the second line is what JavaScript takes for one of them when it ignores case.
LATIN = (
    "À-ÖØ-öø-ɏɓɔɖɗəɛɣɨɯɲʉʋʻ\u0300-\u036fḀ-ỿ"
    "\u0260\u0269\u0275\u0280\u0283\u0288\u028a\u028c\u0292\u0399\u03b9\u1fbe\u2c65\u2c66\u2c7e\u2c7f"
)
CYRILLIC = "\u0400-\u04ff\u1c80-\u1c87"
PATH = rf"[A-Za-z0-9{CYRILLIC}{LATIN}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
PARENTHESES = rf"\((?:{PATH}+|{PATH}*\({PATH}+\){PATH}*)\)"
PATH_END = rf"[A-Za-z0-9{CYRILLIC}{LATIN}+\-=_#/]"
PATH_PART = rf"(?:{PATH}*(?:{PARENTHESES}{PATH}*)*{PATH_END}|{PARENTHESES}|@{PATH}+/)"
QUERY = r"\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/]"

NOT_BEFORE = regex.compile(rf"[A-Za-z0-9@＠$#＃{INVALID}]")
RUN = regex.compile(rf"{HOST_RUN}++")
TAIL = regex.compile(rf"(?::[0-9]+)?(?P<path>/{PATH_PART}*)?(?:{QUERY})?")
SHORTENED = regex.compile(rf"https?://t\.co/([A-Za-z0-9]+)(?:{QUERY})?", regex.IGNORECASE | regex.ASCII)
SCHEMES = ("https://", "http://")
PAIR = regex.compile("[\ud800-\udbff][\udc00-\udfff]")
# What may follow a cashtag: a space of JavaScript's, ASCII punctuation, or nothing.
BLANK = SPACES.replace("\x85", "").replace("\u180e", "") + "\ufeff"
CASHTAG = regex.compile(
    rf"(?:\A|(?<=[{SPACES}]))\$(?P<symbol>[A-Za-z]{{1,6}}(?:[._][A-Za-z]{{1,2}})?)(?=\Z|[{BLANK}!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~$])"
)


@cache
def _top_level() -> frozenset[str]:
    lines = (HERE / "tlds.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _small() -> Mapping[int, int]:
    """Capitals of the letters of top-level domains → the letters, where JavaScript takes one for the other when it ignores case."""
    letters = frozenset("".join(_top_level()))
    table: dict[int, int] = {}
    for code in range(0x10000):
        character = chr(code)
        small = character.upper().lower() if character not in letters else character
        foreign = code >= 0x80 and ord(small[0]) < 0x80  # the Kelvin sign is no k there
        if small != character and len(small) == 1 and small in letters and not foreign:
            table[code] = ord(small)
    return table


@cache
def _domains() -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str]]:
    """What is a domain, what of it is written in Latin letters, and how one ends; all in small letters."""
    top = r"(?:\L<names>(?=[^0-9A-Za-z@+\-]|$)|xn--[\-0-9a-z]+)"
    host_end = rf"(?<={HOST})\."
    whole = rf"(?:{HOST}(?:{HOST}|[_\-])*+{host_end}){{0,{MOST_LABELS}}}{HOST}(?:{HOST}|-)*+{host_end}{top}"
    latin = rf"(?:[\-a-z0-9{LATIN}]+\.){{1,{MOST_LABELS}}}{top}"
    names = _top_level()
    first, second, third = (regex.compile(pattern, names=names) for pattern in (whole, latin, rf"{HOST}\.{top}"))
    return first, second, third


# ---------------------------------------------------------------- links


def find_links(text: str) -> Iterator[Span]:
    """What X shortens to a t.co link, with or without http://, as spans of `text` (already NFC)."""
    units = _units(text)
    if units is text:
        yield from _links(text)
        return
    places = {place: index for index, place in enumerate(_places(text))}
    places[len(units)] = len(text)
    for span in _links(units):
        end = next(place for place in range(span.end, len(units) + 1) if place in places)
        yield Span(places[span.start], places[end], _joined(span.value))


def links_of(text: str) -> list[Span]:
    """`find_links` in a text as it was typed, composed first."""
    return list(find_links(unicodedata.normalize("NFC", text)))


def find_cashtags(text: str) -> Iterator[Span]:
    """`$TICKER`, each time it stands there: up to six letters and what may follow a dot, after a space."""
    for match in CASHTAG.finditer(text):
        yield Span(match.start(), match.end(), match["symbol"])


def _units(text: str) -> str:
    """The text as a string of its UTF-16 code units; itself where that is the same."""
    if not text or max(text) <= "\uffff":
        return text
    return "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))


def _joined(units: str) -> str:
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _places(text: str) -> Iterator[int]:
    """Where each character begins, in code units."""
    return accumulate((2 if character > "\uffff" else 1 for character in text), initial=0)


def _links(units: str) -> Iterator[Span]:
    """A span's length is what X skips, which for a domain that begins in Latin letters and goes on in others is not its end."""
    if "." not in units:
        return
    small = units.translate(_small())
    ends = _domains()[2]
    free = 0  # what is before belongs to an earlier link
    for run in RUN.finditer(units):
        if run.end() <= free or not ends.search(small, run.start(), run.end()):
            continue
        start = run.start()
        scheme = next((s for s in SCHEMES if small.endswith(s, 0, start)), "")
        if scheme and _may_begin(units, start - len(scheme), free):
            found = _link_at(units, small, start, scheme)
            if found is not None:
                free, spans = found
                yield from spans
        if start == 0 and not NOT_BEFORE.match(units):
            start = 1 if _link_at(units, small, 1, "") else 0  # the first character is rather before a link than in it
        place = max(start, free)
        while place < run.end():
            found = _link_at(units, small, place, "") if _may_begin(units, place, free) else None
            if found is not None:
                free, spans = found
                yield from spans
                place = max(free, place + 1)
            elif _may_begin(units, place, free) and regex.match(HOST, units, pos=place):
                place = _after_label(units, place, run.end())
            else:
                place += 1


def _may_begin(units: str, place: int, free: int) -> bool:
    """Whether what stands before lets a link begin here."""
    return place == 0 or (place > free and not NOT_BEFORE.match(units, place - 1))


def _after_label(units: str, place: int, end: int) -> int:
    """Where no domain begins at `place`, none begins before the next dot or underscore either."""
    while place < end and units[place] not in "._":
        place += 1
    return place + 1


def _link_at(units: str, small: str, start: int, scheme: str) -> tuple[int, list[Span]] | None:
    """The end of the link whose domain begins at `start`, and what of it counts as one; None where there is no domain."""
    whole, latin, _ends = _domains()
    domain = whole.match(small, start)
    if domain is None:
        return None
    tail = TAIL.match(units, domain.end())
    assert tail is not None  # everything in it is optional
    end, begin = tail.end(), start - len(scheme)
    value = units[begin:end]
    if not _possible(units[start : domain.end()], domain.group(), len(scheme or SCHEME) + len(value)):
        return end, []
    if scheme:
        return end, _shortened(begin, value)
    if begin and units[begin - 1] in "-_./":
        return end, []
    places = [(start + found.start(), start + found.end()) for found in latin.finditer(domain.group())]
    spans = [Span(first, last, units[first:last]) for first, last in places]
    if spans and tail["path"]:
        last = spans[-1]
        length = len(last.value) + end - domain.end()
        spans[-1] = Span(last.start, last.start + length, units[last.start : last.end] + units[domain.end() : end])
    return end, spans


def _shortened(begin: int, value: str) -> list[Span]:
    """A link as it is; of one that is short already nothing but its own path counts."""
    short = SHORTENED.match(value)
    if short is None:
        return [Span(begin, begin + len(value), value)]
    if len(short[1]) > network_data("x")["weighted"]["longest_slug"]:
        return []
    return [Span(begin, begin + short.end(), short.group())]


def _possible(domain: str, small: str, length: int) -> bool:
    """Whether names could carry it: each label at most 63 characters in Punycode, and the whole not too long."""
    if length > network_data("x")["weighted"]["longest_url"]:
        return False
    if domain.startswith(PUNYCODE) and not _domains()[1].search(small):
        return False
    return all(1 <= _encoded_length(label) <= LONGEST_LABEL for label in domain.split("."))


def _encoded_length(label: str) -> int:
    if label.isascii() or len(label) > LONGEST_LABEL * 2:
        return len(label)
    pieces = regex.split("[。．｡]", _joined(label))
    return sum(
        len(piece) if piece.isascii() else len(PUNYCODE) + len(piece.encode("punycode")) for piece in pieces
    ) + len(pieces) - 1  # fmt: skip


# ---------------------------------------------------------------- emoji


@cache
def _emoji() -> regex.Pattern[str]:
    """Emoji of more than one code point: the others weigh what any other character of theirs does."""
    data: dict[str, Any] = tomllib.loads((HERE / "emoji.toml").read_text(encoding="utf-8"))
    tone = f"[{data['tones']}]"
    genders, trades = "|".join(data["genders"]), "|".join(data["trades"])
    both = "".join(character for character in data["toned"] if character in data["selected"])
    flags = [
        "".join(chr(FIRST_INDICATOR + ord(letter) - ord("A")) for letter in name) for name in data["regions"].split()
    ]
    tagged = [
        "🏴" + "".join(chr(TAGS + ord(letter)) for letter in name) + chr(TAGS + 0x7F) for name in data["subdivisions"]
    ]
    return regex.compile(
        "|".join(
            (
                rf"[{data['people']}]{tone}?{JOINER}(?:{trades})",
                rf"[{data['gendered_bare']}](?:{tone}|{SELECTOR}){JOINER}(?:{genders})",
                rf"[{data['gendered']}]{tone}?{JOINER}(?:{genders})",
                *sorted(data["joined"], key=len, reverse=True),
                rf"[#*0-9]{SELECTOR}?{KEYCAP}",
                rf"[{both}]{SELECTOR}?{tone}",
                rf"[{data['toned']}]{tone}",
                rf"[{data['selected']}]{SELECTOR}",
                *tagged,
                *flags,
            )
        )
    )


# ---------------------------------------------------------------- counting


def weighted_length(text: str, rule: Mapping[str, Any] | None = None) -> int:
    """Length as X counts it, by `[weighted]` or another configuration of the same shape."""
    rule = rule or network_data("x")["weighted"]
    if text.isascii() and "." not in text:
        return len(text)  # every configuration agrees here
    text = unicodedata.normalize("NFC", text)
    units = _units(text)
    skipped: dict[int, tuple[int, int]] = {}  # where → (units, weight)
    if rule["emoji"] and not text.isascii():
        places: Sequence[int] = list(_places(text)) if units is not text else range(len(text) + 1)
        for found in _emoji().finditer(text):
            start, end = places[found.start()], places[found.end()]
            skipped[start] = (end - start, rule["default_weight"])
    for span in _links(units):
        skipped[span.start] = (span.end - span.start, rule["url_length"] * rule["scale"])
    weight = place = 0
    for start in sorted(skipped):
        if start < place:
            continue  # inside of the one before
        weight += _plain(units[place:start], rule) + skipped[start][1]
        place = start + skipped[start][0]
    return int((weight + _plain(units[place:], rule)) // rule["scale"])


@cache
def _light(ranges: tuple[tuple[int, int], ...]) -> regex.Pattern[str]:
    """Characters that weigh less than the others."""
    return regex.compile(f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in ranges)}]")


def _plain(units: str, rule: Mapping[str, Any]) -> int:
    """Weight of what is neither link nor emoji; a character of two units weighs once."""
    ranges = tuple((low, high) for low, high in rule["light_ranges"])
    light, pairs = len(_light(ranges).findall(units)) if ranges else 0, len(PAIR.findall(units))
    return light * int(rule["light_weight"]) + (len(units) - light - pairs) * int(rule["default_weight"])
