"""What Threads sends to the address entered in the app's settings, once that address has answered the test of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

from socialops.sandbox.models import THREADS, Subscription
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.webhooks import ask
from socialops.sandbox.world import World

TOPICS: Final[Mapping[str, str]] = {
    "replies": "moderate",
    "delete": "moderate",
    "mentions": "interaction",
    "publish": "interaction",
}


async def subscribe(world: World, url: str, verify_token: str, *, as_list: bool) -> bool:
    """Whether the address gave the challenge back. `as_list`: `values` comes as an array, as some apps get it."""
    challenge = str(secrets.randbelow(10**9))
    test = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    answer = await ask(url, test)
    if answer is None or answer.status_code != 200 or answer.text != challenge:
        return False
    facts = {"as_list": as_list}
    world.subscriptions.put(Subscription(f"{THREADS}:{CLIENT_ID}", THREADS, url, events=list(TOPICS), facts=facts))
    return True


def tell(world: World, field: str, account_id: str, value: Mapping[str, Any]) -> None:
    for subscription in world.subscribers(THREADS, field, account_id):
        entry = {"value": value, "field": field}
        body = json.dumps(
            {
                "app_id": CLIENT_ID,
                "topic": TOPICS[field],
                "target_id": account_id,
                "time": int(time.time()),
                "subscription_id": subscription.id,
                "has_uid_field": False,
                "values": [entry] if subscription.facts.get("as_list") else entry,
            }
        ).encode()
        world.send(THREADS, subscription.url, body, {"X-Hub-Signature-256": signature(body)})


def signature(body: bytes, secret: str = CLIENT_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
