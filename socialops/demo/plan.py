"""The past eight weeks, decided before anything is written: what went out when, what became of it, and who answered."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from socialops.demo.cast import BRANDS
from socialops.demo.content import Piece, crowd, script
from socialops.sandbox.models import NETWORKS

ZONE: Final = ZoneInfo("Europe/Paris")
DAYS: Final = 55
_SLOTS: Final = {
    "fr": ((8, 12), (9, 40), (12, 8), (16, 35), (17, 50), (18, 42), (19, 20)),
    "en": ((10, 5), (11, 30), (16, 15)),
}
# Followers as the sandbox has them, and the share of them that likes an ordinary post.
FOLLOWERS: Final = {"maison-lumiere": 4820, "velo-citadin": 12650, "cafe-riviera": 2310}
_MORE_FOLLOWERS: Final = {name: 137 * order for order, name in enumerate(NETWORKS)}
_LIKING: Final = {
    "mastodon": 0.0042,
    "bluesky": 0.0051,
    "facebook": 0.0068,
    "instagram": 0.0112,
    "threads": 0.0047,
    "linkedin": 0.0064,
    "x": 0.0031,
    "tiktok": 0.0150,
    "youtube": 0.0072,
}
# How much more, or less, than a Facebook post one is seen; nothing is told of views elsewhere.
_SEEN: Final = {
    "facebook": 1.0,
    "instagram": 1.4,
    "threads": 0.8,
    "linkedin": 1.3,
    "x": 0.7,
    "tiktok": 3.2,
    "youtube": 1.1,
}
# On LinkedIn only the last week's can still be read; on the others that lack here nobody can be named.
_MENTIONING: Final = ("mastodon", "bluesky", "facebook", "instagram", "threads", "x")
_QUOTED_WITHIN: Final = dt.timedelta(days=6)  # what a search on X still finds


@dataclass(frozen=True, slots=True)
class Trouble:
    """What kept one delivery from going out, or with state published from going out at once: it did so `later`, at the second try.

    `code` "" is a delivery that nobody tried in time.
    """

    state: str
    kind: str = ""
    code: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    tries: int = 1
    later: dt.timedelta = dt.timedelta()


_OUTAGE: Final = Trouble("failed", "outage", "server_error", {"status": 503}, tries=5)
_THROTTLED: Final = Trouble("missed", "rate_limit", "too_many_requests", tries=2)
_POLICY: Final = Trouble(
    "failed", "policy", "content_policy", {"message": "Your post goes against our Community Standards on giveaways."}
)
_LATE: Final = Trouble("missed", tries=0)
_LOST: Final = Trouble("unconfirmed", "unknown_outcome", "answer_lost")
_OUTAGE_OVER: Final = Trouble("published", "outage", "server_error", {"status": 502}, later=dt.timedelta(seconds=55))
_RECONNECTED: Final = Trouble("published", "auth", "token_revoked", later=dt.timedelta(hours=2, minutes=12))
# (brand, place in its script) → network → what happened
TROUBLES: Final[dict[tuple[str, int], dict[str, Trouble]]] = {
    ("maison-lumiere", 8): {"facebook": _OUTAGE_OVER},
    ("maison-lumiere", 36): {"facebook": _POLICY},
    ("maison-lumiere", 37): {"mastodon": _LATE, "bluesky": _LATE, "facebook": _LATE},
    ("velo-citadin", 11): {"mastodon": _OUTAGE_OVER},
    ("velo-citadin", 43): {"mastodon": _THROTTLED},
    ("velo-citadin", 47): {"bluesky": _LATE},
    ("cafe-riviera", 23): {"facebook": _RECONNECTED},
    ("cafe-riviera", 40): {"facebook": _LOST},
    ("cafe-riviera", 44): {"mastodon": _OUTAGE},
}


@dataclass(slots=True)
class Said:
    """A comment under a delivery, or with no delivery a mention of a brand or a private message to it. `answer` is ours."""

    author: str
    text: str
    language: str
    at: dt.datetime
    answer: str = ""

    @property
    def answered_at(self) -> dt.datetime:
        return self.at + dt.timedelta(minutes=40 + len(self.text))


@dataclass(slots=True)
class Sent:
    """One delivery of the past, and from `external_id` on what the network said of it."""

    network: str
    at: dt.datetime
    trouble: Trouble | None  # of what never went out, or nobody knows whether it did
    earlier: Trouble | None = None  # of what went out at the second try
    likes: int = 0
    shares: int = 0
    views: int = 0
    clicks: int = 0
    comments: list[Said] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)  # under the network's own names
    external_id: str = ""
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)  # what we said under it → its id and address
    candidates: list[dict[str, Any]] = field(
        default_factory=list
    )  # of what is unconfirmed: what stands on the network, as reconciliation notes it

    @property
    def is_unconfirmed(self) -> bool:
        return self.trouble is _LOST


@dataclass(slots=True)
class Past:
    """One post of the past."""

    key: str
    brand: str
    piece: Piece
    at: dt.datetime
    sent: list[Sent]

    @property
    def out(self) -> list[Sent]:
        return [sent for sent in self.sent if sent.trouble is None]


@dataclass(slots=True)
class Plan:
    posts: list[Past]
    mentions: list[tuple[str, str, Said]]  # brand, network, what was said
    messages: list[tuple[str, str, Said]]


def make_plan(now: dt.datetime) -> Plan:
    """The same for the same day."""
    dice = random.Random("lumiere")  # noqa: S311 -- repeatable on purpose
    posts: list[Past] = []
    mentions: list[tuple[str, str, Said]] = []
    messages: list[tuple[str, str, Said]] = []
    for brand in BRANDS:
        mine = _posts(brand.slug, now, dice)
        _comment(brand.slug, mine, now, dice)
        posts += mine
        mentions += _mentions(brand.slug, now, dice)
        for message in script(brand.slug).private:
            at = _awake(now - dt.timedelta(hours=message.hours))
            messages.append((brand.slug, message.network, Said(message.author, message.text, "fr", at)))
    return Plan(posts, mentions, messages)


def slot(now: dt.datetime, day: int, language: str, dice: random.Random) -> dt.datetime:
    """A time of day when people read, `day` days from today."""
    hour, minute = dice.choice(_SLOTS[language])
    date = now.astimezone(ZONE).date() + dt.timedelta(days=day)
    return dt.datetime.combine(date, dt.time(hour, minute), ZONE) + dt.timedelta(minutes=dice.randrange(0, 12))


def followers(brand: str, network: str) -> int:
    return FOLLOWERS[brand] + _MORE_FOLLOWERS[network]


def _posts(brand: str, now: dt.datetime, dice: random.Random) -> list[Past]:
    pieces = script(brand).past
    posts = []
    last = max(place for place, piece in enumerate(pieces) if piece.day is None)
    for place, piece in enumerate(pieces):
        day = piece.day if piece.day is not None else round(-DAYS + (DAYS - 1) * place / last)
        at = slot(now, day, piece.language, dice)
        troubles = TROUBLES.get((brand, place), {})
        sent = [
            _sent(network, at + dt.timedelta(seconds=dice.uniform(0.6, 2.4)), troubles.get(network))
            for network in piece.networks
        ]
        for one in sent:
            _measure(brand, piece, one, now, dice)
        posts.append(Past(f"{brand}-{place:03}", brand, piece, at, sent))
    return posts


def _sent(network: str, at: dt.datetime, trouble: Trouble | None) -> Sent:
    if trouble is not None and trouble.state == "published":
        return Sent(network, at + trouble.later, None, earlier=trouble)
    return Sent(network, at, trouble)


def _measure(brand: str, piece: Piece, sent: Sent, now: dt.datetime, dice: random.Random) -> None:
    """Counters as they stand today: an image helps, a recall is read more than liked, and most comes within two days."""
    grown = growth((now - sent.at) / dt.timedelta(hours=1))
    taste = dice.lognormvariate(0, 0.5) * (1.35 if piece.image else 0.8) * grown
    audience = followers(brand, sent.network)
    likes = audience * _LIKING[sent.network] * taste * (0.5 if piece.kind else 1)
    sent.likes = min(380, round(likes))
    sent.shares = round(likes * dice.uniform(0.06, 0.16) * (3 if piece.kind else 1))
    if seen := _SEEN.get(sent.network):
        views = audience * seen * dice.uniform(0.16, 0.34) * taste * (4 if piece.kind else 1)
        sent.views = max(sent.likes * 6, round(views))
        sent.clicks = round(sent.views * dice.uniform(0.008, 0.025))


def growth(hours: float) -> float:
    """The share of its final counters that a post has after so many hours."""
    return 1 - 0.7 * 0.5 ** (hours / 5) - 0.3 * 0.5 ** (hours / 60) if hours > 0 else 0.0


def _comment(brand: str, posts: list[Past], now: dt.datetime, dice: random.Random) -> None:
    """Deal each line of the brand's voices to a post in its language, then some of everybody's."""
    voices = script(brand).voices
    ordinary = [post for post in posts if not post.piece.kind]
    for name, texts in voices.items():
        language = "en" if name.endswith("_en") else "fr"
        kind = "recall" if name.startswith("recall") else ""
        if not name.startswith("mentions"):
            _deal(texts, [p for p in posts if p.piece.kind == kind and p.piece.language == language], now, dice)
    for language, count in (("fr", 22), ("en", 5)):
        texts = dice.sample(crowd()["comments" if language == "fr" else "comments_en"], count)
        _deal(texts, [p for p in ordinary if p.piece.language == language], now, dice)
    for network, texts in script(brand).quotes.items():
        fresh = [
            sent for post in posts for sent in post.out if sent.network == network and now - sent.at < _QUOTED_WITHIN
        ]
        for text, sent in zip(texts, fresh[-1:] * len(texts), strict=True):
            sent.comments.append(_said(f"quote: {text}", "fr", max(sent.at, _awake(now - dt.timedelta(hours=5))), dice))
    answers = script(brand).answers
    for said in (said for post in posts for sent in post.out for said in sent.comments):
        said.answer = answers.get(said.text, "") if now - said.at > dt.timedelta(hours=3) else ""


def _deal(texts: list[str], posts: list[Past], now: dt.datetime, dice: random.Random) -> None:
    out = [(post, sent) for post in posts for sent in post.out]
    for text in texts if out else ():
        post, sent = dice.choice(out)
        at = min(sent.at + dt.timedelta(hours=dice.expovariate(1 / 7) + 0.1), now - dt.timedelta(minutes=4))
        sent.comments.append(_said(text, post.piece.language, max(_awake(at), sent.at + dt.timedelta(minutes=3)), dice))


def _mentions(brand: str, now: dt.datetime, dice: random.Random) -> list[tuple[str, str, Said]]:
    found = []
    places = [network for network in script(brand).networks if network in _MENTIONING]
    for name, texts in script(brand).voices.items():
        if name.startswith("mentions"):
            language = "en" if name.endswith("_en") else "fr"
            for text in texts:
                at = _awake(slot(now, -dice.randrange(1, 50), language, dice))
                found.append((brand, dice.choice(places), _said(text, language, at, dice)))
    return found


def _said(text: str, language: str, at: dt.datetime, dice: random.Random) -> Said:
    return Said(dice.choice(crowd()["authors" if language == "fr" else "authors_en"]), text, language, at)


def _awake(at: dt.datetime) -> dt.datetime:
    """Nobody writes between one and seven in the morning: they wrote the evening before."""
    local = at.astimezone(ZONE)
    return local - dt.timedelta(hours=7) if 1 <= local.hour < 7 else local
