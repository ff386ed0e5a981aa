"""The Facebook Pages stand-in (login dialog and Graph API on one port), put together."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox import crowd
from socialops.sandbox.facebook import insights, nodes, posts, videos
from socialops.sandbox.facebook.audience import notes_of
from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.graph import oauth
from socialops.sandbox.graph.app import graph_routes
from socialops.sandbox.graph.call import Handler, serve
from socialops.sandbox.models import FACEBOOK, Account, Post
from socialops.sandbox.text import link_html, rich_html
from socialops.sandbox.world import World

EDGES: Final[dict[tuple[str, str], Handler]] = {
    ("feed", "POST"): posts.create_feed,
    ("feed", "GET"): posts.list_posts,
    ("posts", "GET"): posts.list_posts,
    ("published_posts", "GET"): posts.list_posts,
    ("tagged", "GET"): posts.list_tagged,
    ("visitor_posts", "GET"): posts.list_visitors,
    ("photos", "POST"): posts.create_photo,
    ("photos", "GET"): posts.list_photos,
    ("videos", "POST"): videos.feed_video,
    ("video_reels", "POST"): videos.reel,
    ("video_reels", "GET"): videos.list_reels,
    ("video_stories", "POST"): videos.video_story,
    ("photo_stories", "POST"): videos.photo_story,
    ("stories", "GET"): videos.list_stories,
    ("video_insights", "GET"): videos.video_insights,
    ("captions", "POST"): videos.add_captions,
    ("captions", "GET"): videos.list_captions,
    ("comments", "POST"): posts.create_comment,
    ("comments", "GET"): posts.list_comments,
    ("likes", "GET"): posts.list_likes,
    ("reactions", "GET"): posts.list_likes,
    ("likes", "POST"): posts.like,
    ("likes", "DELETE"): posts.like,
    ("insights", "GET"): insights.insights,
    **oauth.list_pages(nodes.account_node),
}
NODE: Final[dict[str, Handler]] = {"GET": nodes.read_node, "POST": posts.change_node, "DELETE": posts.delete_node}


def _text_html(world: World, post: Post) -> str:
    def mention(word: str) -> str | None:
        page = world.find_account(FACEBOOK, word)
        return f"/{page.handle}" if page else None

    html = rich_html(post.text, mention=mention, tag=lambda word: f"/?tag={word}")
    link = "" if post.facts.get("cards") else post.facts.get("link", "")
    return html + link_html(link, link).replace("<a ", '<a class="linkcard" ', 1) if link else html


def _handle(_: World, account: Account) -> str:
    return account.note if account.role == "brand" else ""


FACE: Final = Face(
    network=FACEBOOK,
    post_url=lambda world, post: (
        f"/{world.accounts.objects[post.account_id].handle}/posts/{post.id.rpartition('_')[2]}"
    ),
    account_url=lambda _, account: f"/pages/{account.handle}",
    handle=_handle,
    text_html=_text_html,
    notes=notes_of,
)


async def _root(request: Request) -> Response:
    """The timeline; with `ids`, Graph's read of several nodes."""
    if "ids" in request.query_params:
        return await serve(request, lambda _: nodes.read_nodes)
    return feed_page(request, FACE, request.app.state.world.timeline(FACEBOOK))


async def _page(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(FACEBOOK, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    own = [p for p in world.posts_of(account.id) if p.live and not p.reply_to]
    return feed_page(request, FACE, own, title=account.name)


async def _post(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(FACEBOOK, request.path_params["handle"])
    key = request.path_params["number"]
    post = (world.posts.get(f"{account.id}_{key}") or world.posts.get(key)) if account else None
    return post_page(request, FACE, post)


async def _visit(request: Request) -> Response:
    """`POST /_visit`: somebody writes on a page: {"account", "text", "author"?}."""
    world: World = request.app.state.world
    body = await request.json()
    page = world.find_account(FACEBOOK, str(body.get("account") or ""))
    if page is None:
        return JSONResponse({"error": f"There is no page {body.get('account')!r}."}, 400)
    author = crowd.person(world, FACEBOOK, str(body.get("author") or "Léa Moreau"))
    post = Post(f"{page.id}_{world.next_id()}", FACEBOOK, author.id, str(body.get("text") or ""), world.now(), "crowd")
    post.facts["wall"] = page.id
    world.add_post(post)
    posts.tell_feed(world, page, post, "add")
    return JSONResponse({"id": post.id}, 201)


ROUTES: Final[list[BaseRoute]] = [
    Route("/", _root),
    *oauth.routes,
    Route("/pages/{handle}", _page),
    Route("/{handle}/posts/{number}", _post),
    Route("/_visit", _visit, methods=["POST"]),
    *graph_routes(EDGES, NODE),
]
