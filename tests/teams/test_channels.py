"""What a channel's page, the list and the API tell: what is left, what is missing, who answers for the account."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import QuotaReading
from socialops.audit.models import Event
from socialops.networks.ports import Account, Credentials
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.errors import RuleRefused
from teams.models import Brand, Channel, Member, Organization
from teams.selectors.channels import facts_of
from teams.services.channels import connect_channel, set_ownership
from teams.signals import ChannelFacts, channel_facts
from teams.web import kept as session
from teams.web.present import QuotaShown, quotas_shown
from tests.counting import questions
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory, ChannelFactory, MemberFactory
from tests.fakes.telling import telling

__all__ = ["telling"]
API = "/api/v1/organizations/lumiere"
LIST = "/o/lumiere/channels/"
SCOPES = {
    "limits": {},
    "oauth": {
        "scopes": ["pages_manage_posts", "read_insights", "pages_show_list"],
        "disables": {"pages_manage_posts": ["publish"], "read_insights": ["measure"]},
    },
    "quotas": {"posts": {"limit": 25, "window": "rolling_24h", "per": "channel"}},
}


@pytest.fixture
def desk(admin: Actor, client_for: Callable[[Actor], Client]) -> Client:
    return client_for(admin)


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network's data file as it will be: what each permission disables, what is counted."""
    for place in ("socialops.networks.data", "teams.web.present", "teams.api.serializers"):
        monkeypatch.setattr(f"{place}.network_data", lambda _network: SCOPES)


@pytest.fixture
def facebook(brand: Brand) -> Channel:
    return ChannelFactory(
        brand=brand, network="facebook", base_url="", missing_scopes=["read_insights", "pages_show_list"]
    )


