from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.files import media
from tests.networks.samples import Sample
from tests.sandbox_server import Sandbox


def subscribe(sandbox: Sandbox, account: Mapping[str, Any], kind: str = "Premium") -> None:
    """Articles are for subscribers."""
    sandbox.http.put(f"{sandbox.url('x')}/_subscription", json={"account": account["id"], "type": kind})


SAMPLE = Sample(
    one_shot="(/2/tweets|/publish)$",
    part="/2/tweets$",
    likes="like_count",
    comments="reply_count",
    refuses_repeats=True,
    ready=subscribe,
    more_forms={"image": {"media": (media(),), "options": {"tagged_people": ["@cafe_riviera"]}}},
    revokes="refresh",
)
