"""Factories of editorial. They write rows directly; tests of behaviour go through the services."""

from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from editorial import models
from tests.factories.teams import BrandFactory, ChannelFactory


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = models.Campaign

    brand = factory.SubFactory(BrandFactory)
    name = factory.Sequence(lambda n: f"Campagne {n}")


class MediaAssetFactory(DjangoModelFactory):
    """A row without its file."""

    class Meta:
        model = models.MediaAsset

    brand = factory.SubFactory(BrandFactory)
    path = factory.Sequence(lambda n: f"media/{n}.png")
    filename = "photo.png"
    content_type = "image/png"
    size = 1000
    width = 640
    height = 480
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    alt_text = "Une place au soleil"


class VideoFactory(MediaAssetFactory):
    """Three seconds without sound."""

    path = factory.Sequence(lambda n: f"media/{n}.mp4")
    filename = "film.mp4"
    content_type = "video/mp4"
    width = 360
    height = 640
    sha256 = factory.Sequence(lambda n: f"{n + 2**32:064x}")
    alt_text = ""
    facts = factory.LazyFunction(
        lambda: {
            "duration": 3.0,
            "container": "mp4",
            "video_codec": "h264",
            "audio_codec": "",
            "frame_rate": 25.0,
            "bit_rate": 100_000,
            "streamable": True,
        }
    )


class PostFactory(DjangoModelFactory):
    class Meta:
        model = models.Post

    brand = factory.SubFactory(BrandFactory)
    text = factory.Sequence(lambda n: f"Bonjour {n}")
    state_since = factory.LazyFunction(timezone.now)
    content_hash = "0" * 64


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = models.Variant

    post = factory.SubFactory(PostFactory)
    channel = factory.SubFactory(ChannelFactory, brand=factory.SelfAttribute("..post.brand"))
