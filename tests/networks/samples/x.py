from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/2/tweets$",
    part="/2/tweets$",
    likes="like_count",
    comments="reply_count",
    refuses_repeats=True,
    revokes="refresh",
)
