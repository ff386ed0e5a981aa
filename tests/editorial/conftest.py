"""People of an editorial team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from editorial.services.posts import create_post
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand, Channel

WRITER = (Right.VIEW, Right.WRITE, Right.SUBMIT)


@pytest.fixture
def writer(actor_with: Callable[..., Actor], brand: Brand) -> Actor:
    return actor_with(*WRITER, scope=brand)


@pytest.fixture
def publisher(actor_with: Callable[..., Actor], brand: Brand) -> Actor:
    return actor_with(*WRITER, Right.PUBLISH, scope=brand)


@pytest.fixture
def approver(actor_with: Callable[..., Actor], brand: Brand) -> Actor:
    return actor_with(Right.VIEW, Right.APPROVE, scope=brand)


@pytest.fixture
def strict_brand(brand: Brand) -> Brand:
    """The brand, with approval required."""
    brand.approval = Brand.Approval.REQUIRED
    brand.save()
    return brand


@pytest.fixture
def tomorrow() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=1)


@pytest.fixture
def write(brand: Brand, channel: Channel, writer: Actor) -> Callable[..., Any]:
    """`write(text=…)`: a post on the channel, by the writer."""

    def make(**fields: Any) -> Any:
        return create_post(**{"brand": brand, "text": "Bonjour", "channels": [channel], "actor": writer, **fields})

    return make
