"""From a draft to what went out, and who may move it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from editorial.enums import PostState
from editorial.errors import ContentChanged, EditConflict, IllegalMove, NotEditable, NotReady
from editorial.models import Approval, Post, Revision, Variant
from editorial.selectors.posts import variants_of
from editorial.services.moves import move_post
from editorial.services.posts import (
    NewVariant,
    approve_post,
    cancel_post,
    create_post,
    delete_draft,
    duplicate_post,
    expire_overdue,
    request_changes,
    reschedule_post,
    schedule_post,
    submit_post,
    unschedule_post,
    update_post,
)
from editorial.services.settling import state_from
from editorial.states import MOVES, check_graph
from publishing.enums import DeliveryState
from publishing.models import Delivery
from publishing.services.deliveries import cancel_delivery
from publishing.services.moves import move
from socialops.audit.models import Event
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Channel
from tests.factories.editorial import PostFactory
from tests.factories.teams import BrandFactory, ChannelFactory

pytestmark = pytest.mark.django_db


def fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def delivery_of(post: Post) -> Delivery:
    delivery = variants_of(post)[0].delivery
    assert delivery is not None
    return delivery


# ---------------------------------------------------------------- the graph


def test_the_graph_is_sound() -> None:
    check_graph()
    assert MOVES[PostState.PUBLISHED] == frozenset()


@pytest.mark.parametrize("state", list(PostState))
@pytest.mark.parametrize("to", list(PostState))
def test_only_the_graphs_moves_are_made(state: PostState, to: PostState) -> None:
    post = Post(state=state)
    if to == state:
        assert move_post(post, to) is False
    elif to in MOVES[state]:
        assert move_post(post, to)
        assert post.state == to
    else:
        with pytest.raises(IllegalMove):
            move_post(post, to)


# ---------------------------------------------------------------- without approval


def test_a_dated_post_is_scheduled_at_once_by_who_may_publish(write: Any, publisher: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    delivery = delivery_of(post)
    assert post.state == PostState.SCHEDULED
    assert delivery.state == DeliveryState.SCHEDULED
    assert delivery.due_at == tomorrow
    assert (delivery.post_key, delivery.content_hash) == (post.pk, post.content_hash)
    assert delivery.payload["text"] == "Bonjour"


def test_a_dated_post_of_who_may_not_publish_waits_for_approval(write: Any, approver: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow)
    assert post.state == PostState.IN_REVIEW
    assert not Delivery.objects.exists()
    approve_post(post=post, actor=approver)
    assert fresh(post).state == PostState.SCHEDULED
    assert delivery_of(post).due_at == tomorrow


def test_a_draft_keeps_its_date(write: Any, publisher: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, as_draft=True, actor=publisher)
    assert (post.state, post.scheduled_at) == (PostState.DRAFT, tomorrow)


def test_editing_a_scheduled_post_sends_the_new_content_only(write: Any, publisher: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    old = delivery_of(post)
    update_post(post=post, fields={"text": "Bonsoir"}, actor=publisher)
    new = delivery_of(post)
    assert fresh(post).state == PostState.SCHEDULED
    assert new.payload["text"] == "Bonsoir"
    assert Delivery.objects.get(pk=old.pk).state == DeliveryState.CANCELLED
    assert Delivery.objects.exclude(state=DeliveryState.CANCELLED).count() == 1


def test_an_edit_by_who_may_not_publish_takes_a_scheduled_post_back_into_review(
    write: Any, publisher: Actor, writer: Actor, tomorrow: Any
) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    update_post(post=post, fields={"text": "Bonsoir"}, actor=writer)
    assert fresh(post).state == PostState.IN_REVIEW
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()


def test_publishing_now(write: Any, publisher: Actor) -> None:
    post = schedule_post(post=write(), now=True, actor=publisher)
    assert post.state == PostState.SCHEDULED
    assert delivery_of(post).due_at <= timezone.now()


# ---------------------------------------------------------------- approval


def test_approval_schedules_what_was_submitted_with_a_date(
    strict_brand: Any, write: Any, publisher: Actor, approver: Actor, tomorrow: Any
) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    assert post.state == PostState.IN_REVIEW, "the right to publish does not stand for somebody else's approval"
    post = approve_post(post=post, content_hash=post.content_hash, actor=approver)
    assert post.state == PostState.SCHEDULED
    approval = Approval.objects.get()
    assert (approval.content_hash, approval.revision.content_hash) == (post.content_hash, post.content_hash)
    assert approval.revision.content["text"] == "Bonjour"


def test_nobody_approves_their_own_post(strict_brand: Any, write: Any, admin: Actor, approver: Actor) -> None:
    post = submit_post(post=write(actor=admin), actor=admin)
    with pytest.raises(PermissionDenied, match="You wrote this post"):
        approve_post(post=post, actor=admin)
    assert fresh(post).state == PostState.IN_REVIEW


def test_the_last_editor_does_not_approve_either(strict_brand: Any, write: Any, admin: Actor, writer: Actor) -> None:
    post = submit_post(post=write(), actor=writer)
    update_post(post=post, fields={"text": "Bonsoir"}, actor=admin)
    with pytest.raises(PermissionDenied, match="last to change"):
        approve_post(post=post, actor=admin)


def test_approving_needs_the_right(strict_brand: Any, write: Any, publisher: Actor, writer: Actor) -> None:
    post = submit_post(post=write(), actor=writer)
    with pytest.raises(PermissionDenied):
        approve_post(post=post, actor=publisher)


def test_approving_twice_is_once(strict_brand: Any, write: Any, approver: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow)
    for _ in range(2):
        assert approve_post(post=post, content_hash=post.content_hash, actor=approver).state == PostState.SCHEDULED
    assert Approval.objects.count() == 1
    assert Delivery.objects.count() == 1
    assert Event.objects.filter(action="post.approved").count() == 1


def test_an_approval_is_bound_to_the_content_that_was_read(
    strict_brand: Any, write: Any, writer: Actor, approver: Actor
) -> None:
    post = submit_post(post=write(), actor=writer)
    seen = post.content_hash
    update_post(post=post, fields={"text": "Tout autre chose"}, actor=writer)
    with pytest.raises(ContentChanged):
        approve_post(post=post, content_hash=seen, actor=approver)


def test_an_edit_after_approval_reopens_it_and_withdraws_it(
    strict_brand: Any, write: Any, publisher: Actor, approver: Actor, tomorrow: Any
) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    approve_post(post=post, actor=approver)
    update_post(post=post, fields={"text": "Autre chose"}, actor=publisher)
    assert fresh(post).state == PostState.IN_REVIEW
    assert fresh(post).scheduled_at == tomorrow
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()


def test_a_new_date_or_title_keeps_the_approval(
    strict_brand: Any, write: Any, publisher: Actor, approver: Actor, tomorrow: Any
) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    approve_post(post=post, actor=approver)
    later = tomorrow + dt.timedelta(days=2)
    reschedule_post(post=post, scheduled_at=later, actor=publisher)
    update_post(post=post, fields={"title": "Soldes"}, actor=publisher)
    assert fresh(post).state == PostState.SCHEDULED
    assert delivery_of(post).due_at == later
    assert Revision.objects.filter(post=post).count() == 1


def test_scheduling_without_approval_submits_with_that_date(
    strict_brand: Any, write: Any, publisher: Actor, tomorrow: Any
) -> None:
    post = schedule_post(post=write(), scheduled_at=tomorrow, actor=publisher)
    assert (post.state, post.scheduled_at) == (PostState.IN_REVIEW, tomorrow)


def test_an_approved_post_is_scheduled_by_who_may_publish_only(
    strict_brand: Any, write: Any, writer: Actor, publisher: Actor, approver: Actor, tomorrow: Any
) -> None:
    post = submit_post(post=write(), actor=writer)
    approve_post(post=post, actor=approver)
    with pytest.raises(PermissionDenied):
        schedule_post(post=post, scheduled_at=tomorrow, actor=writer)
    assert schedule_post(post=post, scheduled_at=tomorrow, actor=publisher).state == PostState.SCHEDULED


def test_asking_for_changes_needs_a_reason_and_takes_an_approval_back(
    strict_brand: Any, write: Any, publisher: Actor, writer: Actor, approver: Actor, tomorrow: Any
) -> None:
    post = write(scheduled_at=tomorrow)
    approve_post(post=post, actor=approver)
    with pytest.raises(ValidationError, match="needs a reason"):
        request_changes(post=post, comment="  ", actor=approver)
    request_changes(post=post, comment="Le logo est ancien", actor=approver)
    assert fresh(post).state == PostState.CHANGES_REQUESTED
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()
    post = schedule_post(post=post, actor=publisher)
    assert post.state == PostState.IN_REVIEW, "the earlier yes no longer counts"


def test_what_is_not_approved_in_time_expires(strict_brand: Any, write: Any, writer: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow)
    system = Actor.system("expiry", organization_id=post.organization_id)
    assert expire_overdue(actor=system) == []
    assert expire_overdue(actor=system, now=tomorrow + dt.timedelta(minutes=1)) == [post]
    assert fresh(post).state == PostState.EXPIRED
    later = reschedule_post(post=post, scheduled_at=tomorrow + dt.timedelta(days=1), actor=writer)
    assert submit_post(post=later, actor=writer).state == PostState.IN_REVIEW


def test_a_date_that_passed_is_not_approved(strict_brand: Any, write: Any, approver: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow)
    Post.objects.filter(pk=post.pk).update(scheduled_at=timezone.now() - dt.timedelta(hours=1))
    with pytest.raises(ValidationError, match="has passed"):
        approve_post(post=post, actor=approver)


# ---------------------------------------------------------------- two people


def test_two_people_editing_lose_nothing(write: Any, writer: Actor, publisher: Actor) -> None:
    post = write()
    update_post(post=post, fields={"text": "Le sien"}, expected_version=1, actor=publisher)
    with pytest.raises(EditConflict, match=publisher.name) as caught:
        update_post(post=post, fields={"text": "Le mien"}, expected_version=1, actor=writer)
    assert fresh(post).text == "Le sien"
    assert caught.value.kept is not None
    assert Revision.objects.get(pk=caught.value.kept.pk).content["text"] == "Le mien"
    update_post(post=post, fields={"text": "Le mien"}, expected_version=2, actor=writer)
    assert fresh(post).text == "Le mien"


# ---------------------------------------------------------------- bad input


def test_the_past_is_refused(write: Any, publisher: Actor) -> None:
    with pytest.raises(ValidationError, match="in the past"):
        write(scheduled_at=timezone.now() - dt.timedelta(minutes=5), actor=publisher)
    assert not Post.objects.exists()


def test_too_long_is_refused_with_what_to_do(write: Any, publisher: Actor, tomorrow: Any) -> None:
    with pytest.raises(NotReady, match=r"1 character too long \(500 at most\)"):
        write(text="a" * 501, scheduled_at=tomorrow, actor=publisher)


def test_a_channel_that_vanished_stands_in_the_way_and_can_be_replaced(
    write: Any, channel: Channel, publisher: Actor, tomorrow: Any
) -> None:
    post = write(actor=publisher)
    Channel.objects.filter(pk=channel.pk).update(status=Channel.Status.DISCONNECTED)
    with pytest.raises(NotReady, match="no longer connected"):
        schedule_post(post=post, scheduled_at=tomorrow, actor=publisher)
    other = ChannelFactory(brand=channel.brand)
    update_post(post=post, fields={"channels": [other]}, actor=publisher)
    assert schedule_post(post=post, scheduled_at=tomorrow, actor=publisher).state == PostState.SCHEDULED


def test_a_channel_of_another_brand_is_refused(write: Any, brand: Any, admin: Actor) -> None:
    with pytest.raises(ValidationError, match="another brand"):
        write(channels=[ChannelFactory(brand=BrandFactory())], actor=admin)


def test_rights_on_one_channel_reach_that_channel_only(
    brand: Any, channel: Channel, actor_with: Any, tomorrow: Any
) -> None:
    freelancer = actor_with(Right.VIEW, Right.WRITE, Right.SUBMIT, scope=channel)
    other = ChannelFactory(brand=brand)
    create_post(brand=brand, text="Bonjour", channels=[channel], actor=freelancer)
    with pytest.raises(PermissionDenied):
        create_post(brand=brand, text="Bonjour", channels=[channel, other], actor=freelancer)


def test_text_inherits_until_detached(write: Any, channel: Channel, publisher: Actor, tomorrow: Any) -> None:
    other = ChannelFactory(brand=channel.brand)
    post = write(
        channels=[channel, other],
        variants=[NewVariant(channel=other, text="Pour eux", first_comment="Plus ici", parts=["Suite"])],
    )
    update_post(post=post, fields={"text": "Nouveau"}, actor=publisher)
    schedule_post(post=post, scheduled_at=tomorrow, actor=publisher)
    payloads = {d.channel_id: d.payload for d in Delivery.objects.all()}
    assert payloads[channel.pk]["text"] == "Nouveau"
    assert payloads[other.pk]["text"] == "Pour eux"
    assert payloads[other.pk]["first_comment"] == "Plus ici"
    assert payloads[other.pk]["parts"] == ["Suite"]


# ---------------------------------------------------------------- taking back


def test_unscheduling_and_cancelling(write: Any, publisher: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    post = unschedule_post(post=post, actor=publisher)
    assert (post.state, post.scheduled_at) == (PostState.DRAFT, None)
    post = schedule_post(post=post, scheduled_at=tomorrow, actor=publisher)
    for _ in range(2):
        assert cancel_post(post=post, actor=publisher).state == PostState.CANCELLED
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.CANCELLED}
    delete_draft(post=post, actor=publisher)
    assert not Post.objects.exists()
    assert not Variant.objects.exists()


def test_a_post_under_way_is_left_alone(write: Any, publisher: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    Delivery.objects.update(state=DeliveryState.COMMITTING)
    for attempt in (
        lambda: update_post(post=post, fields={"text": "Trop tard"}, actor=publisher),
        lambda: cancel_post(post=post, actor=publisher),
        lambda: reschedule_post(post=post, scheduled_at=tomorrow, actor=publisher),
    ):
        with pytest.raises(NotEditable, match="going out right now"):
            attempt()
    assert fresh(post).text == "Bonjour"


def test_a_duplicate_is_a_new_draft(write: Any, publisher: Actor, writer: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    copy = duplicate_post(post=post, actor=writer)
    assert (copy.state, copy.scheduled_at, copy.text) == (PostState.DRAFT, None, "Bonjour")
    assert copy.content_hash == post.content_hash


# ---------------------------------------------------------------- what publishing says


@pytest.mark.parametrize(
    ("deliveries", "state"),
    [
        ([], None),
        (["published", "published"], "published"),
        (["published", "failed"], "partially_published"),
        (["failed", "missed"], "failed"),
        (["published", "retrying"], "scheduled"),
        (["published", "unconfirmed"], "scheduled"),
        (["suspended", "published"], "on_hold"),
        (["suspended", "scheduled"], "scheduled"),
        (["cancelled", "published"], "published"),
        (["cancelled", "cancelled"], "cancelled"),
    ],
)
def test_deliveries_make_the_posts_state(deliveries: list[str], state: str | None) -> None:
    assert state_from(deliveries) == state


def test_a_post_follows_its_deliveries(write: Any, channel: Channel, publisher: Actor, tomorrow: Any) -> None:
    other = ChannelFactory(brand=channel.brand)
    post = write(channels=[channel, other], scheduled_at=tomorrow, actor=publisher)
    first, second = (variant.delivery for variant in variants_of(post))
    for state in (DeliveryState.CLAIMED, DeliveryState.PREPARING, DeliveryState.FAILED):
        move(first, state)
    assert fresh(post).state == PostState.SCHEDULED
    cancel_delivery(delivery=second, actor=publisher)
    assert fresh(post).state == PostState.FAILED
    for state in (DeliveryState.RETRYING, DeliveryState.CLAIMED, DeliveryState.PREPARING, DeliveryState.COMMITTING):
        move(first, state)
    assert fresh(post).state == PostState.SCHEDULED
    move(first, DeliveryState.PUBLISHED, published_at=timezone.now())
    assert fresh(post).state == PostState.PUBLISHED


def test_a_withdrawn_delivery_says_nothing_about_the_post(write: Any, publisher: Actor, tomorrow: Any) -> None:
    post = write(scheduled_at=tomorrow, actor=publisher)
    old = delivery_of(post)
    unschedule_post(post=post, actor=publisher)
    assert Delivery.objects.get(pk=old.pk).state == DeliveryState.CANCELLED
    assert fresh(post).state == PostState.DRAFT


def test_the_state_has_one_writer() -> None:
    post = PostFactory.build()
    assert post.state == PostState.DRAFT
