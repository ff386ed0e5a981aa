"""What the composer's form holds, between the request, the services and the screen. Whatever was typed survives a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.errors import ChannelProblem, said_once
from editorial.models import Campaign, MediaAsset, Post, SubtitleTrack, Variant
from editorial.rules import LocalTime, resolve_local
from editorial.selectors.campaigns import visible_media
from editorial.selectors.content import payload_for, problems_of, read_tracks, subtitles_on
from editorial.selectors.outlook import Outlook, outlook_of
from editorial.selectors.posts import Loaded
from editorial.services.posts import MediaUse, NewVariant, PostFields
from editorial.web.option_fields import (
    Choice,
    OptionField,
    fields_for,
    form_of,
    formats_for,
    formats_without,
    meant_options,
    options_for,
    typed_options,
)
from publishing.services.content import content_from
from socialops.networks.articles import Article, article_of
from socialops.networks.cards import Card, cards_of
from socialops.networks.polls import Poll, poll_of
from socialops.networks.ports import Format, MediaKind, TextCount
from socialops.networks.quotes import quote_of
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.ui.option_words import chosen_words, format_of
from socialops.ui.pictures import Picture
from teams.models import Brand, Channel

POSTER = "poster"
UPRIGHT = 9 / 16


@dataclass(slots=True)
class Box:
    """One channel in the composer. `images` (files) None: the post's. `options` as typed, "format" among them; `cover`: "" for the network's choice, "poster" for a frame of
    the video, else the id of an image. From `count` on: what `Composed.judge` finds.
    """

    channel: Channel
    chosen: bool = False
    detached: bool = False
    text: str = ""
    images: list[int] | None = None
    first_comment: str = ""
    parts: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    cover: str = ""
    count: TextCount | None = None
    shown_text: str = ""
    shown_media: list[tuple[MediaAsset, str, list[SubtitleTrack]]] = field(default_factory=list)
    shown_options: list[tuple[str, str]] = field(default_factory=list)
    shown_cover: MediaAsset | None = None
    shown_poll: Poll | None = None
    shown_quote: str = ""
    shown_article: Article | None = None
    shown_cards: list[tuple[MediaAsset, Card]] = field(default_factory=list)
    shown_long: str = ""
    outlook: Outlook | None = None
    fields: list[OptionField] = field(default_factory=list)
    formats: list[Choice] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    problems: list[ChannelProblem] = field(default_factory=list)

    @property
    def takes_thread(self) -> bool:
        return connector_for(self.channel.network).supports_threads

    @property
    def takes_first_comment(self) -> bool:
        return connector_for(self.channel.network).supports_first_comment

    @property
    def thread_formats(self) -> list[str]:
        """Those that may be a thread."""
        return formats_without(self.channel, connector_for(self.channel.network).no_thread)

    @property
    def comment_formats(self) -> list[str]:
        """Those that take a first comment."""
        return formats_without(self.channel, connector_for(self.channel.network).no_comment)

    @property
    def meant_parts(self) -> list[str]:
        """What goes out of the thread: nothing where the format is none, as with settings. It stays in the form."""
        return [part for part in self.parts if part.strip()] if self.form in self.thread_formats else []

    @property
    def meant_comment(self) -> str:
        return self.first_comment if self.form in self.comment_formats else ""

    @property
    def gone(self) -> bool:
        return self.channel.status == Channel.Status.DISCONNECTED

    @property
    def form(self) -> str:
        return form_of(self.options)

    @property
    def form_word(self) -> str:
        """Empty for a plain post."""
        return "" if self.form == Format.POST else format_of(self.form)

    @property
    def has_video(self) -> bool:
        return MediaKind.VIDEO in self.kinds

    @property
    def takes_cover(self) -> bool:
        return connector_for(self.channel.network).supports_cover

    @property
    def has_covered(self) -> bool:
        """Something that a picture may stand for."""
        return not self.kinds.isdisjoint({MediaKind.VIDEO, MediaKind.AUDIO})

    @property
    def takes_spoilers(self) -> bool:
        return connector_for(self.channel.network).supports_spoilers

    @property
    def opened(self) -> bool:
        """Something is said, or still to be said, for this channel alone."""
        asks = any(entry.missing for entry in self.fields)
        own = self.first_comment or self.parts or self.cover or self.shown_options or self.shown_long
        shown = self.shown_poll or self.shown_article or self.shown_quote or self.shown_cards
        return bool(self.detached or own or shown or asks)

    @property
    def takes_article(self) -> bool:
        return Format.ARTICLE in connector_for(self.channel.network).formats

    @property
    def pictures(self) -> list[Picture]:
        """What an article shows, in its order."""
        return [
            Picture(asset.filename, alt, "editorial:media-file", asset.pk, asset.width, asset.height)
            for asset, alt, _tracks in self.shown_media
            if asset.kind == MediaKind.IMAGE
        ]

    @property
    def upright(self) -> bool:
        """Shown on the whole of a phone, 9:16."""
        return self.form in (Format.REEL, Format.STORY)

    @property
    def cropped(self) -> bool:
        """Something of it does not fill a phone's screen by itself."""
        sides = [(asset.width, asset.height) for asset, *_ in self.shown_media if asset.width and asset.height]
        return self.upright and any(abs(width / height - UPRIGHT) > 0.02 for width, height in sides)


