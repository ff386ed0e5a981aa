"""Campaigns, posts and their variants, media, revisions, approvals and comments."""

from editorial.models.campaigns import Campaign
from editorial.models.media import MediaAsset
from editorial.models.posts import Post, Variant
from editorial.models.reviews import Approval, Comment, Revision

__all__ = ["Approval", "Campaign", "Comment", "MediaAsset", "Post", "Revision", "Variant"]
