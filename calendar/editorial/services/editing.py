"""Changing a post. Two people at once: the second is told, and what they typed is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.enums import PostState, RevisionKind
from editorial.errors import EditConflict, NotEditable
from editorial.models import Post, Revision, Variant
from editorial.rules import one_line
from editorial.selectors.access import decide, on_post, require_on_post
from editorial.selectors.content import assets_of, frozen, hash_of, read_tracks
from editorial.selectors.posts import Loaded, load, lock_post
from editorial.services import writing
from editorial.services.deliveries import move_due, require_not_under_way, send_out, withdraw
from editorial.services.moves import move_post
from editorial.services.revisions import keep_revision, pin_alt_texts, pin_subtitles
from editorial.services.scheduling import changed, may_go_out, require_future, require_ready
from editorial.services.telling import tell_submitted
from editorial.services.writing import PostFields
from editorial.states import EDITABLE, WITH_AUTHOR
from publishing.models import Delivery
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.decision import require
from socialops.permissions.rights import Right

_PLANNED = frozenset({PostState.SCHEDULED, PostState.ON_HOLD})
_AUDITED = ("state", "scheduled_at", "title", "text", "link", "language", "campaign_id")


def update_post(*, post: Post, fields: PostFields, expected_version: int | None = None, actor: Actor) -> Post:
    """Change what `fields` names. With `expected_version` other than the post's: EditConflict, and what was typed is kept as a revision
    (kind "kept") that the conflict screen shows.

    An edit after approval re-opens it: deliveries are withdrawn first, and the post goes back into review (to draft when the editor
    may not submit). Where the brand needs no approval and the editor may publish, a scheduled post stays scheduled with the new content.
    """
    with transaction.atomic():
        post = lock_post(post.pk)
        loaded = load(post)
        require_on_post(actor, Right.WRITE, post, loaded.variants)
        if expected_version is None or expected_version == post.version:
            return _apply(loaded, fields, actor)
        mine = Loaded(post, loaded.variants, loaded.assets)
        current, expected = frozen(post, loaded.variants, loaded.assets), expected_version
        _fill(mine, fields, actor)
        kept = None
        if frozen(post, mine.variants, mine.assets) != current:
            post.content_hash = hash_of(post, mine.variants, mine.assets)
            kept = keep_revision(mine, kind=RevisionKind.KEPT, actor=actor)
    raise EditConflict(
        post=Post.objects.select_related("brand", "last_editor").get(pk=post.pk), expected=expected, kept=kept
    )


def kept_from(post: Post) -> list[Revision]:
    """What second editors had typed, newest first."""
    return list(Revision.objects.filter(post=post, kind=RevisionKind.KEPT)[:20])


def _apply(loaded: Loaded, fields: PostFields, actor: Actor) -> Post:
    post = loaded.post
    if post.state not in EDITABLE:
        raise NotEditable(
            _("A post that is “%(state)s” can't be changed: duplicate it instead.")
            % {"state": PostState(post.state).label}
        )
    require_not_under_way(loaded.variants)
    before = {name: getattr(post, name) for name in _AUDITED}
    channels_before = sorted(variant.channel_id for variant in loaded.variants)
    old_variants = {variant.pk: variant for variant in loaded.variants}
    _fill(loaded, fields, actor)
    pin_alt_texts(loaded)
    if post.state in WITH_AUTHOR or {"media", "variants"} & fields.keys():
        pin_subtitles(loaded)
    post.version += 1
    new_hash = hash_of(post, loaded.variants, loaded.assets)
    if new_hash != post.content_hash:
        post.content_hash, post.last_editor_id = new_hash, actor.user_id
        _reopen(loaded, list(old_variants.values()), actor)
        _store_variants(loaded, old_variants)
        keep_revision(loaded, actor=actor)
        if post.state in _PLANNED:
            send_out([loaded], actor=actor)
    elif post.state in _PLANNED:
        _follow(loaded, before, actor)
    post.save()
    changes = changed(before, post)
    channels_after = sorted(variant.channel_id for variant in loaded.variants)
    if channels_after != channels_before:
        changes["channels"] = [list(channels_before), list(channels_after)]
    record(actor=actor, action="post.updated", target=post, label=post.label, changes=changes)
    return post


def _follow(loaded: Loaded, before: dict[str, object], actor: Actor) -> None:
    """The content is the same: waiting deliveries take over another date or campaign."""
    post = loaded.post
    if post.scheduled_at != before["scheduled_at"]:
        require_on_post(actor, Right.PUBLISH, post, loaded.variants)
        move_due(loaded.variants, post=post, actor=actor)
    if post.campaign_id != before["campaign_id"]:
        # a suspension by campaign must reach them; the content, and so the approval, is untouched
        Delivery.objects.filter(pk__in=[v.delivery_id for v in loaded.variants]).update(campaign_key=post.campaign_id)


def _reopen(loaded: Loaded, old_variants: list[Variant], actor: Actor) -> None:
    """What an edit does to the state. Withdraws before anything else, so that what was not approved can't go out."""
    post = loaded.post
    if post.state in {PostState.APPROVED, *_PLANNED}:
        withdraw(old_variants, actor=actor, reason="content changed")
        for variant in loaded.variants:
            variant.delivery = None
        if may_go_out(actor, loaded) and post.state in _PLANNED:
            require_ready(loaded)
            return
        if on_post(actor, Right.SUBMIT, post, loaded.variants):
            require_ready(loaded)
            move_post(post, PostState.IN_REVIEW)
            post.submitted_at, post.submitted_by_id = timezone.now(), actor.user_id
            tell_submitted([post])
        else:
            move_post(post, PostState.DRAFT)
    elif post.state == PostState.FAILED:
        withdraw(old_variants, actor=actor, reason="content changed")
        move_post(post, PostState.DRAFT)
    elif post.state == PostState.EXPIRED:
        move_post(post, PostState.DRAFT)
    elif post.state == PostState.IN_REVIEW:
        require_ready(loaded)


