"""X, by its API v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from socialops.networks.articles import article_of
from socialops.networks.data import merge_limits
from socialops.networks.options import options_of
from socialops.networks.ports import (
    Account,
    Action,
    Authorization,
    Charge,
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
    WebhookAnswer,
    WebhookEvent,
)
from socialops.networks.text import count_text
from socialops.networks.x import act, edit, metrics, oauth, publish, read, webhooks
from socialops.networks.x.answers import NETWORK


class XConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "X"
    supports_alt_text = True
    takes_subtitles = True
    supports_first_comment = True
    supports_threads = True
    supports_cover = True
    no_thread = (Format.ARTICLE,)
    supports_edit = True
    edits_anew = True
    formats = (Format.POST, Format.POLL, Format.ARTICLE)
    has_webhooks = True

    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        del login_hint  # X's page takes none
        return oauth.authorization(base_url=base_url, redirect_uri=redirect_uri, app=app)

    def complete_authorization(
        self, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
    ) -> tuple[Account, ...]:
        return oauth.complete_authorization(query=query, pending=pending, redirect_uri=redirect_uri, app=app)

    def connect_with_token(self, *, base_url: str, values: Mapping[str, str]) -> Account:
        return oauth.connect_with_token(base_url=base_url, values=values)

    def refresh(self, target: Target) -> Credentials | None:
        return oauth.refresh(target)

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        oauth.revoke(target, app=app)

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        del redirect_uri  # X only compares it with a code in hand
        oauth.check_app(app=app)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        return oauth.fetch_limits(target)

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def count_content(self, content: Content, *, limits: Mapping[str, Any]) -> TextCount:
        """Of an article its words, without the signs that set them."""
        article = article_of(content)
        return super().count_content(replace(content, text=article.text) if article else content, limits=limits)

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        del limits
        return options_of(NETWORK)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        return list(publish.check(content, limits=limits, formats=self.formats))

    def charges(self, content: Content) -> Sequence[Charge]:
        return publish.charges(content)

    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.commit(target, content, handles=handles)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Nothing to wait for: `commit` answers with the live post."""
        del target, content, handles
        return None

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        del root, key
        return publish.commit_part(target, content, parent=parent, text=text)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return publish.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del root, key
        return publish.find_part(target, parent=parent.external_id, text=text, since=since)

    def edit(self, target: Target, content: Content, *, external_id: str) -> Published:
        return edit.edit(target, content, external_id=external_id)

    def edit_problem(
        self, *, limits: Mapping[str, Any], published_at: datetime, form: str = Format.POST
    ) -> Problem | None:
        return edit.problem(limits=limits, published_at=published_at, form=form)

    def edit_charges(self, content: Content) -> Sequence[Charge]:
        return [publish.charge_of(publish.post_text(content)), *publish.lookups(content)]

    def find_edit(self, target: Target, content: Content, *, external_id: str, since: datetime) -> Reconciliation:
        return edit.find_edit(target, content, external_id=external_id, since=since)

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
        return act.actions(kind)

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        del key  # X has no idempotency
        return act.reply(target, to=to, text=text, private=private)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        del key
        return act.find_reply(target, to=to, text=text, since=since, private=private)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)

    def handshake(self, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
        return webhooks.handshake(query=query, app=app)

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        return webhooks.read_webhook(headers=headers, body=body, app=app)

    def subscribe(self, target: Target, *, callback_url: str) -> None:
        webhooks.subscribe(target, callback_url=callback_url)
