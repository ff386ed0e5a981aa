from __future__ import annotations

from tests.networks.samples import Sample

SAMPLE = Sample(
    one_shot="/api/v1/statuses$",
    part="/api/v1/statuses$",
    likes="favourites_count",
    comments="replies_count",
    repeatable=True,
    videos=True,
)
