from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/media_publish$",
    part="/comments$",
    likes="like_count",
    comments="comments_count",
    needs="image",
    max_images=10,
    shows_link=False,
)
