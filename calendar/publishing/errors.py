"""What goes wrong, in people's words: for each cause a sentence and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from socialops.networks.errors import Code, ErrorKind
from socialops.ui.formats import show_number
from socialops.ui.languages import language_name
from socialops.ui.option_words import label_of


class DeliveryConflict(Exception):
    """What was asked can't be done to this delivery now; `str()` is a translated sentence that says what to do instead."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about it: a button. `url_name` takes the channel or the post, as `target` says; "retry" posts to the delivery itself."""

    label: str | Promise
    target: str  # channel, post, retry, none
    url_name: str = ""


RECONNECT = Fix(_("Reconnect the channel"), "channel", "teams:channel")
EDIT = Fix(_("Edit the post"), "post", "editorial:post")
RETRY = Fix(_("Try again"), "retry")
NOTHING = Fix("", "none")


_CAUSES: dict[str, tuple[str | Promise, Fix]] = {
    # auth
    Code.TOKEN_MISSING: (_("This channel is not connected."), RECONNECT),
    Code.TOKEN_EXPIRED: (_("Our access to this channel has expired."), RECONNECT),
    Code.TOKEN_REVOKED: (_("Our access to this channel was withdrawn on the network."), RECONNECT),
    Code.SCOPE_MISSING: (
        _("The network did not grant everything needed to publish: grant it when you reconnect."),
        RECONNECT,
    ),
    Code.ROLE_LOST: (
        _("Whoever connected this channel no longer manages the page: somebody who does must reconnect it."),
        RECONNECT,
    ),
    Code.ACCOUNT_DISABLED: (_("The network has disabled this account: settle that there, then reconnect."), RECONNECT),
    Code.ACCOUNT_NOT_FOUND: (_("The network no longer knows this account."), RECONNECT),
    Code.NO_CHANNEL: (
        _(
            "This account has no channel on the network: create one there, or choose another account when you reconnect."
        ),
        RECONNECT,
    ),
    Code.WRONG_PASSWORD: (_("The network refuses the password."), RECONNECT),
    Code.SECOND_FACTOR_NEEDED: (_("The network asks for a second factor: reconnect with an app password."), RECONNECT),
    Code.CONSENT_REFUSED: (_("Access was refused on the network’s consent screen."), RECONNECT),
    Code.STATE_MISMATCH: (_("The connection was started in another window: start again."), RECONNECT),
    Code.CODE_EXPIRED: (_("Connecting took too long: start again."), RECONNECT),
    Code.ISSUER_MISMATCH: (_("The answer came from another server than the one asked: start again."), RECONNECT),
    Code.APP_REJECTED: (
        _("The network does not accept this installation’s application: an administrator must check its settings."),
        RECONNECT,
    ),
    Code.APP_NOT_CONFIGURED: (
        _("This network is not set up on this installation: an administrator must do it."),
        RECONNECT,
    ),
    Code.APP_OUTDATED: (
        _("The network no longer serves the version of its interface that this installation uses: it must be updated."),
        RETRY,
    ),
    Code.APP_NOT_APPROVED: (
        _("The network has not approved this installation’s application for this. It says: “%(message)s”"),
        NOTHING,
    ),
    Code.SIGNATURE_WRONG: (_("A message that claimed to come from the network was not signed by it."), NOTHING),
    # rate limit
    Code.TOO_MANY_REQUESTS: (_("The network asks us to slow down: too many calls in a short time."), RETRY),
    Code.QUOTA_SPENT: (_("What the network allows in this period is used up: it goes on when the period ends."), RETRY),
    Code.BUDGET_SPENT: (
        _("The monthly budget for this network is reached: raise it in the settings, or cancel this one."),
        RETRY,
    ),
    Code.CREDITS_SPENT: (_("The credits paid to the network are used up: top them up there, then try again."), RETRY),
    # validation
    Code.TEXT_EMPTY: (_("The text is empty, and there is no image: write something."), EDIT),
    Code.TEXT_TOO_LONG: (_("The text is too long: %(length)s characters, the network takes %(limit)s."), EDIT),
    Code.TEXT_TOO_MANY_BYTES: (
        _("The text is too heavy: %(length)s bytes, the network takes %(limit)s. Emoji and accents weigh more."),
        EDIT,
    ),
    Code.LINK_INVALID: (_("The network does not accept the link: check its address."), EDIT),
    Code.TOO_FEW_MEDIA: (_("Too few files: %(count)s, the network wants at least %(limit)s."), EDIT),
    Code.TOO_MANY_MEDIA: (_("Too many images: %(count)s, the network takes %(limit)s."), EDIT),
    Code.ALT_TEXT_MISSING: (_("An image has no alternative text: describe it."), EDIT),
    Code.ALT_TEXT_TOO_LONG: (
        _("An alternative text is too long: %(length)s characters, the network takes %(limit)s."),
        EDIT,
    ),
    Code.NOT_SUPPORTED: (_("This network can’t publish that kind of content."), EDIT),
    Code.PARENT_GONE: (_("The post to answer under is no longer there."), NOTHING),
    Code.CONTENT_REFUSED: (_("The network refuses this content. It says: “%(message)s”"), EDIT),
    Code.ADDRESS_REFUSED: (_("The server’s address is not allowed: %(host)s."), RECONNECT),
    Code.OPTION_MISSING: (_("The network asks for a setting that is not chosen: %(option)s."), EDIT),
    Code.OPTION_INVALID: (_("A setting has a value that this network or account does not take: %(option)s."), EDIT),
    Code.OPTION_TOO_LONG: (_("A setting is too long: %(option)s, %(length)s, the network takes %(limit)s."), EDIT),
    Code.OPTION_COUNT: (_("“%(option)s”: %(count)s, the network takes %(smallest)s to %(largest)s."), EDIT),
    Code.OPTION_REPEATED: (_("“%(text)s” is there twice in “%(option)s”: change or remove one."), EDIT),
    Code.QUOTE_ADDRESS: (
        _(
            "“%(option)s” is no address of a post on this network: paste it as the browser shows it, such as %(example)s."
        ),
        EDIT,
    ),
    Code.QUOTE_ACTIVITY: (
        _(
            "“%(option)s”: LinkedIn does not take this kind of address. In the post’s menu choose “Embed this post” and paste the address in that code."
        ),
        EDIT,
    ),
    Code.QUOTE_ALONE: (_("The network shows a quoted post without files: remove the files or the quote."), EDIT),
    Code.QUOTE_NOT_FOUND: (
        _(
            "The network shows us no post to quote at %(address)s: it is gone, not public, or not in our reach. Check the address, or quote nothing."
        ),
        EDIT,
    ),
    Code.QUOTE_REFUSED: (
        _("The network does not let us quote %(address)s: its author may forbid it, or it is not public."),
        EDIT,
    ),
    Code.QUOTE_PENDING: (
        _(
            "Whoever wrote %(address)s is asked whether it may be quoted. It shows as soon as they, or their server, agree."
        ),
        NOTHING,
    ),
    Code.OPTION_NOT_GRANTED: (_("This channel was connected without the permission for “%(option)s”."), RECONNECT),
    Code.OPTION_WITHOUT_FILES: (_("“%(option)s” goes with a text alone, and the post has files."), EDIT),
    Code.OPTION_WITHOUT_VIDEO: (_("“%(option)s” does not go with a video, and the post has one."), EDIT),
    Code.AUDIENCE_TOO_SMALL: (
        _("Too few of your followers are left: the network wants %(limit)s at least. Widen whom it is for."),
        EDIT,
    ),
    Code.OPTION_ADDRESS: (_("“%(option)s”: paste the address as the browser shows it, such as %(example)s."), EDIT),
    Code.OPTION_EXCLUDES: (_("“%(option)s” and “%(other)s” exclude each other: keep one of them."), EDIT),
    Code.OPTION_REFUSED: (
        _("The network does not let this account use “%(option)s”. It says: “%(message)s”"),
        EDIT,
    ),
    Code.PERSON_UNKNOWN: (
        _("“%(option)s”: the network knows nobody called %(names)s. Correct or remove them."),
        EDIT,
    ),
    Code.POLL_FIXED: (
        _(
            "The network does not let this poll be corrected: its question stays as it is, and one that has ended would start again."
        ),
        NOTHING,
    ),
    Code.ARTICLE_FIXED: (
        _("Only the network’s own editor changes an article: correct it there, or take it down and publish it anew."),
        NOTHING,
    ),
    Code.ARTICLE_SUBSCRIBERS: (
        _(
            "The network lets only accounts with a subscription publish articles: choose another format, or subscribe there."
        ),
        EDIT,
    ),
    Code.ARTICLE_CODE_TOO_LONG: (
        _("Code blocks and tables are too long together: %(length)s characters, the network takes %(limit)s."),
        EDIT,
    ),
    Code.PICTURE_UNKNOWN: (
        _(
            "The text shows picture %(number)s, and there are %(count)s: change the number in ![](%(number)s), or add the picture."
        ),
        EDIT,
    ),
    Code.TOO_MANY_HASHTAGS: (_("Too many hashtags: %(count)s, the network takes %(limit)s."), EDIT),
    Code.TOO_MANY_MENTIONS: (_("Too many mentions: %(count)s, the network takes %(limit)s."), EDIT),
    Code.TOO_MANY_LINKS: (_("Too many links: %(count)s, the network takes %(limit)s."), EDIT),
    Code.TOO_MANY_SPOILERS: (
        _("Too many hidden places (||…||): %(count)s, the network takes %(limit)s."),
        EDIT,
    ),
    Code.TOO_MANY_CASHTAGS: (
        _("Too many cashtags ($TICKER): %(count)s, the network takes %(limit)s. Write the others without the $."),
        EDIT,
    ),
    Code.CHARACTER_REFUSED: (_("The network does not take this character: %(character)s"), EDIT),
    Code.REPLY_NOT_ALLOWED: (_("The network does not let us answer there."), NOTHING),
    Code.EDIT_SUBSCRIBERS: (
        _(
            "The network lets only accounts with a subscription correct what is live. Take it down and publish it anew, or leave it."
        ),
        NOTHING,
    ),
    Code.EDIT_TOO_LATE: (
        _(
            "The network lets a publication be corrected for %(minutes)s minutes only, and they are over. Take it down and publish it anew, or leave it."
        ),
        NOTHING,
    ),
    Code.EDIT_CLOSED: (
        _("The network does not let this publication be corrected, or not any more. Take it down, or leave it."),
        NOTHING,
    ),
    Code.TAGS_NEED_PICTURE: (
        _("People can’t be tagged in the videos of a carousel: add a picture, or tag nobody."),
        EDIT,
    ),
    Code.LANGUAGE_MISSING: (
        _("“%(option)s”: first say which language the publication itself is in."),
        EDIT,
    ),
    Code.TRANSLATION_LANGUAGE: (
        _("“%(option)s”: choose a language for each, no two alike, and not that of the publication itself."),
        EDIT,
    ),
    Code.TRANSLATION_TITLE: (
        _("“%(option)s”: the title in %(language)s has %(length)s characters; the network takes 1 to %(limit)s."),
        EDIT,
    ),
    Code.TRANSLATION_TEXT: (
        _("“%(option)s”: the description in %(language)s is too long: %(length)s, the network takes %(limit)s."),
        EDIT,
    ),
    Code.PLAYLIST_GONE: (_("The playlist is no longer there, or is not this channel’s."), NOTHING),
    Code.PLAYLIST_FULL: (_("The playlist holds as many videos as the network allows."), NOTHING),
    Code.TRIAL_REFUSED: (
        _(
            "The network offers this account no trial reels: choose “No” for the trial, or ask for it in the network’s app."
        ),
        EDIT,
    ),
    # media
    Code.MEDIA_MISSING: (_("This network publishes nothing without an image or a video: add one."), EDIT),
    Code.MEDIA_KIND: (_("This network does not take this kind of file here: remove it for this channel."), EDIT),
    Code.MEDIA_MIXED: (_("This network does not take files of different kinds in one post: choose one kind."), EDIT),
    Code.MEDIA_NOT_HOSTED: (
        _(
            "The network fetches files from a public address, and this installation has none: an administrator must set it."
        ),
        NOTHING,
    ),
    Code.MEDIA_UNREACHABLE: (_("The network could not fetch a file from this installation’s address."), RETRY),
    Code.MEDIA_EXPIRED: (_("What was uploaded has expired on the network: it is uploaded again."), RETRY),
    Code.IMAGE_RATIO: (
        _(
            "An image is too tall or too wide: %(ratio)s, the network takes %(smallest)s to %(largest)s (width by height). Crop it."
        ),
        EDIT,
    ),
    Code.IMAGE_TOO_SMALL: (_("An image is too small: %(width)s × %(height)s pixels, at least %(limit)s wide."), EDIT),
    Code.VIDEO_UNREADABLE: (_("A video can’t be read: export it again as MP4."), EDIT),
    Code.VIDEO_TYPE: (_("A video has a type that the network does not take: %(type)s. Export it as MP4."), EDIT),
    Code.VIDEO_CODEC: (
        _("A video has a codec that the network does not take: %(codec)s. Export it as H.264 with AAC sound."),
        EDIT,
    ),
    Code.VIDEO_TOO_LARGE: (_("A video is too heavy for the network: export it smaller."), EDIT),
    Code.VIDEO_TOO_LONG: (_("A video is too long: %(length)s s, the network takes %(limit)s s. Cut it."), EDIT),
    Code.VIDEO_TOO_SHORT: (_("A video is too short: %(length)s s, the network wants at least %(limit)s s."), EDIT),
    Code.VIDEO_RATIO: (
        _(
            "A video is too tall or too wide: %(ratio)s, the network takes %(smallest)s to %(largest)s (width by height)."
        ),
        EDIT,
    ),
    Code.VIDEO_RESOLUTION: (
        _("A video has %(width)s × %(height)s pixels, the network takes %(smallest)s to %(largest)s a side."),
        EDIT,
    ),
    Code.VIDEO_FRAME_RATE: (
        _("A video has %(rate)s frames a second, the network takes %(smallest)s to %(largest)s."),
        EDIT,
    ),
    Code.SUBTITLES_TOO_LARGE: (
        _(
            "The subtitles of a video are too long (%(language)s): %(size)s bytes, the network takes %(limit)s. Shorten them."
        ),
        EDIT,
    ),
    Code.AUDIO_UNREADABLE: (_("An audio file can’t be read: export it again as MP3."), EDIT),
    Code.AUDIO_TYPE: (_("An audio file has a type that the network does not take: %(type)s. Export it as MP3."), EDIT),
    Code.AUDIO_TOO_LARGE: (_("An audio file is too heavy for the network: export it smaller."), EDIT),
    Code.DOCUMENT_TYPE: (_("A document has a type that the network does not take: %(type)s."), EDIT),
    Code.DOCUMENT_TOO_LARGE: (_("A document is too heavy for the network: make it smaller."), EDIT),
    Code.IMAGE_UNREADABLE: (_("An image can’t be read: replace the file."), EDIT),
    Code.IMAGE_TYPE: (_("An image has a type that the network does not take: %(type)s."), EDIT),
    Code.IMAGE_TOO_LARGE: (_("An image is too heavy for the network: make it smaller."), EDIT),
    Code.IMAGE_TOO_MANY_PIXELS: (_("An image is too large: %(width)s × %(height)s pixels."), EDIT),
    Code.MEDIA_REFUSED: (_("The network refuses a file. It says: “%(message)s”"), EDIT),
    Code.SUBTITLES_LEFT_OUT: (_("The network does not take the subtitles in: %(languages)s."), EDIT),
    # policy, duplicate
    Code.ACCOUNT_BLOCKED: (
        _("The network has restricted this account: sort it out there before you try again."),
        RECONNECT,
    ),
    Code.CONTENT_POLICY: (_("The network refuses this content under its rules. It says: “%(message)s”"), EDIT),
    Code.DUPLICATE_POST: (
        _("The network says that the same post is already there: change the text, or cancel this one."),
        EDIT,
    ),
    # outage, unknown outcome
    Code.UNREACHABLE: (_("The network could not be reached."), RETRY),
    Code.SERVER_ERROR: (_("The network had a failure of its own."), RETRY),
    Code.UNREADABLE_ANSWER: (_("The network’s answer could not be read."), RETRY),
    Code.MEDIA_PROCESSING: (_("The network did not finish processing a file in time."), RETRY),
    Code.ANSWER_LOST: (_("The network’s answer was lost on its way: the post may be live."), NOTHING),
    # internal
    Code.UNEXPECTED_ANSWER: (
        _("The network answered in a way we do not know. The details below help your administrator."),
        RETRY,
    ),
}

