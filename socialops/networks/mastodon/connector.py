"""Mastodon and what speaks its API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits
from socialops.networks.mastodon import act, metrics, oauth, polls, publish, quotes, read
from socialops.networks.mastodon.answers import NETWORK
from socialops.networks.ports import (
    Account,
    Action,
    Authorization,
    Connector,
    Content,
    Credentials,
    Format,
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
from socialops.networks.text import count_text, with_link


class MastodonConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "Mastodon"
    needs_base_url = True
    needs_app = False
    supports_app_password = False
    supports_alt_text = True
    supports_first_comment = True
    supports_threads = True
    formats = (Format.POST, Format.POLL)
    supports_cover = True
    supports_edit = True

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
        return oauth.connect_with_token(base_url=base_url, values=values)

    def refresh(self, target: Target) -> Credentials | None:
        del target  # Mastodon tokens live until revoked
        return None

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        oauth.revoke(target, app=app)

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        return merge_limits(NETWORK, oauth.fetch_limits(base_url=target.base_url))

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        return polls.options(limits)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        text, merged, options = (
            with_link(content.text, content.link),
            merge_limits(NETWORK, limits),
            self.options(limits=limits),
        )
        usual = check_content(content, text=text, limits=merged, options=options, formats=self.formats)
        return [*usual, *check_quote(NETWORK, content, read=quotes.read, limits=merged)]

    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.commit(target, content, handles=handles)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Nothing to wait for: `commit` answers with the live status."""
        del target, content, handles
        return None

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        del root
        return publish.commit_part(target, content, parent=parent, text=text, key=key)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return publish.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del root, key
        return publish.find_part(target, parent=parent, text=text, since=since)

    def edit(self, target: Target, content: Content, *, external_id: str) -> None:
        publish.edit(target, content, external_id=external_id)

    def delete(self, target: Target, *, external_id: str) -> None:
        publish.delete(target, external_id=external_id)

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        return read.pull_mentions(target, cursor=cursor, watched=watched)

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        return metrics.pull_post_metrics(target, external_ids=external_ids)

    def pull_account_metrics(self, target: Target) -> Metrics:
        return metrics.pull_account_metrics(target)

    def actions(self, kind: str) -> frozenset[Action]:
        return act.ACTIONS if kind in ("reply", "mention", "quote", "message") else frozenset()

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        return act.reply(target, to=to, text=text, key=key, private=private)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        del key, private
        return act.find_reply(target, to=to, text=text, since=since)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)
