from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/upload/youtube/v3/videos$",
    one_shot_method="PUT",
    part="/commentThreads$",
    likes="likeCount",
    comments="commentCount",
    needs="video",
    max_images=0,
    options={"title": "L’atelier, de l’intérieur", "privacy": "public", "made_for_kids": "no"},
    repeatable=True,
    certain=True,
    has_mentions=False,
    has_quota_headers=False,
    revokes="refresh",
)
