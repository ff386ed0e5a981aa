"""The past in editorial and publishing: campaigns, images, posts with their revisions and approvals, deliveries with their ledger.

Written in bulk: these rows are history, and no service writes history. States come from the same rules as those of living posts.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.expressions import CombinedExpression
from django.utils import timezone

from editorial.enums import CampaignState, Decision, PostState
from editorial.models import Approval, Campaign, MediaAsset, Post, Revision, Variant
from editorial.selectors.content import hash_of, label_for, payload_for
from editorial.selectors.posts import Loaded
from editorial.services.campaigns import create_campaign
from editorial.services.media import upload_media
from editorial.services.options import clean_options
from editorial.services.revisions import new_revision
from editorial.services.settling import state_from
from editorial.services.subtitles import add_subtitles
from publishing.enums import DeliveryState
from publishing.models import Attempt, Delivery
from socialops.demo.cast import Cast
from socialops.demo.content import Piece, script
from socialops.demo.images import PICTURES
from socialops.demo.past import Files
from socialops.demo.plan import Past, Plan, Sent, Trouble
from socialops.permissions.actor import Actor
from teams.models import Brand, Channel

Channels = dict[tuple[str, str], Channel]
Campaigns = dict[tuple[str, str], Campaign]
Assets = dict[tuple[str, str], MediaAsset]

_SUBMITTED_BEFORE = dt.timedelta(days=2, hours=3)
_DECIDED_AFTER = dt.timedelta(hours=5)


def write_campaigns(cast: Cast) -> Campaigns:
    """As Claire, who runs them."""
    today = timezone.localdate()
    made: Campaigns = {}
    for slug, brand in cast.brands.items():
        for plan in script(slug).campaigns:
            first, last = (today + dt.timedelta(days=day) for day in plan["days"])
            made[slug, plan["key"]] = create_campaign(
                brand=brand,
                fields={
                    "name": plan["name"],
                    "objective": plan["objective"],
                    "colour": plan["colour"],
                    "starts_on": first,
                    "ends_on": last,
                    "state": CampaignState.ACTIVE,
                },
                actor=cast.actors["claire"],
            )
    return made


def upload_files(cast: Cast, files: Files) -> Assets:
    actor = cast.actors["claire"]
    assets: Assets = {}
    for (slug, name), file in files.items():
        asset = upload_media(
            brand=cast.brands[slug],
            file=io.BytesIO(file.content),
            filename=file.name,
            size=len(file.content),
            alt_text=file.alt,
            actor=actor,
        )
        for language, data in file.subtitles.items():
            add_subtitles(asset=asset, language=language, data=data, actor=actor)
        assets[slug, name] = asset
    return assets


def author_of(brand: str, piece: Piece, place: int) -> str:
    """Whose hand it is: the brand's own people, its agency, its freelancer."""
    if brand == "velo-citadin":
        return "emma" if piece.language == "en" else "theo"
    return "ines" if brand == "cafe-riviera" and place % 3 == 1 else "claire"


def approver_of(brand: str, author: str, place: int) -> str:
    """Somebody else, "" where nobody has to."""
    if author == "claire":
        return "" if brand == "cafe-riviera" else ("sophie" if place % 4 == 2 else "antoine")
    return "antoine" if place % 5 == 3 else "claire"


