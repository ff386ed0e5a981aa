"""The coming two weeks, through the services as the people themselves would: written, submitted, approved, sent back, discussed."""

from __future__ import annotations

import datetime as dt
import random

from editorial.enums import PostState
from editorial.models import Post
from editorial.services.comments import add_comment
from editorial.services.posts import MediaUse, NewPost, NewVariant, approve_post, create_posts, request_changes
from socialops.demo.cast import Cast
from socialops.demo.content import Piece, script, typeset
from socialops.demo.plan import slot
from socialops.demo.posts import Assets, Campaigns, Channels, approver_of, author_of, brand_channels, media_of
from socialops.networks.data import default_limits
from socialops.networks.ports import MediaKind
from socialops.networks.registry import connector_for
from socialops.notifications.models import Notification
from socialops.tenancy.scope import tenant
from teams.models import Channel

# Who sends back what a law, a fact or a voice speaks against.
_CRITIC = {"maison-lumiere": "sophie", "velo-citadin": "claire", "cafe-riviera": "claire"}


def write_ahead(cast: Cast, channels: Channels, campaigns: Campaigns, assets: Assets, now: dt.datetime) -> None:
    dice = random.Random("ahead")  # noqa: S311 -- repeatable on purpose
    pieces = [(slug, place, piece) for slug in cast.brands for place, piece in enumerate(script(slug).ahead)]
    decided = [item for item in pieces if item[2].state == "scheduled"]
    for batch in (decided, [item for item in pieces if item not in decided]):
        # What was decided before is read: people find only what waits for them.
        Notification.objects.all().delete()
        for slug, place, piece in batch:
            author = _author(slug, piece, place)
            new = _new_post(slug, piece, cast, channels, campaigns, assets, now, dice)
            post = create_posts(items=[new], actor=cast.actors[author])[0]
            _follow_up(post, slug, piece, author, place, cast)


def _author(slug: str, piece: Piece, place: int) -> str:
    """At Café Riviera Claire publishes as she likes; what waits for her is Inès's."""
    if slug == "cafe-riviera":
        return "claire" if piece.state in {"scheduled", "idea"} else "ines"
    return author_of(slug, piece, place)


def _new_post(
    slug: str,
    piece: Piece,
    cast: Cast,
    channels: Channels,
    campaigns: Campaigns,
    assets: Assets,
    now: dt.datetime,
    dice: random.Random,
) -> NewPost:
    at = slot(now, piece.day, piece.language, dice) if piece.day is not None else None
    if piece.minutes:
        # The next whole minute after that many: people choose minutes.
        at = (now + dt.timedelta(minutes=piece.minutes)).replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
    used, asset = media_of(slug, piece, assets)
    idea = piece.state == "idea"
    to = [] if idea else brand_channels(cast.brands[slug], channels, piece.networks)
    return NewPost(
        brand=cast.brands[slug],
        text=piece.text,
        channels=to,
        scheduled_at=at,
        campaign=campaigns.get((slug, piece.campaign)),
        media=[MediaUse(asset, used[0]["alt_text"])] if asset else [],
        variants=[_variant(slug, piece, channel, assets) for channel in to],
        language=piece.language,
        as_draft=piece.state == "draft",
        state=PostState.IDEA if idea else PostState.DRAFT,
    )


def _variant(slug: str, piece: Piece, channel: Channel, assets: Assets) -> NewVariant:
    """What this channel says and shows differently, and what its network wants to know."""
    connector = connector_for(channel.network)
    paper = assets.get((slug, f"document/{piece.document}"))
    takes_it = MediaKind.DOCUMENT in default_limits(channel.network)["media"].get("kinds", ())
    return NewVariant(
        channel=channel,
        text=piece.own.get(channel.network),
        media=[MediaUse(paper)] if paper and takes_it else None,
        first_comment=piece.first_comment if connector.supports_first_comment else "",
        parts=piece.parts if connector.supports_threads else (),
        options=piece.options_on(channel.network),
    )


def _follow_up(post: Post, slug: str, piece: Piece, author: str, place: int, cast: Cast) -> None:
    if piece.state == "scheduled" and post.state == PostState.IN_REVIEW:
        approver = approver_of(slug, author, place) or "claire"
        approve_post(post=post, actor=cast.actors[approver])
    elif piece.state == "changes_requested":
        request_changes(post=post, comment=piece.note, actor=cast.actors[_CRITIC[slug]])
    elif piece.note:
        add_comment(post=post, text=piece.note, actor=cast.actors[author])


def write_neighbour(cast: Cast) -> None:
    """What Groupe Lumière must never see."""
    brand, elise = cast.brands["atelier-nord"], cast.actors["elise"]
    texts = ("Réouverture de l’atelier de Lille après travaux.", "Stage de reliure : six places en fin de mois.")
    with tenant(cast.organization):
        create_posts(
            items=[
                NewPost(brand=brand, text=texts[0], language="fr"),
                NewPost(brand=brand, text=typeset(texts[1]), state=PostState.IDEA),
            ],
            actor=elise,
        )
