"""Threads, by Meta's Threads API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits
from socialops.networks.errors import Code, ValidationError
from socialops.networks.meta import webhooks as meta_webhooks
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
    Held,
    MentionPage,
    MentionRef,
    Metrics,
    Option,
    Place,
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
from socialops.networks.quotes import check_quote
from socialops.networks.text import count_text
from socialops.networks.threads import act, metrics, oauth, places, publish, quotes, read, webhooks
from socialops.networks.threads.answers import NETWORK
from socialops.networks.threads.body import post_text, seen_text
from socialops.networks.threads.rules import own_rules, seen


class ThreadsConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "Threads"
    needs_base_url = False
    supports_app_password = False
    supports_alt_text = True
    supports_first_comment = True
    supports_threads = True
    no_thread = no_comment = (Format.GHOST,)
    finds_places = True
    supports_spoilers = True
    formats = (Format.POST, Format.LONG, Format.POLL, Format.GHOST)
    supports_edit = False
    supports_delete = True
    holds_replies = True
    has_webhooks = True

    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        del login_hint  # the dialog takes none
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
        """Meta has no call for it: the person removes the app in their Threads settings."""
        del target, app

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        del redirect_uri
        oauth.check_app(app=app)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        """The data file's, with what the profile may. The quotas are reported with each post."""
        return merge_limits(NETWORK, {"account": places.fetch_account(target)})

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(seen_text(text), rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        gated = limits.get("account", {}).get("geo_gating", False)
        return [option for option in options_of(NETWORK) if gated or option.name != "countries"]

    def find_places(self, target: Target, *, query: str) -> Sequence[Place]:
        return places.find_places(target, query)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        merged = merge_limits(NETWORK, limits)
        text, options = seen_text(post_text(content)), self.options(limits=limits)
        usual = check_content(seen(content), text=text, limits=merged, options=options, formats=self.formats)
        quote = check_quote(NETWORK, content, read=quotes.read, limits=merged)
        return [*usual, *own_rules(content, merged), *quote]

    def charges(self, content: Content) -> Sequence[Charge]:
        return publish.charges(content)

    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        del content  # all of it is in the container
        return publish.commit(target, handles=handles)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Nothing to wait for: `commit` answers with the live post."""
        del target, content, handles
        return None

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        del content, root, key  # Threads knows no idempotency key
        return publish.commit_part(target, parent=parent.external_id, text=text)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return publish.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del root, key
        return publish.find_part(target, parent=parent.external_id, text=text, since=since)

    def delete(self, target: Target, *, external_id: str) -> None:
        publish.delete(target, external_id=external_id)

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        return read.pull_mentions(target, cursor=cursor, watched=watched)

    def read_held(self, target: Target, *, root: str) -> Held | None:
        return read.read_held(target, root)

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        return metrics.pull_post_metrics(target, external_ids=external_ids)

    def pull_account_metrics(self, target: Target) -> Metrics:
        return metrics.pull_account_metrics(target)

    def actions(self, kind: str) -> frozenset[Action]:
        return act.ACTIONS.get(kind, frozenset())

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        del key
        if private:  # Threads' own messages are in no API, and a public answer was not meant
            raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "reply"})
        return publish.commit_part(target, parent=to.external_id, text=text)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        del key, private
        return publish.find_part(target, parent=to.external_id, text=text, since=since)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)

    def verify_token(self, *, app: Mapping[str, str]) -> str:
        return meta_webhooks.token_of(NETWORK, app)

    def handshake(self, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
        return meta_webhooks.handshake(NETWORK, query=query, app=app)

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        return webhooks.read_webhook(headers=headers, body=body, app=app)
