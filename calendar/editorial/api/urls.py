"""REST endpoints of editorial, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import path

from editorial.api.views import campaigns, media, places, posts

app_name = "api_editorial"
urlpatterns = [
    path("campaigns/", campaigns.Campaigns.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/", campaigns.OneCampaign.as_view(), name="campaign"),
    path("posts/", posts.Posts.as_view(), name="posts"),
    path("posts/bulk/", posts.BulkPosts.as_view(), name="posts-bulk"),
    path("posts/<int:pk>/", posts.OnePost.as_view(), name="post"),
    path("posts/<int:pk>/submit/", posts.Submit.as_view(), name="post-submit"),
    path("posts/<int:pk>/approve/", posts.Approve.as_view(), name="post-approve"),
    path("posts/<int:pk>/request-changes/", posts.RequestChanges.as_view(), name="post-request-changes"),
    path("posts/<int:pk>/schedule/", posts.Schedule.as_view(), name="post-schedule"),
    path("posts/<int:pk>/cancel/", posts.Cancel.as_view(), name="post-cancel"),
    path("channels/<int:pk>/places/", places.Places.as_view(), name="places"),
    path("media/", media.Media.as_view(), name="media"),
    path("media/<int:pk>/", media.OneMedia.as_view(), name="media-one"),
    path("media/<int:pk>/subtitles/", media.Subtitles.as_view(), name="media-subtitles"),
    path("media/<int:pk>/subtitles/<slug:language>/", media.OneSubtitles.as_view(), name="media-subtitles-one"),
]