_KINDS: dict[str, tuple[str | Promise, Fix]] = {
    ErrorKind.AUTH: (_("Our access to this channel no longer works."), RECONNECT),
    ErrorKind.RATE_LIMIT: (_("The network asks us to slow down."), RETRY),
    ErrorKind.VALIDATION: (_("The network refuses this content."), EDIT),
    ErrorKind.MEDIA: (_("The network refuses a file."), EDIT),
    ErrorKind.POLICY: (_("The network refuses this under its rules."), EDIT),
    ErrorKind.DUPLICATE: (_("The network says that the same post is already there."), EDIT),
    ErrorKind.OUTAGE: (_("The network could not take the post."), RETRY),
    ErrorKind.UNKNOWN_OUTCOME: (_("We could not learn whether the post is live."), NOTHING),
    ErrorKind.INTERNAL: (_("Something went wrong on our side. The details below help your administrator."), RETRY),
}


def sentence_for(kind: str, code: str, detail: Mapping[str, Any]) -> str:
    """The cause in the active language; by kind when the code is unknown or a value of its sentence is missing."""
    if "option" in detail:
        detail = {**detail, "option": label_of(str(detail["option"]))}
    if "other" in detail:
        detail = {**detail, "other": label_of(str(detail["other"]))}
    if "language" in detail:
        detail = {**detail, "language": language_name(str(detail["language"]))}
    if "languages" in detail:
        detail = {**detail, "languages": ", ".join(map(language_name, detail["languages"]))}
    detail = {name: show_number(value, exact=True) if type(value) is int else value for name, value in detail.items()}
    for template, _fix in filter(None, (_CAUSES.get(code), _KINDS.get(kind))):
        try:
            return str(template) % detail
        except KeyError:
            continue
    return str(_KINDS[ErrorKind.INTERNAL][0])


def fix_for(kind: str, code: str) -> Fix:
    """What a person can do about it."""
    found = _CAUSES.get(code) or _KINDS.get(kind)
    return found[1] if found is not None else RETRY