def write_past(plan: Plan, cast: Cast, channels: Channels, campaigns: Campaigns, assets: Assets) -> list[Delivery]:
    """Everything that went out or should have. Gives the published deliveries, each with its plan in `demo_sent`."""
    loaded = [_post(past, place, cast, channels, campaigns, assets) for place, past in enumerate(plan.posts)]
    Post.objects.bulk_create([item.post for item in loaded])
    deliveries = [
        _delivery(item, variant, sent)
        for item, past in zip(loaded, plan.posts, strict=True)
        for variant, sent in zip(item.variants, past.sent, strict=True)
    ]
    Delivery.objects.bulk_create(deliveries)
    variants = [variant for item in loaded for variant in item.variants]
    for variant, delivery in zip(variants, deliveries, strict=True):
        variant.delivery = delivery
    Variant.objects.bulk_create(variants)
    sent = [one for past in plan.posts for one in past.sent]
    Attempt.objects.bulk_create(
        [attempt for delivery, one in zip(deliveries, sent, strict=True) for attempt in _ledger(delivery, one)]
    )
    _decide(loaded, plan, cast)
    _date_back()
    published = []
    for delivery, one in zip(deliveries, sent, strict=True):
        if one.trouble is None:
            delivery.demo_sent = one  # type: ignore[attr-defined]  # what figures are made from, for the length of the load
            published.append(delivery)
    return published


def _post(past: Past, place: int, cast: Cast, channels: Channels, campaigns: Campaigns, assets: Assets) -> Loaded:
    brand, author = cast.brands[past.brand], author_of(past.brand, past.piece, place)
    approver = approver_of(past.brand, author, place)
    user = cast.actors[author].user
    states = [one.trouble.state if one.trouble else DeliveryState.PUBLISHED for one in past.sent]
    used, asset = media_of(past.brand, past.piece, assets)
    post = Post(
        brand=brand,
        campaign=campaigns.get((past.brand, past.piece.campaign)),
        text=past.piece.text,
        language=past.piece.language,
        media=used,
        state=state_from(states) or PostState.PUBLISHED,
        state_since=max(one.at for one in past.sent),
        scheduled_at=past.at,
        submitted_at=past.at - _SUBMITTED_BEFORE if approver else None,
        submitted_by=user if approver else None,
        author=user,
        last_editor=user,
    )
    variants = [
        Variant(
            post=post,
            channel=channels[past.brand, one.network],
            text=past.piece.own.get(one.network),
            options=clean_options(channels[past.brand, one.network], past.piece.options_on(one.network)),
        )
        for one in past.sent
    ]
    loaded = Loaded(post, variants, {asset.pk: asset} if asset else {})
    post.content_hash = hash_of(post, variants, loaded.assets)
    return loaded


def media_of(brand: str, piece: Piece, assets: Assets) -> tuple[list[dict[str, Any]], MediaAsset | None]:
    """A post's media and its asset, described in the post's language."""
    asset = assets.get((brand, piece.file))
    if asset is None:
        return [], None
    if piece.film:
        return [{"id": asset.pk, "alt_text": asset.alt_text}], asset
    picture = PICTURES[brand][piece.image]
    alt = picture.alt_en if piece.language == "en" and picture.alt_en else picture.alt
    return [{"id": asset.pk, "alt_text": alt}], asset


def _delivery(loaded: Loaded, variant: Variant, sent: Sent) -> Delivery:
    post = loaded.post
    assert post.scheduled_at is not None
    out: dict[str, Any] = {
        "state": DeliveryState.PUBLISHED,
        "tries": 2 if sent.earlier else 1,
        "commit_started_at": sent.at - dt.timedelta(milliseconds=240),
        "published_at": sent.at,
        "external_id": sent.external_id,
        "external_url": sent.url,
        "external_extra": sent.extra,
    }
    trouble = sent.trouble
    return Delivery(
        brand=post.brand,
        channel=variant.channel,
        post_key=post.pk,
        campaign_key=post.campaign_id,
        label=label_for(post, variant),
        payload=payload_for(post, variant, loaded.assets),
        content_hash=post.content_hash,
        created_by=post.author,
        due_at=post.scheduled_at,
        next_try_at=post.scheduled_at,
        first_tried_at=sent.at - dt.timedelta(milliseconds=400) if not trouble or trouble.tries else None,
        **(out if trouble is None else _lost(trouble)),
        **(_unclear(sent) if sent.is_unconfirmed else {}),
    )


