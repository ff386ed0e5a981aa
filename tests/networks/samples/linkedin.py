from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/rest/posts$",
    part="/comments$",
    likes="likeCount",
    comments="commentCount",
    max_images=20,
    has_quota_headers=False,
    refuses_repeats=True,
    new_posts_hide=True,
)
