"""News from teams, for the apps to its left."""

from __future__ import annotations

from django.dispatch import Signal

channel_disconnected = Signal()
"""sender=Channel, channel=, actor=; in the transaction of the disconnection."""

channel_dependents = Signal()
"""sender=Channel, channel=; a receiver answers how many of its rows (int) still count on the channel, for the confirmation."""

invitation_issued = Signal()
"""sender=Invitation, invitation=; in the transaction that made its link (again)."""
