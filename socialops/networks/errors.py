"""What can go wrong with a network, as classes: the publishing engine decides by class, never by message."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class ErrorKind(enum.StrEnum):
    """DESIGN section 6.4. Only RATE_LIMIT and OUTAGE are retried without a person."""

    AUTH = "auth"
    RATE_LIMIT = "rate_limit"
    VALIDATION = "validation"
    MEDIA = "media"
    POLICY = "policy"
    DUPLICATE = "duplicate"
    OUTAGE = "outage"
    UNKNOWN_OUTCOME = "unknown_outcome"
    INTERNAL = "internal"


class Code(enum.StrEnum):
    """Every `NetworkError.code` and `Problem.code` a connector gives; people's sentences are keyed by it.

    The comment names what `detail` holds. `field` is one of text, link, media, alt_text, subtitles, parts, first_comment, cover, format, options, base_url.
    """

    # auth
    TOKEN_MISSING = "token_missing"  # noqa: S105 -- the name of a cause, not a secret
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 -- as above
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 -- as above
    SCOPE_MISSING = "scope_missing"  # scope, where the network names it
    ROLE_LOST = "role_lost"  # the person no longer manages the page
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_NOT_FOUND = "account_not_found"
    NO_CHANNEL = "no_channel"  # the person has an account there, and nothing on it that publishes
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 -- as above
    SECOND_FACTOR_NEEDED = "second_factor_needed"  # an app password is asked for instead
    CONSENT_REFUSED = "consent_refused"
    STATE_MISMATCH = "state_mismatch"
    CODE_EXPIRED = "code_expired"
    ISSUER_MISMATCH = "issuer_mismatch"
    APP_REJECTED = "app_rejected"  # our client_id or secret is unknown there
    APP_NOT_CONFIGURED = "app_not_configured"  # setting: names of the missing environment variables
    APP_OUTDATED = "app_outdated"  # the network no longer serves the version of its API that we speak
    APP_NOT_APPROVED = "app_not_approved"  # message: the network has not (yet) reviewed our app for this
    SIGNATURE_WRONG = "signature_wrong"  # a webhook delivery that isn't the network's
    # rate_limit
    TOO_MANY_REQUESTS = "too_many_requests"
    QUOTA_SPENT = "quota_spent"  # bucket: what this account or our app may do in a window is done
    BUDGET_SPENT = "budget_spent"  # amount, budget, currency: our own ceiling
    CREDITS_SPENT = "credits_spent"  # the app's prepaid credits at the network
    # validation
    TEXT_EMPTY = "text_empty"  # field, files (how many there could be)
    TEXT_TOO_LONG = "text_too_long"  # field, length, limit, part (1-based, for field parts)
    TEXT_TOO_MANY_BYTES = "text_too_many_bytes"  # field, length, limit, part
    LINK_INVALID = "link_invalid"  # field, link
    TOO_FEW_MEDIA = "too_few_media"  # field, count, limit
    TOO_MANY_MEDIA = "too_many_media"  # field, count, limit
    ALT_TEXT_MISSING = "alt_text_missing"  # field, media (key)
    ALT_TEXT_TOO_LONG = "alt_text_too_long"  # field, media, length, limit
    NOT_SUPPORTED = "not_supported"  # field: this network can't do it
    PARENT_GONE = "parent_gone"  # the post to answer under is no longer there
    CONTENT_REFUSED = "content_refused"  # message: the network's own words
    ADDRESS_REFUSED = "address_refused"  # field base_url, host
    OPTION_MISSING = "option_missing"  # field options, option, length, limit (of the text that can't stand in for it)
    OPTION_INVALID = "option_invalid"  # field options, option, allowed; searched: it is looked up, and nothing that was found is chosen
    OPTION_TOO_LONG = "option_too_long"  # field options, option, length, limit, text (of one among several)
    OPTION_COUNT = "option_count"  # field options, option, count, smallest, largest
    OPTION_REPEATED = "option_repeated"  # field options, option, text
    QUOTE_ADDRESS = "quote_address"  # field options, option, example: no post's address on this network
    QUOTE_ACTIVITY = (
        "quote_activity"  # field options, option: LinkedIn's other name for a post, which its API does not take
    )
    QUOTE_ALONE = "quote_alone"  # field media, option: no files beside a quoted post
    QUOTE_NOT_FOUND = "quote_not_found"  # field options, option, address
    QUOTE_REFUSED = "quote_refused"  # field options, option, address: its author lets nobody, or not us, quote it
    QUOTE_PENDING = "quote_pending"  # option, address: published; its author is still to allow the quote
    OPTION_NOT_GRANTED = "option_not_granted"  # field options, option: the channel was connected without the permission
    OPTION_WITHOUT_FILES = "option_without_files"  # field options, option: it goes with a text alone
    OPTION_ADDRESS = "option_address"  # field options, option, example: no address of what is meant
    OPTION_EXCLUDES = "option_excludes"  # field options, option, other: two settings that exclude each other
    OPTION_REFUSED = "option_refused"  # field options, option, message: not for this account
    PERSON_UNKNOWN = "person_unknown"  # field options, option, names: nobody is called so there
    OPTION_WITHOUT_VIDEO = "option_without_video"  # field options, option: a video of the feed takes none
    AUDIENCE_TOO_SMALL = "audience_too_small"  # field options, limit: followers, that it must reach
    POLL_FIXED = "poll_fixed"  # a poll that is out and can't be corrected
    ARTICLE_FIXED = "article_fixed"  # an article that is out and can't be corrected by us
    ARTICLE_SUBSCRIBERS = "article_subscribers"  # field format: only accounts with a subscription may publish articles
    ARTICLE_CODE_TOO_LONG = "article_code_too_long"  # field text, length, limit: its code blocks and tables together
    PICTURE_UNKNOWN = "picture_unknown"  # field text, number (of a picture the text shows), count (of those there are)
    TOO_MANY_HASHTAGS = "too_many_hashtags"  # field, count, limit
    TOO_MANY_MENTIONS = "too_many_mentions"  # field, count, limit
    TOO_MANY_LINKS = "too_many_links"  # field, count, limit
    TOO_MANY_SPOILERS = "too_many_spoilers"  # field, count, limit, part
    TOO_MANY_CASHTAGS = "too_many_cashtags"  # field, count, limit, part
    CHARACTER_REFUSED = "character_refused"  # field, character
    REPLY_NOT_ALLOWED = "reply_not_allowed"  # the network lets nobody, or not us, answer there
    EDIT_SUBSCRIBERS = "edit_subscribers"  # only accounts with a subscription may edit
    EDIT_TOO_LATE = "edit_too_late"  # minutes: how long after it went out a post may be edited
    EDIT_CLOSED = "edit_closed"  # no edit is left, or none was ever possible
    TAGS_NEED_PICTURE = "tags_need_picture"  # field options, option: a carousel of videos alone tags nobody
    LANGUAGE_MISSING = "language_missing"  # field language, option: translations of a post that says no language
    TRANSLATION_LANGUAGE = "translation_language"  # option, language: none, twice, or the post's own
    TRANSLATION_TITLE = "translation_title"  # option, language, length, limit
    TRANSLATION_TEXT = "translation_text"  # option, language, length, limit
    PLAYLIST_GONE = "playlist_gone"  # playlist (its title), message: deleted since, or not this channel's
    PLAYLIST_FULL = "playlist_full"  # playlist (its title), message
    TRIAL_REFUSED = "trial_refused"  # message: the account may not try reels out
    # media
    MEDIA_MISSING = "media_missing"  # field media, kinds: what the network needs at least one of
    MEDIA_KIND = "media_kind"  # media, kind, allowed: this network or format takes no such file
    MEDIA_MIXED = "media_mixed"  # kinds that can't go into one post
    MEDIA_NOT_HOSTED = "media_not_hosted"  # media: no public address to fetch it from
    MEDIA_UNREACHABLE = "media_unreachable"  # message: the network could not fetch it from our address
    MEDIA_EXPIRED = "media_expired"  # what was uploaded is too old to publish
    IMAGE_UNREADABLE = "image_unreadable"  # media
    IMAGE_TYPE = "image_type"  # media, type, allowed
    IMAGE_TOO_LARGE = "image_too_large"  # media, size, limit (bytes)
    IMAGE_TOO_MANY_PIXELS = "image_too_many_pixels"  # media, width, height, limit
    IMAGE_RATIO = "image_ratio"  # media, ratio, smallest, largest (width / height)
    IMAGE_TOO_SMALL = "image_too_small"  # media, width, height, limit (pixels)
    VIDEO_UNREADABLE = "video_unreadable"  # media
    VIDEO_TYPE = "video_type"  # media, type, allowed
    VIDEO_CODEC = "video_codec"  # media, codec, allowed
    VIDEO_TOO_LARGE = "video_too_large"  # media, size, limit (bytes)
    VIDEO_TOO_LONG = "video_too_long"  # media, length, limit (seconds)
    VIDEO_TOO_SHORT = "video_too_short"  # media, length, limit (seconds)
    VIDEO_RATIO = "video_ratio"  # media, ratio, smallest, largest (width / height)
    VIDEO_RESOLUTION = "video_resolution"  # media, width, height, smallest, largest (pixels a side)
    VIDEO_FRAME_RATE = "video_frame_rate"  # media, rate, smallest, largest (frames a second)
    SUBTITLES_TOO_LARGE = "subtitles_too_large"  # field subtitles, media, language, size, limit (bytes)
    AUDIO_UNREADABLE = "audio_unreadable"  # media
    AUDIO_TYPE = "audio_type"  # media, type, allowed
    AUDIO_TOO_LARGE = "audio_too_large"  # media, size, limit (bytes)
    DOCUMENT_TYPE = "document_type"  # media, type, allowed
    DOCUMENT_TOO_LARGE = "document_too_large"  # media, size, limit (bytes)
    MEDIA_REFUSED = "media_refused"  # message
    SUBTITLES_LEFT_OUT = "subtitles_left_out"  # languages: tracks a network has no place for
    # policy, duplicate
    ACCOUNT_BLOCKED = "account_blocked"
    CONTENT_POLICY = "content_policy"  # message
    DUPLICATE_POST = "duplicate_post"
    # outage, unknown_outcome
    UNREACHABLE = "unreachable"  # host
    SERVER_ERROR = "server_error"  # status
    UNREADABLE_ANSWER = "unreadable_answer"
    MEDIA_PROCESSING = "media_processing"
    ANSWER_LOST = "answer_lost"
    # internal
    UNEXPECTED_ANSWER = "unexpected_answer"  # status


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What the network answered, redacted: no token, no cookie, body cut to 4,000 characters."""

    method: str
    url: str
    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class NetworkError(Exception):
    """A network refused, failed, or fell silent.

    `code` is a `Code`: the stable name of the cause under which the people-facing sentences in French and English
    are kept (`publishing.errors`); `detail` holds their values (limit, length, field).
    `until` is an aware datetime before which trying again is pointless. `raw` is safe to store and show.
    """

    kind: ErrorKind = ErrorKind.INTERNAL

    def __init__(
        self,
        code: Code,
        *,
        detail: dict[str, Any] | None = None,
        until: datetime | None = None,
        raw: RawAnswer | None = None,
    ) -> None:
        super().__init__(code)
        self.code: Code = code
        self.detail = detail or {}
        self.until = until
        self.raw = raw