def words(response: Any) -> str:
    """What is read, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode())))


def read(channel: Channel, bucket: str, limit: int | None, remaining: int | None, resets_in: timedelta) -> None:
    now = timezone.now()
    QuotaReading.objects.create(
        channel=channel, bucket=bucket, limit=limit, remaining=remaining, resets_at=now + resets_in, read_at=now
    )


def test_the_page_says_what_is_left_missing_and_waiting(desk, facebook, facts) -> None:
    read(facebook, "requests", 200, 150, timedelta(minutes=30))
    read(facebook, "posts", 25, 2, timedelta(hours=3))
    DeliveryFactory.create_batch(2, channel=facebook)
    DeliveryFactory(channel=facebook, state=S.CANCELLED)
    shown = words(desk.get(f"{LIST}{facebook.pk}/"))
    assert shown.index("Publications over 24 hours") < shown.index("Requests")  # the tightest first
    assert "2 of 25" in shown
    assert "2 publications" in shown
    assert "read_insights Without it, not possible: reading figures." in shown
    assert "pages_show_list Reconnect and accept all" in shown  # nothing hangs on it alone
    assert "Not possible here: reading figures. Reconnect and accept all that is asked." in shown
    listed = words(desk.get(LIST))
    assert "2 of 25 Publications over 24 hours" in listed


def test_far_from_every_end_the_publications_come_first(desk, facebook, facts) -> None:
    read(facebook, "users_me", 75, 61, timedelta(minutes=10))
    read(facebook, "posts", 25, 25, timedelta(hours=3))
    shown = words(desk.get(LIST))
    assert "25 of 25 Publications over 24 hours" in shown
    assert "again in full" not in shown
    read(facebook, "app", 100, 12, timedelta(hours=1))
    shown = words(desk.get(LIST))
    assert "12% Calls of the application again in full" in shown
    assert "25 of 25" not in shown


def publications_left(channel: Channel) -> QuotaShown:
    (found,) = (q for q in quotas_shown(channel, facts_of([channel])[channel.pk]) if q.label == "Publications")
    return found


def test_a_window_that_has_ended_is_full_again(facebook, facts) -> None:
    read(facebook, "posts", 25, 0, timedelta(seconds=-1))
    quota = publications_left(facebook)
    assert (quota.remaining, quota.resets_at, quota.tone) == (25, None, "neutral")
    QuotaReading.objects.update(resets_at=timezone.now() + timedelta(hours=1))
    quota = publications_left(facebook)
    assert (quota.remaining, quota.tone) == (0, "danger")


def test_the_reset_is_in_the_brands_zone(desk, facebook, facts) -> None:
    Brand.objects.update(time_zone="America/New_York")
    read(facebook, "posts", 25, 2, timedelta(0))
    QuotaReading.objects.update(resets_at=datetime(2030, 1, 10, 17, 30, tzinfo=UTC))
    assert re.search(r"12:30\s+EST", words(desk.get(f"{LIST}{facebook.pk}/")))


def test_what_the_network_bills_is_shown_where_somebody_counts_it(desk, facebook, api_for, admin) -> None:
    assert "This month" not in words(desk.get(LIST))

    def count(channels: list[Channel], **_: Any) -> dict[int, ChannelFacts]:
        return {channel.pk: ChannelFacts(cost=Decimal("1.235")) for channel in channels}

    channel_facts.connect(count)
    try:
        assert "US$1.24" in words(desk.get(f"{LIST}{facebook.pk}/"))
        assert "This month" in words(desk.get(LIST))
        assert api_for(admin).get(f"{API}/channels/{facebook.pk}/").json()["cost"] == "1.235"
    finally:
        channel_facts.disconnect(count)


@pytest.mark.parametrize("path", [LIST, f"{API}/channels/"])
def test_a_hundred_channels_cost_the_queries_of_one(path, desk, admin, api_for, brand, facts) -> None:
    client = api_for(admin) if path.startswith("/api") else desk

    def fill(count: int) -> int:
        for _ in range(count):
            made = ChannelFactory(brand=brand, network="facebook", base_url="", owner=MemberFactory())
            read(made, "posts", 25, 2, timedelta(hours=1))
            read(made, "requests", 200, 2, timedelta(hours=1))
            DeliveryFactory(channel=made)
        client.get(path)
        with questions() as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = fill(1)
    assert fill(12) == few


# ---------------------------------------------------------------- who answers for the account


def test_who_answers_is_written_down_and_audited_without_the_recovery(desk, facebook, organization) -> None:
    lea = MemberFactory(user__name="Léa Martin")
    assert "Nobody answers for this account yet." in words(desk.get(f"{LIST}{facebook.pk}/"))
    form = {"owner": lea.pk, "recovery": "codes dans le coffre"}
    shown = words(desk.post(f"{LIST}{facebook.pk}/ownership/", form, follow=True))
    assert "Léa Martin" in shown
    assert "codes dans le coffre" in shown
    event = Event.objects.get(action="channel.ownership_changed")
    assert event.changes == {"owner": [None, "Léa Martin"], "recovery": [False, True]}
    desk.post(f"{LIST}{facebook.pk}/ownership/", form)
    assert Event.objects.filter(action="channel.ownership_changed").count() == 1  # nothing changed
    Member.objects.filter(pk=lea.pk).update(is_active=False)
    assert "Léa Martin, who answered for this account, has left." in words(desk.get(LIST))
    assert "selected>Léa Martin" in desk.get(f"{LIST}{facebook.pk}/ownership/").content.decode()


def test_only_who_manages_the_channel_reads_or_changes_it(facebook, actor_with, client_for, api_for, admin) -> None:
    set_ownership(channel=facebook, owner=admin.member, recovery="codes dans le coffre", actor=admin)
    reader = actor_with(Right.VIEW)
    client, api = client_for(reader), api_for(reader)
    for path in (LIST, f"{LIST}{facebook.pk}/"):
        shown = words(client.get(path))
        assert "codes dans le coffre" not in shown
        assert "answers for" not in shown.lower()
    assert client.get(f"{LIST}{facebook.pk}/ownership/").status_code == 403
    assert client.post(f"{LIST}{facebook.pk}/ownership/", {"owner": "", "recovery": ""}).status_code == 403
    told = api.get(f"{API}/channels/{facebook.pk}/").json()
    assert (told["owner"], told["recovery"]) == (None, None)
    assert api.patch(f"{API}/channels/{facebook.pk}/", {"recovery": "x"}, format="json").status_code == 403
    with pytest.raises(PermissionDenied):
        set_ownership(channel=facebook, owner=None, recovery="", actor=reader)


def test_the_api_tells_and_changes(facebook, admin, api_for, facts) -> None:
    api = api_for(admin)
    read(facebook, "posts", 25, 2, timedelta(hours=3))
    told = api.get(f"{API}/channels/{facebook.pk}/").json()
    assert told["disabled"] == ["measure"]
    assert told["missing_scopes"] == ["read_insights", "pages_show_list"]
    assert (told["owner"], told["recovery"], told["cost"], told["waiting"]) == (None, "", None, 0)
    assert {key: told["quota"][0][key] for key in ("bucket", "limit", "remaining", "window")} == {
        "bucket": "posts", "limit": 25, "remaining": 2, "window": "rolling_24h",
    }  # fmt: skip
    path = f"{API}/channels/{facebook.pk}/"
    body = {"owner": admin.member.pk, "recovery": "codes dans le coffre"}
    changed = api.patch(path, body, format="json").json()
    assert changed["owner"] == {"member": admin.member.pk, "name": str(admin.user), "is_active": True}
    assert api.patch(path, {"owner": None}, format="json").json()["recovery"] == "codes dans le coffre"
    assert api.patch(path, {"owner": 10**9}, format="json").status_code == 404
    assert api.patch(path, {"recovery": "x" * 301}, format="json").status_code == 400
    assert api.get(f"{API}/channels/").json()["results"][0]["owner"] is None


def test_somebody_who_left_can_stay_but_not_be_chosen(facebook, admin) -> None:
    gone = MemberFactory(is_active=False)
    with pytest.raises(RuleRefused, match="no longer active"):
        set_ownership(channel=facebook, owner=gone, recovery="", actor=admin)
    Channel.objects.update(owner=gone)
    assert set_ownership(channel=facebook, owner=gone, recovery="x", actor=admin).recovery == "x"


# ---------------------------------------------------------------- several pages at once


def offer(client: Client, actor: Actor, brand: Brand, *accounts: tuple[str, str, tuple[str, ...]]) -> str:
    """What a return from the network leaves behind → the address of the choice."""
    packed = [
        {
            "external_id": key, "handle": name.lower(), "name": name, "url": "", "avatar_url": "", "missing_scopes": list(missing),
            "credentials": {"values": {"access_token": f"jeton-{key}"}, "expires_at": None, "scopes": []},
        }
        for key, name, missing in accounts
    ]  # fmt: skip

    class Request:
        session = client.session
        user = actor.user

    value = {
        "network": "facebook", "organization": actor.organization_id, "brand": brand.pk, "channel": None, "base_url": "",
        "pending": None, "client_id": "", "accounts": packed,
    }  # fmt: skip
    state = session.keep(Request, value)
    Request.session.save()
    return f"/o/lumiere/channels/connect/choose/{state}/"


def test_pages_are_all_chosen_but_those_connected_elsewhere(desk, admin, organization, brand, facts, telling) -> None:
    other = BrandFactory(name="Vélo Bleu")
    ChannelFactory(brand=other, network="facebook", base_url="", external_id="2")
    kept = ChannelFactory(brand=brand, network="facebook", base_url="", external_id="3", status="needs_reconnection")
    back = ChannelFactory(brand=other, network="facebook", base_url="", external_id="4", status="disconnected")
    url = offer(
        desk, admin, brand, ("1", "Une", ("read_insights",)), ("2", "Deux", ()), ("3", "Trois", ()), ("4", "Quatre", ())
    )
    page = desk.get(url)
    boxes = dict(re.findall(r'name="account" value="(\d)"\s*(\w*)', page.content.decode()))
    assert boxes == {"1": "checked", "2": "disabled", "3": "checked", "4": "checked"}
    shown = words(page)
    assert "Already connected to Vélo Bleu: disconnect it there first." in shown
    assert "Not possible without the permissions that were not given: reading figures." in shown
    assert "its access is renewed, its history stays" in shown
    done = words(desk.post(url, {"account": ["1", "2", "3", "4"]}, follow=True))
    assert done.count(" Connected ") == 3
    assert "reading figures" in done
    assert set(Channel.objects.filter(brand=brand).values_list("external_id", flat=True)) == {"1", "3", "4"}
    assert Channel.objects.get(external_id="3").pk == kept.pk
    assert Channel.objects.get(external_id="4").pk == back.pk
    assert Channel.objects.get(external_id="2").brand == other


def test_a_page_lost_to_somebody_meanwhile_is_said_and_the_others_are_connected(
    desk, admin, organization, brand, telling, monkeypatch
) -> None:
    url = offer(desk, admin, brand, ("1", "Une", ()), ("2", "Deux", ()))
    monkeypatch.setattr("teams.web.views.choose.accounts_known", lambda **_: {})  # as it was when the page was shown
    ChannelFactory(brand=BrandFactory(), network="facebook", base_url="", external_id="1")
    done = words(desk.post(url, {"account": ["1", "2"]}, follow=True))
    assert "une is already connected to another brand of your organization." in done
    assert "Not everything was connected" in done
    assert Channel.objects.get(external_id="2").brand == brand


def test_a_brand_that_is_not_seen_is_not_named(organization, brand, actor_with, client_for, telling) -> None:
    manager = actor_with(Right.VIEW, Right.MANAGE_CHANNEL, scope=brand)
    client = client_for(manager)
    ChannelFactory(brand=BrandFactory(name="Secrète"), network="facebook", base_url="", external_id="2")
    shown = words(client.get(offer(client, manager, brand, ("2", "Deux", ()))))
    assert "Secrète" not in shown
    assert "Everything offered is already connected" in shown


def test_connecting_asks_the_network_to_tell_after_commit(
    bare_organization: Organization, telling, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    queued: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async", lambda _self, args=None, kwargs=None, **_: queued.append(kwargs)
    )
    with django_capture_on_commit_callbacks(execute=True), tenant(bare_organization):
        account = Account("9", "une", "Une", "", credentials=Credentials({"access_token": "a"}))
        actor = Actor.system("test", organization_id=bare_organization.pk)
        channel = connect_channel(brand=BrandFactory(), network="facebook", base_url="", account=account, actor=actor)
        assert queued == []
    assert queued == [{"organization_id": bare_organization.pk, "channel_id": channel.pk}]


def test_a_refused_subscription_is_on_the_channels_page(desk, facebook, telling) -> None:
    assert "not yet asked to" in words(desk.get(f"{LIST}{facebook.pk}/"))
    Channel.objects.update(subscription_error="scope_missing", subscription_tried_at=timezone.now())
    shown = words(desk.get(f"{LIST}{facebook.pk}/"))
    assert "asked again every day" in shown
    assert "did not give every permission needed" in shown
