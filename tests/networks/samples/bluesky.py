from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="putRecord$",
    part="putRecord$",
    likes="likeCount",
    comments="replyCount",
    repeatable=True,
    certain=True,
    max_images=10,
    revokes="refresh",
)
