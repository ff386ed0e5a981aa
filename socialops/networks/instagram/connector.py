"""Instagram professional accounts, by the Graph API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code
from socialops.networks.instagram import act, containers, metrics, oauth, publish, read, webhooks
from socialops.networks.instagram.answers import NETWORK
from socialops.networks.meta import login
from socialops.networks.meta import webhooks as meta_webhooks
from socialops.networks.meta.checks import story_problems
from socialops.networks.meta.graph import by_instagram_login
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
    RemoteMention,
    RemotePost,
    SaveHandles,
    Target,
    TextCount,
    WebhookAnswer,
    WebhookEvent,
)
from socialops.networks.text import count_text


class InstagramConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "Instagram"
    needs_base_url = False
    supports_app_password = False
    supports_alt_text = True
    supports_first_comment = True
    supports_threads = False
    no_comment = (Format.STORY,)
    supports_cover = True
    has_webhooks = True
    reads_told = True
    formats = (Format.POST, Format.REEL, Format.STORY)

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
        del app  # the target has it
        login.revoke(target)

    def consent(self, credentials: Credentials) -> str:
        return login.consent(credentials)

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        del redirect_uri  # Meta tells only in the dialog whether it knows the address
        oauth.check_app(app)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        """Meta tells only the quota, which `create` reads: the data file's, and by which login the account is connected."""
        login = "instagram" if by_instagram_login(target) else "facebook"
        return merge_limits(NETWORK, {"account": {"login": login}})

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        """With Instagram's own login there is no label of a paid partnership."""
        own = limits.get("account", {}).get("login") == "instagram"
        return [option for option in options_of(NETWORK) if not (own and option.name == "paid_partnership")]

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        problems = list(
            check_content(
                content,
                text=containers.caption_of(content),
                limits=merge_limits(NETWORK, limits),
                options=self.options(limits=limits),
                formats=self.formats,
            )
        )
        if content.options.get("format") == Format.STORY:
            problems += story_problems(content)
        problems += _check_people(content)
        if content.first_comment and content.options.get("comments_enabled") is False:
            problems.append(Problem(Code.NOT_SUPPORTED, "first_comment"))
        return [*problems, Problem(Code.NOT_SUPPORTED, "parts")] if content.parts else problems

    def charges(self, content: Content) -> Sequence[Charge]:
        """A carousel is one post, and a container more than it has files."""
        files = len(content.media)
        return Charge("posts"), Charge("containers", files + 1 if files > 1 else 1)

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
        return publish.find_part(target, edge=f"{root.external_id}/comments", address=root.url, text=text, since=since)

    def delete(self, target: Target, *, external_id: str) -> None:
        publish.delete(target, external_id=external_id)

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        return read.pull_mentions(target, cursor=cursor, watched=watched)

    def read_told(self, target: Target, *, external_id: str, root: str) -> RemoteMention | None:
        return read.read_told(target, external_id=external_id, root=root)

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
        webhooks.subscribe(target, callback_url=callback_url)


def _check_people(content: Content) -> Iterator[Problem]:
    """How many may be named, and where nobody can be tagged or nothing tried."""
    for option in ("collaborators", "tagged_people"):
        names, most = content.options.get(option), network_data(NETWORK)[option]["max"]
        if isinstance(names, list | tuple) and len(names) > most:
            yield Problem(Code.OPTION_TOO_LONG, "options", {"option": option, "length": len(names), "limit": most})
    carousel = len(content.media) > 1
    if carousel and content.options.get("tagged_people") and containers.first_picture(content) is None:
        yield Problem(Code.TAGS_NEED_PICTURE, "options", {"option": "tagged_people"})
    if carousel and content.options.get("trial") not in (None, "", "no"):
        yield Problem(Code.OPTION_INVALID, "options", {"option": "trial", "allowed": "no"})
