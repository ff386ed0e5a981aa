"""Two people, or one impatient one, at the very same moment: real transactions on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from editorial.errors import EditConflict, EditorialError
from editorial.models import Approval, Post, Revision
from editorial.services.posts import approve_post, create_post, submit_post, update_post
from publishing.models import Delivery
from socialops.audit.models import Event
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Assignment, Brand, Organization
from teams.selectors.actors import actor_for
from teams.services.rights import rebuild_rights
from tests.factories.teams import ChannelFactory, MemberFactory, OrganizationFactory, RoleFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team() -> tuple[Organization, Post, Actor, Actor]:
    """A submitted post with a date, its author, and an approver; all committed."""
    organization = OrganizationFactory()
    with tenant(organization):
        people = []
        for _ in range(2):
            member = MemberFactory()
            Assignment.objects.create(member=member, role=RoleFactory(rights=[right.value for right in Right]))
            rebuild_rights(member=member)
            actor = actor_for(user=member.user, organization=organization)
            assert actor is not None
            people.append(actor)
        channel = ChannelFactory(brand__approval=Brand.Approval.REQUIRED)
        post = create_post(brand=channel.brand, text="Bonjour", channels=[channel], actor=people[0])
        submit_post(post=post, actor=people[0])
    return organization, post, people[0], people[1]


def at_once(organization: Organization, *calls: Callable[[], Any]) -> list[Any]:
    """Run each in its own thread, connection and transaction; results or the errors they met."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            with tenant(organization):
                results[index] = call()
        except EditorialError as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_a_double_click_on_approve_is_one_approval(team: Any) -> None:
    organization, post, _author, approver = team
    results = at_once(
        organization, *[lambda: approve_post(post=post, content_hash=post.content_hash, actor=approver)] * 4
    )
    assert [result.state for result in results] == ["approved"] * 4
    with tenant(organization):
        assert Approval.objects.count() == 1
        assert Event.objects.filter(action="post.approved").count() == 1
        assert not Delivery.objects.exists()


def test_of_two_savers_one_wins_and_nothing_is_lost(team: Any) -> None:
    organization, post, author, other = team
    results = at_once(
        organization,
        lambda: update_post(post=post, fields={"text": "Un"}, expected_version=1, actor=author),
        lambda: update_post(post=post, fields={"text": "Deux"}, expected_version=1, actor=other),
    )
    assert sorted(type(result).__name__ for result in results) == ["EditConflict", "Post"]
    with tenant(organization):
        saved = Post.objects.get(pk=post.pk)
    lost = next(result for result in results if isinstance(result, EditConflict))
    assert {saved.text, lost.kept.content["text"]} == {"Un", "Deux"}


def test_approving_what_is_being_changed_never_approves_the_change(team: Any) -> None:
    organization, post, author, approver = team
    at_once(
        organization,
        lambda: approve_post(post=post, content_hash=post.content_hash, actor=approver),
        lambda: update_post(post=post, fields={"text": "Changé"}, actor=author),
    )
    with tenant(organization):
        saved = Post.objects.get(pk=post.pk)
        approved = set(Approval.objects.values_list("content_hash", flat=True))
        assert saved.text == "Changé"
        assert saved.state == "in_review"
        assert saved.content_hash not in approved
        assert Revision.objects.filter(post=post).count() == 2
