"""A network in memory. Each call first runs what the test put in `script[<method>]`: an exception to raise, or a callable."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from socialops.networks.errors import Code, UnknownOutcomeError
from socialops.networks.ports import (
    Action,
    Charge,
    Connector,
    Content,
    Credentials,
    Finding,
    Handles,
    MentionRef,
    Option,
    Problem,
    Published,
    Reconciliation,
    RemotePost,
    Target,
    TextCount,
)


class FakeNetwork(Connector):
    """`posts` is what the public sees; `calls` what was asked."""

    network = "mastodon"
    label = "Fake"
    supports_edit = True
    needs_app = False

    def __init__(self) -> None:
        self.posts: list[RemotePost] = []
        self.calls: list[str] = []
        self.script: dict[str, list[Exception | Callable[..., Any]]] = defaultdict(list)
        self.problems: list[Problem] = []
        self.costs: list[Charge] = []
        self.edit_costs: list[Charge] = []
        self.edit_refusal: Problem | None = None
        self.renewed: Credentials | None = None
        self._lock = threading.Lock()

    def on(self, method: str, *happenings: Exception | Callable[..., Any]) -> None:
        """The next calls of a method, in order."""
        self.script[method] += happenings

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        return ()

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]

    def accept(self, text: str) -> Published:
        """Publish on the network's side."""
        with self._lock:
            number = str(len(self.posts) + 1)
            url = f"https://social.example/{number}"
            self.posts.append(RemotePost(number, url, text, timezone.now()))
        return Published(number, url, {"uri": f"urn:{number}"})

    def drop_after_accepting(self, text: str) -> Callable[..., Any]:
        """The worst answer: it is live and we are not told."""

        def happen(**_: Any) -> None:
            self.accept(text)
            raise UnknownOutcomeError(Code.ANSWER_LOST)

        return happen

    def _happen(self, method: str, **known: Any) -> Any:
        with self._lock:
            self.calls.append(method)
            happening = self.script[method].pop(0) if self.script[method] else None
        if isinstance(happening, Exception):
            raise happening
        return happening(**known) if happening is not None else None

    def count_text(self, text: str, *, limits: Any) -> TextCount:
        return TextCount(len(text), 500)

    def count_content(self, content: Content, *, limits: Any) -> TextCount:
        return self.count_text(content.text, limits=limits)

    def check(self, content: Content, *, limits: Any) -> list[Problem]:
        if self.script["check"]:  # not among `calls`: the network hears nothing of it
            raise self.script["check"].pop(0)
        return self.problems

    def charges(self, content: Content) -> list[Charge]:
        return self.costs

    def prepare(self, target: Target, content: Content) -> Content:
        self._happen("prepare", content=content)
        return content

    def create(self, target: Target, content: Content, *, handles: Handles, save: Any) -> Handles:
        for media in content.media:
            if media.key not in handles:
                self._happen("upload", media=media)
                handles[media.key] = f"remote-{media.key}"
                save(handles)
        self._happen("create", content=content, handles=handles)
        return handles

    def commit(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        answer = self._happen("commit", content=content, handles=handles, target=target)
        if answer == "accepted":
            return None
        return answer or self.accept(content.text)

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        return self._happen("confirm", content=content)

    def commit_part(self, target: Target, content: Content, *, parent: Published, text: str, **_: Any) -> Published:
        return self._happen("commit_part", text=text, parent=parent) or self.accept(text)

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: Any) -> Reconciliation:
        return self._happen("find_published") or self._find(content.text)

    def find_part(self, target: Target, *, text: str, **_: Any) -> Reconciliation:
        return self._happen("find_part") or self._find(text)

    def _find(self, text: str) -> Reconciliation:
        for post in self.posts:
            if post.text == text:
                return Reconciliation(Finding.PUBLISHED, Published(post.external_id, post.url))
        return Reconciliation(Finding.NOT_PUBLISHED)

    able: frozenset[Action] = frozenset(Action)

    def actions(self, kind: str) -> frozenset[Action]:
        return self.able

    def count_reply(self, text: str, *, limits: Any, private: bool = False) -> TextCount:
        return TextCount(len(text), 100)

    def reply(self, target: Target, *, to: MentionRef, text: str, private: bool = False, **_: Any) -> Published:
        return self._happen("reply", text=text, to=to, private=private) or self.accept(text)

    def find_reply(self, target: Target, *, text: str, **_: Any) -> Reconciliation:
        return self._happen("find_reply") or self._find(text)

    def act(self, target: Target, *, action: Action, on: MentionRef) -> None:
        self._happen("act", action=action, on=on)

    def refresh(self, target: Target) -> Credentials | None:
        self._happen("refresh", target=target)
        return self.renewed

    def edit(self, target: Target, content: Content, *, external_id: str) -> Published | None:
        published = self._happen("edit", external_id=external_id, content=content, target=target)
        if published is None and not self.edits_anew:
            self.posts = [replace(p, text=content.text) if p.external_id == external_id else p for p in self.posts]
        return published

    def edit_problem(self, *, limits: Any, published_at: Any, form: str = "post") -> Problem | None:
        return self.edit_refusal

    def edit_charges(self, content: Content) -> list[Charge]:
        return self.edit_costs

    def find_edit(self, target: Target, content: Content, *, external_id: str, since: Any) -> Reconciliation:
        found: Reconciliation = self._happen("find_edit") or self._find(content.text)
        return found

    def delete(self, target: Target, *, external_id: str) -> None:
        self._happen("delete", external_id=external_id)
        self.posts = [post for post in self.posts if post.external_id != external_id]
