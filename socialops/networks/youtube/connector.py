"""YouTube, by the Data API and, for what it alone knows, the Analytics API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits
from socialops.networks.errors import Code, ValidationError
from socialops.networks.options import options_of
from socialops.networks.ports import (
    Account,
    Action,
    Authorization,
    Charge,
    Connector,
    Content,
    Credentials,
    Handles,
    MediaKind,
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
from socialops.networks.text import count_text
from socialops.networks.translations import check_translations
from socialops.networks.youtube import act, categories, metrics, oauth, playlists, publish, read
from socialops.networks.youtube.answers import NETWORK


class YouTubeConnector(Connector):
    """See `ports.Connector`. A post is a video; a vertical one of up to three minutes YouTube itself makes a Short."""

    network = NETWORK
    label = "YouTube"
    takes_subtitles = True
    supports_first_comment = True
    supports_cover = True
    supports_edit = True

    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        return oauth.authorization(base_url=base_url, redirect_uri=redirect_uri, app=app, login_hint=login_hint)

    def complete_authorization(
        self, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
    ) -> tuple[Account, ...]:
        return oauth.complete_authorization(query=query, pending=pending, redirect_uri=redirect_uri, app=app)

    def connect_with_token(self, *, base_url: str, values: Mapping[str, str]) -> Account:
        return oauth.connect_with_token(base_url=base_url, values=values)

    def refresh(self, target: Target) -> Credentials | None:
        return oauth.refresh(target)

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        del app
        oauth.revoke(target)

    def verify(self, target: Target) -> Account:
        return oauth.verify(target)

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        oauth.check_app(app=app, redirect_uri=redirect_uri)

    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        return merge_limits(NETWORK, oauth.fetch_limits(target))

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        rule = merge_limits(NETWORK, limits)["text"]
        return TextCount(count_text(text, rule), rule["max"])

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        return playlists.narrowed(categories.options(limits), limits)

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        limits = merge_limits(NETWORK, limits)
        text = publish.post_text(content)
        problems = list(check_content(content, text=text, limits=limits, options=self.options(limits=limits)))
        return [*problems, *_check_own_rules(content, limits), *_check_translations(content, limits)]

    def charges(self, content: Content) -> Sequence[Charge]:
        return tuple(publish.charges(content))

    def prepare(self, target: Target, content: Content) -> Content:
        return publish.prepare(target, content)

    def create(self, target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
        return publish.create(target, content, handles=handles, save=save)

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        publish.commit(target, content, handles=handles)
        return None

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return publish.confirm(target, content, handles=handles)

    def commit_part(
        self, target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
    ) -> Published:
        """A comment under the video: `parent` is `root` here, and `key` has no use without idempotency."""
        del content, parent, key
        return act.comment(target, root=root, text=text)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        return publish.find_published(target, content, handles=handles, since=since)

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        del parent, key
        return act.find_comment(target, root=root, text=text, since=since)

    def edit(self, target: Target, content: Content, *, external_id: str) -> None:
        publish.edit(target, content, external_id=external_id)

    def delete(self, target: Target, *, external_id: str) -> None:
        publish.delete(target, external_id=external_id)

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        return read.read_post(target, external_id=external_id)

    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        del watched  # the whole channel's comments are one list
        return read.pull_mentions(target, cursor=cursor)

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        return metrics.pull_post_metrics(target, external_ids=external_ids)

    def pull_account_metrics(self, target: Target) -> Metrics:
        return metrics.pull_account_metrics(target)

    def actions(self, kind: str) -> frozenset[Action]:
        return act.ACTIONS if kind in ("comment", "reply") else frozenset()

    def count_reply(self, text: str, *, limits: Mapping[str, Any], private: bool = False) -> TextCount:
        del private
        rule = merge_limits(NETWORK, limits)["comment"]
        return TextCount(count_text(text, rule), rule["max"])

    def reply(self, target: Target, *, to: MentionRef, text: str, key: str, private: bool = False) -> Published:
        del key
        if private:
            raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "reply"})
        return act.reply(target, to=to, text=text)

    def find_reply(
        self, target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool = False
    ) -> Reconciliation:
        del key, private
        return act.find_reply(target, to=to, text=text, since=since)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        act.act(target, action=action, on=on)


def _check_translations(content: Content, limits: Mapping[str, Any]) -> Iterator[Problem]:
    longest = next(option.limit for option in options_of(NETWORK) if option.name == "title")
    return check_translations(
        content, longest_title=longest, text_rule=limits["text"], refused=limits["title"]["refused"]
    )


def _check_own_rules(content: Content, limits: Mapping[str, Any]) -> Iterator[Problem]:
    """What only YouTube asks: no threads, its marks in titles and tags, its way to count tags, who may be answered."""
    if content.parts:
        yield Problem(Code.NOT_SUPPORTED, "parts")
    options = content.options
    title, tags = options.get("title"), options.get("tags")
    for name, texts in (("title", [title]), ("tags", tags if isinstance(tags, list | tuple) else [])):
        written = "".join(text for text in texts if isinstance(text, str))
        if found := next((c for c in written if c in limits[name]["refused"]), ""):
            yield Problem(Code.CHARACTER_REFUSED, "options", {"character": found, "option": name})
    if isinstance(tags, list | tuple) and all(isinstance(tag, str) for tag in tags):
        length, most = publish.tags_length([tag.strip() for tag in tags if tag.strip()]), limits["tags"]["max"]
        if length > most:
            yield Problem(Code.OPTION_TOO_LONG, "options", {"option": "tags", "length": length, "limit": most})
    if content.first_comment and (options.get("made_for_kids") == "yes" or options.get("privacy") == "private"):
        yield Problem(Code.REPLY_NOT_ALLOWED, "first_comment")
    if content.cover is not None and content.cover.kind != MediaKind.IMAGE:
        detail = {"media": content.cover.key, "kind": str(content.cover.kind), "allowed": str(MediaKind.IMAGE)}
        yield Problem(Code.MEDIA_KIND, "cover", detail)
