"""What only one network has, as fields of the composer. The names in the form: `format-<channel>`, `option-<channel>-<name>`, `cover-<channel>`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from socialops.networks.options import OFFERED, filled_lines, fits
from socialops.networks.ports import Format, Option, OptionKind
from socialops.networks.registry import connector_for
from socialops.networks.translations import UNDETERMINED, Translation, read_translations
from socialops.ui.languages import languages
from socialops.ui.option_words import PLACES, choice_in, format_of, help_of, label_of
from teams.models import Channel

LINE = 2000  # characters of a text that people still write into a field of one line
SHOWN_AT_ONCE = 8  # of several choices; more are folded away


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OptionField:
    """One setting. `value` is what was typed or stored, else the network's usual choice; `shown`: it has a meaning for this format and these files, of which there are `files`."""

    option: Option
    name: str
    value: Any
    shown: bool
    files: int = 0
    searched: bool = False  # the network is asked what there is
    opens: bool = False  # of what is folded away: one of it is filled in

    @property
    def kind(self) -> str:
        return str(self.option.kind)

    @property
    def label(self) -> str:
        return label_of(self.option.name)

    @property
    def help(self) -> str:
        if self.option.most and not self.option.per_file and self.option.kind == OptionKind.TEXTS:
            limits = {"least": self.option.least, "most": self.option.most, "each": self.option.each}
            return _("%(least)s to %(most)s, of %(each)s characters at most.") % limits
        return help_of(self.option.name)

    @property
    def text(self) -> str:
        """For a text field."""
        if isinstance(self.value, list | tuple):
            return ", ".join(map(str, self.value))
        return "" if self.value is None else str(self.value)

    @property
    def tall(self) -> bool:
        """Too long for one line."""
        return self.option.kind == OptionKind.TEXT and self.option.limit > LINE

    @property
    def lines(self) -> list[str]:
        """For texts that are filled in line by line: those there are, and the empty ones that must be filled, or that belong to a file."""
        texts = [str(text) for text in self.value or ()] if isinstance(self.value, list | tuple) else []
        files = min(self.files, self.option.most) if self.option.per_file else 0
        return [*texts, *[""] * (max(self.option.least, files) - len(texts))]

    @property
    def translations(self) -> list[tuple[Translation, list[Choice]]]:
        """What is filled in for each language, and the languages with its own chosen."""
        return [(one, _languages(one.language)) for one in read_translations(self.value)]

    @property
    def blank_translation(self) -> tuple[Translation, list[Choice]]:
        return Translation(""), _languages("")

    @property
    def choices(self) -> list[Choice]:
        """What there is; of the account's own things also those chosen that are there no more, so that they can be let go."""
        chosen = [str(c) for c in (self.value if isinstance(self.value, list | tuple) else (self.value,)) if c]
        gone = [c for c in chosen if c not in self.option.choices] if self.option.kind == OptionKind.OWN else []
        return [
            *(Choice(c, choice_in(self.option, c), c in chosen) for c in self.option.choices),
            *(Choice(c, _("%(choice)s (no longer there)") % {"choice": c}, chosen=True) for c in gone),
        ]

    @property
    def takes_several(self) -> bool:
        return self.option.kind in OFFERED

    @property
    def folds(self) -> bool:
        return len(self.choices) > SHOWN_AT_ONCE

    @property
    def chosen(self) -> int:
        """How many of several choices are."""
        return sum(choice.chosen for choice in self.choices)

    @property
    def fixed(self) -> str:
        """What it is where there is nothing to choose."""
        return self.choices[0].label if len(self.option.choices) == 1 else ""

    @property
    def open_choice(self) -> bool:
        """Nothing is chosen for the person: the first line of the list says so."""
        return self.option.default is None

    @property
    def optional(self) -> bool:
        """May be left empty; a choice that is made already can't."""
        return not self.option.required and (self.open_choice or self.option.kind != OptionKind.CHOICE)

    @property
    def formats(self) -> str:
        """Where it applies, for the browser."""
        return " ".join(self.option.formats)

    @property
    def needs(self) -> str:
        return " ".join(self.option.needs)

    @property
    def missing(self) -> bool:
        return self.shown and self.option.required and self.value in (None, "", [])


