"""Languages by their names, for people who choose one."""

from __future__ import annotations

from collections.abc import Iterable

from babel.core import Locale, UnknownLocaleError

from socialops.ui.formats import locale

# BCP 47; names come from CLDR. What Europe speaks, then the largest elsewhere; where two ways of writing it differ for readers, both.
LANGUAGES = (
    *(
        "ar",
        "bg",
        "bn",
        "br",
        "ca",
        "co",
        "cs",
        "cy",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fil",
        "fr",
        "ga",
    ),
    *("gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "ko", "lb", "lt", "lv", "ms", "mt", "nb", "nl"),
    *("oc", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur"),
    *("vi", "zh-Hans", "zh-Hant"),
)


def language_name(code: str) -> str:
    """français, Brazilian Portuguese: in the language in use; the code itself where nobody names it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


def languages(first: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(code, name), the codes in `first` before the others, which go by name."""
    before = [code for code in dict.fromkeys(first) if code in LANGUAGES]
    others = sorted((code for code in LANGUAGES if code not in before), key=lambda code: language_name(code).casefold())
    return [(code, language_name(code)) for code in (*before, *others)]
