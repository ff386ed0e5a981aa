"""Factories of kpis."""

from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from kpis import models
from publishing.enums import DeliveryState
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import ChannelFactory


class PublishedDeliveryFactory(DeliveryFactory):
    state = DeliveryState.PUBLISHED
    published_at = factory.LazyFunction(timezone.now)
    external_id = factory.Sequence(lambda n: f"remote-{n}")
    external_url = factory.Sequence(lambda n: f"https://social.example/@marque/{n}")


class PostFiguresFactory(DjangoModelFactory):
    class Meta:
        model = models.PostFigures

    delivery = factory.SubFactory(PublishedDeliveryFactory)
    channel = factory.SelfAttribute("delivery.channel")
    brand = factory.SelfAttribute("delivery.brand")
    network = factory.SelfAttribute("delivery.channel.network")
    published_at = factory.SelfAttribute("delivery.published_at")
    readings = 1
    next_read_at = factory.LazyFunction(timezone.now)


class ChannelDayFactory(DjangoModelFactory):
    class Meta:
        model = models.ChannelDay

    channel = factory.SubFactory(ChannelFactory)
    day = factory.LazyFunction(lambda: timezone.now().date())
    read_at = factory.LazyFunction(timezone.now)
