"""What people say to us and about us, what we answer, and how far each channel has been read."""

from reputation.models.mentions import Mention
from reputation.models.pulls import PullState
from reputation.models.replies import Reply

__all__ = ["Mention", "PullState", "Reply"]
