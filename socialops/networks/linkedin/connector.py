"""LinkedIn Pages and members' profiles, by the versioned REST API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.linkedin import act, find, little, metrics, oauth, publish, quotes, read, targeting, webhooks
from socialops.networks.linkedin.answers import NETWORK, is_organization
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
    MediaKind,
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
from socialops.networks.text import count_text


class LinkedInConnector(Connector):
    """See `ports.Connector`."""

    network = NETWORK
    label = "LinkedIn"
    supports_alt_text = True
    takes_subtitles = True
    supports_cover = True
    supports_first_comment = True
    supports_edit = True
    formats = (Format.POST, Format.POLL)
    has_webhooks = True
    finds_places = True

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
        oauth.revoke(target, app=app)

    def consent(self, credentials: Credentials) -> str:
        return oauth.consent(credentials)

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        del redirect_uri  # only the dialog compares it
        oauth.check_app(app=app)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        """LinkedIn tells none: the data file's, and which kind of account it is, for its audiences."""
        kind = "organization" if is_organization(target) else "member"
        return merge_limits(NETWORK, {"account": {"kind": kind}})

    # composing ------------------------------------------------------
    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        """As it is sent: what must be escaped counts twice."""
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(little.commentary(text), rule), rule["max"])

    def count_content(self, content: Content, *, limits: Mapping[str, Any]) -> TextCount:
        """Where the text is a poll's question, as its question."""
        if publish.is_poll(content) and not content.options.get("poll_question"):
            most = next(option.limit for option in self.options(limits=limits) if option.name == "poll_question")
            return TextCount(len(publish.question_of(content)), most)
        return super().count_content(content, limits=limits)

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        kind = limits.get("account", {}).get("kind")
        audiences = network_data(NETWORK)["audience"].get(kind)
        only_pages = targeting.facets() if kind == "member" else ()
        return [
            replace(option, choices=tuple(audiences)) if audiences and option.name == "audience" else option
            for option in options_of(NETWORK)
            if option.name not in only_pages
        ]

    def find_places(self, target: Target, *, query: str) -> Sequence[Place]:
        return targeting.find_places(target, query)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        known, options = merge_limits(NETWORK, limits), self.options(limits=limits)
        sent = little.commentary(publish.said(content))
        problems = list(check_content(content, text=sent, limits=known, options=options, formats=self.formats))
        problems += [
            *publish.check_question(content, options),
            *quotes.check(content, known),
            *targeting.check(content),
        ]
        if content.parts:
            problems.append(Problem(Code.NOT_SUPPORTED, "parts"))
        documents = sum(media.kind == MediaKind.DOCUMENT for media in content.media)
        if documents > (most := known["media"]["max_documents"]):
            problems.append(Problem(Code.TOO_MANY_MEDIA, "media", {"count": documents, "limit": most}))
        for name, most in known["link"].items():
            length = len(str(content.options.get(f"link_{name}") or ""))
            if length > most:
                detail = {"option": f"link_{name}", "length": length, "limit": most}
                problems.append(Problem(Code.OPTION_TOO_LONG, "options", detail))
        return problems

    def charges(self, content: Content) -> Sequence[Charge]:
        return publish.charges(content)

    # publishing -----------------------------------------------------
    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.commit(target, content, handles=handles)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Nothing to wait for: files are processed before the one shot, which answers with the live post."""
        del target, content, handles
        return None

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        """A comment under the post: `parent` is `root` here, and `key` has no use without idempotency."""
        del content, parent, key
        return publish.commit_part(target, root=root, text=text)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return find.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del parent, key
        return find.find_comment(target, post=root.external_id, parent="", text=text, since=since)

    def edit(self, target: Target, content: Content, *, external_id: str) -> None:
        publish.edit(target, content, external_id=external_id)

    def delete(self, target: Target, *, external_id: str) -> None:
        publish.delete(target, external_id=external_id)

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    # listening, measuring, acting -----------------------------------
    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        return read.pull_mentions(target, cursor=cursor, watched=watched)

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        return metrics.pull_post_metrics(target, external_ids=external_ids)

    def pull_account_metrics(self, target: Target) -> Metrics:
        return metrics.pull_account_metrics(target)

    def actions(self, kind: str) -> frozenset[Action]:
        return act.ACTIONS.get(kind, frozenset())

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        del key
        if private:
            raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "reply"})
        return act.answer(target, to=to, text=text)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        del key, private
        post, parent = act.place_of(to)
        return find.find_comment(target, post=post, parent=parent, text=text, since=since)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)

    # webhooks -------------------------------------------------------
    def handshake(self, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
        return webhooks.handshake(query=query, app=app)

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        return webhooks.read_webhook(headers=headers, body=body, app=app)

    def subscribe(self, target: Target, *, callback_url: str) -> None:
        webhooks.subscribe(target, callback_url=callback_url)
