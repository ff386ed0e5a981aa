"""Who is tagged in a media, and reels that are tried out first."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox.graph.call import Call, GraphError
from socialops.sandbox.models import INSTAGRAM, Account
from socialops.sandbox.world import World

PEOPLE: Final = 20
STRATEGIES: Final = ("MANUAL", "SS_PERFORMANCE")


def _refused(message: str, subcode: int = 0) -> GraphError:
    return GraphError(100, f"(#100) {message}", subcode=subcode, title="Invalid parameter", text=message)


def _json(call: Call, name: str) -> Any:
    try:
        return json.loads(call.params.text(name))
    except ValueError as error:
        raise _refused(f"Param {name} must be valid JSON.") from error


def read_tags(call: Call, kind: str, *, child: bool) -> list[str]:
    """Account ids behind `user_tags`; of those the sandbox knows, and the others are taken too. A picture in the feed wants a place for each."""
    if "user_tags" not in call.params:
        return []
    tags = _json(call, "user_tags")
    if kind == "CAROUSEL" or (child and kind == "VIDEO"):
        raise _refused("Tagging users is not supported for carousels and their videos.")
    if not isinstance(tags, list) or not all(isinstance(tag, dict) and tag.get("username") for tag in tags):
        raise _refused("Param user_tags must be an array of objects with a username.")
    if len(tags) > PEOPLE:
        raise _refused("Cannot use more than 20 tags per created media.", 2_207_040)
    placed = kind in {"", "IMAGE"}
    for tag in tags:
        where = [tag.get(axis) for axis in ("x", "y")]
        if (placed or any(w is not None for w in where)) and not all(
            isinstance(w, int | float) and 0 <= w <= 1 for w in where
        ):
            raise _refused("Param user_tags needs x and y between 0 and 1.")
        if kind in {"REELS", "VIDEO"} and set(tag) != {"username"}:
            raise _refused("Param user_tags takes no position for videos.")
    found = (call.world.find_account(INSTAGRAM, str(tag["username"])) for tag in tags)
    return [account.id for account in found if account]


def read_trial(call: Call, kind: str, account: Account) -> str:
    if "trial_params" not in call.params:
        return ""
    params = _json(call, "trial_params")
    strategy = params.get("graduation_strategy") if isinstance(params, dict) else None
    if kind != "REELS" or strategy not in STRATEGIES:
        raise _refused("Param trial_params is for reels, with a graduation_strategy.")
    if call.world.setting(_name(account), "yes") != "yes":
        raise _refused("This account is not eligible for trial reels.", 2_207_081)
    return str(strategy)


def _name(account: Account) -> str:
    return f"instagram:trials:{account.id}"


async def _steer(request: Request) -> Response:
    """Steering: PUT {"account", "allowed"} says whether an account may try reels out."""
    world: World = request.app.state.world
    body = await request.json()
    account = world.find_account(INSTAGRAM, str(body.get("account") or ""))
    if account is None:
        return JSONResponse({"error": "No such account."}, 400)
    world.setting(_name(account), "yes")
    setting = world.settings.objects[_name(account)]
    setting.value = "yes" if body.get("allowed") else "no"
    world.settings.put(setting)
    return JSONResponse({"allowed": setting.value == "yes"})


routes: Final = [Route("/_trials", _steer, methods=["PUT"])]
