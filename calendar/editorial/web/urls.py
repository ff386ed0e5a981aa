"""Screens of editorial, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from editorial.web.views import calendar, campaigns, composer, media, reviews, today

app_name = "editorial"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/filters/", calendar.filters, name="calendar-filters"),
    path("posts/new/", composer.new, name="post-new"),
    path("posts/preview/", composer.preview, name="post-preview"),
    path("posts/<int:pk>/", reviews.post, name="post"),
    path("posts/<int:pk>/edit/", composer.edit, name="post-edit"),
    path("posts/<int:pk>/panel/", calendar.panel, name="post-panel"),
    path("posts/<int:pk>/move/", calendar.move, name="post-move"),
    path("posts/<int:pk>/history/", reviews.history, name="post-history"),
    path("posts/<int:pk>/comments/", reviews.comment, name="post-comment"),
    path("posts/<int:pk>/comments/<int:comment>/resolve/", reviews.resolve, name="comment-resolve"),
    path("posts/<int:pk>/do/<slug:action>/", reviews.act, name="post-act"),
    path("approvals/", reviews.approvals, name="approvals"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new, name="campaign-new"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", campaigns.edit, name="campaign-edit"),
    path("media/upload/", media.upload, name="media-upload"),
    path("media/items/", media.media_items, name="media-items"),
    path("media/<int:pk>/file/", media.media_file, name="media-file"),
    path("media/<int:pk>/subtitles/", media.subtitles, name="media-subtitles"),
    path("media/<int:pk>/subtitles/<int:track>.vtt", media.subtitles_file, name="media-subtitles-file"),
    path("media/<int:pk>/subtitles/<slug:language>/remove/", media.subtitles_remove, name="media-subtitles-remove"),
    path("media/<int:pk>/poster/", media.media_poster, name="media-poster"),
]
