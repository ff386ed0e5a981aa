"""What the sandbox networks are asked before anything is written: they get their past, then tell what people said and how the posts fared."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from socialops.demo.channels import Places, ask_sandbox, base_url
from socialops.demo.content import subtitles_of, typeset
from socialops.demo.films import FILMS, shoot
from socialops.demo.images import PICTURES, document, draw
from socialops.demo.plan import Past, Plan, Said, Sent
from socialops.networks.ports import Account, RemoteMention, Target
from socialops.networks.registry import connector_for

Heard = dict[tuple[str, str], tuple[list[RemoteMention], dict[str, Any]]]
"""(brand slug, network) → what people said there, and the cursor after it."""

_LEAFLET = ("maison-lumiere", "document/livret")
_LEAFLET_ALT = typeset("Le livret de la réparation : les schémas de démontage, lampe par lampe.")
_AT_ONCE = 20  # posts watched in one question
# What is unconfirmed stands there twice: the answer was lost, and somebody who saw nothing come posted it by hand.
_COPIES = (dt.timedelta(), dt.timedelta(minutes=6))


@dataclass(frozen=True, slots=True)
class File:
    """Something that posts show. `alt` is its description."""

    name: str  # as its owner calls it
    content: bytes
    alt: str = ""
    subtitles: Mapping[str, bytes] = field(default_factory=dict)  # of a film, by language


Files = dict[tuple[str, str], File]
"""(brand slug, name as `Piece.file` has it) → file."""


def draw_files() -> Files:
    """The illustrations, the films made of them, and the one document."""
    with ThreadPoolExecutor(2) as pool:  # Pillow and FFmpeg work outside of Python's lock
        stills = {place: pool.submit(draw, *place) for place in _each(PICTURES)}
        films = {
            (brand, name): pool.submit(shoot, FILMS[brand][name], stills[brand, FILMS[brand][name].picture].result())
            for brand, name in _each(FILMS)
        }
        files = {place: File(f"{place[1]}.jpg", still.result(), _alt(*place)) for place, still in stills.items()}
        for (brand, name), film in films.items():
            alt = _alt(brand, FILMS[brand][name].picture)
            files[brand, f"film/{name}"] = File(f"{name}.mp4", film.result(), alt, subtitles_of(brand, name))
    files[_LEAFLET] = File("livret-de-la-reparation.pdf", document(_LEAFLET[0]), _LEAFLET_ALT)
    return files


def _each(of: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(brand, name) for brand, named in of.items() for name in named]


def _alt(brand: str, picture: str) -> str:
    return PICTURES[brand][picture].alt


def bring_past(plan: Plan, places: Places, files: Files) -> None:
    """Put the plan's posts, mentions and messages on the networks, and note their ids and addresses in it. NetworkError."""
    encoded = {
        f"{brand}/{name}": {"content": base64.b64encode(file.content).decode(), "alt": file.alt}
        for (brand, name), file in files.items()
    }
    for network in dict.fromkeys(network for _brand, network in places):
        sent = [(post, sent) for post in plan.posts for sent in post.out if sent.network == network]
        posts: list[dict[str, Any]] = [
            {
                **_shown(post, one, places[post.brand, network]),
                "likes": one.likes,
                "shares": one.shares,
                "views": one.views,
                "clicks": one.clicks,
                "comments": [_said(said) for said in one.comments],
            }
            for post, one in sent
        ]
        unclear = [(post, one, copy) for post, one in _unclear(plan, network) for copy in range(len(_COPIES))]
        posts += [_shown(post, one, places[post.brand, network], copy) for post, one, copy in unclear]
        used = {name for post in posts for name in post["files"]}
        body = {
            "files": {name: file for name, file in encoded.items() if name in used},
            "posts": posts,
            "mentions": _spoken(plan.mentions, "m", network, places),
            "messages": _spoken(plan.messages, "p", network, places),
        }
        answer = ask_sandbox(network, "/_history", body)
        for (_post, one, _copy), asked, made in zip(
            unclear, posts[len(sent) :], answer["posts"][len(sent) :], strict=True
        ):
            one.candidates.append(
                {
                    "external_id": made["id"],
                    "url": made["url"],
                    "text": asked["text"],
                    "created_at": asked["created_at"],
                    "media_count": len(asked["files"]),
                }
            )
        for (_post, one), made in zip(sent, answer["posts"][: len(sent)], strict=True):
            one.external_id, one.url = made["id"], made["url"]
            one.extra = {"cid": made["cid"]} if "cid" in made else {}
            one.answers = {said["text"]: (said["id"], said["url"]) for said in made["answers"]}


