from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/feed$",
    part="/comments$",
    likes="reactions",
    comments="comments",
    max_images=10,
    options={"countries": ["FR"]},
)
