"""Sentences for what a network's own rules refuse, said to the person who is writing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from publishing.errors import sentence_for as published_sentence
from socialops.networks.errors import Code, ErrorKind
from socialops.ui.formats import show_number
from socialops.ui.languages import language_name
from socialops.ui.option_words import OPTIONS, choice_of, format_of, label_of


def sentence_for(code: str, field: str, detail: dict[str, Any]) -> str:  # noqa: C901, PLR0912 -- one flat table of sentences
    """What is wrong and what to do. `detail` as networks.errors.Code says."""
    limit, length, count = detail.get("limit"), detail.get("length"), detail.get("count")
    match code:
        case Code.TEXT_EMPTY if field == "parts":
            return _("Part %(part)s of the thread is empty: write it or remove it.") % {"part": detail.get("part", "")}
        case Code.TEXT_EMPTY if detail.get("files") == 0:
            return _("There is nothing to publish yet: write a text.")
        case Code.TEXT_EMPTY:
            return _("There is nothing to publish yet: write a text or add a file.")
        case Code.TEXT_TOO_LONG:
            over = int(length or 0) - int(limit or 0)
            what = {"first_comment": _("The first comment"), "parts": _("A part of the thread")}.get(
                field, _("The text")
            )
            return ngettext(
                "%(what)s is %(over)s character too long (%(limit)s at most).",
                "%(what)s is %(over)s characters too long (%(limit)s at most).",
                over,
            ) % {"what": what, "over": show_number(over, exact=True), "limit": show_number(limit, exact=True)}
        case Code.TEXT_TOO_MANY_BYTES:
            return _("The text is too heavy for this network: shorten it or use fewer emoji.")
        case Code.LINK_INVALID if "option" not in detail:
            return _("The link is not a web address: it must start with https://.")
        case Code.TOO_MANY_MEDIA:
            return ngettext(
                "This network takes %(limit)s file at most: remove some, or choose them for this channel.",
                "This network takes %(limit)s files at most: remove some, or choose them for this channel.",
                int(limit or 0),
            ) % {"limit": limit, "count": count}
        case Code.ALT_TEXT_MISSING:
            return _("An image has no description. Describe it for people who can't see it.")
        case Code.ALT_TEXT_TOO_LONG:
            return _("The description of an image is longer than %(limit)s characters.") % {
                "limit": show_number(limit, exact=True)
            }
        case Code.IMAGE_TYPE:
            return _("This network does not take this kind of image (%(type)s).") % {"type": detail.get("type", "")}
        case Code.IMAGE_TOO_LARGE | Code.IMAGE_TOO_MANY_PIXELS:
            return _("An image is too large for this network.")
        case Code.OPTION_INVALID if detail.get("searched"):
            sentence = _("“%(option)s” is only written: search, and choose one of those that are found, or empty it.")
            return sentence % {"option": label_of(str(detail["option"]))}
        case Code.OPTION_MISSING | Code.OPTION_INVALID | Code.OPTION_TOO_LONG | Code.LINK_INVALID:
            return _option_sentence(code, detail)
        case Code.OPTION_WITHOUT_FILES | Code.OPTION_WITHOUT_VIDEO | Code.OPTION_NOT_GRANTED:
            return _option_sentence(code, detail)
        case Code.OPTION_COUNT | Code.OPTION_REPEATED:
            return _lines_sentence(code, detail)
        case Code.QUOTE_ADDRESS | Code.QUOTE_ACTIVITY | Code.QUOTE_ALONE:
            return _quote_sentence(code, detail)
        case Code.MEDIA_MISSING | Code.MEDIA_KIND | Code.TOO_FEW_MEDIA:
            return _kinds_sentence(code, detail)
        case Code.SUBTITLES_TOO_LARGE:
            return _subtitles_sentence(detail)
        case Code.NOT_SUPPORTED:
            return _unsupported_sentence(field, detail)
    return published_sentence(ErrorKind.VALIDATION, code, detail)


def _subtitles_sentence(detail: dict[str, Any]) -> str:
    return _(
        "The subtitles in %(language)s are too long for this network: %(size)s bytes, it takes %(limit)s. Shorten them, or remove them."
    ) % {
        "language": language_name(str(detail.get("language", ""))),
        "size": show_number(detail.get("size"), exact=True),
        "limit": show_number(detail.get("limit"), exact=True),
    }


def _unsupported_sentence(field: str, detail: dict[str, Any]) -> str:
    if field == "format":
        return _("This channel can’t show it as “%(format)s”: choose another format.") % {
            "format": format_of(str(detail.get("format", "")))
        }
    sentences = {
        "media": _("In this format the channel takes no files: choose none for it, or another format."),
        "parts": _("In this format there is no thread: remove its further posts, or choose another format."),
        "first_comment": _("In this format there is no first comment: remove it, or choose another format."),
        "cover": _("This network takes no cover image here: leave the choice to it."),
        "subtitles": _("This network takes no subtitles: it goes out without them. Burn them into the picture."),
    }
    return sentences.get(field) or _("This network can't do that: remove it for this channel.")


def _option_sentence(code: str, detail: dict[str, Any]) -> str:
    name = str(detail.get("option", ""))
    what = {"option": label_of(name), **{key: detail.get(key, "") for key in ("length", "limit")}}
    if code == Code.OPTION_MISSING and "limit" in detail:
        return (
            _(
                "The text is too long to be the question: %(length)s characters, %(limit)s at most. Fill in “%(option)s”; the text then stands above the poll."
            )
            % what
        )
    if code == Code.OPTION_MISSING and "card" in detail:
        return _("Card %(card)s leads nowhere: fill in its line of “%(option)s”, or give the publication a link.") % {
            **what,
            "card": detail["card"],
        }
    if code == Code.LINK_INVALID:
        return _("“%(link)s” in “%(option)s” is not a web address: it must start with https://.") % {
            **what,
            "link": detail.get("link", ""),
        }
    plain = {
        Code.OPTION_NOT_GRANTED: _(
            "This channel was connected without the permission for “%(option)s”: reconnect it, or empty it."
        ),
        Code.OPTION_WITHOUT_VIDEO: _("“%(option)s” does not go with a video here: empty it, or choose another format."),
        Code.OPTION_WITHOUT_FILES: _(
            "“%(option)s” goes with a text alone: choose no file for this channel, or empty it."
        ),
    }
    if code in plain:
        return plain[Code(code)] % what
    if code == Code.OPTION_TOO_LONG and "text" in detail:
        return _("“%(text)s” is too long: %(length)s characters, this network takes %(limit)s in “%(option)s”.") % {
            **what,
            "text": detail["text"],
        }
    if code == Code.OPTION_MISSING:
        return _("“%(option)s” is missing: this network asks for it.") % what
    if code == Code.OPTION_TOO_LONG:
        return _("“%(option)s” is too long: %(length)s, this network takes %(limit)s.") % what
    allowed = [choice_of(name, choice) for choice in str(detail.get("allowed", "")).split(", ") if choice]
    if detail.get("allowed") and name in OPTIONS:
        return _("“%(option)s” has a value that this channel does not take. It takes: %(allowed)s.") % {
            **what,
            "allowed": ", ".join(allowed),
        }
    return _("“%(option)s” has a value that this channel does not take: change or empty it.") % what


def _lines_sentence(code: str, detail: dict[str, Any]) -> str:
    what = {**detail, "option": label_of(str(detail.get("option", "")))}
    if code == Code.OPTION_REPEATED:
        return _("“%(text)s” is there twice in “%(option)s”: change or remove one.") % what
    return (
        ngettext(
            "“%(option)s”: %(count)s is filled in, this network takes %(smallest)s to %(largest)s.",
            "“%(option)s”: %(count)s are filled in, this network takes %(smallest)s to %(largest)s.",
            int(detail.get("count", 0)),
        )
        % what
    )


def _quote_sentence(code: str, detail: dict[str, Any]) -> str:
    what = {"option": label_of(str(detail.get("option", ""))), "example": detail.get("example", "")}
    if code == Code.QUOTE_ACTIVITY:
        return (
            _(
                "“%(option)s”: LinkedIn does not take this kind of address (activity). In the post’s menu choose “Embed this post” and paste the address in that code: it has share or ugcPost in it."
            )
            % what
        )
    if code == Code.QUOTE_ALONE:
        return _("This network shows a quoted post without files: choose none for it, or empty “%(option)s”.") % what
    return _("“%(option)s”: paste the address of a post as the browser shows it, such as %(example)s.") % what


def _kinds_sentence(code: str, detail: dict[str, Any]) -> str:
    if code == Code.TOO_FEW_MEDIA:
        said = _("In this format the channel wants at least %(limit)s files: add some, or choose another format.")
        return said % {"limit": detail.get("limit", "")}
    kinds = {"image": _("images"), "video": _("videos"), "audio": _("audio files"), "document": _("documents")}
    listed = str(detail.get("allowed", detail.get("kinds", ""))).split(", ")
    allowed = ", ".join(kinds.get(kind, kind) for kind in listed if kind)
    if code == Code.MEDIA_MISSING:
        return _("This channel publishes nothing without a file here. It takes: %(allowed)s.") % {"allowed": allowed}
    return _("This channel does not take this kind of file here. It takes: %(allowed)s.") % {"allowed": allowed}
