"""The mails of teams, in their reader's language."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from teams.models import Invitation
from teams.services.invitations import grants_of, token_of


def invitation_mail(invitation: Invitation) -> EmailMessage:
    """Reads the database; sending it is the caller's, outside of any transaction."""
    with translation.override(invitation.language):
        organization, inviter = invitation.organization, invitation.invited_by
        body = render_to_string(
            "teams/mail/invitation.txt",
            {
                "invitation": invitation,
                "organization": organization,
                "inviter": inviter,
                "grants": grants_of(invitation),
                "url": settings.PUBLIC_URL + reverse("accept_invitation", args=[token_of(invitation)]),
            },
        )
        subject = _("%(name)s invites you to %(organization)s on SocialOps") % {
            "name": inviter or organization,
            "organization": organization,
        }
        return EmailMessage(
            subject=" ".join(subject.split()),
            body=body,
            to=[invitation.email],
            reply_to=[inviter.email] if inviter else None,
        )
