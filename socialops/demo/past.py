"""What the sandbox networks are asked before anything is written: they get their past, then answer what people said."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from socialops.demo.channels import NETWORKS, Places, base_url
from socialops.demo.images import PICTURES, draw
from socialops.demo.plan import Plan, Said
from socialops.networks.errors import Code, OutageError
from socialops.networks.ports import RemoteMention, Target
from socialops.networks.registry import connector_for

Images = dict[tuple[str, str], bytes]
Heard = dict[tuple[str, str], tuple[list[RemoteMention], dict[str, Any]]]
"""(brand slug, network) → what people said there, and the cursor after it."""

_AT_ONCE = 20  # posts watched in one question


def draw_images() -> Images:
    return {(brand, name): draw(brand, name) for brand, pictures in PICTURES.items() for name in pictures}


def bring_past(plan: Plan, places: Places, images: Images) -> None:
    """Put the plan's posts and mentions on the networks, and note their ids and addresses in it. NetworkError."""
    encoded = {
        f"{brand}/{name}": {"content": base64.b64encode(content).decode(), "alt": PICTURES[brand][name].alt}
        for (brand, name), content in images.items()
    }
    for network in NETWORKS:
        sent = [(post, sent) for post in plan.posts for sent in post.out if sent.network == network]
        mentions = [
            {"key": f"{brand}-m{place:03}", "account": places[brand, network].external_id, **_said(said)}
            for place, (brand, where, said) in enumerate(plan.mentions)
            if where == network
        ]
        posts = [
            {
                "key": post.key,
                "account": places[post.brand, network].external_id,
                "text": post.piece.text,
                "language": post.piece.language,
                "created_at": one.at.isoformat(),
                "images": [f"{post.brand}/{post.piece.image}"] if post.piece.image else [],
                "likes": one.likes,
                "shares": one.shares,
                "views": one.views,
                "clicks": one.clicks,
                "comments": [_said(said) for said in one.comments],
            }
            for post, one in sent
        ]
        answer = _send(network, {"images": encoded, "posts": posts, "mentions": mentions})
        for (_post, one), made in zip(sent, answer["posts"], strict=True):
            one.external_id, one.url = made["id"], made["url"]
            one.extra = {"cid": made["cid"]} if "cid" in made else {}


def _said(said: Said) -> dict[str, str]:
    return {
        "author": said.author,
        "text": said.text,
        "language": said.language,
        "created_at": said.at.isoformat(),
    }


def _send(network: str, body: dict[str, Any]) -> dict[str, Any]:
    """Only the sandbox has this door."""
    try:
        with httpx.Client(timeout=60, trust_env=False) as http:
            answer = http.post(f"{base_url(network)}/_history", json=body)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
    except httpx.HTTPError as error:
        raise OutageError(Code.UNREACHABLE, detail={"host": base_url(network)}) from error
    return found


def listen(plan: Plan, places: Places) -> Heard:
    """Read what was said through the connectors, as a pull would. NetworkError."""
    heard: Heard = {}
    for (brand, network), account in places.items():
        assert account.credentials is not None
        target = Target(network, base_url(network), account.external_id, account.handle, account.credentials)
        talked = [
            one.external_id
            for post in plan.posts
            if post.brand == brand
            for one in post.out
            if one.network == network and one.comments
        ]
        connector = connector_for(network)
        found: dict[str, RemoteMention] = {}
        cursor: dict[str, Any] = {}
        # Only Facebook asks post by post; the others answer everything at once, again and again.
        for start in range(0, max(1, len(talked)), _AT_ONCE) if network == "facebook" else (0,):
            page = connector.pull_mentions(target, cursor={}, watched=talked[start : start + _AT_ONCE])
            found |= {mention.external_id: mention for mention in page.mentions}
            cursor |= page.cursor
        heard[brand, network] = (list(found.values()), cursor)
    return heard