def _fill(loaded: Loaded, fields: PostFields, actor: Actor) -> None:
    """Put the fields on the unsaved post and variants. ValidationError for what doesn't belong together."""
    post = loaded.post
    uses = [*(fields.get("media") or ()), *(u for v in fields.get("variants") or () for u in v.media or ())]
    writing.check_belongings(
        post.brand, fields.get("channels") or (), fields.get("campaign"), [use.asset for use in uses]
    )
    cleaned: dict[str, Callable[[Any], Any]] = {
        "title": lambda title: one_line(title)[:160],
        "text": writing.clean,
        "link": writing.valid_link,
        "language": str,
        "campaign": lambda campaign: campaign,
        "media": writing.uses_of,
    }
    for name, clean in cleaned.items():
        if name in fields:
            setattr(post, name, clean(fields[name]))  # type: ignore[literal-required]  # the names are the TypedDict's
    if "scheduled_at" in fields and fields["scheduled_at"] != post.scheduled_at:
        _fill_date(post, fields)
    if "channels" in fields:
        _fill_channels(loaded, fields, actor)
    said = {variant.channel.pk: variant for variant in fields.get("variants") or ()}
    if set(said) - {variant.channel_id for variant in loaded.variants}:
        sentence = _("A variant names a channel that the post does not go to.")
        raise writing.invalid("variants", sentence, "unknown_channel")
    for variant in loaded.variants:
        if variant.channel_id in said:
            writing.say(variant, said[variant.channel_id])
    named = {use.asset.pk: use.asset for use in uses}
    read_tracks(named.values(), [post])
    loaded.assets = {**assets_of([post], loaded.variants), **named}


def _fill_date(post: Post, fields: PostFields) -> None:
    date = fields["scheduled_at"]
    if date is None and post.state in _PLANNED:
        sentence = _("This post is scheduled: take it back first to remove its date.")
        raise writing.invalid("scheduled_at", sentence, "scheduled")
    post.scheduled_at = require_future(date) if date else None


def _fill_channels(loaded: Loaded, fields: PostFields, actor: Actor) -> None:
    kept = {variant.channel_id: variant for variant in loaded.variants}
    wanted = {channel.pk: channel for channel in fields["channels"]}
    added = [pk for pk in wanted if pk not in kept]
    if added:
        require(decide(actor, Right.WRITE, loaded.post.scope_path, added))
    loaded.variants = [
        kept.get(pk) or Variant(organization_id=actor.organization_id, post=loaded.post, channel=channel)
        for pk, channel in wanted.items()
    ]


def _store_variants(loaded: Loaded, old: dict[int, Variant]) -> None:
    staying = {variant.pk for variant in loaded.variants}
    gone = [pk for pk in old if pk not in staying]
    if gone:
        Variant.objects.filter(pk__in=gone).delete()
    Variant.objects.bulk_create([variant for variant in loaded.variants if variant.pk not in old])
    Variant.objects.bulk_update(
        [variant for variant in loaded.variants if variant.pk in staying and variant.pk in old],
        ["text", "media", "first_comment", "parts", "options", "cover", "delivery"],
    )