def _languages(chosen: str) -> list[Choice]:
    """With one that only the API can have said."""
    known = languages()
    more = [(chosen, chosen)] if chosen not in ("", UNDETERMINED, *(code for code, _name in known)) else []
    return [Choice(code, name, code == chosen) for code, name in [*more, *known]]


def options_for(channel: Channel) -> list[Option]:
    return list(connector_for(channel.network).options(limits=channel.limits))


def fields_for(
    channel: Channel, typed: Mapping[str, Any], kinds: AbstractSet[str], *, files: int = 0
) -> list[OptionField]:
    """Every setting the channel has, in the order people fill it in, those that few posts need last. `files`: how many it shows."""
    form = form_of(typed)
    found = [
        OptionField(
            option,
            f"option-{channel.pk}-{option.name}",
            typed.get(option.name, option.default),
            fits(option, form, kinds),
            files,
            searched=option.name in PLACES and connector_for(channel.network).finds_places,
        )
        for option in options_for(channel)
    ]
    found = [field for field in found if field.kind != OptionKind.OWN or field.choices]
    opens = any(field.option.aside and field.value not in (None, "", [], field.option.default) for field in found)
    return sorted((replace(field, opens=opens) for field in found), key=lambda field: field.option.aside)


def formats_for(channel: Channel, typed: Mapping[str, Any]) -> list[Choice]:
    """The ways the channel can show a post; empty where there is only one."""
    formats = connector_for(channel.network).formats
    return [Choice(str(f), format_of(f), f == form_of(typed)) for f in formats] if len(formats) > 1 else []


def formats_without(channel: Channel, left_out: Collection[str]) -> list[str]:
    return [str(form) for form in connector_for(channel.network).formats if form not in left_out]


def form_of(typed: Mapping[str, Any]) -> str:
    return str(typed.get("format") or Format.POST)


def typed_options(data: QueryDict, channel: Channel) -> dict[str, Any]:
    """What was typed, as it was typed; {} for a form that did not show the settings (then the usual choices stand)."""
    if f"options-{channel.pk}" not in data:
        return {}
    typed = {o.name: _typed(data, f"option-{channel.pk}-{o.name}", o) for o in options_for(channel)}
    return {**typed, "format": data.get(f"format-{channel.pk}", Format.POST)}


def _typed(data: QueryDict, name: str, option: Option) -> Any:
    if option.kind == OptionKind.FLAG:
        return name in data
    if option.kind in OFFERED:
        return data.getlist(name)
    if option.kind == OptionKind.TRANSLATIONS:
        typed = zip(data.getlist(name), data.getlist(f"{name}-title"), data.getlist(f"{name}-text"), strict=False)
        found = [Translation(*(text.replace("\r\n", "\n").strip() for text in one)) for one in typed]
        return [one.written for one in found if any((one.language, one.title, one.text))]
    if option.most:
        return filled_lines(data.getlist(name), per_file=option.per_file)
    value = data.get(name, "").replace("\r\n", "\n")
    if option.kind == OptionKind.TEXTS:
        return [text for part in value.split(",") if (text := part.strip())]
    if option.kind == OptionKind.NUMBER and value.strip().isdecimal() and len(value) < 19:
        return int(value)
    return value


def meant_options(channel: Channel, typed: Mapping[str, Any], kinds: AbstractSet[str]) -> dict[str, Any]:
    """What of it goes out: without what has no meaning for this format and these files, and without empty fields."""
    form = form_of(typed)
    meant = {o.name for o in options_for(channel) if fits(o, form, kinds)}
    kept = {name: value for name, value in typed.items() if name in meant and value not in (None, "", [])}
    return kept if form == Format.POST else {**kept, "format": form}
