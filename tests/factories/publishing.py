"""Factories of publishing."""

from __future__ import annotations

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from publishing import models
from tests.factories.teams import ChannelFactory


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = models.Delivery

    channel = factory.SubFactory(ChannelFactory)
    brand = factory.SelfAttribute("channel.brand")
    label = "Bonjour"
    payload = factory.LazyFunction(
        lambda: {
            "text": "Bonjour",
            "media": [],
            "parts": [],
            "first_comment": "",
            "link": "",
            "language": "fr",
            "options": {},
        }
    )
    content_hash = "0" * 64
    due_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(hours=1))
    next_try_at = factory.SelfAttribute("due_at")
