"""Guardian's direct foreign-key tables: what the assignments come to right now.

Built by `teams.services.rights`, read by `teams.selectors.actors`. The wider scopes are not copied onto the narrower.
"""

from __future__ import annotations

from django.db import models
from guardian.models import UserObjectPermissionBase

from socialops.tenancy.models import TenantModel
from teams.models.channels import Channel
from teams.models.organizations import Brand, Organization


class OrganizationRight(UserObjectPermissionBase, TenantModel):  # type: ignore[misc]  # guardian is untyped
    content_object = models.ForeignKey(Organization, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class BrandRight(UserObjectPermissionBase, TenantModel):  # type: ignore[misc]  # guardian is untyped
    content_object = models.ForeignKey(Brand, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class ChannelRight(UserObjectPermissionBase, TenantModel):  # type: ignore[misc]  # guardian is untyped
    content_object = models.ForeignKey(Channel, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()
