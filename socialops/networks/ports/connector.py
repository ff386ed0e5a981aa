"""One network, as the rest of the house sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from socialops.networks.data import limits_of, merge_limits
from socialops.networks.errors import AuthError, Code, ValidationError
from socialops.networks.ports.accounts import Account, Authorization, Credentials, Target
from socialops.networks.ports.content import Content, Format, Option, Place
from socialops.networks.ports.quota import Charge, Problem, TextCount
from socialops.networks.ports.reading import (
    Action,
    Finding,
    Handles,
    Held,
    MentionPage,
    MentionRef,
    Metrics,
    PostMetrics,
    Published,
    Reconciliation,
    RemoteMention,
    RemotePost,
    SaveHandles,
)
from socialops.networks.ports.webhooks import WebhookAnswer, WebhookEvent


class Connector(Protocol):
    """One network. Instances are stateless and safe to share between threads; HTTP connections are pooled inside.

    Every method that talks to the network raises a subclass of `NetworkError` and nothing else. `commit` and `commit_part` raise
    `UnknownOutcomeError` whenever the request may have been accepted (timeout after sending, dropped connection, 5xx where the network may have acted,
    an unreadable body); any other class is a promise that nothing was published.
    """

    network: str  # "mastodon"
    label: str  # "Mastodon"
    needs_base_url: bool = False  # the person names an instance
    needs_app: bool = True  # an administrator registers a developer app there; False where the connector does it
    supports_app_password: bool = False
    supports_alt_text: bool = False
    takes_subtitles: bool = False  # `Media.subtitles` of a video
    supports_first_comment: bool = False
    supports_threads: bool = False
    no_thread: tuple[Format, ...] = ()  # formats without `Content.parts`, where the network has threads
    no_comment: tuple[Format, ...] = ()  # formats without `Content.first_comment`, where it has that
    supports_cover: bool = False  # `Content.cover`
    finds_places: bool = False  # `find_places`, for the option `location` or `audience_place`
    supports_spoilers: bool = False  # `||words||` in a text are hidden until a reader asks for them (`networks.marks`)
    supports_edit: bool = False  # `edit`
    edits_anew: bool = False  # an edit makes another version, with an id and a price of its own
    supports_delete: bool = True  # `delete`
    reads_told: bool = False  # `read_told`: some mentions are in no list, and are told by their ids alone
    holds_replies: bool = False  # `read_held`: some replies wait there to be approved
    has_webhooks: bool = False  # `handshake`, `read_webhook` and `subscribe`
    formats: tuple[Format, ...] = (Format.POST,)

    # connection -----------------------------------------------------
    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        """Start OAuth. `app` holds client_id and client_secret ({} where the connector registers itself, which it does here;
        what it registered is in `pending`, so that the caller may cache it per base_url).
        """
        ...

    def complete_authorization(
        self, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
    ) -> tuple[Account, ...]:
        """Finish OAuth with the callback's query: the accounts the person may connect, each with credentials.
        Raises AuthError codes: consent_refused, state_mismatch, code_expired, issuer_mismatch.
        """
        ...

    def connect_with_token(self, *, base_url: str, values: Mapping[str, str]) -> Account:
        """Connect without a browser: {"access_token"} (Mastodon, Facebook page token) or {"identifier", "password"} (Bluesky app password)."""
        ...

    def refresh(self, target: Target) -> Credentials | None:
        """New credentials, or None when nothing needs refreshing. An empty refresh token never replaces a kept one.
        The caller holds an advisory lock for the channel. Raises AuthError when a person must reconnect.
        """
        ...

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        """Give the token back. A token already dead is success."""
        ...

    def consent(self, credentials: Credentials) -> str:
        """Whose consent `revoke` ends, where one covers several accounts: the same text for each of them. "" where the token is this account's alone."""
        del credentials
        return ""

    def verify(self, target: Target) -> Account:
        """Cheap read proving the token works; gives the account's current handle and name."""
        ...

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        """Ask the network whether it knows our developer app. AuthError app_rejected or app_not_configured; nothing where there is no app."""
        del app, redirect_uri

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        """The instance's or the account's own limits, merged over the network's data file; cached by the caller for a day."""
        ...

    # composing (no network call) ------------------------------------
    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount: ...

    def count_content(self, content: Content, *, limits: Mapping[str, Any]) -> TextCount:
        """The text of a content, measured by the rule of its format."""
        form = str(content.options.get("format") or Format.POST)
        return self.count_text(content.text, limits=limits_of(merge_limits(self.network, limits), form))

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        """Everything wrong with this content here, empty when it can go."""
        ...

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        """What may be set on a post here, in the order people fill it in; choices narrowed to what this account may (`limits`)."""
        ...

    def find_places(self, target: Target, *, query: str) -> Sequence[Place]:
        """Places by their name or address, the likeliest first; () where the network has no search. AuthError scope_missing without the permission for it."""
        del target, query
        return ()

    def charges(self, content: Content) -> Sequence[Charge]:
        """What publishing this costs and counts, thread parts and first comment included, before anything is sent. () where nothing is counted."""
        del content
        return ()

    # publishing -----------------------------------------------------
    def prepare(self, target: Target, content: Content) -> Content:
        """Convert what may be converted without asking (resize, strip EXIF), resolve what must be. Raises ValidationError/MediaError."""
        ...

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        """Make the remote parts that publish nothing (uploads, containers, chosen record keys). Skips those already in `handles`."""
        ...

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """The one shot. None when the network only accepted it and `confirm` must watch."""
        ...

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Publishes nothing: the post if it is live, None while still processing. What can only be set then (a still picture) is set here, as often as it is called;
        what of it is refused is told in `Published.extra["unfinished"]`.
        """
        ...

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        """One shot: the next post of a thread, or the first comment, under `parent`. `key` is its own idempotency key."""
        ...

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        """Reconciliation after a lost answer, reading only. `since` is when the lost call was about to be made."""
        ...

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        """The same for a thread part or first comment."""
        ...

    def edit(self, target: Target, content: Content, *, external_id: str) -> Published | None:
        """Change the text (and options) of a live post where `supports_edit`; repeatable. ValidationError not_supported elsewhere, parent_gone when it is no longer there.

        Where `edits_anew` it is one shot, as `commit`, and gives the new version.
        """
        del target, content, external_id
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "edit"})

    def edit_problem(
        self, *, limits: Mapping[str, Any], published_at: datetime, form: str = Format.POST
    ) -> Problem | None:
        """Why a post of this format that went out then can't be edited now, as far as that is known without asking the network."""
        del limits, published_at, form
        return None

    def edit_charges(self, content: Content) -> Sequence[Charge]:
        """What an edit to this content costs and counts. () where nothing is counted."""
        del content
        return ()

    def find_edit(self, target: Target, content: Content, *, external_id: str, since: datetime) -> Reconciliation:
        """Whether an edit whose answer was lost made the new version, where `edits_anew`; reading only, as `find_published`."""
        del target, content, external_id, since
        return Reconciliation(Finding.UNDECIDED)

    def delete(self, target: Target, *, external_id: str) -> None:
        """Remove a post; one that is already gone is success. ValidationError not_supported where not `supports_delete`."""
        ...

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        """The post as the network shows it now, None when gone."""
        ...

    # listening and measuring ----------------------------------------
    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        """Replies and mentions since `cursor` ({} the first time). `watched` are external ids of our recent posts, for networks
        whose comments are read per post.
        """
        ...

    def read_told(self, target: Target, *, external_id: str, root: str) -> RemoteMention | None:
        """Where `reads_told`: a mention of which the network told only these ids (`WebhookEvent`). None for what is not there (any more)."""
        del target, external_id, root
        return None

    def read_held(self, target: Target, *, root: str) -> Held | None:
        """Where `holds_replies`: what waits under our post `root` now; approved meanwhile is what is in neither. None where the network doesn't tell all of it."""
        del target, root
        return None

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        """Current counters, batched as the network allows."""
        ...

    def pull_account_metrics(self, target: Target) -> Metrics: ...

    # acting on what people say --------------------------------------
    def actions(self, kind: str) -> frozenset[Action]:
        """What the API lets us do about a mention of this kind (`RemoteMention.kind`)."""
        del kind
        return frozenset()

    def count_reply(self, text: str, *, limits: Mapping[str, Any], private: bool = False) -> TextCount:
        """A reply measured by the network's own rule; private messages may have another one."""
        del private
        return self.count_text(text, limits=limits)

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        """One shot, as `commit_part`: an answer under a mention, or by private message. `key` is its own idempotency key."""
        del target, to, text, key, private
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "reply"})

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        """Whether a reply whose answer was lost is there; reading only, as `find_part`."""
        del target, to, text, key, since, private
        return Reconciliation(Finding.UNDECIDED)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        """Hide, unhide, delete, like or unlike; repeatable: what is already so is success. ValidationError parent_gone when the mention is no longer there."""
        del target, action, on
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})

    # what the network tells by itself -------------------------------
    def verify_token(self, *, app: Mapping[str, str]) -> str:
        """What an administrator types at the network beside our webhook address, for its `handshake`; "" where it asks for none. Made from the app's secret: nothing is kept."""
        del app
        return ""

    def handshake(self, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
        """The answer to the network's test of our webhook address (a GET); None when the query is no such test, or its secret is wrong."""
        del query, app
        return None

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        """What a delivery tells; what we have no use for is left out. `headers` in lower case. AuthError signature_wrong when it isn't the network's."""
        del headers, body, app
        raise AuthError(Code.SIGNATURE_WRONG)

    def subscribe(self, target: Target, *, callback_url: str) -> None:
        """Ask the network to tell us about this account; repeatable. Nothing to do where the app's settings decide it."""
        del target, callback_url