class AuthError(NetworkError):
    """Token missing, expired beyond refresh, revoked, or lacking a scope: a person must reconnect."""

    kind = ErrorKind.AUTH


class RateLimitError(NetworkError):
    """Too many calls; `until` says when to come back (always set)."""

    kind = ErrorKind.RATE_LIMIT


class ValidationError(NetworkError):
    """The content breaks a rule of the network; `detail["field"]` names what to change."""

    kind = ErrorKind.VALIDATION


class MediaError(NetworkError):
    """A file the network can't take."""

    kind = ErrorKind.MEDIA


class PolicyError(NetworkError):
    """Refused for policy, spam or a blocked account: trying again makes it worse."""

    kind = ErrorKind.POLICY


class DuplicateError(NetworkError):
    """The network says the same content is already there."""

    kind = ErrorKind.DUPLICATE


class OutageError(NetworkError):
    """The network certainly did nothing (connection refused, DNS, 503 before acceptance, a failed read)."""

    kind = ErrorKind.OUTAGE


class UnknownOutcomeError(NetworkError):
    """A one-shot call was sent and its answer lost or unreadable: it may have happened. Never resent."""

    kind = ErrorKind.UNKNOWN_OUTCOME


class InternalError(NetworkError):
    """Our own fault: an answer that breaks the contract in a read, a missing setting."""

    kind = ErrorKind.INTERNAL
