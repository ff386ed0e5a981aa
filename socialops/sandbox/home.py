"""The page that links the networks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.feed import Face
from socialops.sandbox.html import Html, join, language, page, render, word
from socialops.sandbox.models import LABELS
from socialops.sandbox.world import World


def home_routes(faces: list[Face]) -> list[BaseRoute]:
    async def home(request: Request) -> Response:
        world: World = request.app.state.world
        lang = language(request)
        cards = [_card(world, face, lang) for face in faces]
        title = word(lang, "home_title")
        body = render("home.html", title=title, lead=word(lang, "home_lead"), networks=join(cards))
        return page(request, network="", title=title, body=body)

    return [Route("/", home)]


def _card(world: World, face: Face, lang: str) -> Html:
    base = world.base_url(face.network)
    count = len(world.timeline(face.network))
    return render(
        "home_network.html",
        network=face.network,
        label=LABELS[face.network],
        count=word(lang, "posts_one") if count == 1 else word(lang, "posts_count", count=count),
        accounts=join(
            render(
                "account_item.html",
                id=a.id,
                url=base + face.account_url(world, a),
                name=a.name,
                handle=face.handle(world, a),
            )
            for a in world.brands(face.network)
        ),
        url=f"{base}/",
        open=word(lang, "open", network=LABELS[face.network]),
    )
