"""Numbers come in, thin out with age, survive what the networks refuse, and missing stays missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kpis.models import ChannelDay, ChannelPull, PostFigures, PostSnapshot
from kpis.schedule import next_reading
from kpis.services import pulls
from socialops.networks.errors import OutageError, RateLimitError
from socialops.networks.ports import Metrics, PostMetrics, Target
from socialops.tenancy.scope import tenant
from teams.models import Channel, Organization
from tests.factories.kpis import ChannelDayFactory, PostFiguresFactory, PublishedDeliveryFactory
from tests.factories.teams import ChannelFactory, CredentialFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Network:
    """What the other side answers; also proves that no transaction is open while it does."""

    def __init__(
        self, posts: Mapping[str, Metrics], account: Metrics, gone: Sequence[str] = (), error: Exception | None = None
    ) -> None:
        self.posts, self.account, self.gone, self.error = posts, account, gone, error
        self.asked: list[list[str]] = []

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        assert not connection.in_atomic_block
        self.asked.append(list(external_ids))
        if self.error:
            raise self.error
        return PostMetrics({k: v for k, v in self.posts.items() if k in external_ids}, frozenset(self.gone))

    def pull_account_metrics(self, target: Target) -> Metrics:
        return self.account


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Network]:
    def install(*args: Any, **kwargs: Any) -> Network:
        made = Network(*args, **kwargs)
        monkeypatch.setattr(pulls, "connector_for", lambda name: made)
        return made

    return install


def _channel(organization: Organization, **fields: Any) -> Channel:
    channel = ChannelFactory(**fields)
    CredentialFactory(channel=channel)
    return channel


def _pull(channel: Channel) -> int:
    with tenant(channel.organization_id):
        ChannelPull.objects.update_or_create(
            channel=channel, defaults={"next_at": timezone.now(), "account_due_at": timezone.now()}
        )
    return pulls.pull_channel(organization_id=channel.organization_id, channel_id=channel.pk)


def test_a_reading_is_stored_under_our_names_and_what_is_missing_stays_missing(
    bare_organization: Organization, network
) -> None:
    with tenant(bare_organization):
        channel = _channel(bare_organization)
        figures = PostFiguresFactory(delivery__channel=channel, delivery__external_id="a", readings=0)
    network({"a": {"favourites_count": 5, "reblogs_count": 2, "replies_count": 0}}, {"followers_count": 120})
    assert _pull(channel) == 1
    with tenant(bare_organization):
        figures.refresh_from_db()
        assert (figures.likes, figures.shares, figures.comments, figures.quotes, figures.impressions) == (
            5,
            2,
            0,
            None,
            None,
        )
        assert (figures.interactions, figures.followers, figures.readings) == (7, 120, 1)
        assert figures.next_read_at is not None
        assert PostSnapshot.objects.get().raw == {"favourites_count": 5, "reblogs_count": 2, "replies_count": 0}
        assert ChannelDay.objects.get().followers == 120


def test_a_second_reading_updates_the_figures_and_keeps_the_history(bare_organization: Organization, network) -> None:
    with tenant(bare_organization):
        channel = _channel(bare_organization)
        PostFiguresFactory(delivery__channel=channel, delivery__external_id="a")
    for likes in (5, 9):
        network({"a": {"favourites_count": likes}}, {"followers_count": 100 + likes})
        with tenant(bare_organization):
            PostFigures.objects.update(next_read_at=timezone.now())
        _pull(channel)
    with tenant(bare_organization):
        assert PostFigures.objects.get().likes == 9
        assert list(PostSnapshot.objects.order_by("id").values_list("likes", flat=True)) == [5, 9]
        assert ChannelDay.objects.get().followers == 109


def test_a_corrected_post_has_earned_what_all_its_versions_did(bare_organization: Organization, network) -> None:
    with tenant(bare_organization):
        channel = _channel(bare_organization, network="x")
        PostFiguresFactory(
            delivery__channel=channel, delivery__external_id="c", delivery__earlier_ids=["a", "b"], network="x"
        )
    posts = {
        "c": {"like_count": 1, "impression_count": 40},
        "a": {"like_count": 5, "impression_count": 900, "reply_count": 2},
        "b": {"like_count": None},
    }
    asked = network(posts, {}).asked
    _pull(channel)
    assert asked == [["c", "a", "b"]]
    with tenant(bare_organization):
        figures = PostFigures.objects.get()
        assert (figures.likes, figures.impressions, figures.comments, figures.shares) == (6, 940, 2, None)
        assert PostSnapshot.objects.get().raw == {"like_count": 6, "impression_count": 940, "reply_count": 2}
        PostFigures.objects.update(next_read_at=timezone.now())
    network({}, {}, gone=["a", "b", "c"])
    _pull(channel)
    with tenant(bare_organization):
        assert PostFigures.objects.get().gone_at is not None


def test_a_post_gone_from_the_network_is_read_no_more(bare_organization: Organization, network) -> None:
    with tenant(bare_organization):
        channel = _channel(bare_organization)
        PostFiguresFactory(delivery__channel=channel, delivery__external_id="a", likes=3)
    network({}, {}, gone=["a"])
    _pull(channel)
    with tenant(bare_organization):
        figures = PostFigures.objects.get()
        assert (figures.gone_at is not None, figures.next_read_at, figures.likes) == (True, None, 3)


def test_a_rate_limit_is_honoured_and_a_failure_backs_off(bare_organization: Organization, network) -> None:
    until = timezone.now() + dt.timedelta(hours=3)
    with tenant(bare_organization):
        channel = _channel(bare_organization)
        PostFiguresFactory(delivery__channel=channel, delivery__external_id="a")
    network({}, {}, error=RateLimitError("rate_limited", until=until))
    assert _pull(channel) == 0
    with tenant(bare_organization):
        pull = ChannelPull.objects.get()
        assert (pull.next_at, pull.error_code, pull.lease_until, pull.failures) == (until, "rate_limited", None, 1)
    network({}, {}, error=OutageError("unreachable"))
    _pull(channel)
    with tenant(bare_organization):
        assert ChannelPull.objects.get().next_at > timezone.now() + dt.timedelta(minutes=3)


def test_two_pullers_never_read_a_channel_at_once(bare_organization: Organization, network) -> None:
    with tenant(bare_organization):
        channel = _channel(bare_organization)
        ChannelPull.objects.create(
            channel=channel,
            next_at=timezone.now(),
            account_due_at=timezone.now(),
            lease_until=timezone.now() + dt.timedelta(minutes=1),
        )
    asked = network({}, {"followers_count": 1})
    assert pulls.pull_channel(organization_id=bare_organization.pk, channel_id=channel.pk) == 0
    assert asked.asked == []
    with tenant(bare_organization):
        ChannelPull.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))  # its puller was killed
    assert pulls.due_channels() == [(bare_organization.pk, channel.pk)]


def test_a_channel_nobody_pulled_yet_is_enrolled(bare_organization: Organization) -> None:
    with tenant(bare_organization):
        channel = _channel(bare_organization)
        _channel(bare_organization, status=Channel.Status.DISCONNECTED)
    assert pulls.due_channels() == [(bare_organization.pk, channel.pk)]


def test_what_went_out_is_watched_once_and_its_channel_read_now(bare_organization: Organization) -> None:
    later = timezone.now() + dt.timedelta(hours=1)
    with tenant(bare_organization):
        delivery = PublishedDeliveryFactory()
        ChannelDayFactory(channel=delivery.channel, followers=321)
        PublishedDeliveryFactory(channel=delivery.channel, deleted_at=timezone.now())
        PublishedDeliveryFactory(
            channel=delivery.channel, published_at=timezone.now() - pulls.LOOK_BACK - dt.timedelta(hours=1)
        )
        ChannelPull.objects.create(channel=delivery.channel, next_at=later, account_due_at=later)
    for _time in range(2):
        assert pulls.due_channels() == [(bare_organization.pk, delivery.channel_id)]
    with tenant(bare_organization):
        figures = PostFigures.objects.get()
        assert (figures.delivery, figures.followers, figures.interactions) == (delivery, 321, None)


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (dt.timedelta(minutes=1), dt.timedelta(minutes=2)),
        (dt.timedelta(hours=3), dt.timedelta(minutes=20)),
        (dt.timedelta(days=20), dt.timedelta(days=1)),
    ],
)
def test_reading_thins_out_with_age(age: dt.timedelta, wait: dt.timedelta) -> None:
    now = timezone.now()
    assert next_reading(published_at=now - age, now=now) == now + wait


def test_an_old_post_is_read_no_more() -> None:
    now = timezone.now()
    assert next_reading(published_at=now - dt.timedelta(days=121), now=now) is None
