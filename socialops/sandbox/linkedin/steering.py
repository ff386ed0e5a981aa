"""What a test may change here and no client of LinkedIn could: roles, the age of tokens, how long a new post can't be commented, what a development-tier app may not read."""

from __future__ import annotations

import json
import time
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.linkedin.call import BATCHES, PERSON
from socialops.sandbox.linkedin.organizations import NAMES, give_role
from socialops.sandbox.linkedin.social import LAG
from socialops.sandbox.models import LINKEDIN, Setting
from socialops.sandbox.world import World

SETTINGS: Final = {"comment_lag": LAG, "names": NAMES, "batches": BATCHES}


async def steer(request: Request) -> Response:
    """{"roles": {page URN: [role]}}, {"expires": {token: seconds from now}}, {"scopes": {token: [scope]}}, {"comment_lag": seconds}, {"names" or "batches": open or closed}, {"followers": {page URN: number}}; any of them."""
    world: World = request.app.state.world
    body = json.loads(await request.body())
    for page, roles in body.get("roles", {}).items():
        give_role(world, body.get("member", PERSON), page, *roles)
    for value, seconds in body.get("expires", {}).items():
        token = world.tokens.objects[value]
        token.expires_at = time.time() + seconds
        world.tokens.put(token)
    for value, scopes in body.get("scopes", {}).items():
        token = world.tokens.objects[value]
        assert token.network == LINKEDIN
        token.scopes = scopes
        world.tokens.put(token)
    for page, number in body.get("followers", {}).items():
        account = world.accounts.objects[page]
        account.followers = number
        world.accounts.put(account)
    for name, setting in SETTINGS.items():
        if name in body:
            world.settings.put(Setting(setting, str(body[name])))
    return JSONResponse({})


routes: Final[list[BaseRoute]] = [Route("/_linkedin", steer, methods=["POST"])]
