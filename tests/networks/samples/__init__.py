"""What the contract tests need to know of each network: one file a network, with its `SAMPLE`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.ports import Connector, Content, Format
from socialops.networks.registry import connector_for
from tests.fakes.files import audio, media, subtitles, video
from tests.sandbox_server import Sandbox

QUOTED = "a post of somebody’s"  # until `addressed` puts an address there
ARTICLE = {"format": "article", "title": "Réparer & transmettre"}
POLL = {"format": "poll", "poll_choices": ["Cuivre & laiton", "Papier", "Verre"]}
CAROUSEL = {
    "format": "carousel",
    "card_links": ["https://example.com/laiton", "", "https://example.com/verre?b=1&c"],
    "card_titles": ["Cuivre & laiton", "", "Verre"],
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`one_shot` and `part` are regular expressions of the paths of the one shot (`one_shot_method`, "" any) and of a comment or thread part (POST). `likes` and `comments` are the
    network's own metric names. `needs`: the kind of file without which nothing is published ("" none). `losing`: faults by which an accepted one shot loses its answer.
    """

    one_shot: str
    one_shot_method: str = "POST"
    one_shot_has_token: bool = True
    losing: tuple[str, ...] = ("drop", "500_after", "malformed")
    part: str = ""  # "" where the network takes neither comments nor threads from us
    likes: str
    comments: str
    needs: str = ""  # image, video
    max_images: int = 4
    counts_media: bool = True  # how many files a post has can be read back
    options: Mapping[str, Any] = field(default_factory=dict)
    more_forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by name, as fields of a content
    shows_link: bool = True  # a link can be read back from the post
    link_with_media: bool = True
    repeatable: bool = False  # a repeated one shot is the same post
    certain: bool = False  # a handle leaves no doubt which post is ours
    deletes: bool = True
    comments_readable: bool = True
    has_mentions: bool = True
    has_quota_headers: bool = True
    refuses_too_long: bool = True  # by itself, when our check is skipped
    refuses_repeats: bool = False  # the same text twice in a short time
    new_posts_hide: bool = False  # for a while, "not there" may mean "not yet"
    ready: Callable[[Sandbox, Mapping[str, Any]], None] = lambda _sandbox, _account: (
        None
    )  # what a new account needs for every form
    revokes: str = "verify"  # what tells that access was revoked: verify or refresh; "" where the API can't revoke

    def forms(self, kinds: Sequence[str], connector: Connector) -> dict[str, dict[str, Any]]:
        """The forms a publication takes here, by name, as fields of its content; `kinds` of files as the network's limits list them."""
        found: dict[str, dict[str, Any]] = {} if self.needs else {"text": {}}
        if self.max_images:
            found["image"] = {"media": (media(),)}
        if "video" in kinds:
            found["video"] = {"media": (video(subtitles=(subtitles(),) if connector.takes_subtitles else ()),)}
        if "audio" in kinds:
            found["audio"] = {"media": (audio(),)}
        if Format.POLL in connector.formats:
            found["poll"] = {"options": {**self.options, **POLL}}
        if any(option.name == "quote" for option in connector.options(limits={})):
            found["quote"] = {"options": {**self.options, "quote": QUOTED}}
        if Format.ARTICLE in connector.formats:
            found["article"] = {"options": {**self.options, **ARTICLE}, "media": (media(),)}
        if Format.CAROUSEL in connector.formats:
            files = tuple(media(key) for key in ("c1", "c2", "c3"))
            options = {**self.options, **CAROUSEL}
            found["carousel"] = {"media": files, "link": "https://example.com/lampes", "options": options}
        found |= {name: dict(fields) for name, fields in self.more_forms.items()}
        return found

    def content(self, text: str = "", **more: Any) -> Content:
        """A content that this network takes."""
        if self.needs and not more.get("media"):
            more["media"] = (media(),) if self.needs == "image" else (video(),)
        return Content(
            text=text or f"Bonjour à tous ! {uuid.uuid4().hex}",
            idempotency_key=str(uuid.uuid4()),
            created_at=datetime.now(UTC),
            language="fr",
            **{"options": dict(self.options), **more},
        )


def addressed(content: Content, sandbox: Sandbox, network: str, account: str) -> Content:
    """A content that quotes a post of somebody's, with the address of one that they have just written about the account."""
    if content.options.get("quote") != QUOTED:
        return content
    made = sandbox.crowd(network, "mention", account=account, text="")
    return replace(content, options={**content.options, "quote": made["url"]})


def sample_of(network: str) -> Sample:
    found: Sample = import_module(f"tests.networks.samples.{network}").SAMPLE
    return found


def forms_of(network: str) -> dict[str, dict[str, Any]]:
    """The forms a publication takes on a network, by name, as fields of its content."""
    kinds = network_data(network)["limits"]["media"].get("kinds", ["image"])
    return sample_of(network).forms(kinds, connector_for(network))
