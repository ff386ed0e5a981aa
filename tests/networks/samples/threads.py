from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/threads_publish$",
    part="/threads_publish$",
    likes="likes",
    comments="replies",
    max_images=20,
    revokes="",
)
