from __future__ import annotations

from tests.fakes.files import subtitles, video
from tests.networks.samples import Sample

OPTIONS = {"title": "L’atelier, de l’intérieur", "privacy": "public", "made_for_kids": "no"}
SAMPLE = Sample(
    one_shot="/upload/youtube/v3/videos$",
    one_shot_method="PUT",
    part="/commentThreads$",
    likes="likeCount",
    comments="commentCount",
    needs="video",
    max_images=0,
    options=OPTIONS,
    more_forms={
        "video": {
            "media": (video(subtitles=(subtitles(),)),),
            "options": {
                **OPTIONS,
                "playlists": ["PLsandboxAtelier"],
                "translations": ["en\nThe workshop\nFrom inside"],
            },
        }
    },
    repeatable=True,
    certain=True,
    has_mentions=False,
    has_quota_headers=False,
    revokes="refresh",
)
