"""Campaigns, posts and their variants, media, revisions, approvals and comments."""

from editorial.models.campaigns import Campaign
from editorial.models.media import MediaAsset
from editorial.models.posts import Post, Variant
from editorial.models.reviews import Approval, Comment, Revision
from editorial.models.subtitles import SubtitleTrack

__all__ = ["Approval", "Campaign", "Comment", "MediaAsset", "Post", "Revision", "SubtitleTrack", "Variant"]
