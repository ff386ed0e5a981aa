"""Settings that only one network has, as they are stored: what says nothing is left out, so that the same choice is always the same content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from socialops.networks.options import filled_lines
from socialops.networks.ports import Format
from socialops.networks.registry import connector_for
from teams.models import Channel

MOST = 60  # settings of one post on one channel
LONGEST = 60_000  # characters of one setting; each network's own limit is checked later


def clean_options(channel: Channel, options: Mapping[str, Any]) -> dict[str, Any]:
    """Without empty values and without what is the network's usual choice anyway. ValidationError for what no network could mean; what this network doesn't know is kept,
    for the check to say so.
    """
    known = connector_for(channel.network).options(limits=channel.limits)
    usual = {option.name: option.default for option in known}
    per_file = {option.name for option in known if option.per_file}
    kept: dict[str, Any] = {}
    for name, given in options.items():
        value = _plain(name, given, per_file=name in per_file)
        nothing = value is None or value in ("", []) or (value is False and not usual.get(name))
        if not nothing and value != usual.get(name) and (name, value) != ("format", Format.POST):
            kept[name] = value
    if len(kept) > MOST:
        raise _refused(_("There are more settings than any network has."))
    return kept


def _plain(name: str, value: Any, *, per_file: bool) -> Any:
    if isinstance(value, str):
        value = value.replace("\x00", "").strip()
    elif isinstance(value, list | tuple) and all(isinstance(text, str) for text in value):
        value = filled_lines(value, per_file=per_file)
    elif value is not None and not isinstance(value, bool | int):
        raise _refused(_("This setting has a value that is none: %(name)s.") % {"name": name})
    if len(str(value)) > LONGEST or len(name) > 60:
        raise _refused(_("This setting is longer than anything a network takes: %(name)s.") % {"name": name[:60]})
    return value


def _refused(sentence: str) -> ValidationError:
    return ValidationError({"variants": ValidationError(sentence, code="options")})
