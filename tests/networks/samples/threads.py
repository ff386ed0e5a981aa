from __future__ import annotations

from tests.networks.samples import Sample

LONG = "**Une lampe** n’éclaire pas *seulement*.\n\n" + "Elle dit où l’on s’assied. " * 40
SAMPLE = Sample(
    one_shot="/threads_publish$",
    part="/threads_publish$",
    likes="likes",
    comments="replies",
    max_images=20,
    more_forms={
        "long": {"options": {"format": "long", "long_text": LONG}},
        "ghost": {"options": {"format": "ghost"}, "first_comment": ""},
        "gif": {"options": {"gif": "https://giphy.com/gifs/lampe-JIX9t2j0ZTN9S", "reply_approvals": True}},
    },
    revokes="",
)
