"""What is published: files, their facts, the frozen content, and the settings only one network has."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from socialops.networks.errors import Code, InternalError


class MediaKind(enum.StrEnum):
    """What a file is, from its content type."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"  # sound by itself
    DOCUMENT = "document"  # PDF and office files, where a network shows them page by page

    @classmethod
    def of(cls, content_type: str) -> MediaKind:
        start = content_type.partition("/")[0]
        return cls(start) if start in (cls.IMAGE, cls.VIDEO, cls.AUDIO) else cls.DOCUMENT


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video is, as probed from its content. Codecs by FFmpeg's names; `audio_codec` "" without sound; `bit_rate` in bits a second, 0 unknown.

    `streamable`: the index stands before the frames ("moov first"), as networks that fetch a file want it.
    """

    duration: float  # seconds
    container: str  # mp4, mov, webm
    video_codec: str
    audio_codec: str
    frame_rate: float
    bit_rate: int
    streamable: bool


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What is said in a video, in one language: `language` by BCP 47, `webvtt` the whole text as `subtitles.read_subtitles` gives it."""

    language: str
    webvtt: str


@dataclass(frozen=True, slots=True)
class Media:
    """One file. `read` gives all bytes; `key` is stable across calls (used to name remote handles).

    `read_range` gives bytes [start, stop) without reading the whole file, where the store can; `host` makes this very file reachable for the network by a public,
    unguessable address for a day, and gives that address.
    """

    key: str
    content_type: str
    size: int  # bytes
    alt_text: str
    read: Callable[[], bytes]
    width: int | None = None
    height: int | None = None
    filename: str = "image"
    video: VideoFacts | None = None
    subtitles: tuple[Subtitles, ...] = ()
    read_range: Callable[[int, int], bytes] | None = None
    host: Callable[[Media], str] | None = None

    @property
    def kind(self) -> MediaKind:
        return MediaKind.of(self.content_type)

    def chunk(self, start: int, stop: int) -> bytes:
        """Bytes [start, stop)."""
        return self.read_range(start, stop) if self.read_range is not None else self.read()[start:stop]

    def public_url(self) -> str:
        """Where the network may fetch it. InternalError media_not_hosted for a file that nobody can host."""
        if self.host is None:
            raise InternalError(Code.MEDIA_NOT_HOSTED, detail={"media": self.key})
        return self.host(self)


class Format(enum.StrEnum):
    """How a network shows a post. POST is the feed, and a network's only form where it has no other."""

    POST = "post"
    REEL = "reel"
    STORY = "story"
    DRAFT = "draft"  # put into the network's own app, where a person finishes it
    POLL = "poll"  # the text asks, people choose among `poll_choices`
    ARTICLE = "article"  # the text is long, in Markdown, with headings, lists and links; `title` above it
    CAROUSEL = "carousel"  # pictures side by side, each with a link of its own
    LONG = "long"  # `long_text`, of thousands of characters, stands under the post's text
    GHOST = "ghost"  # nobody sees it any more after a day


class OptionKind(enum.StrEnum):
    """How an option is filled in."""

    CHOICE = "choice"  # one of `choices`
    CHOICES = "choices"  # any of `choices`, [] where it makes no difference
    FLAG = "flag"  # true or false
    TEXT = "text"
    TEXTS = "texts"  # several short texts
    TRANSLATIONS = "translations"  # a title and a text in other languages, a text for each (`networks.translations`)
    OWN = "own"  # several of `choices`, which are the account's own and come and go
    NUMBER = "number"  # a whole number, zero or more


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that only this network has, filled in for each post. `default` None: nothing is chosen for the person.

    `limit`: characters of a text, all texts together, or the largest number; 0 for none. `least` to `most` texts of `each` characters, all different, where people fill them in line by
    line or choose several; `most` 0 where they are counted together, `each` 0 where others count them. `per_file`: a line for each file, in order, so that lines may be empty or the same and there are no more than files; `least` of them are
    shown from the start. `formats`: where it applies, () everywhere. `needs`: kinds of media without which it makes no sense, () none. `names`: what the
    network itself calls its choices, by language (en, fr; "" in every language) and choice. `aside`: few posts need it, so it is folded away.
    """

    name: str
    kind: OptionKind
    choices: tuple[str, ...] = ()
    default: str | bool | int | None = None
    required: bool = False
    limit: int = 0
    least: int = 0
    most: int = 0
    each: int = 0
    per_file: bool = False
    formats: tuple[Format, ...] = ()
    needs: tuple[MediaKind, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a post can be said to be, as the network knows it: `where` is what tells it from its namesakes, "" when the network says nothing."""

    id: str
    name: str
    where: str = ""

    @property
    def option(self) -> str:
        """What the option `location` holds: the id is all that is sent, the rest is for people."""
        return f"{self.id} {', '.join(filter(None, (self.name, self.where)))}".strip()


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out on one channel, frozen.

    `parts` are the further posts of a thread, in order; `first_comment` is a comment under the post ("" for none).
    `idempotency_key` is a UUID string, stable for this delivery and content; `created_at` is frozen at first try, so that
    a repeated request is byte-identical where the network compares. `cover` is the still picture of a video.
    `options`: "format" (a `Format`, absent for POST) and what `Connector.options` lists for the network.
    """

    text: str
    idempotency_key: str
    created_at: datetime
    media: tuple[Media, ...] = ()
    link: str = ""
    parts: tuple[str, ...] = ()
    first_comment: str = ""
    language: str = ""  # BCP 47, "" when unknown
    cover: Media | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def format(self) -> Format:
        """ValueError for a name that is none: `check` says so before anything is sent."""
        return Format(self.options.get("format") or Format.POST)
