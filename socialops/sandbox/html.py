"""Pages from small templates: `${name}` is escaped unless it is Html already. French or English by Accept-Language."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from socialops.sandbox.words import WORDS

HERE: Final = Path(__file__).parent
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")  # how players ask when somebody jumps ahead
COLOURS: Final = ("#7c5cbf", "#2f7d6d", "#b4593a", "#3b6fb5", "#a8477a", "#6b7a2b", "#8a6d1f", "#4b6272")


class Html(str):
    """Markup that is safe to put into a page as it is."""

    __slots__ = ()


@functools.cache
def _template(name: str) -> Template:
    return Template((HERE / "templates" / name).read_text(encoding="utf-8"))


def render(template: str, **values: object) -> Html:
    """KeyError where the template wants a value that isn't given."""
    safe = {k: v if isinstance(v, Html) else escape(str(v)) for k, v in values.items()}
    return Html(_template(template).substitute(safe))


def join(parts: Iterable[Html]) -> Html:
    return Html("".join(parts))


def language(request: Request) -> str:
    """`fr` or `en`, whichever the browser names first; English where it names neither."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in WORDS:
            return code
    return "en"


def word(lang: str, key: str, **values: object) -> str:
    return WORDS[lang][key].format(**values)


def page(request: Request, *, network: str, title: str, body: Html, status: int = 200) -> HTMLResponse:
    """The whole page around `body`; `network` "" for the home page."""
    lang = language(request)
    port = request.app.state.world.port
    html = render(
        "page.html",
        lang=lang,
        title=title,
        network=network or "home",
        body=body,
        home=f"http://127.0.0.1:{port}/",
        home_label=word(lang, "home"),
        notice=word(lang, "notice"),
        skip=word(lang, "skip"),
    )
    return HTMLResponse(html, status, headers={**HEADERS, "Content-Language": lang, "Vary": "Accept-Language"})


def problem(request: Request, *, network: str, text: str, status: int = 400) -> HTMLResponse:
    """A page that says what is wrong, for people who came from another application's link."""
    title = word(language(request), "problem")
    return page(
        request, network=network, title=title, body=render("problem.html", title=title, text=text), status=status
    )


async def _stylesheet(_: Request) -> Response:
    return Response((HERE / "static" / "sandbox.css").read_bytes(), media_type="text/css")


async def _icon(_: Request) -> Response:
    return Response((HERE / "static" / "favicon.svg").read_bytes(), media_type="image/svg+xml")


async def _avatar(request: Request) -> Response:
    account = request.app.state.world.accounts.get(request.path_params["id"])
    name = account.name if account else "S"
    initials = "".join(part[0] for part in name.split()[:2]).upper()
    colour = COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96"><rect width="96" height="96" fill="{colour}"/>'
        f'<text x="48" y="50" fill="#fff" font-family="sans-serif" font-size="36" text-anchor="middle" dominant-baseline="middle">{escape(initials)}</text></svg>'
    )
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


async def _media(request: Request) -> Response:
    world = request.app.state.world
    media = world.media.get(request.path_params["id"])
    content = world.disk.get_bytes(media.id) if media else None
    if media is None or content is None:
        return Response("Not found", 404)
    # Only what was sniffed as image, video or sound keeps its type: the rest must never run in a browser.
    kind = media.mime if media.mime.split("/")[0] in {"image", "video", "audio"} else "application/octet-stream"
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600", "Accept-Ranges": "bytes"}
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(content, media_type=kind, headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, media_type=kind, headers=headers)


routes: Final = [
    Route("/static/sandbox.css", _stylesheet),
    Route("/static/favicon.svg", _icon),
    Route("/avatar/{id:path}.svg", _avatar),
    Route("/media/{id}", _media),
]
