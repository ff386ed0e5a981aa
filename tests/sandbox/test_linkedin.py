"""The LinkedIn stand-in, by plain calls: what it refuses, and what our connector never asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.sandbox_server import Sandbox

PAGE = "urn:li:organization:1067001"
HEADERS = {
    "Authorization": "Bearer sandbox-linkedin-maison-lumiere",
    "LinkedIn-Version": "202609",
    "X-Restli-Protocol-Version": "2.0.0",
}
POST: dict[str, Any] = {
    "author": PAGE,
    "commentary": "Bonjour",
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
    "lifecycleState": "PUBLISHED",
}


class Rest:
    def __init__(self, sandbox: Sandbox, http: httpx.Client) -> None:
        self.base, self.http = f"{sandbox.url('linkedin')}/rest", http

    def call(self, method: str, address: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        return self.http.request(method, f"{self.base}/{address}", headers=headers or HEADERS, **options)

    def post(self, **changes: Any) -> httpx.Response:
        return self.call("POST", "posts", json={**POST, **changes})

    def get(self, address: str) -> Any:
        return self.call("GET", address).json()


@pytest.fixture
def rest(sandbox: Sandbox, http: httpx.Client) -> Rest:
    return Rest(sandbox, http)


def test_text_is_cut_at_the_first_bare_reserved_character_and_answered_201(rest: Rest, sandbox: Sandbox) -> None:
    made = rest.post(commentary="Ouvert tous les jours (sauf le lundi)")
    assert (made.status_code, made.content) == (201, b"")
    urn = made.headers["x-restli-id"]
    assert rest.get(f"posts/{quote(urn)}")["commentary"] == "Ouvert tous les jours "
    assert sandbox.posts("linkedin")[0]["text"] == "Ouvert tous les jours "


def test_headers_are_asked_for(rest: Rest) -> None:
    without = {name: value for name, value in HEADERS.items() if name != "LinkedIn-Version"}
    assert rest.call("GET", "organizationAcls?q=roleAssignee", without).json()["code"] == "VERSION_MISSING"
    for version, status in (("202511", 426), ("203001", 426), ("202512", 200), ("202611", 200)):
        headers = {**HEADERS, "LinkedIn-Version": version}
        assert rest.call("GET", "organizationAcls?q=roleAssignee", headers).status_code == status
    old = {name: value for name, value in HEADERS.items() if not name.startswith("X-")}
    assert rest.call("GET", "organizationAcls?q=roleAssignee", old).status_code == 400
    nobody = {name: value for name, value in HEADERS.items() if name != "Authorization"}
    assert rest.call("GET", "organizationAcls?q=roleAssignee", nobody).json()["code"] == "EMPTY_ACCESS_TOKEN"


def test_a_bare_urn_is_no_address(rest: Rest) -> None:
    urn = rest.post().headers["x-restli-id"]
    assert rest.get(f"posts/{urn}")["message"] == "Syntax exception in path variables"
    assert rest.call("GET", f"posts?q=author&author={PAGE}").status_code == 400
    assert rest.call("GET", f"posts?q=author&author={quote(PAGE)}").json()["elements"][0]["id"] == urn
    assert rest.call("GET", "nothing").json()["code"] == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "x"}, "/text :: unrecognized field"),
        ({"lifecycleState": "DRAFT"}, "/lifecycleState"),
        ({"visibility": "CONNECTIONS"}, "/visibility"),
        ({"commentary": "x" * 3001}, "/commentary"),
        ({"commentary": " "}, "/commentary"),
        ({"content": {"media": {}, "article": {}}}, "/content"),
        ({"content": {"article": {"source": "https://a.fr"}}}, "/content/article/title"),
        ({"content": {"multiImage": {"images": [{"id": "urn:li:image:1"}]}}}, "2 to 20"),
        ({"content": {"media": {"id": "urn:li:image:1"}}}, "urn:li:image:1"),
        ({"content": {"carousel": {}}}, "/content/carousel"),
    ],
)
def test_a_post_that_is_not_right_is_refused(
    rest: Rest, sandbox: Sandbox, changes: dict[str, Any], message: str
) -> None:
    answer = rest.post(**changes)
    assert answer.status_code in (400, 422)
    assert message in answer.json()["message"]
    assert sandbox.posts("linkedin") == []


def test_a_file_must_be_the_authors_and_be_ready(rest: Rest, picture: bytes) -> None:
    asked = {"initializeUploadRequest": {"owner": "urn:li:organization:1067002"}}
    other = rest.call("POST", "images?action=initializeUpload", json=asked).json()["value"]
    assert "not the author" in rest.post(content={"media": {"id": other["image"]}}).json()["message"]
    asked["initializeUploadRequest"]["owner"] = PAGE
    own = rest.call("POST", "images?action=initializeUpload", json=asked).json()["value"]
    refused = rest.post(content={"media": {"id": own["image"]}}).json()
    assert refused["code"] == "MEDIA_ASSET_WAITING_UPLOAD"
    assert rest.http.put(own["uploadUrl"], content=picture).status_code == 401
    assert rest.http.put(own["uploadUrl"].replace("sig=", "sig=x"), content=picture, headers=HEADERS).status_code == 404
    asked["initializeUploadRequest"]["fileSizeBytes"] = 3
    video = rest.call("POST", "videos?action=initializeUpload", json=asked).json()["value"]
    part = video["uploadInstructions"][0]
    assert (part["firstByte"], part["lastByte"]) == (0, 2)
    assert rest.http.put(part["uploadUrl"], content=b"abc", headers=HEADERS).status_code == 400
    assert rest.http.put(part["uploadUrl"], content=b"abc").headers["etag"]


def test_a_recruiting_poster_sees_an_empty_list(rest: Rest, sandbox: Sandbox) -> None:
    urn = rest.post().headers["x-restli-id"]
    sandbox.crowd("linkedin", "comment", post_id=urn, text="Bravo")
    where = f"socialActions/{quote(urn)}/comments"
    assert len(rest.get(where)["elements"]) == 1
    rest.http.post(f"{sandbox.url('linkedin')}/_linkedin", json={"roles": {PAGE: ["RECRUITING_POSTER"]}})
    assert rest.get(where)["elements"] == []
    rest.http.post(f"{sandbox.url('linkedin')}/_linkedin", json={"roles": {PAGE: ["ANALYST"]}})
    assert rest.call("GET", where).status_code == 403


def test_comments_take_text_only_and_one_level(rest: Rest) -> None:
    urn = rest.post().headers["x-restli-id"]
    where = f"socialActions/{quote(urn)}/comments"
    body: dict[str, Any] = {"actor": PAGE, "object": urn, "message": {"text": "Oui"}}
    assert rest.call("POST", where, json={**body, "content": [{}]}).status_code == 403
    assert rest.call("POST", where, json={**body, "message": {"text": "x" * 1251}}).status_code == 422
    first = rest.call("POST", where, json=body).json()["commentUrn"]
    below = f"socialActions/{quote(first, safe='')}/comments"
    assert rest.call("POST", below, json=body).status_code == 422  # without parentComment
    second = rest.call("POST", below, json={**body, "parentComment": first}).json()["commentUrn"]
    deeper = f"socialActions/{quote(second, safe='')}/comments"
    third = rest.call("POST", deeper, json={**body, "parentComment": second}).json()
    assert third["parentComment"] == first
    assert rest.get(f"socialMetadata/{quote(urn)}")["commentSummary"] == {"count": 3, "topLevelCount": 1}


def test_pages_are_looked_up(rest: Rest) -> None:
    (found,) = rest.get("organizations?q=vanityName&vanityName=velo-citadin")["elements"]
    assert found["localizedName"] == "Vélo Citadin"
    many = rest.get("organizationsLookup?ids=List(1067001,1)")
    assert (set(many["results"]), set(many["errors"])) == ({"1067001"}, {"1"})
    roles = {
        row["organization"]: row["role"] for row in rest.get("organizationAcls?q=roleAssignee&count=100")["elements"]
    }
    assert roles[PAGE] == "ADMINISTRATOR"
    assert roles["urn:li:organization:2900001"] == "ANALYST"
    size = f"networkSizes/{quote(PAGE)}?edgeType="
    assert rest.get(f"{size}COMPANY_FOLLOWED_BY_MEMBER") == rest.get(f"{size}CompanyFollowedByMember")
    (views,) = rest.get(f"organizationPageStatistics?q=organization&organization={quote(PAGE)}")["elements"]
    assert views["totalPageStatistics"]["views"]["allPageViews"]["pageViews"] > 0


def test_people_see_the_feed(rest: Rest, sandbox: Sandbox) -> None:
    article = {"source": "https://example.com/a", "title": "Nos lampes"}
    urn = rest.post(commentary="Bonjour #lumière", content={"article": article}).headers["x-restli-id"]
    sandbox.crowd("linkedin", "comment", post_id=urn, text="Superbe")
    for page in ("/", f"/feed/update/{urn}/", "/company/maison-lumiere"):
        shown = rest.http.get(sandbox.url("linkedin") + page)
        assert shown.status_code == 200
        for words in ("Maison Lumière", "#lumière", "Nos lampes", "Superbe"):
            assert words in shown.text
    assert rest.http.get(f"{sandbox.url('linkedin')}/feed/update/urn:li:share:1/").status_code == 404


def test_history_is_brought(sandbox: Sandbox) -> None:
    post = {
        "account": "maison-lumiere",
        "key": "h1",
        "text": "Il y a un an (déjà) #lumière",
        "created_at": "2026-01-05T09:00:00+01:00",
        "likes": 3,
        "comments": [{"author": "Léa Moreau", "text": "Oui !", "created_at": "2026-01-05T10:00:00+01:00"}],
    }
    body = {"posts": [post], "mentions": []}
    made = sandbox.http.post(f"{sandbox.url('linkedin')}/_history", json=body).json()["posts"]
    again = sandbox.http.post(f"{sandbox.url('linkedin')}/_history", json=body).json()["posts"]
    assert made == again
    assert sandbox.posts("linkedin")[0]["text"] == "Il y a un an (déjà) #lumière"