@dataclass(slots=True)
class Composed:
    """The whole form."""

    brand: Brand
    boxes: list[Box]
    title: str = ""
    text: str = ""
    link: str = ""
    language: str = ""
    campaign: int | None = None
    media: list[tuple[MediaAsset, str]] = field(default_factory=list)  # with the description as typed
    covers: dict[int, MediaAsset] = field(default_factory=dict)  # images chosen as covers
    date: str = ""
    time: str = ""
    version: int | None = None
    submitted: Post | None = (
        None  # its subtitles are shown as it was submitted with them, not those its videos have now
    )
    problems: list[ChannelProblem] = field(default_factory=list)  # of no one channel

    @property
    def chosen(self) -> list[Box]:
        return [box for box in self.boxes if box.chosen]

    # ------------------------------------------------------------ in
    @classmethod
    def of_post(cls, loaded: Loaded, channels: Sequence[Channel], *, as_submitted: bool = False) -> Composed:
        """As it is stored, with the subtitles that saving it gives it, or those it was submitted with. Channels that are gone stay in sight, so that they can be removed."""
        post, own = loaded.post, {variant.channel_id: variant for variant in loaded.variants}
        shown = {channel.pk: channel for channel in [*channels, *(v.channel for v in loaded.variants)]}
        local = post.scheduled_at.astimezone(post.brand.zone) if post.scheduled_at else None
        media = [(loaded.assets[i["id"]], i["alt_text"]) for i in post.media if i["id"] in loaded.assets]
        return cls(
            brand=post.brand,
            boxes=[_box_of(channel, own.get(channel.pk), loaded.assets) for channel in shown.values()],
            title=post.title,
            text=post.text,
            link=post.link,
            language=post.language,
            campaign=post.campaign_id,
            media=[(asset, alt or asset.alt_text) for asset, alt in media],
            covers={pk: asset for pk, asset in loaded.assets.items() if asset.kind == MediaKind.IMAGE},
            date=local.date().isoformat() if local else "",
            time=f"{local:%H:%M}" if local else "",
            version=post.version,
            submitted=post if as_submitted else None,
        )

    @classmethod
    def of_form(cls, data: QueryDict, brand: Brand, channels: Sequence[Channel], actor: Actor) -> Composed:
        """As it was typed. Ids that this actor may not see are dropped."""
        chosen = set(data.getlist("channel"))
        boxes = [_typed_box(data, channel, chosen) for channel in channels]
        ids = [int(pk) for pk in data.getlist("media") if pk.isdecimal() and len(pk) < 19]
        covers = [int(box.cover) for box in boxes if box.cover.isdecimal() and len(box.cover) < 19]
        wanted = {*ids, *covers}
        assets = {a.pk: a for a in visible_media(actor).filter(brand=brand, pk__in=wanted)} if wanted else {}
        read_tracks(assets.values())
        version, campaign = data.get("version", ""), data.get("campaign", "")
        return cls(
            brand=brand,
            boxes=boxes,
            title=data.get("title", ""),
            text=data.get("text", ""),
            link=data.get("link", "").strip(),
            language=data.get("language", "")[:12],
            campaign=int(campaign) if campaign.isdecimal() and len(campaign) < 19 else None,
            media=[(assets[pk], data.get(f"alt-{pk}", "")) for pk in dict.fromkeys(ids) if pk in assets],
            covers={pk: assets[pk] for pk in covers if pk in assets and assets[pk].kind == MediaKind.IMAGE},
            date=data.get("date", ""),
            time=data.get("time", ""),
            version=int(version) if version.isdecimal() and len(version) < 9 else None,
        )

    # ------------------------------------------------------------ out
    def when(self) -> LocalTime | None:
        """The chosen moment in the brand's zone. ValidationError when only half of it is there, or it is none."""
        if not self.date and not self.time:
            return None
        try:
            wall = datetime.combine(date.fromisoformat(self.date), time.fromisoformat(self.time or ""))
        except ValueError as error:
            sentence = _("Choose both the day and the time.")
            raise ValidationError({"scheduled_at": ValidationError(sentence, code="half")}) from error
        return resolve_local(wall.replace(tzinfo=None, second=0, microsecond=0), self.brand.zone)

    def uses(self, only: list[int] | None = None) -> list[MediaUse]:
        return [MediaUse(asset, alt) for asset, alt in self.media if only is None or asset.pk in only]

    def files(self, box: Box) -> list[MediaUse]:
        """What this channel shows: the post's files, or those chosen for it."""
        return self.uses(box.images if box.detached else None)

    def kinds(self, box: Box) -> set[str]:
        return {use.asset.kind for use in self.files(box)}

    def cover(self, box: Box) -> MediaAsset | None:
        """The chosen picture of the video or sound; None where there is none, or the choice is the network's."""
        played = [use.asset for use in self.files(box) if use.asset.kind in (MediaKind.VIDEO, MediaKind.AUDIO)]
        if not played or not box.cover:
            return None
        if box.cover == POSTER:
            return next((asset for asset in played if asset.kind == MediaKind.VIDEO), None)
        return self.covers.get(int(box.cover) if box.cover.isdecimal() else 0)

    def cover_choices(self, recent: Sequence[MediaAsset]) -> list[MediaAsset]:
        """Images to choose a cover from: those of the post, those chosen already, the brand's last ones."""
        own = [asset for asset, _alt in self.media if asset.kind == MediaKind.IMAGE]
        return list({asset.pk: asset for asset in (*own, *self.covers.values(), *recent)}.values())

    def variants(self) -> list[NewVariant]:
        return [
            NewVariant(
                channel=box.channel,
                text=box.text if box.detached else None,
                media=self.files(box) if box.detached and box.images is not None else None,
                first_comment=box.meant_comment,
                parts=box.meant_parts,
                options=meant_options(box.channel, box.options, self.kinds(box)),
                cover=self.cover(box),
            )
            for box in self.chosen
        ]

    def fields(self, campaign: Campaign | None) -> PostFields:
        """What `update_post` takes; the date is the caller's matter."""
        return {
            "title": self.title,
            "text": self.text,
            "link": self.link,
            "language": self.language,
            "campaign": campaign,
            "media": self.uses(),
            "channels": [box.channel for box in self.chosen],
            "variants": self.variants(),
        }

    def judge(self, left: Mapping[int, Mapping[str, int]] | None = None) -> Composed:
        """Count, check, price and preview every chosen channel by its network's own rules. No query, no network. `left`: what is left of quotas, by channel id
        and bucket, where that is to be said.
        """
        items = [{"id": asset.pk, "alt_text": alt} for asset, alt in self.media]
        post = Post(brand=self.brand, text=_lines(self.text), link=self.link, media=items, state_since=timezone.now())
        if self.submitted is not None:
            post.state, post.subtitles = self.submitted.state, self.submitted.subtitles
        assets = {**self.covers, **{asset.pk: asset for asset, _alt in self.media}}
        variants = [self._variant(post, box) for box in self.chosen]
        for box in self.boxes:
            box.kinds = self.kinds(box)
            box.fields = fields_for(box.channel, box.options, box.kinds, files=len(self.files(box)))
            box.formats = formats_for(box.channel, box.options)
        found = problems_of(post, variants, assets, {box.channel.pk: box.channel for box in self.chosen})
        self.problems = [problem for problem in found if problem.channel_id is None]
        for box, variant in zip(self.chosen, variants, strict=True):
            payload = payload_for(post, variant, assets)
            content = content_from(payload, created_at=post.state_since)
            box.count = connector_for(box.channel.network).count_content(content, limits=box.channel.limits)
            box.shown_text = payload["text"]
            shown = [(assets[int(item["key"])], item["alt_text"]) for item in payload["media"]]
            box.shown_media = [(asset, alt, subtitles_on(post, asset)) for asset, alt in shown]
            box.shown_cover = variant.cover
            box.shown_poll = poll_of(content, options_for(box.channel))
            box.shown_quote = quote_of(content)
            box.shown_article = article_of(content)
            box.shown_options = [] if box.shown_article else chosen_words(options_for(box.channel), variant.options)
            box.shown_cards = [(assets[int(card.media.key)], card) for card in cards_of(content)]
            box.shown_long = variant.options.get("long_text", "")
            box.outlook = outlook_of(box.channel, content, (left or {}).get(box.channel.pk, {}))
            box.problems = said_once(problem for problem in found if problem.channel_id == box.channel.pk)
        return self

    def _variant(self, post: Post, box: Box) -> Variant:
        """As it would be stored, unsaved."""
        own = [{"id": use.asset.pk, "alt_text": use.alt_text} for use in self.files(box)]
        return Variant(
            post=post,
            channel=box.channel,
            text=_lines(box.text) if box.detached else None,
            media=own if box.detached and box.images is not None else None,
            first_comment=_lines(box.meant_comment),
            parts=[_lines(part) for part in box.meant_parts],
            options=meant_options(box.channel, box.options, self.kinds(box)),
            cover=self.cover(box),
        )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "")


