"""What people say to us and about us, and how far each channel has been read."""

from reputation.models.mentions import Mention
from reputation.models.pulls import PullState

__all__ = ["Mention", "PullState"]
