"""Writing campaigns."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from editorial.enums import CampaignState
from editorial.models import Campaign
from editorial.rules import one_line
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand


class CampaignFields(TypedDict, total=False):
    name: str
    objective: str
    starts_on: date | None
    ends_on: date | None
    colour: str
    state: CampaignState


@transaction.atomic
def create_campaign(*, brand: Brand, fields: CampaignFields, actor: Actor) -> Campaign:
    """A campaign of a brand; its name is unique there."""
    actor.require(Right.MANAGE_CAMPAIGNS, brand)
    campaign = Campaign(brand=brand, created_by_id=actor.user_id, **fields)
    _check(campaign)
    campaign.save()
    record(actor=actor, action="campaign.created", target=campaign)
    return campaign


@transaction.atomic
def update_campaign(*, campaign: Campaign, fields: CampaignFields, actor: Actor) -> Campaign:
    """Change what `fields` names."""
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("brand").get(pk=campaign.pk)
    actor.require(Right.MANAGE_CAMPAIGNS, campaign)
    before = {name: str(getattr(campaign, name)) for name in fields}
    for name, value in fields.items():
        setattr(campaign, name, value)
    _check(campaign)
    campaign.save()
    after = {name: str(getattr(campaign, name)) for name in fields}
    changes = {name: [before[name], after[name]] for name in fields if before[name] != after[name]}
    record(actor=actor, action="campaign.updated", target=campaign, changes=changes)
    return campaign


def _check(campaign: Campaign) -> None:
    campaign.name = one_line(campaign.name)
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:
        sentence = _("The campaign ends before it starts: change one of the dates.")
        raise ValidationError({"ends_on": ValidationError(sentence, code="dates")})
    same = Campaign.objects.filter(brand=campaign.brand, name=campaign.name).exclude(pk=campaign.pk)
    if same.exists():
        sentence = _("This brand already has a campaign of that name.")
        raise ValidationError({"name": ValidationError(sentence, code="unique")})
    campaign.clean_fields(exclude=["organization", "brand", "created_by"])
