"""Our names for what networks count."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Metric(models.TextChoices):
    """A named number. Missing is None, never 0."""

    LIKES = "likes", _("Likes and reactions")
    COMMENTS = "comments", _("Comments and replies")
    SHARES = "shares", _("Shares and reposts")
    QUOTES = "quotes", _("Quotes")
    SAVES = "saves", _("Saves and bookmarks")
    CLICKS = "clicks", _("Clicks")
    IMPRESSIONS = "impressions", _("Impressions")
    VIEWS = "views", _("Views")
    REACH = "reach", _("Reach")
    VOTES = "votes", _("Votes in the poll")


class ChannelMetric(models.TextChoices):
    FOLLOWERS = "followers", _("Followers")
    FOLLOWING = "following", _("Following")
    POSTS = "posts", _("Posts on the network")


POST_METRICS: tuple[str, ...] = tuple(Metric.values)
