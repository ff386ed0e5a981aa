"""Who is who: handles, DIDs, DID documents from a small PLC directory at `/<did>`."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.bluesky.call import Call, answer, invalid, xrpc
from socialops.sandbox.bluesky.repo import BLOB_BYTES
from socialops.sandbox.models import BLUESKY, Account
from socialops.sandbox.world import World

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _multikey(did: str) -> str:
    """A well-formed compressed secp256k1 key in multibase: nothing here is signed with it."""
    number = int.from_bytes(b"\xe7\x01\x02" + hashlib.sha256(did.encode()).digest())
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    return "z" + digits


def did_document(world: World, account: Account) -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/suites/secp256k1-2019/v1",
        ],
        "id": account.id,
        "alsoKnownAs": [f"at://{account.handle}"],
        "verificationMethod": [
            {
                "id": f"{account.id}#atproto",
                "type": "Multikey",
                "controller": account.id,
                "publicKeyMultibase": _multikey(account.id),
            }
        ],
        "service": [
            {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": world.base_url(BLUESKY)}
        ],
    }


async def resolve_handle(call: Call) -> Response:
    account = call.world.find_account(BLUESKY, call.required("handle"))
    if account is None or account.id == call.query("handle"):
        raise invalid("Unable to resolve handle")
    return answer({"did": account.id})


async def describe_server(call: Call) -> Response:
    return answer(
        {
            "did": "did:web:127.0.0.1",
            "availableUserDomains": [".test"],
            "inviteCodeRequired": False,
            "links": {},
            "contact": {},
            "blobUploadLimit": BLOB_BYTES,
        }
    )


async def describe_repo(call: Call) -> Response:
    account = call.world.find_account(BLUESKY, call.required("repo"))
    if account is None:
        raise invalid(f"Could not find user: {call.query('repo')}")
    collections = sorted(
        {"app.bsky.feed.post", *(r.collection for r in call.world.records if r.account_id == account.id)}
    )
    document = did_document(call.world, account)
    return answer(
        {
            "handle": account.handle,
            "did": account.id,
            "didDoc": document,
            "collections": collections,
            "handleIsCorrect": True,
        }
    )


async def _directory(request: Request) -> Response:
    """What plc.directory answers."""
    world: World = request.app.state.world
    did = f"did:plc:{request.path_params['id']}"
    account = world.accounts.get(did)
    if account is None:
        return JSONResponse({"message": f"DID not registered: {did}"}, 404)
    return JSONResponse(did_document(world, account), media_type="application/did+ld+json")


async def _well_known_did(request: Request) -> Response:
    """The HTTPS way to resolve a handle, for a client that sends the handle as Host."""
    world: World = request.app.state.world
    account = world.find_account(BLUESKY, request.headers.get("host", "").split(":")[0])
    return PlainTextResponse(account.id) if account else PlainTextResponse("User not found", 404)


routes: list[BaseRoute] = [
    xrpc("com.atproto.identity.resolveHandle", resolve_handle),
    xrpc("com.atproto.server.describeServer", describe_server),
    xrpc("com.atproto.repo.describeRepo", describe_repo),
    Route("/did:plc:{id}", _directory),
    Route("/.well-known/atproto-did", _well_known_did),
]
