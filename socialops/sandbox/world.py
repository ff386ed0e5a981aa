"""The whole state of the sandbox, and what may happen in it."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from socialops.sandbox.models import (
    PORT_OFFSETS,
    Account,
    App,
    Media,
    Notice,
    Post,
    Record,
    Setting,
    Subscription,
    Token,
    Write,
)
from socialops.sandbox.storage import Collection, Disk

LOG_SIZE: Final = 200_000


@dataclass(slots=True)
class Parcel:
    """One webhook delivery on its way."""

    network: str
    url: str
    body: bytes
    headers: dict[str, str]
    tries: int = 0
    not_before: float = 0.0


def iso(moment: float) -> str:
    """RFC 3339 in UTC with milliseconds, as every network can read it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class World:
    """Every account, post, token and log line. One event loop owns it, so nothing here locks."""

    def __init__(self, *, port: int, folder: Path | None, limits: bool = True, pace: float = 1.0) -> None:
        self.port = port
        self.limits = limits
        self.pace = pace
        self.disk = Disk(folder)
        self.accounts = Collection("accounts", Account)
        self.posts = Collection("posts", Post)
        self.media = Collection("media", Media)
        self.tokens = Collection("tokens", Token)
        self.apps = Collection("apps", App)
        self.notices = Collection("notices", Notice)
        self.records = Collection("records", Record)
        self.settings = Collection("settings", Setting)
        self.subscriptions = Collection("subscriptions", Subscription)
        self.outbox: deque[Parcel] = deque(maxlen=LOG_SIZE)
        self.log: deque[Write] = deque(maxlen=LOG_SIZE)
        self.files: dict[
            str, tuple[str, bytes]
        ] = {}  # (content type, bytes) of what tests put up for the networks to fetch
        self.windows: dict[tuple[str, str], tuple[float, int]] = {}
        self._replies: dict[str, list[str]] = {}
        self._by_account: dict[str, list[str]] = {}
        self._notices: dict[str, list[str]] = {}
        self._handles: dict[tuple[str, str], str] = {}
        self._seen: dict[str, float] = {}
        self._last_id = 0
        self._past = 0.0
        self._taken: set[str] = set()  # ids given to the past
        for name, key, body in self.disk.read():
            self._collections[name].load(key, body)
        for account in self.accounts:
            self._handles[account.network, account.handle.lower()] = account.id
        self.put_in_order()

    def put_in_order(self) -> None:
        """Posts and notices by time, whatever the order they came in."""
        for index in (self._by_account, self._replies, self._notices):
            index.clear()
        for collection in (self.posts, self.notices):
            collection.sort(lambda item: item.created_at)
        for post in self.posts:
            self._index(post)
        for notice in self.notices:
            self._notices.setdefault(notice.account_id, []).append(notice.id)

    def after(self, seconds: float) -> float:
        """When something that takes so long is done, at this sandbox's pace."""
        return time.time() + seconds * self.pace

    def now(self) -> float:
        """Epoch seconds; inside `at`, that moment."""
        return self._past or time.time()

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        """What is done inside happened then. Call `put_in_order` when all of it is done."""
        self._past = moment
        try:
            yield
        finally:
            self._past = 0.0

    @property
    def _collections(self) -> dict[str, Collection[Any]]:
        kinds: tuple[Collection[Any], ...] = (
            self.accounts,
            self.posts,
            self.media,
            self.tokens,
            self.apps,
            self.notices,
            self.records,
            self.settings,
            self.subscriptions,
        )
        return {collection.name: collection for collection in kinds}

    @property
    def home_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def base_url(self, network: str) -> str:
        return f"http://127.0.0.1:{self.port + PORT_OFFSETS[network]}"

    def next_id(self) -> str:
        """A time-sortable numeric id, as Mastodon's snowflakes: milliseconds, then 16 bits that keep it unique."""
        if self._past:
            number = int(self._past * 1000) << 16
            while str(number) in self._taken:
                number += 1
            self._taken.add(str(number))
            return str(number)
        self._last_id = max(self._last_id + 1, int(time.time() * 1000) << 16)
        return str(self._last_id)

    # ---------------------------------------------------------------- accounts and tokens

    def add_account(self, account: Account) -> Account:
        self._handles[account.network, account.handle.lower()] = account.id
        return self.accounts.put(account)

    def find_account(self, network: str, name: str) -> Account | None:
        """By id, or by handle without regard to case."""
        account = self.accounts.get(name)
        if account is not None and account.network == network:
            return account
        return self.accounts.get(self._handles.get((network, name.lower()), ""))

    def brands(self, network: str) -> list[Account]:
        return [a for a in self.accounts if a.network == network and a.role == "brand"]

    def issue(
        self,
        network: str,
        kind: str,
        account_id: str,
        *,
        value: str = "",
        lifetime: float = 0.0,
        client_id: str = "",
        scopes: list[str] | None = None,
        **facts: Any,
    ) -> Token:
        """A new token; `lifetime` in seconds, 0 for ever."""
        now = time.time()
        expires_at = now + lifetime if lifetime else 0.0
        token = Token(
            value or secrets.token_urlsafe(32),
            network,
            kind,
            account_id,
            now,
            expires_at,
            client_id,
            scopes or [],
            facts,
        )
        return self.tokens.put(token)

    def read_token(self, value: str, network: str, *kinds: str) -> Token | None:
        """The token, expired or not, if it is of one of these kinds."""
        token = self.tokens.get(value)
        return token if token is not None and token.network == network and token.kind in kinds else None

    def take_token(self, value: str, network: str, kind: str) -> Token | None:
        """A single-use token: gone after this call; None where it is unknown or too old."""
        token = self.read_token(value, network, kind)
        if token is None:
            return None
        self.tokens.remove(value)
        return None if token.expires_at and token.expires_at < time.time() else token

    def setting(self, name: str, default: str) -> str:
        found = self.settings.get(name)
        return (found or self.settings.put(Setting(name, default))).value

    # ---------------------------------------------------------------- posts

    def _index(self, post: Post) -> None:
        self._by_account.setdefault(post.account_id, []).append(post.id)
        if post.reply_to:
            self._replies.setdefault(post.reply_to, []).append(post.id)

    def add_post(self, post: Post) -> Post:
        self._index(post)
        return self.posts.put(post)

    def remove_post(self, post: Post) -> None:
        self.posts.remove(post.id)
        self._by_account[post.account_id].remove(post.id)
        if post.reply_to:
            self._replies[post.reply_to].remove(post.id)

    def replies(self, post_id: str) -> list[Post]:
        """Direct replies, oldest first."""
        return [self.posts.objects[key] for key in self._replies.get(post_id, ())]

    def posts_of(self, account_id: str) -> list[Post]:
        """Posts and replies of an account, newest first."""
        return [self.posts.objects[key] for key in reversed(self._by_account.get(account_id, ()))]

    def post_count(self, account_id: str) -> int:
        return len(self._by_account.get(account_id, ()))

    def newest_post(self, account_id: str) -> Post | None:
        keys = self._by_account.get(account_id)
        return self.posts.objects[keys[-1]] if keys else None

    def timeline(self, network: str) -> list[Post]:
        """Live top-level posts of a network, newest first."""
        return [p for p in reversed(self.posts.objects.values()) if p.network == network and not p.reply_to and p.live]

    # ---------------------------------------------------------------- notifications

    def notify(self, recipient: str, kind: str, sender: str, post_id: str) -> None:
        """Tell a brand's account that something happened; nobody is told of their own deeds."""
        account = self.accounts.get(recipient)
        if account is None or recipient == sender or account.role == "crowd":
            return
        notice = Notice(self.next_id(), account.network, recipient, kind, sender, post_id, self.now())
        self.notices.put(notice)
        self._notices.setdefault(recipient, []).append(notice.id)

    def notices_of(self, account_id: str) -> list[Notice]:
        """Newest first; those about a deleted post are left out, as the networks do."""
        found = (self.notices.objects[key] for key in reversed(self._notices.get(account_id, ())))
        return [n for n in found if not n.post_id or n.post_id in self.posts]

    # ---------------------------------------------------------------- webhooks

    def subscribers(self, network: str, event: str, account_id: str) -> list[Subscription]:
        """Who is to be told of this event of this account."""
        return [
            s
            for s in self.subscriptions
            if s.network == network and event in s.events and s.account_id in {"", account_id}
        ]

    def send(self, network: str, url: str, body: bytes, headers: dict[str, str]) -> None:
        """Post a webhook delivery soon; `headers` carry the network's signature over exactly these bytes."""
        self.outbox.append(Parcel(network, url, body, {"Content-Type": "application/json", **headers}))

    # ---------------------------------------------------------------- log, limits, persistence

    def accept(self, network: str, method: str, path: str, account: str, text: str, object_id: str) -> None:
        """Log one accepted write."""
        self.log.append(
            Write(str(len(self.log) + 1), network, method, path, account, iso(time.time()), text, object_id)
        )

    def spend(self, bucket: str, who: str, *, limit: int, window: float, cost: int = 1) -> tuple[int, float]:
        """Count `cost` in a fixed window. → (what remains, negative when over the limit; epoch second of the reset)."""
        now = time.time()
        start, used = self.windows.get((bucket, who), (now, 0))
        if now - start >= window:
            start, used = now, 0
        used += cost
        if limit - used < 0:
            if self.limits:
                return -1, start + window
            used = 0
        self.windows[bucket, who] = (start, used)
        return limit - used, start + window

    def first_time(self, name: str, seconds: float) -> bool:
        """Whether this name wasn't seen in the last `seconds`; it is from now on."""
        now = time.time()
        while self._seen and (oldest := next(iter(self._seen))) and self._seen[oldest] < now:
            del self._seen[oldest]
        return self._seen.setdefault(name, now + seconds) == now + seconds

    def reset(self) -> None:
        """Forget everything but the keys; the caller seeds again."""
        for collection in self._collections.values():
            collection.clear()
        for index in (self._replies, self._by_account, self._notices, self._handles, self.windows, self.files):
            index.clear()
        self.log.clear()
        self.outbox.clear()
        self.disk.clear_bytes()

    async def save(self) -> None:
        await self.disk.save([change for c in self._collections.values() for change in c.take_changes()])
