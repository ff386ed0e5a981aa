"""The audit log's actions in people's words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAMILIES: dict[str, Promise] = {
    "member": _("Members"),
    "invitation": _("Invitations"),
    "role": _("Roles"),
    "channel": _("Channels"),
    "networkapp": _("Networks’ applications"),
    "brand": _("Brands"),
    "organization": _("Organization"),
    "token": _("API tokens"),
    "campaign": _("Campaigns"),
    "post": _("Posts"),
    "posts": _("Posts created together"),
    "media": _("Media"),
    "delivery": _("Publications"),
    "suspension": _("Suspensions"),
    "mention": _("Mentions"),
}

_ACTIONS: dict[str, Promise] = {
    "brand.created": _("Created a brand"),
    "brand.edited": _("Changed a brand's settings"),
    "campaign.created": _("Created a campaign"),
    "campaign.updated": _("Changed a campaign"),
    "channel.broken": _("Channel lost its access"),
    "channel.connected": _("Connected a channel"),
    "channel.disconnected": _("Disconnected a channel"),
    "channel.healed": _("Channel works again"),
    "channel.ownership_changed": _("Changed who answers for an account"),
    "channel.reconnected": _("Reconnected a channel"),
    "delivery.cancelled": _("Cancelled a publication"),
    "delivery.content_replaced": _("Replaced what will be published"),
    "delivery.created": _("Scheduled a publication"),
    "delivery.rescheduled": _("Moved a publication"),
    "delivery.resolved": _("Settled a publication"),
    "delivery.retried": _("Tried a publication again"),
    "invitation.resent": _("Sent an invitation again"),
    "invitation.revoked": _("Revoked an invitation"),
    "invitation.sent": _("Invited somebody"),
    "media.deleted": _("Deleted a file"),
    "media.described": _("Described an image"),
    "media.subtitled": _("Added subtitles to a video"),
    "media.subtitles_removed": _("Removed a video’s subtitles"),
    "media.uploaded": _("Added a file"),
    "member.deactivated": _("Deactivated a member"),
    "member.edited": _("Changed a member's page"),
    "member.joined": _("Joined the organization"),
    "member.reactivated": _("Reactivated a member"),
    "member.role_assigned": _("Gave a role"),
    "member.role_dates_changed": _("Changed a role's dates"),
    "member.role_ended": _("Ended a role"),
    "networkapp.removed": _("Removed a network’s application"),
    "networkapp.replaced": _("Replaced a network’s application"),
    "networkapp.restored": _("Took a network’s application back into use"),
    "networkapp.set": _("Added a network’s application"),
    "organization.created": _("Created the organization"),
    "organization.edited": _("Changed the organization's settings"),
    "post.approved": _("Approved a post"),
    "post.cancelled": _("Cancelled a post"),
    "post.changes_requested": _("Asked for changes"),
    "post.commented": _("Commented on a post"),
    "post.created": _("Created a post"),
    "post.deleted": _("Deleted a post"),
    "post.expired": _("Post expired without approval"),
    "post.rescheduled": _("Moved a post"),
    "post.submitted": _("Submitted a post for approval"),
    "post.unscheduled": _("Took a post off the calendar"),
    "post.updated": _("Edited a post"),
    "posts.created": _("Created posts together"),
    "role.archived": _("Archived a role"),
    "role.created": _("Composed a role"),
    "role.edited": _("Changed a role"),
    "role.restored": _("Restored a role"),
    "token.created": _("Made an API token"),
    "token.revoked": _("Revoked an API token"),
}


def action_words(action: str) -> Promise | str:
    """The sentence of an action; its own name, made readable, when nobody wrote one."""
    return _ACTIONS.get(action) or action.replace(".", ": ", 1).replace("_", " ")
