"""Every main screen over an organization at work, thirty rows in each list: at most fifteen questions to the database (a row more costs none)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from editorial.enums import PostState
from editorial.models import Approval, Comment, Post, Revision
from kpis.models import ChannelPull
from publishing.enums import DeliveryState as S
from publishing.models import Attempt, Delivery, Part, Suspension
from reputation.models import PullState
from socialops.audit.models import record
from socialops.notifications.models import Notification
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Assignment, Brand, Channel, Invitation, Member, Role
from teams.services.rights import rebuild_rights
from tests.counting import questions
from tests.factories.editorial import CampaignFactory, MediaAssetFactory, PostFactory, VariantFactory
from tests.factories.kpis import ChannelDayFactory, PostFiguresFactory, PublishedDeliveryFactory
from tests.factories.publishing import DeliveryFactory
from tests.factories.reputation import MentionFactory
from tests.factories.teams import BrandFactory, ChannelFactory, CredentialFactory, MemberFactory, RoleFactory

pytestmark = pytest.mark.django_db
MANY = 30
AT_MOST = 15
STATES = [S.FAILED, S.MISSED, S.UNCONFIRMED, S.SCHEDULED, S.SUSPENDED]


@pytest.fixture
def world(admin: Actor) -> dict[str, int]:
    """One organization at work; gives the ids that addresses need."""
    brands = BrandFactory.create_batch(3, approval="required")
    channels = [
        ChannelFactory(brand=brands[n % 3], network=("mastodon", "bluesky", "facebook")[n % 3]) for n in range(MANY)
    ]
    for channel in channels:
        CredentialFactory(channel=channel, expires_at=timezone.now() + dt.timedelta(days=5))
        now = timezone.now()
        ChannelPull.objects.create(
            channel=channel, next_at=now, account_due_at=now, succeeded_at=now, error_code="revoked"
        )
        PullState.objects.create(channel=channel)
    Channel.objects.filter(pk__in=[channel.pk for channel in channels[::5]]).update(status="needs_reconnection")
    roles = RoleFactory.create_batch(MANY)
    people = _people(admin, brands, channels, roles)
    posts = _posts(admin, brands, channels, people)
    _figures(admin, channels, posts)
    return {
        "channel": channels[0].pk,
        "member": people[0].pk,
        "role": roles[0].pk,
        "post": posts[0].pk,
        "draft": posts[1].pk,
        "campaign": posts[0].campaign_id,
        "delivery": Delivery.objects.filter(post_key=posts[0].pk).first().pk,
        "suspension": Suspension.objects.order_by("id").first().pk,
        "mention": MentionFactory(channel=channels[0]).pk,
    }


def _people(admin: Actor, brands: list[Brand], channels: list[Channel], roles: list[Role]) -> list[Member]:
    soon = timezone.now() + dt.timedelta(days=10)
    people = MemberFactory.create_batch(MANY)
    for number, member in enumerate(people):
        role = roles[number]
        Assignment.objects.create(
            member=member, role=role, channel=channels[number], created_by=admin.user, ends_at=soon
        )
        Assignment.objects.create(member=member, role=role, brand=brands[number % 3], created_by=admin.user)
        Assignment.objects.create(member=people[0], role=role, channel=channels[number], created_by=admin.user)
        Invitation.objects.create(
            email=f"invite{number}@example.com", token_hash=str(number), invited_by=admin.user, expires_at=soon,
            grants=[{"role": role.pk, "brand": None, "channel": channels[number].pk}],
        )  # fmt: skip
        record(actor=admin, action="member.role_assigned", target=member, changes={"role": ["", role.name]})
        Notification.objects.create(
            user=admin.user, kind="delivery.failed", url="/", params={"label": "x", "channel": "y", "reason": "z"}
        )
    return people


def _posts(admin: Actor, brands: list[Brand], channels: list[Channel], people: list[Member]) -> list[Post]:
    now, posts = timezone.now(), []
    for number in range(MANY):
        brand = brands[number % 3]
        places = [channel for channel in channels if channel.brand_id == brand.pk]
        post = PostFactory(
            brand=brand, campaign=CampaignFactory(brand=brand, starts_on=now.date()), author=people[number].user,
            last_editor=people[number].user, scheduled_at=now + dt.timedelta(minutes=number),
            media=[{"id": MediaAssetFactory(brand=brand).pk, "alt_text": ""}],
            state=(PostState.SCHEDULED, PostState.IN_REVIEW, PostState.PARTIALLY_PUBLISHED)[number % 3],
            submitted_by=people[number].user, submitted_at=now,
        )  # fmt: skip
        for channel in places:
            delivery = DeliveryFactory(
                channel=channel, post_key=post.pk, campaign_key=post.campaign_id, state=STATES[number % 5],
                asks_person=True, created_by=people[number].user, due_at=now + dt.timedelta(minutes=number),
            )  # fmt: skip
            VariantFactory(post=post, channel=channel, delivery=delivery)
        posts.append(post)
    for number in range(MANY):
        author = {"author": people[number].user, "author_name": f"Personne {number}"}
        parent = Comment.objects.create(post=posts[0], text="À revoir", **author)
        Comment.objects.create(post=posts[0], parent=parent, text="C’est fait", **author)
        revision = Revision.objects.create(
            post=posts[0], number=number + 1, content={"text": "x"}, content_hash="0", **author
        )
        Approval.objects.create(
            post=posts[0], revision=revision, content_hash="0", decision="approved", by=people[number].user, by_name="x"
        )
        delivery = Delivery.objects.filter(post_key=posts[0].pk).first()
        Attempt.objects.create(delivery=delivery, number=number, step="commit", started_at=now, outcome="outage")
        Part.objects.create(delivery=delivery, position=number, kind="thread", text="Suite")
    return posts


def _figures(admin: Actor, channels: list[Channel], posts: list[Post]) -> None:
    now = timezone.now()
    first = Suspension.objects.create(scope="organization", reason="Crise", started_by=admin.user)
    Delivery.objects.filter(state=S.SUSPENDED).update(suspension=first)
    for number, channel in enumerate(channels):
        Suspension.objects.create(
            scope="channel", channel=channel, reason="Crise", started_by=admin.user, lifted_by=admin.user,
            lifted_at=None if number < 5 else now,
        )  # fmt: skip
        out = PublishedDeliveryFactory(
            channel=channel, post_key=posts[number].pk, published_at=now - dt.timedelta(days=2)
        )
        PostFiguresFactory(delivery=out, interactions=number, impressions=100, followers=1000)
        ChannelDayFactory(channel=channel, followers=1000 + number)
        MentionFactory(
            channel=channel,
            delivery=out,
            human_sentiment="negative",
            human_sentiment_by=admin.user,
            human_sentiment_at=now,
        )


SCREENS = {
    "today": "today/",
    "calendar": "calendar/",
    "calendar, week": "calendar/?view=week",
    "calendar, list": "calendar/?view=list",
    "composer, new": "posts/new/",
    "composer": "posts/{draft}/edit/",
    "post": "posts/{post}/",
    "post in review": "posts/{draft}/",
    "post, history": "posts/{post}/history/",
    "campaigns": "campaigns/",
    "campaign": "campaigns/{campaign}/",
    "approvals": "approvals/",
    "mentions": "mentions/",
    "mention": "mentions/{mention}/",
    "to fix": "deliveries/",
    "delivery": "deliveries/{delivery}/",
    "suspensions": "suspensions/",
    "suspension": "suspensions/{suspension}/",
    "figures": "figures/?period=365",
    "overview": "overview/",
    "team": "team/",
    "members": "members/",
    "member": "members/{member}/",
    "invite": "members/invite/",
    "channels": "channels/",
    "channel": "channels/{channel}/",
    "connect": "channels/connect/",
    "roles": "roles/",
    "role": "roles/{role}/",
    "audit": "audit/",
    "settings": "settings/",
    "notifications": "notifications/",
    "preferences": "notifications/preferences/",
}


def _sweep(client: Client, world: dict[str, int]) -> dict[str, int]:
    """How many questions each screen asks; those that this person may not open are left out."""
    counts = {}
    for name, path in SCREENS.items():
        url = "/o/lumiere/" + path.format(**world)
        client.get(url)  # what the process reads once is read
        with questions() as asked:
            answer = client.get(url)
        assert answer.status_code in {200, 403}, url
        if answer.status_code == 200:
            counts[name] = len(asked)
    return counts


def test_no_screen_asks_more_than_fifteen_questions(world: dict[str, int], admin: Actor, client_for: Any) -> None:
    counts = _sweep(client_for(admin), world)
    assert counts.keys() == SCREENS.keys()
    assert {name: count for name, count in counts.items() if count > AT_MOST} == {}


def test_rights_given_channel_by_channel_cost_no_more(world: dict[str, int], actor_with: Any, client_for: Any) -> None:
    scoped = actor_with(*Right, scope=Channel.objects.get(pk=world["channel"]))
    role = RoleFactory(rights=[right.value for right in Right])
    for channel in Channel.objects.all():
        Assignment.objects.create(member=scoped.member, role=role, channel=channel)
    rebuild_rights(member=scoped.member)
    counts = _sweep(client_for(scoped), world)
    assert {"today", "calendar", "post", "approvals", "mentions", "figures", "overview", "channels"} <= counts.keys()
    assert {name: count for name, count in counts.items() if count > AT_MOST} == {}
