"""The Instagram stand-in (both logins, Graph API and upload host on one port), put together."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.graph import oauth
from socialops.sandbox.graph.app import graph_routes
from socialops.sandbox.graph.call import Handler
from socialops.sandbox.instagram import comments, containers, insights, login, nodes, tagging
from socialops.sandbox.models import INSTAGRAM, Account, Post
from socialops.sandbox.text import rich_html
from socialops.sandbox.world import World

EDGES: Final[dict[tuple[str, str], Handler]] = {
    ("media", "POST"): containers.create,
    ("media", "GET"): nodes.list_media,
    ("media_publish", "POST"): containers.publish,
    ("mediapublish", "POST"): containers.publish,  # as Meta's own client writes it for the Instagram login
    ("content_publishing_limit", "GET"): containers.limit,
    ("stories", "GET"): nodes.list_stories,
    ("tags", "GET"): nodes.list_tags,
    ("children", "GET"): nodes.list_children,
    ("comments", "GET"): comments.list_comments,
    ("comments", "POST"): comments.create_comment,
    ("replies", "GET"): comments.list_replies,
    ("replies", "POST"): comments.create_reply,
    ("mentions", "POST"): comments.answer_mention,
    ("insights", "GET"): insights.insights,
    **oauth.list_pages(nodes.page_node),
}
NODE: Final[dict[str, Handler]] = {"GET": nodes.read_node, "POST": nodes.change_node, "DELETE": nodes.delete_node}


def _text_html(world: World, post: Post) -> str:
    def mention(word: str) -> str | None:
        account = world.find_account(INSTAGRAM, word)
        return f"/{account.handle}/" if account else None

    return rich_html(post.text, mention=mention, tag=lambda word: f"/?tag={word}")


def _address(_: World, post: Post) -> str:
    kind = {"REELS": "reel", "STORY": "stories"}.get(post.facts.get("product", ""), "p")
    return f"/{kind}/{post.id}/"


FACE: Final = Face(
    network=INSTAGRAM,
    post_url=_address,
    account_url=lambda _, account: f"/{account.handle}/",
    handle=lambda _, account: f"@{account.handle}",
    text_html=_text_html,
    notes=lambda post: ("paid",) if post.facts.get("paid") else (),
)


async def _home(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(INSTAGRAM))


async def _profile(request: Request) -> Response:
    world: World = request.app.state.world
    account: Account | None = world.find_account(INSTAGRAM, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    own = [p for p in world.posts_of(account.id) if not p.reply_to and p.facts.get("product") != "STORY"]
    return feed_page(request, FACE, own, title=account.name)


async def _post(request: Request) -> Response:
    return post_page(request, FACE, request.app.state.world.posts.get(request.path_params["id"]))


ROUTES: Final[list[BaseRoute]] = [
    Route("/", _home),
    *login.routes,
    *tagging.routes,
    *oauth.routes,
    Route("/p/{id}/", _post),
    Route("/reel/{id}/", _post),
    Route("/stories/{id}/", _post),
    Route("/{handle}/", _profile),
    *graph_routes(EDGES, NODE),
]
