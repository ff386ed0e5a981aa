"""TikTok, by the Content Posting and Display APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.data import default_limits, merge_limits
from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import (
    Account,
    Authorization,
    Charge,
    Connector,
    Content,
    Credentials,
    Finding,
    Handles,
    MentionPage,
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
    WebhookEvent,
)
from socialops.networks.text import count_text
from socialops.networks.tiktok import creator, metrics, oauth, publish, read, webhooks
from socialops.networks.tiktok.answers import NETWORK


class TikTokConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "TikTok"
    needs_base_url = False
    supports_app_password = False
    supports_alt_text = False
    supports_first_comment = False
    supports_threads = False
    supports_edit = False
    supports_delete = False
    has_webhooks = True
    formats = creator.FORMATS

    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        del login_hint  # the page takes none
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
        oauth.check_app(app=app, redirect_uri=redirect_uri)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        """With the table `account`; without it where only drafts may be sent."""
        granted = target.credentials.scopes
        if granted and "video.publish" not in granted:
            return default_limits(NETWORK)
        return merge_limits(NETWORK, {"account": creator.fetch_account(target)})

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        """By the limit of videos; `check` knows that photos take more."""
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        return creator.options(limits)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        return list(creator.check(content, limits))

    def charges(self, content: Content) -> Sequence[Charge]:
        return (publish.charge(content),)

    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.commit(target, content, handles=handles)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.confirm(target, content, handles=handles)

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        """The API writes no comments."""
        del target, content, root, parent, text, key
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "first_comment"})

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return publish.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        """Certain: none can be sent."""
        del target, root, parent, text, key, since
        return Reconciliation(Finding.NOT_PUBLISHED)

    def delete(self, target: Target, *, external_id: str) -> None:
        """Only in TikTok's own app."""
        del target, external_id
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "delete"})

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        """The API gives neither comments nor mentions."""
        del target, watched
        return MentionPage((), dict(cursor))

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        return metrics.pull_post_metrics(target, external_ids=external_ids)

    def pull_account_metrics(self, target: Target) -> Metrics:
        return metrics.pull_account_metrics(target)

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        return webhooks.read_webhook(headers=headers, body=body, app=app)
