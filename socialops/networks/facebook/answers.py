"""What every file here needs to know of Facebook; the calls themselves are Meta's (`networks.meta`)."""

from __future__ import annotations

from typing import Any

from socialops.networks.data import network_data
from socialops.networks.ports import Target

NETWORK = "facebook"
MESSENGER = "MESSENGER"  # the platform of a Page's conversations


def web_url(external_id: str) -> str:
    return f"{network_data(NETWORK)['hosts']['app']}/{external_id}"


def absolute(address: Any, external_id: str) -> str:
    """A permalink: posts have whole addresses, videos only paths."""
    text = str(address or "")
    if text.startswith("/"):
        return f"{network_data(NETWORK)['hosts']['app']}{text}"
    return text or web_url(external_id)


def is_video(external_id: str) -> bool:
    """A reel is known by the id of its video; a post's id names its Page before the underscore."""
    return "_" not in external_id


def whole_id(target: Target, post_id: str) -> str:
    """A post's id with its Page's before it: videos and stories tell only the number."""
    return post_id if "_" in post_id else f"{target.external_id}_{post_id}"
