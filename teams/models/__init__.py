"""Organizations, brands, channels, people, roles and assignments."""

from teams.models.channels import Channel, ChannelCredential, InstanceApp, NetworkApp
from teams.models.members import ApiToken, Invitation, Member
from teams.models.organizations import Brand, Organization
from teams.models.people import User
from teams.models.rights import BrandRight, ChannelRight, OrganizationRight
from teams.models.roles import Assignment, Role

__all__ = [
    "ApiToken",
    "Assignment",
    "Brand",
    "BrandRight",
    "Channel",
    "ChannelCredential",
    "ChannelRight",
    "InstanceApp",
    "Invitation",
    "Member",
    "NetworkApp",
    "Organization",
    "OrganizationRight",
    "Role",
    "User",
]
