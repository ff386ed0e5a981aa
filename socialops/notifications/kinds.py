"""The kinds of notification. Each app registers its own in AppConfig.ready, with the sentence people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` is a lazy sentence with %(name)s placeholders filled from the notification's params; `plural` replaces it when several were grouped
    (it also gets %(count)s).
    """

    key: str
    title: Promise | str
    label: Promise | str  # in the preferences
    by_mail: bool = False
    plural: Promise | str = ""

    def sentence(self, params: dict[str, Any], count: int) -> str:
        template = self.plural if count > 1 and self.plural else self.title
        return str(template) % {**params, "count": count}


_kinds: dict[str, Kind] = {}


def register_kind(
    key: str, *, title: Promise | str, label: Promise | str = "", by_mail: bool = False, plural: Promise | str = ""
) -> None:
    """Declare a kind; a key twice is a mistake."""
    if key in _kinds:
        raise ValueError(f"notification kind {key!r} is registered twice")
    _kinds[key] = Kind(key=key, title=title, label=label or title, by_mail=by_mail, plural=plural)


def kind_of(key: str) -> Kind:
    """KeyError for a kind nobody registered."""
    return _kinds[key]


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.key)