def _unclear(sent: Sent) -> dict[str, Any]:
    """Reading the channel found more than one that it may be: somebody must say which."""
    return {
        "commit_started_at": sent.at - dt.timedelta(milliseconds=240),
        "unconfirmed_at": sent.at,
        "asks_person": True,
        "candidates": sent.candidates,
    }


def _lost(trouble: Trouble) -> dict[str, Any]:
    return {
        "state": trouble.state,
        "tries": trouble.tries,
        "error_kind": trouble.kind,
        "error_code": trouble.code,
        "error_detail": trouble.detail,
    }


def _ledger(delivery: Delivery, sent: Sent) -> list[Attempt]:
    def attempt(number: int, at: dt.datetime, outcome: str, *, step: str = "commit", **more: Any) -> Attempt:
        took = dt.timedelta(milliseconds=180 + 37 * (delivery.pk % 9))
        return Attempt(
            delivery=delivery,
            number=number,
            step=step,
            started_at=at - took,
            ended_at=at,
            outcome=outcome,
            **more,
        )

    def failures(trouble: Trouble, at: dt.datetime) -> list[Attempt]:
        error: dict[str, Any] = {"error_code": trouble.code, "error_detail": trouble.detail}
        return [
            attempt(number, at + dt.timedelta(seconds=20 * 3 ** (number - 1)), trouble.kind, **error)
            for number in range(1, trouble.tries + 1)
        ]

    if sent.trouble is not None:
        tried = failures(sent.trouble, sent.at)
        looked = sent.at + dt.timedelta(minutes=7)
        return [*tried, attempt(1, looked, "undecided", step="reconcile")] if sent.is_unconfirmed else tried
    before = failures(sent.earlier, delivery.due_at - dt.timedelta(seconds=18)) if sent.earlier else []
    return [*before, attempt(len(before) + 1, sent.at, "done")]


def _decide(loaded: list[Loaded], plan: Plan, cast: Cast) -> None:
    """Each post's one revision, and the approval of it where the brand or the author's role asks for one."""
    revisions = []
    for place, (item, past) in enumerate(zip(loaded, plan.posts, strict=True)):
        revisions.append(new_revision(item, actor=cast.actors[author_of(past.brand, past.piece, place)]))
    Revision.objects.bulk_create(revisions)
    approvals = []
    for place, (revision, past) in enumerate(zip(revisions, plan.posts, strict=True)):
        approver = approver_of(past.brand, author_of(past.brand, past.piece, place), place)
        if approver:
            approvals.append(_approval(revision, cast.actors[approver]))
    Approval.objects.bulk_create(approvals)


def _approval(revision: Revision, actor: Actor) -> Approval:
    return Approval(
        post=revision.post,
        revision=revision,
        content_hash=revision.content_hash,
        decision=Decision.APPROVED,
        by=actor.user,
        by_name=actor.name,
    )


def _date_back() -> None:
    """Creation dates are set by the database layer; history has its own."""

    def before(field: str, span: dt.timedelta) -> CombinedExpression:
        return F(field) - span

    def of_post(field: str) -> Subquery:
        return Subquery(Post.objects.filter(pk=OuterRef("post_id")).values(field)[:1])

    written = before("scheduled_at", _SUBMITTED_BEFORE + dt.timedelta(hours=1))
    Post.objects.update(created_at=written, updated_at=F("state_since"))
    Revision.objects.update(created_at=of_post("created_at"))
    Approval.objects.update(at=of_post("submitted_at"))
    Approval.objects.update(at=before("at", -_DECIDED_AFTER))
    Delivery.objects.update(created_at=before("due_at", _SUBMITTED_BEFORE - _DECIDED_AFTER))
    MediaAsset.objects.update(created_at=timezone.now() - dt.timedelta(days=60))


def brand_channels(brand: Brand, channels: Channels, networks: tuple[str, ...]) -> list[Channel]:
    return [channels[brand.slug, network] for network in networks]
