"""Numbers and moments as a person reads them, in the language in use."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_timezone_name
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django.utils import timezone, translation

Number = int | float | Decimal
MISSING = "—"
# French writes "CET" where English does; Babel's short names fall back to "UTC+1" for zones without a common abbreviation.
_SKELETONS = {"fr": "EEE d MMM, HH:mm", "en": "EEE d MMM, HH:mm"}
_LONG = {"fr": "EEEE d MMMM y 'à' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_COMPACT_FROM = 100_000


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse({"en": "en-GB"}.get(language, language), sep="-")


def locale() -> Locale:
    """Babel's locale of the language in use; English is British: day before month, 24 hours."""
    return _locale(translation.get_language() or "fr")


def show_number(value: Number | None, *, unit: str = "", decimals: int = 0, exact: bool = False) -> str:
    """1 234, 12,5 %, 1,2 M; — when missing. With unit "%", 0.125 is 12.5 %. From 100,000 on, shortened unless `exact`."""
    if value is None:
        return MISSING
    spoken = locale()
    if isinstance(value, int) and (exact or abs(value) < _COMPACT_FROM) and unit != "%":
        # what "#,##0" gives; most numbers of a long table are such
        shown = f"{value:,}".replace("-", spoken.number_symbols["latn"]["minusSign"])
        shown = shown.replace(",", spoken.number_symbols["latn"]["group"])
        return f"{shown}\u00a0{unit}" if unit else shown
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    if unit == "%":
        # French sets a no-break space before the sign; English none
        return format_percent(value, format=pattern + ("\u00a0%" if spoken.language == "fr" else "%"), locale=spoken)
    if not exact and abs(Decimal(str(value))) >= _COMPACT_FROM:
        shown = format_compact_decimal(value, locale=spoken, fraction_digits=1)
    else:
        shown = format_decimal(value, format=pattern, locale=spoken)
    return f"{shown}\u00a0{unit}" if unit else shown


def show_money(value: Decimal | None, *, currency: str = "USD") -> str:
    """US$2.00, 2,00 $US; — when missing. Less than a cent keeps its digits, so that it never looks like nothing."""
    if value is None:
        return MISSING
    tiny = "¤#,##0.0000" if locale().language == "en" else "#,##0.0000\u00a0¤"
    pattern = tiny if 0 < value < Decimal("0.01") else None
    return format_currency(value, currency, format=pattern, locale=locale())


def show_price(value: Decimal) -> str:
    """US dollars of a single call: fractions of a cent are kept."""
    return format_currency(value, "USD", locale=locale(), decimal_quantization=False)


@lru_cache(maxsize=4096)
def show_day(day: date, spoken: Locale) -> str:
    """24 Nov. Remembered: a year's days are on many pages."""
    return format_date(day, "d MMM", locale=spoken)


def show_change(delta: Number) -> str:
    """A fraction as a signed percentage: +12 %, −3 %. A real minus sign, not a hyphen."""
    size = abs(Decimal(str(delta)))
    shown = show_number(size, unit="%", decimals=0 if size >= Decimal("0.1") else 1)
    sign = "+" if delta > 0 else "−" if delta < 0 else ""
    return sign + shown


def show_moment(moment: datetime, zone: tzinfo, *, style: str = "short") -> str:
    """A moment in that zone. Styles: short (Mon 24 Nov, 09:30 CET), long, date, time, relative. ValueError for another style."""
    spoken, local = locale(), moment.astimezone(zone)
    if style == "relative":
        return format_timedelta(local - timezone.now(), add_direction=True, locale=spoken)
    if style == "date":
        return format_date(local.date(), "d MMM y", locale=spoken)
    abbreviation = get_abbreviation(local)
    if style == "time":
        return f"{format_time(local.time(), 'HH:mm', locale=spoken)} {abbreviation}"
    patterns = {"short": _SKELETONS, "long": _LONG}.get(style)
    if patterns is None:
        raise ValueError(f"brand_time knows no style “{style}”: short, long, date, time or relative.")
    pattern = patterns.get(spoken.language, patterns["en"])
    if style == "short" and local.year != timezone.now().astimezone(zone).year:
        pattern = pattern.replace("MMM", "MMM y")
    return f"{format_datetime(local, pattern, locale=spoken, tzinfo=zone)} {abbreviation}"


def get_abbreviation(local: datetime) -> str:
    """CET, CEST, GMT…; UTC+4 where the zone has no abbreviation of its own."""
    name = local.tzname() or ""
    if name and name[0].isalpha():
        return name
    offset = local.utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"


def zone_of(brand: object) -> tzinfo:
    """The zone of a brand (its `time_zone`), of a zone name, or a zone itself."""
    if isinstance(brand, tzinfo):
        return brand
    name = brand if isinstance(brand, str) else getattr(brand, "time_zone", None)
    if not isinstance(name, str):
        raise TypeError(f"A time needs a brand or a zone to be shown in, not {brand!r}.")
    return ZoneInfo(name)


def describe_zone(moment: datetime, zone: tzinfo) -> str:
    """The zone in full, for a title: “Central European Standard Time”."""
    local = moment.astimezone(zone)
    return _zone_name(zone, local.dst() or timedelta(), str(locale()))


@lru_cache(maxsize=256)
def _zone_name(zone: tzinfo, dst: timedelta, language: str) -> str:
    return get_timezone_name(zone, zone_variant="daylight" if dst else "standard", locale=language)
