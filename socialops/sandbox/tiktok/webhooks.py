"""What TikTok sends to the address set in the app's settings: all events, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

from socialops.sandbox.models import TIKTOK, Subscription
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World

EVENTS: Final = [
    "authorization.removed",
    "post.publish.failed",
    "post.publish.complete",
    "post.publish.inbox_delivered",
    "post.publish.publicly_available",
    "post.publish.no_longer_publicaly_available",
]


def subscribe(world: World, url: str) -> None:
    """One address an app: a new one takes the place of the old."""
    world.subscriptions.put(Subscription(f"{TIKTOK}:{CLIENT_ID}", TIKTOK, url, events=EVENTS))


def tell(world: World, event: str, account_id: str, content: Mapping[str, Any]) -> None:
    """`content` goes as JSON inside a string."""
    for subscription in world.subscribers(TIKTOK, event, account_id):
        body = json.dumps(
            {
                "client_key": CLIENT_ID,
                "event": event,
                "create_time": int(time.time()),
                "user_openid": account_id,
                "content": json.dumps(content),
            }
        ).encode()
        world.send(TIKTOK, subscription.url, body, {"Tiktok-Signature": signature(body)})


def signature(body: bytes, moment: int = 0) -> str:
    moment = moment or int(time.time())
    made = hmac.new(CLIENT_SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},s={made}"
