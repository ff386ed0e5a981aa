"""Screens of reputation, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path, re_path

from reputation.web.views import acting, mentions

app_name = "reputation"
urlpatterns = [
    path("mentions/", mentions.mention_list, name="mentions"),
    path("mentions/export.csv", mentions.export, name="export"),
    path("mentions/<int:pk>/", mentions.mention, name="mention"),
    path("mentions/<int:pk>/sentiment/", mentions.sentiment, name="sentiment"),
    path("mentions/<int:pk>/done/", mentions.done, name="done"),
    path("mentions/<int:pk>/reopen/", mentions.reopen, name="reopen"),
    path("mentions/<int:pk>/reply/", acting.reply, name="reply"),
    path("mentions/<int:pk>/replies/<int:number>/retry/", acting.retry, name="retry_reply"),
    path("mentions/<int:pk>/replies/<int:number>/discard/", acting.discard, name="discard_reply"),
    path("mentions/<int:pk>/replies/<int:number>/resolve/", acting.resolve, name="resolve_reply"),
    path("mentions/<int:pk>/replies/<int:number>/withdraw/", acting.withdraw, name="withdraw_reply"),
    re_path(r"^mentions/(?P<pk>\d{1,18})/(?P<action>hide|unhide|delete|like|unlike)/$", acting.act, name="act"),
]
