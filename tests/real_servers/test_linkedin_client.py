"""LinkedIn's own Python client, unchanged, against our stand-in: only its hosts lead elsewhere, by a transport adapter."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import requests
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from requests.adapters import HTTPAdapter

from tests.fakes.files import picture
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.networks

HOSTS = ("https://api.linkedin.com", "https://www.linkedin.com")
PAGE = "urn:li:organization:1067001"
TOKEN = "sandbox-linkedin-maison-lumiere"
VERSION = "202609"
REDIRECT = "http://127.0.0.1:8000/connect/linkedin/callback/"


class Elsewhere(HTTPAdapter):
    """Sends what is meant for LinkedIn to the stand-in."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        for host in HOSTS:
            request.url = (request.url or "").replace(host, self.base_url)
        return super().send(request, *args, **options)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[RestliClient]:
    made = RestliClient()
    for host in HOSTS:
        made.session.mount(host, Elsewhere(sandbox.url("linkedin")))
    yield made
    made.session.close()


def call(client: RestliClient, method: str, path: str, **more: Any) -> Any:
    return getattr(client, method)(resource_path=path, access_token=TOKEN, version_string=VERSION, **more)


def post(client: RestliClient, text: str = "", **more: Any) -> str:
    entity = {
        "author": PAGE,
        "commentary": text or f"Bonjour {uuid.uuid4().hex}",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
        **more,
    }
    answer = call(client, "create", "/posts", entity=entity)
    assert answer.status_code == 201, answer.response.text
    assert answer.decoded_entity_id.startswith("urn:li:")
    found: str = answer.decoded_entity_id
    return found


def test_a_text_is_published_read_back_edited_listed_and_deleted(client: RestliClient) -> None:
    urn = post(client, "Bonjour #lumière")
    found = call(client, "get", "/posts/{urn}", path_keys={"urn": urn}).entity
    assert found["commentary"] == r"Bonjour {hashtag|\#|lumière}"
    patch = {"$set": {"commentary": "Corrigé"}}
    changed = call(client, "partial_update", "/posts/{urn}", path_keys={"urn": urn}, patch_set_object=patch["$set"])
    assert changed.status_code == 204
    query = {"author": PAGE, "count": 5, "sortBy": "LAST_MODIFIED"}
    listed = call(client, "finder", "/posts", finder_name="author", query_params=query)
    assert (listed.elements[0]["id"], listed.elements[0]["commentary"]) == (urn, "Corrigé")
    assert listed.paging.count == 5
    both = call(client, "batch_get", "/posts", ids=[urn, "urn:li:share:1"])
    assert set(both.results) == {urn}
    assert both.errors["urn:li:share:1"]["status"] == 404
    for _ in range(2):
        assert call(client, "delete", "/posts/{urn}", path_keys={"urn": urn}).status_code == 204
    assert call(client, "get", "/posts/{urn}", path_keys={"urn": urn}).status_code == 404


def test_an_image_goes_up_and_out(client: RestliClient, sandbox: Sandbox) -> None:
    asked = {"initializeUploadRequest": {"owner": PAGE}}
    value = call(client, "action", "/images", action_name="initializeUpload", action_params=asked).value
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert client.session.put(value["uploadUrl"], data=picture(), headers=headers).status_code == 201
    while (found := call(client, "get", "/images/{urn}", path_keys={"urn": value["image"]}).entity)[
        "status"
    ] == "PROCESSING":
        continue
    assert found["status"] == "AVAILABLE"
    urn = post(client, content={"media": {"id": value["image"], "altText": "Une lampe"}})
    seen = call(client, "get", "/posts/{urn}", path_keys={"urn": urn}).entity
    assert seen["content"]["media"] == {"id": value["image"], "altText": "Une lampe"}


