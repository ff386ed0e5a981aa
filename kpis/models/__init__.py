"""Readings of posts and channels, and when to read next."""

from kpis.models.channels import ChannelDay, ChannelPull
from kpis.models.posts import PostFigures, PostSnapshot

__all__ = ["ChannelDay", "ChannelPull", "PostFigures", "PostSnapshot"]
