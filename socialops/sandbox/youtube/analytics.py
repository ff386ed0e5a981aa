"""YouTube Analytics: one table of numbers by video or by day. What is younger than a day has no rows yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.models import Post
from socialops.sandbox.youtube.call import MEASURING, PACIFIC, ApiError, Call, answer, endpoint

LAG_SECONDS: Final = 86_400
METRICS: Final[dict[str, tuple[str, Callable[[Post], int | float]]]] = {
    "views": ("INTEGER", lambda p: p.views),
    "engagedViews": ("INTEGER", lambda p: p.views * 7 // 10),
    "estimatedMinutesWatched": ("INTEGER", lambda p: p.views * 2),
    "averageViewDuration": ("INTEGER", lambda p: 95 if p.views else 0),
    "averageViewPercentage": ("FLOAT", lambda p: 47.5 if p.views else 0.0),
    "likes": ("INTEGER", lambda p: len(p.likes)),
    "comments": ("INTEGER", lambda _: 0),
    "shares": ("INTEGER", lambda p: len(p.reposts)),
    "subscribersGained": ("INTEGER", lambda p: p.views // 200),
    "subscribersLost": ("INTEGER", lambda p: p.views // 900),
}
ROWS: Final = 200


def _refuse(message: str) -> ApiError:
    return ApiError(400, "badRequest", message, domain="global")


def _day(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(call.query(name))
    except ValueError as error:
        raise _refuse(f"Invalid value '{call.query(name)}' for {name}: use YYYY-MM-DD.") from error


async def reports(call: Call) -> Response:
    if call.query("ids") not in {"channel==MINE", f"channel=={call.account.id}"}:
        raise ApiError(403, "forbidden", "Forbidden", domain="global")
    start, end = _day(call, "startDate"), _day(call, "endDate")
    names = call.many("metrics")
    if unknown := [name for name in names if name not in METRICS]:
        raise _refuse(f"Unknown identifier ({unknown[0]}) given in field parameters.metrics.")
    if not names or start > end:
        raise _refuse("The query is not supported.")
    videos = [p for p in call.world.posts_of(call.account.id) if not p.reply_to and _in(p, start, end)]
    if wanted := call.query("filters"):
        name, _, ids = wanted.partition("==")
        if name != "video":
            raise _refuse(f"Unknown identifier ({name}) given in field parameters.filters.")
        videos = [p for p in videos if p.id in ids.split(",")]
    dimension = call.query("dimensions")
    if dimension == "video":
        if not call.query("sort") or call.limit(0, ROWS) < 1:
            raise _refuse("The query is not supported: dimension video needs sort and maxResults.")
        rows: list[list[Any]] = [[p.id, *(METRICS[name][1](p) for name in names)] for p in videos]
    elif dimension:
        raise _refuse(f"Unknown identifier ({dimension}) given in field parameters.dimensions.")
    else:
        rows = [[sum(METRICS[name][1](p) for p in videos) for name in names]] if videos else []
    headers = [{"name": dimension, "columnType": "DIMENSION", "dataType": "STRING"}] if dimension else []
    headers += [{"name": name, "columnType": "METRIC", "dataType": METRICS[name][0]} for name in names]
    return answer({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows})


def _in(post: Post, start: date, end: date) -> bool:
    day = datetime.fromtimestamp(post.created_at, PACIFIC).date()
    return start <= day <= end and time.time() - post.created_at > LAG_SECONDS


PARAMS: Final = ("ids", "startDate", "endDate", "metrics", "dimensions", "filters", "sort", "maxResults", "startIndex")
routes: list[BaseRoute] = [endpoint("/v2/reports", reports, scopes=MEASURING, cost=0, params=PARAMS)]
