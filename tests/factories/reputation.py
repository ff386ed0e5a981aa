"""Factories of reputation."""

from __future__ import annotations

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from reputation import models
from tests.factories.teams import ChannelFactory


class MentionFactory(DjangoModelFactory):
    class Meta:
        model = models.Mention

    channel = factory.SubFactory(ChannelFactory)
    brand = factory.SelfAttribute("channel.brand")
    network = factory.SelfAttribute("channel.network")
    external_id = factory.Sequence(lambda n: f"mention-{n}")
    kind = "reply"
    author_handle = factory.Sequence(lambda n: f"@camille{n}@social.example")
    author_name = factory.Sequence(lambda n: f"Camille {n}")
    text = "Merci pour la livraison, rapide et soignée"
    url = factory.LazyAttribute(lambda mention: f"https://social.example/{mention.external_id}")
    published_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(hours=1))
    language = "fr"
    language_declared = True
    sentiment = "positive"
    sentiment_confidence = 0.91
    sentiment_probabilities = {"negative": 0.03, "neutral": 0.06, "positive": 0.91}
    sentiment_model = "test+1"
    sentiment_explanation = [{"text": "merci", "weight": 1.2, "negator": ""}]