def test_comments_reactions_and_numbers(client: RestliClient, sandbox: Sandbox) -> None:
    urn = post(client)
    sandbox.crowd("linkedin", "like", post_id=urn)
    path, keys = "/socialActions/{urn}/comments", {"urn": urn}
    entity = {"actor": PAGE, "object": urn, "message": {"text": "Le lien"}}
    made = call(client, "create", path, path_keys=keys, entity=entity)
    assert made.entity["message"]["text"] == "Le lien"
    assert made.entity["id"] == made.entity_id
    comment = made.entity["commentUrn"]
    answer = {**entity, "parentComment": comment, "message": {"text": "Et la suite"}}
    assert call(client, "create", path, path_keys={"urn": comment}, entity=answer).status_code == 201
    listed = call(client, "get_all", path, path_keys=keys)
    assert [row["message"]["text"] for row in listed.elements] == ["Le lien"]
    replies = call(client, "get_all", path, path_keys={"urn": comment})
    assert [row["parentComment"] for row in replies.elements] == [comment]
    liked = {"root": comment, "reactionType": "LIKE"}
    assert call(client, "create", "/reactions", query_params={"actor": PAGE}, entity=liked).status_code == 201
    counts = call(client, "get", "/socialMetadata/{urn}", path_keys=keys).entity
    assert counts["commentSummary"] == {"count": 2, "topLevelCount": 1}
    query = {"organizationalEntity": PAGE, "shares": [urn]}
    path = "/organizationalEntityShareStatistics"
    (row,) = call(client, "finder", path, finder_name="organizationalEntity", query_params=query).elements
    assert row["share"] == urn
    assert (row["totalShareStatistics"]["likeCount"], row["totalShareStatistics"]["commentCount"]) == (1, 2)
    key = {"actor": PAGE, "entity": comment}
    assert call(client, "delete", "/reactions/{key}", path_keys={"key": key}).status_code == 204


def test_errors_are_linkedins(client: RestliClient) -> None:
    def refused(answer: Any) -> tuple[int, str]:
        return answer.status_code, str((answer.entity or {}).get("message"))

    urn = post(client, "Deux fois la même chose")
    entity = call(client, "get", "/posts/{urn}", path_keys={"urn": urn}).entity
    sent = {name: entity[name] for name in ("author", "commentary", "visibility", "distribution", "lifecycleState")}
    assert refused(call(client, "create", "/posts", entity=sent)) == (422, f"Content is a duplicate of {urn}")
    bad = {name: value for name, value in sent.items() if name != "author"}
    assert refused(call(client, "create", "/posts", entity=bad))[1].startswith("ERROR :: /author :: field is required")
    old = client.get(resource_path="/posts/{urn}", path_keys={"urn": urn}, access_token=TOKEN, version_string="202401")
    assert (old.status_code, old.entity["code"]) == (426, "NONEXISTENT_VERSION")
    other = client.get(resource_path="/posts/{urn}", path_keys={"urn": urn}, access_token="no", version_string=VERSION)
    assert (other.status_code, other.entity["code"]) == (401, "INVALID_ACCESS_TOKEN")
    stranger = {**sent, "author": "urn:li:organization:2900001", "commentary": "x"}
    denied = call(client, "create", "/posts", entity=stranger)
    assert (denied.status_code, denied.entity["code"]) == (403, "ACCESS_DENIED")


def test_signing_in(sandbox: Sandbox) -> None:
    auth = AuthClient(client_id="sandbox-app", client_secret="sandbox-secret", redirect_url=REDIRECT)
    for host in HOSTS:
        auth.session.mount(host, Elsewhere(sandbox.url("linkedin")))
    scopes = ["r_basicprofile", "w_member_social"]
    url = auth.generate_member_auth_url(scopes=scopes, state="s").replace(HOSTS[1], sandbox.url("linkedin"))
    with httpx.Client(trust_env=False) as browser:
        form = {**dict(parse_qsl(urlsplit(url).query)), "decision": "allow", "account": "urn:li:person:CamilleM01"}
        back = browser.post(url.partition("?")[0], data=form).headers["location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    tokens = auth.exchange_auth_code_for_access_token(code)
    assert tokens.scope == ",".join(scopes)
    assert tokens.expires_in > 59 * 86_400
    fresh = auth.exchange_refresh_token_for_access_token(tokens.refresh_token)
    assert fresh.refresh_token == tokens.refresh_token
    assert fresh.refresh_token_expires_in <= tokens.refresh_token_expires_in
    seen = auth.introspect_access_token(fresh.access_token)
    assert (seen.active, seen.status, seen.scope) == (True, "active", ",".join(scopes))
    auth.session.close()
