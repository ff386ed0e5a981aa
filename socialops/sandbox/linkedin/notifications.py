"""What happens around a Page, told by push (signed, once the address answered its challenge) and by pull."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

from starlette.responses import Response

from socialops.sandbox.linkedin.call import (
    APPLICATION,
    Call,
    LinkedInError,
    activity_of,
    denied,
    invalid,
    no_content,
    urn_of,
)
from socialops.sandbox.linkedin.organizations import is_administrator
from socialops.sandbox.models import LINKEDIN, Account, Post, Subscription
from socialops.sandbox.seed import CLIENT_SECRET
from socialops.sandbox.webhooks import ask
from socialops.sandbox.world import World

EVENT: Final = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"
ACTIONS: Final = {"mention": "SHARE_MENTION", "reply": "COMMENT", "like": "LIKE", "repost": "SHARE"}
RETENTION_SECONDS: Final = 60 * 86_400


def sign(content: bytes) -> str:
    return hmac.digest(CLIENT_SECRET.encode(), content, hashlib.sha256).hex()


def _post_json(world: World, post: Post) -> dict[str, Any]:
    owner = urn_of(world.accounts.objects[post.account_id])
    return {"entity": post.id, "owner": owner, "text": post.facts.get("commentary", post.text), "mediaCategory": "NONE"}


def describe(world: World, page: Account, action: str, post: Post, moment: float, number: int) -> dict[str, Any]:
    """Comments are named here without `urn:li:` inside their URN, and whole in what decorates them."""
    body: dict[str, Any] = {
        "notificationId": number,
        "organizationalEntity": page.id,
        "action": action,
        "lastModifiedAt": int(moment * 1000),
        "subscriber": page.owner,
    }
    if action == "SHARE_MENTION":
        return {**body, "generatedActivity": post.id, "decoratedGeneratedActivity": {"share": _post_json(world, post)}}
    root = world.posts.objects[post.root] if post.root else post
    body |= {"sourcePost": activity_of(root), "decoratedSourcePost": _post_json(world, root)}
    if action == "COMMENT_DELETE":
        return {**body, "generatedActivity": post.id.replace("(urn:li:", "(")}
    if post.root:
        owner = urn_of(world.accounts.objects[post.account_id])
        comment = {"entity": post.id, "owner": owner, "text": post.text, "object": activity_of(root)}
        if post.reply_to != root.id:
            comment["parentComment"] = post.reply_to
        short = post.id.replace("(urn:li:", "(")
        return {**body, "generatedActivity": short, "decoratedGeneratedActivity": {"comment": comment}}
    return body


def tell(world: World, root: Post, action: str, made: Post) -> None:
    """Push to who subscribed to the Page whose post this is, or that it mentions. Only about public posts."""
    names = made.facts.get("about", []) if action == "SHARE_MENTION" else [root.account_id]
    for name in names:
        page = world.accounts.objects[name]
        if page.role != "brand" or root.facts.get("visibility", "PUBLIC") != "PUBLIC":
            continue
        row = describe(world, page, action, made, world.now(), int(world.next_id()) >> 8)
        for subscription in world.subscribers(LINKEDIN, EVENT, page.id):
            body = json.dumps({"type": EVENT, "notifications": [row]}).encode()
            world.send(LINKEDIN, subscription.url, body, {"X-LI-Signature": sign(b"hmacsha256=" + body)})


async def find(call: Call) -> dict[str, Any]:
    """Those of the last 60 days, newest first."""
    call.need("rw_organization_admin")
    page = call.world.accounts.get(call.text("organizationalEntity"))
    if page is None:
        raise LinkedInError(400, "INVALID_URN_ID", "/organizationalEntity")
    if not is_administrator(call, page.id):
        raise denied("organizationalEntityNotifications.FINDER-criteria.20260901")
    wanted, span = call.query.get("actions"), call.query.get("timeRange")
    if not isinstance(wanted, list) or not isinstance(span, dict):
        raise LinkedInError(400, "MISSING_FIELD", "Parameters 'actions' and 'timeRange' are required")
    since = max(float(span.get("start", 0)) / 1000, call.world.now() - RETENTION_SECONDS)
    until = float(span.get("end", 0)) / 1000
    rows = [
        describe(call.world, page, ACTIONS[n.kind], call.world.posts.objects[n.post_id], n.created_at, int(n.id) >> 8)
        for n in call.world.notices_of(page.id)
        if n.post_id and ACTIONS.get(n.kind) in wanted and since <= n.created_at <= until
    ]
    return call.paged(rows, default=10, most=100)


# ---------------------------------------------------------------- subscriptions


def _key(call: Call) -> tuple[str, Account]:
    key = call.path[1]
    if not isinstance(key, dict) or set(key) != {"developerApplication", "user", "entity", "eventType"}:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "the key needs developerApplication, user, entity and eventType")
    call.need("rw_organization_admin")
    page = call.world.accounts.get(str(key["entity"]))
    if key["developerApplication"] != f"urn:li:developerApplication:{APPLICATION}" or key["user"] != call.member.id:
        raise denied("eventSubscriptions.UPDATE.20260901")
    if page is None or not is_administrator(call, page.id) or key["eventType"] != EVENT:
        raise denied("eventSubscriptions.UPDATE.20260901")
    return f"linkedin:{page.id}", page


async def subscribe(call: Call) -> Response:
    """The address must pass the challenge first."""
    key, page = _key(call)
    url = call.body.get("webhook")
    if not isinstance(url, str):
        raise invalid("webhook", "field is required but not found and has no default value")
    challenge = f"890e4665-4dfe-4ab1-b689-{call.world.next_id()[-12:]}"
    answer = await ask(url, {"challengeCode": challenge, "applicationId": APPLICATION})
    expected = {"challengeCode": challenge, "challengeResponse": sign(challenge.encode())}
    if answer is None or answer.status_code != 200 or _object(answer.content) != expected:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", f"The webhook {url} is not validated")
    call.world.subscriptions.put(Subscription(key, LINKEDIN, url, page.id, [EVENT]))
    return no_content()


def _object(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


async def unsubscribe(call: Call) -> Response:
    key, _page = _key(call)
    if key in call.world.subscriptions:
        call.world.subscriptions.remove(key)
    return no_content()
