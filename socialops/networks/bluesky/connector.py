"""Bluesky, and any PDS of the AT Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from socialops.networks.bluesky import act, chat, metrics, oauth, publish, quotes, read, session, tags
from socialops.networks.bluesky.answers import NETWORK, origin
from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits
from socialops.networks.options import options_of
from socialops.networks.ports import (
    Account,
    Action,
    Authorization,
    Connector,
    Content,
    Credentials,
    Handles,
    MentionPage,
    MentionRef,
    Metrics,
    Option,
    PostMetrics,
    Problem,
    Published,
    Reconciliation,
    RemotePost,
    SaveHandles,
    Target,
    TextCount,
)
from socialops.networks.quotes import check_quote
from socialops.networks.text import count_text


class BlueskyConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "Bluesky"
    needs_base_url = False
    needs_app = False
    supports_app_password = True
    supports_alt_text = True
    takes_subtitles = True
    supports_first_comment = True
    supports_threads = True

    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        return oauth.authorization(base_url=base_url, redirect_uri=redirect_uri, app=app, login_hint=login_hint)

    def complete_authorization(
        self, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
    ) -> tuple[Account, ...]:
        del app  # the one that started the round trip is in `pending`
        return oauth.complete_authorization(query=query, pending=pending, redirect_uri=redirect_uri)

    def connect_with_token(self, *, base_url: str, values: Mapping[str, str]) -> Account:
        return session.connect(
            base_url=base_url, identifier=values.get("identifier", ""), password=values.get("password", "")
        )

    def refresh(self, target: Target) -> Credentials | None:
        return oauth.refresh(target) if _by_oauth(target) else session.refresh(target)

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        del app  # the client id is bound to the session
        if _by_oauth(target):
            oauth.revoke(target)
        else:
            session.revoke(target)

    def verify(self, target: Target) -> Account:
        return session.verify(target)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        return merge_limits(NETWORK, publish.fetch_limits(origin(target.base_url)))

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        del limits
        return options_of(NETWORK)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        text, merged = publish.post_text(content), merge_limits(NETWORK, limits)
        usual = check_content(content, text=text, limits=merged, options=self.options(limits=limits))
        return [*usual, *check_quote(NETWORK, content, read=quotes.read, limits=merged), *tags.check_tags(content)]

    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.commit(target, content, handles=handles)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Nothing to wait for: `commit` answers with the live record."""
        del target, content, handles
        return None

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        return publish.commit_part(target, content, root=root, parent=parent, text=text, key=key)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        del since  # the record key is certain whenever it is asked
        return publish.find_published(target, content, handles=handles)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del root, text, since
        return publish.find_part(target, parent=parent, key=key)

    def delete(self, target: Target, *, external_id: str) -> None:
        publish.delete(target, external_id=external_id)

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        page = read.pull_mentions(target, cursor=cursor, watched=watched)
        since = str(cursor.get("messages") or "")
        messages, since = ((), since) if page.more else chat.pull(target, since)
        return replace(
            page, mentions=(*page.mentions, *messages), cursor={**page.cursor, **({"messages": since} if since else {})}
        )

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        return metrics.pull_post_metrics(target, external_ids=external_ids)

    def pull_account_metrics(self, target: Target) -> Metrics:
        return metrics.pull_account_metrics(target)

    def actions(self, kind: str) -> frozenset[Action]:
        if kind == "message":
            return frozenset({Action.REPLY})
        if kind == "reply":
            return act.ON_REPLIES
        return act.ACTIONS if kind in ("mention", "quote") else frozenset()

    def count_reply(self, text: str, *, limits: Mapping[str, Any], private: bool = False) -> TextCount:
        rule = merge_limits(NETWORK, limits)["message" if private else "text"]
        return TextCount(count_text(text, rule), rule["max"])

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        return act.reply(target, to=to, text=text, key=key, private=private)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        return act.find_reply(target, to=to, text=text, key=key, since=since, private=private)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)


def _by_oauth(target: Target) -> bool:
    return target.credentials.values.get("mode") == "oauth"