def _box_of(channel: Channel, variant: Variant | None, assets: Mapping[int, MediaAsset]) -> Box:
    if variant is None:
        return Box(channel)
    return Box(
        channel,
        chosen=True,
        detached=variant.text is not None or variant.media is not None,
        text=variant.text if variant.text is not None else variant.post.text,
        images=None if variant.media is None else [item["id"] for item in variant.media],
        first_comment=variant.first_comment,
        parts=list(variant.parts),
        options=dict(variant.options),
        cover=_stored_cover(assets.get(variant.cover_id or 0)),
    )


def _stored_cover(asset: MediaAsset | None) -> str:
    if asset is None:
        return ""
    return POSTER if asset.kind == MediaKind.VIDEO else str(asset.pk)


def _typed_box(data: QueryDict, channel: Channel, chosen: set[str]) -> Box:
    key: Any = channel.pk
    images: list[int] | None = [int(pk) for pk in data.getlist(f"images-{key}") if pk.isdecimal() and len(pk) < 19]
    if f"all-images-{key}" in data or sorted(map(str, images or [])) == sorted(set(data.getlist("media"))):
        images = None
    return Box(
        channel,
        chosen=str(key) in chosen,
        detached=f"detach-{key}" in data,
        text=data.get(f"text-{key}", ""),
        images=images,
        first_comment=data.get(f"first-comment-{key}", ""),
        parts=data.getlist(f"parts-{key}"),
        options=typed_options(data, channel),
        cover=data.get(f"cover-{key}", ""),
    )
