"""Words that a network hides or stresses, as people see them here: `networks.marks` as HTML."""

from __future__ import annotations

import regex
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from socialops.networks.marks import pieces

_TAGS = {"bold": "strong", "italic": "em", "underline": "u", "strikethrough": "s", "highlight": "mark"}


def marked_html(text: str, marks: regex.Pattern[str]) -> SafeString:
    """Line breaks stay as they are."""
    return format_html_join("", "{}", ((_piece(piece.text, piece.styles),) for piece in pieces(text, marks)))


def _piece(text: str, styles: tuple[str, ...]) -> str | SafeString:
    shown: str | SafeString = text
    for style in styles:
        if style == "spoiler":
            shown = format_html(
                '<span class="spoiler"><span class="visually-hidden">{} </span>{}</span>', _("Hidden:"), shown
            )
        else:
            shown = format_html("<{0}>{1}</{0}>", _TAGS[style], shown)
    return shown
