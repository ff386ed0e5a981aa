"""Creating, copying and deleting posts; one builder for one post and for a thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.enums import PostState
from editorial.errors import NotEditable, NotReady
from editorial.models import Campaign, MediaAsset, Post, Revision, Variant
from editorial.rules import one_line
from editorial.selectors.access import require_on_brand, require_on_post
from editorial.selectors.content import hash_of, read_tracks
from editorial.selectors.posts import Loaded, load, lock_post
from editorial.services.deliveries import send_out
from editorial.services.moves import move_post
from editorial.services.options import clean_options
from editorial.services.revisions import new_revision, pin_alt_texts, pin_subtitles
from editorial.services.scheduling import changed, may_go_out, require_future, require_ready
from editorial.services.telling import tell_submitted
from editorial.states import DELETABLE, START
from socialops.audit.models import record
from socialops.networks.ports import MediaKind
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand, Channel

BULK_MAX = 1000
TEXT_MAX = 100_000


@dataclass(frozen=True, slots=True)
class MediaUse:
    """One file on a post, with its description there ("" for the asset's own)."""

    asset: MediaAsset
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class NewVariant:
    """What one channel says differently. None inherits. `options` as `networks.ports.Content` has them, `cover` as `Variant` has it."""

    channel: Channel
    text: str | None = None
    media: Sequence[MediaUse] | None = None
    first_comment: str = ""
    parts: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    cover: MediaAsset | None = None


@dataclass(frozen=True, slots=True)
class NewPost:
    """`as_draft` keeps a dated post a draft."""

    brand: Brand
    text: str
    channels: Sequence[Channel] = ()
    scheduled_at: datetime | None = None
    campaign: Campaign | None = None
    media: Sequence[MediaUse] = ()
    variants: Sequence[NewVariant] = ()
    title: str = ""
    link: str = ""
    language: str = ""
    as_draft: bool = False
    state: PostState = PostState.DRAFT


class PostFields(TypedDict, total=False):
    """What `update_post` may change; absent keys stay. `variants` replaces what the named channels say differently."""

    title: str
    text: str
    link: str
    language: str
    campaign: Campaign | None
    media: Sequence[MediaUse]
    channels: Sequence[Channel]
    variants: Sequence[NewVariant]
    scheduled_at: datetime | None


def create_post(
    *,
    brand: Brand,
    text: str,
    channels: Sequence[Channel] = (),
    scheduled_at: datetime | None = None,
    campaign: Campaign | None = None,
    media: Sequence[MediaAsset | MediaUse] = (),
    variants: Sequence[NewVariant] = (),
    title: str = "",
    link: str = "",
    language: str = "",
    as_draft: bool = False,
    actor: Actor,
) -> Post:
    """One post. With `scheduled_at` it is scheduled at once where the brand needs no approval and the actor may publish, and submitted
    for approval with that date otherwise, unless `as_draft`.
    """
    new = NewPost(
        brand=brand,
        text=text,
        channels=channels,
        scheduled_at=scheduled_at,
        campaign=campaign,
        media=[use if isinstance(use, MediaUse) else MediaUse(use) for use in media],
        variants=variants,
        title=title,
        link=link,
        language=language,
        as_draft=as_draft,
    )
    return create_posts(items=[new], actor=actor)[0]


@transaction.atomic
def create_posts(*, items: Sequence[NewPost], actor: Actor) -> list[Post]:
    """Up to 1,000 posts, all or nothing, in a number of queries that does not grow with them."""
    if not items:
        return []
    if len(items) > BULK_MAX:
        raise ValidationError(_("At most %(count)s posts at a time.") % {"count": BULK_MAX})
    read_tracks([use.asset for new in items for use in uses_in(new)])
    loaded: list[Loaded] = []
    outgoing: list[Loaded] = []
    submitted: list[Loaded] = []
    for index, new in enumerate(items):
        try:
            item = _built(new, actor)
            if item.post.state == PostState.SCHEDULED:
                outgoing.append(item)
            elif item.post.state == PostState.IN_REVIEW:
                submitted.append(item)
        except ValidationError as error:
            raise (_numbered(error, index) if len(items) > 1 else error) from error
        loaded.append(item)
    Post.objects.bulk_create([item.post for item in loaded], batch_size=500)
    Variant.objects.bulk_create([variant for item in loaded for variant in item.variants], batch_size=500)
    Revision.objects.bulk_create([new_revision(item, actor=actor) for item in loaded], batch_size=500)
    if outgoing:
        send_out(outgoing, actor=actor)
    posts = [item.post for item in loaded]
    _record_created(posts, actor)
    if submitted:
        tell_submitted([item.post for item in submitted])
    return posts


def uses_in(new: NewPost) -> list[MediaUse]:
    """Every file of a post, on whatever channel."""
    return [*new.media, *(use for variant in new.variants for use in variant.media or ())]


def _built(new: NewPost, actor: Actor) -> Loaded:
    """A checked, authorised, unsaved post in the state it will have. No query but for what `new` brings."""
    channels = list({channel.pk: channel for channel in new.channels}.values())
    require_on_brand(actor, Right.WRITE, new.brand, [channel.pk for channel in channels])
    check_belongings(new.brand, channels, new.campaign, [use.asset for use in new.media])
    post = Post(
        organization_id=actor.organization_id,
        brand=new.brand,
        campaign=new.campaign,
        title=one_line(new.title)[:160],
        text=clean(new.text),
        link=valid_link(new.link),
        language=new.language,
        media=uses_of(new.media),
        state=new.state if new.state in START else PostState.DRAFT,
        state_since=timezone.now(),
        scheduled_at=require_future(new.scheduled_at) if new.scheduled_at else None,
        author=actor.user,
        last_editor=actor.user,
    )
    said = {variant.channel.pk: variant for variant in new.variants}
    strangers = set(said) - {channel.pk for channel in channels}
    if strangers:
        raise invalid("variants", _("A variant names a channel that the post does not go to."), "unknown_channel")
    variants = [_variant(post, channel, said.get(channel.pk), actor) for channel in channels]
    assets = {use.asset.pk: use.asset for use in uses_in(new)}
    assets |= {said.cover.pk: said.cover for said in new.variants if said.cover is not None}
    loaded = Loaded(post, variants, assets)
    pin_alt_texts(loaded)
    pin_subtitles(loaded)
    post.content_hash = hash_of(post, variants, assets)
    if new.scheduled_at and not new.as_draft:
        _plan(loaded, actor)
    return loaded


def _plan(loaded: Loaded, actor: Actor) -> None:
    require_ready(loaded)
    if may_go_out(actor, loaded):
        move_post(loaded.post, PostState.SCHEDULED)
        return
    require_on_post(actor, Right.SUBMIT, loaded.post, loaded.variants)
    move_post(loaded.post, PostState.IN_REVIEW)
    loaded.post.submitted_at, loaded.post.submitted_by_id = timezone.now(), actor.user_id


def _variant(post: Post, channel: Channel, said: NewVariant | None, actor: Actor) -> Variant:
    variant = Variant(organization_id=actor.organization_id, post=post, channel=channel)
    if said is not None:
        say(variant, said)
    return variant


def say(variant: Variant, said: NewVariant) -> None:
    cover = [said.cover] if said.cover else []
    check_belongings(variant.channel.brand, [], None, [*(use.asset for use in said.media or ()), *cover])
    if said.cover is not None and said.cover.kind not in (MediaKind.IMAGE, MediaKind.VIDEO):
        raise invalid("cover", _("A cover is an image, or a frame of the video."), "cover")
    variant.text = None if said.text is None else clean(said.text)
    variant.media = None if said.media is None else uses_of(said.media)
    variant.first_comment = clean(said.first_comment)
    variant.parts = [clean(part) for part in said.parts]
    variant.options = clean_options(variant.channel, said.options)
    variant.cover = said.cover


def uses_of(uses: Iterable[MediaUse]) -> list[dict[str, Any]]:
    return [{"id": use.asset.pk, "alt_text": one_line(use.alt_text)[:2000]} for use in uses]


def clean(text: str) -> str:
    """Line ends as the networks count them, no NUL (PostgreSQL has none). ValidationError beyond any network's length."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if len(text) > TEXT_MAX:
        raise invalid("text", _("This text is longer than anything a network takes."), "too_long")
    return text


def valid_link(link: str) -> str:
    link = link.strip()
    if link:
        try:
            URLValidator(schemes=["http", "https"])(link)
        except ValidationError as error:
            raise invalid("link", _("The link is not a web address: it must start with https://."), "link") from error
    return link


def check_belongings(
    brand: Brand, channels: Iterable[Channel], campaign: Campaign | None, assets: Iterable[MediaAsset]
) -> None:
    if any(channel.brand_id != brand.pk for channel in channels):
        raise invalid("channels", _("A channel belongs to another brand than the post."), "other_brand")
    if campaign is not None and campaign.brand_id != brand.pk:
        raise invalid("campaign", _("The campaign belongs to another brand than the post."), "other_brand")
    if any(asset.brand_id != brand.pk for asset in assets):
        raise invalid("media", _("A file belongs to another brand than the post."), "other_brand")


def invalid(name: str, sentence: str, code: str) -> ValidationError:
    return ValidationError({name: ValidationError(sentence, code=code)})


def _numbered(error: ValidationError, index: int) -> ValidationError:
    """The same sentences, each saying which of the bulk's posts it is about."""
    if isinstance(error, NotReady):
        return NotReady(error.problems, index=index)
    sentences = [f"{_('Post %(number)s: ') % {'number': index + 1}}{message}" for message in error.messages]
    return ValidationError([ValidationError(sentence, code="post") for sentence in sentences])


def _record_created(posts: Sequence[Post], actor: Actor) -> None:
    if len(posts) == 1:
        post = posts[0]
        record(
            actor=actor,
            action="post.created",
            target=post,
            label=post.label,
            changes=changed({"state": None, "scheduled_at": None}, post),
        )
        return
    by_brand: dict[int, list[Post]] = defaultdict(list)
    for post in posts:
        by_brand[post.brand_id].append(post)
    for brand_posts in by_brand.values():
        record(
            actor=actor,
            action="posts.created",
            target=brand_posts[0].brand,
            brand_id=brand_posts[0].brand_id,
            changes={"posts": [None, [post.pk for post in brand_posts]]},
        )


def duplicate_post(*, post: Post, actor: Actor) -> Post:
    """The same content as a new draft without a date. Channels that are no longer there are left out."""
    source = load(post)

    def uses(items: list[dict[str, Any]]) -> list[MediaUse]:
        return [MediaUse(source.assets[i["id"]], i["alt_text"]) for i in items if i["id"] in source.assets]

    kept = [v for v in source.variants if v.channel.status != Channel.Status.DISCONNECTED]
    return create_post(
        brand=post.brand,
        text=post.text,
        channels=[variant.channel for variant in kept],
        campaign=post.campaign,
        media=uses(post.media),
        variants=[
            NewVariant(
                channel=variant.channel,
                text=variant.text,
                media=None if variant.media is None else uses(variant.media),
                first_comment=variant.first_comment,
                parts=variant.parts,
                options=variant.options,
                cover=source.assets.get(variant.cover_id or 0),
            )
            for variant in kept
        ],
        title=post.title,
        link=post.link,
        language=post.language,
        actor=actor,
    )


@transaction.atomic
def delete_draft(*, post: Post, actor: Actor) -> None:
    """Delete what never went out: ideas, drafts, cancelled and expired posts. NotEditable for anything else."""
    post = lock_post(post.pk)
    loaded = load(post)
    require_on_post(actor, Right.WRITE, post, loaded.variants)
    if post.state not in DELETABLE:
        raise NotEditable(
            _("A post that is “%(state)s” can't be deleted: cancel it first.") % {"state": PostState(post.state).label}
        )
    record(actor=actor, action="post.deleted", target=post, label=post.label, changes={"state": [post.state, None]})
    post.delete()