def _unclear(plan: Plan, network: str) -> list[tuple[Past, Sent]]:
    return [(post, one) for post in plan.posts for one in post.sent if one.network == network and one.is_unconfirmed]


def _shown(post: Past, one: Sent, account: Account, copy: int = 0) -> dict[str, Any]:
    return {
        "key": f"{post.key}-{copy}" if one.is_unconfirmed else post.key,
        "account": account.external_id,
        "text": _text(post, one.network),
        "language": post.piece.language,
        "created_at": (one.at + _COPIES[copy]).isoformat(),
        "files": [f"{post.brand}/{post.piece.file}"] if post.piece.file else [],
    }


def _text(post: Past, network: str) -> str:
    """With its title above, where posts have one."""
    title, text = post.piece.options_on(network).get("title", ""), post.piece.text_on(network)
    return f"{title}\n{text}" if title else text


def _spoken(lines: Sequence[tuple[str, str, Said]], kind: str, network: str, places: Places) -> list[dict[str, Any]]:
    return [
        {"key": f"{brand}-{kind}{place:03}", "account": places[brand, network].external_id, **_said(said)}
        for place, (brand, where, said) in enumerate(lines)
        if where == network
    ]


def _said(said: Said) -> dict[str, Any]:
    answer = {"text": said.answer, "created_at": said.answered_at.isoformat()}
    return {
        "author": said.author,
        "text": said.text,
        "language": said.language,
        "created_at": said.at.isoformat(),
        **({"answer": answer} if said.answer else {}),
    }


# ---------------------------------------------------------------- read through the connectors, as the pulls do


def listen(plan: Plan, places: Places) -> Heard:
    """What was said. NetworkError."""

    def hear(place: tuple[str, str]) -> tuple[list[RemoteMention], dict[str, Any]]:
        talked = [one.external_id for one in _out(plan, place) if one.comments]
        connector, target = connector_for(place[1]), _target(place[1], places[place])
        found: dict[str, RemoteMention] = {}
        cursor: dict[str, Any] = {}
        # Some networks ask post by post; the others answer everything at once, again and again.
        for start in range(0, max(1, len(talked)), _AT_ONCE):
            page = connector.pull_mentions(target, cursor={}, watched=talked[start : start + _AT_ONCE])
            found |= {mention.external_id: mention for mention in page.mentions}
            cursor = _joined(cursor, page.cursor)
        return list(found.values()), cursor

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(places, pool.map(hear, places), strict=True))


def measure(plan: Plan, places: Places) -> None:
    """Note in the plan what the networks count now. NetworkError."""

    def count(place: tuple[str, str]) -> None:
        sent = {one.external_id: one for one in _out(plan, place)}
        found = connector_for(place[1]).pull_post_metrics(_target(place[1], places[place]), external_ids=list(sent))
        for external_id, counters in found.metrics.items():
            sent[external_id].counters = {name: n for name, n in counters.items() if n is not None}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, places))


def _out(plan: Plan, place: tuple[str, str]) -> list[Sent]:
    brand, network = place
    return [one for post in plan.posts if post.brand == brand for one in post.out if one.network == network]


def _target(network: str, account: Account) -> Target:
    assert account.credentials is not None
    return Target(network, base_url(network), account.external_id, account.handle, account.credentials)


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two cursors as one: what each says of its own posts stays."""
    deep = {
        name: one[name] | said
        for name, said in other.items()
        if isinstance(said, dict) and isinstance(one.get(name), dict)
    }
    return {**one, **other, **deep}
