"""Factories of teams."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from socialops.permissions.rights import Right
from teams import models


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = models.Organization

    slug = factory.Sequence(lambda n: f"groupe-{n}")
    name = factory.Sequence(lambda n: f"Groupe {n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@example.com")
    name = factory.Sequence(lambda n: f"Personne {n}")
    language = "fr"
    password = factory.django.Password("un mot de passe long")


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = models.Brand

    slug = factory.Sequence(lambda n: f"marque-{n}")
    name = factory.Sequence(lambda n: f"Marque {n}")
    languages = ["fr"]
    approval = "none"


class ChannelFactory(DjangoModelFactory):
    class Meta:
        model = models.Channel

    brand = factory.SubFactory(BrandFactory)
    network = "mastodon"
    base_url = "https://social.example"
    external_id = factory.Sequence(lambda n: f"10{n}")
    handle = factory.Sequence(lambda n: f"@marque{n}@social.example")
    name = factory.Sequence(lambda n: f"Compte {n}")
    limits = {}


class CredentialFactory(DjangoModelFactory):
    class Meta:
        model = models.ChannelCredential

    channel = factory.SubFactory(ChannelFactory)
    secret = {"access_token": "secret-token"}


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = models.Member

    user = factory.SubFactory(UserFactory)


class RoleFactory(DjangoModelFactory):
    class Meta:
        model = models.Role

    name = factory.Sequence(lambda n: f"Rôle {n}")
    rights = [right.value for right in Right]


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Assignment

    member = factory.SubFactory(MemberFactory)
    role = factory.SubFactory(RoleFactory)
