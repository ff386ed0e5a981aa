"""The LinkedIn stand-in (api, www and uploads on one port), put together."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.html import Html
from socialops.sandbox.linkedin import (
    notifications,
    oauth,
    organizations,
    posts,
    social,
    statistics,
    steering,
    targeting,
    uploads,
)
from socialops.sandbox.linkedin.call import Handler, LinkedInError, expired, serve
from socialops.sandbox.models import LINKEDIN, Post
from socialops.sandbox.text import link_html, rich_html
from socialops.sandbox.world import World

# resource, with * for a key → (HTTP method, Rest.li method) → what answers
RESOURCES: Final[dict[str, dict[tuple[str, str], Handler]]] = {
    "posts": {
        ("POST", "CREATE"): posts.create,
        ("GET", "FINDER"): posts.by_author,
        ("GET", "BATCH_GET"): posts.read_many,
    },
    "posts/*": {
        ("GET", "GET"): posts.read,
        ("POST", "PARTIAL_UPDATE"): posts.update,
        ("DELETE", "DELETE"): posts.delete,
    },
    **{kind: {("POST", "ACTION"): uploads.initialize} for kind in ("images", "documents")},
    **{f"{kind}/*": {("GET", "GET"): uploads.read} for kind in uploads.KINDS},
    "organizationAcls": {("GET", "FINDER"): organizations.acls},
    "organizations": {("GET", "FINDER"): organizations.by_vanity_name},
    "organizations/*": {("GET", "GET"): organizations.organization},
    "organizationsLookup": {("GET", "BATCH_GET"): organizations.lookup},
    "people": {("GET", "BATCH_GET"): organizations.people},
    "geoTypeahead": {("GET", "FINDER"): targeting.typeahead},
    "networkSizes/*": {("GET", "GET"): organizations.network_size},
    "socialActions/*/comments": {
        ("GET", "GET"): social.list_comments,
        ("GET", "GET_ALL"): social.list_comments,
        ("POST", "CREATE"): social.create_comment,
    },
    "socialActions/*/comments/*": {
        ("GET", "GET"): social.read_comment,
        ("POST", "PARTIAL_UPDATE"): social.update_comment,
        ("DELETE", "DELETE"): social.delete_comment,
    },
    "socialMetadata/*": {("GET", "GET"): social.metadata},
    "reactions": {("POST", "CREATE"): social.react},
    "reactions/*": {("GET", "FINDER"): social.list_reactions, ("DELETE", "DELETE"): social.unreact},
    "organizationalEntityNotifications": {("GET", "FINDER"): notifications.find},
    "eventSubscriptions/*": {
        ("PUT", "UPDATE"): notifications.subscribe,
        ("DELETE", "DELETE"): notifications.unsubscribe,
    },
    "organizationalEntityShareStatistics": {("GET", "FINDER"): statistics.shares},
    "organizationalEntityFollowerStatistics": {("GET", "FINDER"): statistics.followers},
    "organizationPageStatistics": {("GET", "FINDER"): statistics.page_views},
    "memberCreatorPostAnalytics": {("GET", "FINDER"): statistics.member_post},
    "memberFollowersCount": {("GET", "FINDER"): statistics.member_followers},
}
VIDEO_ACTIONS: Final = {"initializeUpload": uploads.initialize, "finalizeUpload": uploads.finalize}
TAG: Final = re.compile(r"#(\w+)")


def choose(path: list[Any], http_method: str, method: str) -> Handler:
    name = "/".join(str(part) if number % 2 == 0 else "*" for number, part in enumerate(path))
    known = RESOURCES.get(name)
    if known is None:
        raise LinkedInError(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for /{name}")
    handler = known.get((http_method, method))
    if handler is None:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", f"{method} is not supported on {name}")
    return handler


async def _video_action(call: Any) -> Any:
    handler = VIDEO_ACTIONS.get(str(call.query.get("action")))
    if handler is None:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "unknown action")
    return await handler(call)


RESOURCES["videos"] = {("POST", "ACTION"): _video_action}


async def _rest(request: Request) -> Response:
    return await serve(request, choose)


# ---------------------------------------------------------------- pages


def _text_html(world: World, post: Post) -> str:
    html = rich_html(post.text, mention=lambda _: None, tag=lambda word: f"/?tag={word}")
    article = (post.facts.get("content") or {}).get("article")
    if not article:
        return html
    card = link_html(article["source"], article["title"]).replace("<a ", '<a class="linkcard" ', 1)
    return Html(html + card)


FACE: Final = Face(
    network=LINKEDIN,
    post_url=lambda _, post: f"/feed/update/{post.root or post.id}/",
    account_url=lambda _, account: f"/company/{account.handle}" if account.role == "brand" else f"/in/{account.handle}",
    handle=lambda _, account: account.note if account.role == "brand" else "",
    text_html=_text_html,
    quoted=lambda world, post: world.posts.get(post.facts.get("quotes") or ""),
    notes=lambda post: ("targeted",) if post.facts.get("targeted") else (),
)


async def _feed(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(LINKEDIN))


async def _account(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(LINKEDIN, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    own = [post for post in world.posts_of(account.id) if not post.reply_to]
    return feed_page(request, FACE, own, title=account.name)


async def _post(request: Request) -> Response:
    world: World = request.app.state.world
    return post_page(request, FACE, world.posts.get(unquote(request.path_params["urn"])))


async def not_found(request: Request, _: Exception) -> Response:
    return LinkedInError(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {request.url.path}").response()


def fault_answer(effect: str, retry_after: float, scope: Scope) -> Response:
    del scope
    if effect == "429":
        response = LinkedInError(
            429, "TOO_MANY_REQUESTS", "Resource level throttle limit reached", service_code=101
        ).response()
        response.headers["Retry-After"] = str(
            round(retry_after)
        )  # LinkedIn documents none; whoever orders a fault wants one
        return response
    if effect == "expired_token":
        return expired().response()
    return LinkedInError(500, "INTERNAL_SERVER_ERROR", "Internal Server Error").response()


ROUTES: Final[list[BaseRoute]] = [
    Route("/", _feed),
    *oauth.routes,
    *steering.routes,
    Route("/dms-uploads/{key}/captions", uploads.receive_captions, methods=["POST"]),
    Route("/dms-uploads/{key}/{part}", uploads.receive, methods=["PUT"]),
    Route("/rest/{path:path}", _rest, methods=["GET", "POST", "PUT", "DELETE"]),
    Route("/company/{handle}", _account),
    Route("/in/{handle}", _account),
    Route("/feed/update/{urn}/", _post),
    Route("/feed/update/{urn}", _post),
]
