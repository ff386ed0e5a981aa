"""Facebook Pages, by the Graph API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.cards import card_problems
from socialops.networks.checks import check_content
from socialops.networks.data import default_limits, merge_limits
from socialops.networks.errors import Code
from socialops.networks.facebook import act, audience, metrics, oauth, publish, read, webhooks
from socialops.networks.facebook.answers import NETWORK
from socialops.networks.meta import login
from socialops.networks.meta import webhooks as meta_webhooks
from socialops.networks.meta.checks import story_problems
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


class FacebookConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "Facebook"
    needs_base_url = False
    supports_app_password = False
    supports_alt_text = True
    takes_subtitles = True
    supports_first_comment = True
    supports_threads = False
    no_comment = (Format.STORY,)
    supports_cover = True
    supports_edit = True
    has_webhooks = True
    formats = (Format.POST, Format.REEL, Format.STORY, Format.CAROUSEL)

    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        del login_hint  # the dialog takes none
        return login.authorization(NETWORK, base_url=base_url, redirect_uri=redirect_uri, app=app)

    def complete_authorization(
        self, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
    ) -> tuple[Account, ...]:
        return oauth.complete_authorization(query=query, pending=pending, redirect_uri=redirect_uri, app=app)

    def connect_with_token(self, *, base_url: str, values: Mapping[str, str]) -> Account:
        return oauth.connect_with_token(base_url=base_url, values=values)

    def refresh(self, target: Target) -> Credentials | None:
        del target  # a Page token has no end, and what ends it only a person can mend
        return None

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        del app  # the target has it
        login.revoke(target)

    def consent(self, credentials: Credentials) -> str:
        return login.consent(credentials)

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        del redirect_uri  # Meta tells only in the dialog whether it knows the address
        login.check_app(NETWORK, app)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        """Meta tells none: the data file's."""
        del target
        return default_limits(NETWORK)

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        del limits
        return options_of(NETWORK)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        problems = list(
            check_content(
                content,
                text=publish.post_text(content),
                limits=merge_limits(NETWORK, limits),
                options=self.options(limits=limits),
                formats=self.formats,
            )
        )
        if content.options.get("format") == Format.STORY:
            problems += story_problems(content)
        problems += [*card_problems(content), *audience.check(content)]
        return [*problems, Problem(Code.NOT_SUPPORTED, "parts")] if content.parts else problems

    def charges(self, content: Content) -> Sequence[Charge]:
        return (Charge("reels"),) if content.options.get("format") == Format.REEL else ()

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
        """A comment under the post: `parent` is `root` here, and `key` has no use without idempotency."""
        del content, parent, key
        return publish.commit_part(target, root=root, text=text)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return publish.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del parent, key
        return publish.find_part(target, parent=root.external_id, text=text, since=since)

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
        return act.ACTIONS.get(kind, frozenset())

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        del key  # no use without idempotency
        return act.reply(target, to=to, text=text, private=private)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        del key
        return act.find_reply(target, to=to, text=text, since=since, private=private)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)

    def verify_token(self, *, app: Mapping[str, str]) -> str:
        return meta_webhooks.token_of(NETWORK, app)

    def handshake(self, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
        return meta_webhooks.handshake(NETWORK, query=query, app=app)

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        return webhooks.read(headers=headers, body=body, app=app)

    def subscribe(self, target: Target, *, callback_url: str) -> None:
        meta_webhooks.subscribe_app(target, callback_url=callback_url, kind="page")
        meta_webhooks.subscribe_account(target, owner=target.external_id)
