from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="^/video/$|/content/init/$",
    one_shot_method="",
    one_shot_has_token=False,
    losing=("drop", "500_after"),
    likes="like_count",
    comments="comment_count",
    needs="video",
    max_images=35,
    counts_media=False,
    options={"privacy": "public"},
    deletes=False,
    comments_readable=False,
    has_mentions=False,
    has_quota_headers=False,
    revokes="refresh",
)
