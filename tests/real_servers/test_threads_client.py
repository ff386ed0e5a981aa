"""The sandbox's Threads spoken to as Meta's own collection of requests does: github.com/fbsamples/threads_api, postman/threads-api.postman_collection.json.

Meta publishes no Python client. These are the collection's requests, by its names, in its form: everything in the query, the token too, no version in the path.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.files import movie, picture
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.networks

SECRETS = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
POLL = "poll_attachment{option_a,option_b,option_c,option_d,option_a_votes_percentage,expiration_timestamp}"
FIELDS_THREADS = (
    "id,media_product_type,media_type,media_url,gif_url,permalink,owner,username,text,timestamp,shortcode,thumbnail_url,children,is_quote_post,"
    f"quoted_post,reposted_post,has_replies,alt_text,link_attachment_url,{POLL},location_id"
)
FIELDS_REPLIES = (
    "id,text,timestamp,media_product_type,media_type,media_url,gif_url,permalink,shortcode,thumbnail_url,username,children,is_quote_post,quoted_post,"
    f"reposted_post,alt_text,link_attachment_url,has_replies,is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status,reply_audience,{POLL},location_id"
)
FIELDS_PROFILE = (
    "id,username,name,is_verified,threads_profile_picture_url,threads_biography,recently_searched_keywords,"
    "is_eligible_for_geo_gating"
)
FIELDS_QUOTA = "quota_usage,config,reply_quota_usage,reply_config,delete_quota_usage,delete_config,location_search_quota_usage,location_search_config"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


class Collection:
    """`api_host` and `access_token` are its variables."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.api_host, self.http = sandbox.url("threads"), sandbox.http
        self.access_token = "sandbox-threads-maison_lumiere"

    def send(self, method: str, path: str, **query: str) -> dict[str, Any]:
        params = {**query, "access_token": self.access_token}
        found: dict[str, Any] = self.http.request(method, f"{self.api_host}/{path}", params=params).json()
        return found

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self.send("GET", path, **query)

    def post(self, path: str, **query: str) -> dict[str, Any]:
        return self.send("POST", path, **query)

    def ready(self, container_id: str) -> dict[str, Any]:
        """Check Container's Publishing Status, until it is another than IN_PROGRESS."""
        started = time.monotonic()
        while (found := self.get(f"{container_id}/", fields="id,status,error_message"))["status"] == "IN_PROGRESS":
            assert time.monotonic() - started < 15
            time.sleep(0.2)
        return found

    def publish(self, container_id: str) -> str:
        assert self.ready(container_id) == {"id": container_id, "status": "FINISHED"}
        return str(self.post("me/threads_publish", creation_id=container_id)["id"])


@pytest.fixture
def api(sandbox: Sandbox) -> Collection:
    return Collection(sandbox)


def test_single_threads_posts(api: Collection, sandbox: Sandbox) -> None:
    text = api.post("me/threads", text="This is a test post.", media_type="TEXT", auto_publish_text="true")
    assert api.get(text["id"], fields=FIELDS_THREADS)["text"] == "This is a test post."  # no container in between
    image_url = sandbox.host(picture(), "image/jpeg")
    image = api.post(
        "me/threads", text="This is an image.", media_type="IMAGE", image_url=image_url, alt_text="An example image."
    )
    shown = api.get(api.publish(image["id"]), fields=FIELDS_THREADS)
    assert (shown["media_type"], shown["alt_text"], shown["media_product_type"]) == (
        "IMAGE",
        "An example image.",
        "THREADS",
    )
    assert api.http.get(shown["media_url"]).content == picture()
    video_url = sandbox.host(movie(), "video/mp4")
    video = api.post("me/threads", text="This is a video.", media_type="VIDEO", video_url=video_url)
    assert api.get(video["id"], fields="status")["status"] == "IN_PROGRESS"
    assert api.get(api.publish(video["id"]), fields="media_type")["media_type"] == "VIDEO"


def test_carousel_posts(api: Collection, sandbox: Sandbox) -> None:
    image_url = sandbox.host(picture(), "image/jpeg")
    items = [
        api.post("me/threads", media_type="IMAGE", image_url=image_url, is_carousel_item="true")["id"] for _ in range(2)
    ]
    too_early = api.post("me/threads", media_type="CAROUSEL", children=",".join(items))
    assert too_early["error"]["error_subcode"] == 4279009
    for item in items:
        api.ready(item)
    carousel = api.post("me/threads", media_type="CAROUSEL", children=",".join(items), text="This is a carousel.")
    shown = api.get(api.publish(carousel["id"]), fields=FIELDS_THREADS)
    assert (shown["media_type"], len(shown["children"]["data"])) == ("CAROUSEL_ALBUM", 2)
    assert "error" in api.post("me/threads", media_type="CAROUSEL", children=items[0])


def test_profiles_and_lists(api: Collection) -> None:
    made = [api.publish(api.post("me/threads", text=f"Post {n}", media_type="TEXT")["id"]) for n in range(3)]
    profile = api.get("me", fields=FIELDS_PROFILE)
    assert profile["username"] == "maison_lumiere"
    first = api.get("me/threads", fields=FIELDS_THREADS, limit="2")
    second = api.get("me/threads", fields=FIELDS_THREADS, limit="2", after=first["paging"]["cursors"]["after"])
    assert [post["id"] for post in first["data"] + second["data"]][:3] == made[::-1]
    assert api.get("me/threads", fields="id", since=str(int(time.time()) + 60))["data"] == []
    assert first["data"][0]["timestamp"].endswith("+0000")
    assert api.get(f"{profile['id']}/threads", fields="id", limit="1")["data"] == [{"id": made[2]}]


def test_reply_moderation(api: Collection, sandbox: Sandbox) -> None:
    thread_id = api.publish(api.post("me/threads", text="Text", media_type="TEXT")["id"])
    theirs = sandbox.crowd("threads", "comment", post_id=thread_id, text="Beau")["id"]
    nested = sandbox.crowd("threads", "comment", post_id=theirs, text="Oui")["id"]
    answer = api.publish(api.post("me/threads", media_type="TEXT", text="Merci", reply_to_id=theirs)["id"])
    replies = api.get(f"{thread_id}/replies", fields=FIELDS_REPLIES)["data"]
    assert [(reply["id"], reply["hide_status"], reply["is_reply"]) for reply in replies] == [
        (theirs, "NOT_HUSHED", True)
    ]
    conversation = api.get(f"{thread_id}/conversation", fields=FIELDS_REPLIES, reverse="false")["data"]
    assert [(reply["id"], reply["replied_to"]["id"], reply["is_reply_owned_by_me"]) for reply in conversation] == [
        (theirs, thread_id, False),
        (nested, theirs, False),
        (answer, theirs, True),
    ]
    assert api.post(f"{theirs}/manage_reply", hide="true") == {"success": True}
    assert api.get(theirs, fields="hide_status")["hide_status"] == "HIDDEN"
    assert "error" in api.post(f"{nested}/manage_reply", hide="true")
    assert api.get("me/replies", fields=FIELDS_REPLIES, limit="50")["data"][0]["id"] == answer
    sandbox.crowd("threads", "mention", account="maison_lumiere", text="vu chez eux")
    mentions = api.get("me/mentions", fields=FIELDS_THREADS)["data"]
    assert mentions[0]["text"] == "@maison_lumiere vu chez eux"
    found = api.get("keyword_search", q="vu chez", search_type="RECENT", fields=FIELDS_THREADS)["data"]
    assert found == mentions


def test_insights_and_deletion(api: Collection, sandbox: Sandbox) -> None:
    thread_id = api.publish(api.post("me/threads", text="Text", media_type="TEXT")["id"])
    sandbox.crowd("threads", "like", post_id=thread_id)
    post = api.get(f"{thread_id}/insights", metric="views,likes,replies,reposts,quotes,shares")["data"]
    assert [(row["name"], row["period"]) for row in post][:2] == [("views", "lifetime"), ("likes", "lifetime")]
    assert post[1]["values"] == [{"value": 1}]
    account = api.get("me/threads_insights", metric="views,likes,replies,reposts,quotes,clicks,followers_count")["data"]
    shapes = {row["name"]: next(k for k in row if k.endswith(("values", "_value"))) for row in account}
    assert shapes["views"] == "values"
    assert shapes["clicks"] == "link_total_values"
    assert shapes["followers_count"] == "total_value"
    assert api.get("me/threads_insights", metric="follower_demographics", breakdown="country")["data"]
    assert "must be one of" in api.get(f"{thread_id}/insights", metric="impressions")["error"]["message"]
    assert api.send("DELETE", thread_id) == {"success": True, "deleted_id": thread_id}
    gone = api.send("DELETE", thread_id)["error"]
    assert (gone["code"], gone["error_subcode"]) == (100, 33)


def test_troubleshooting(api: Collection) -> None:
    [quota] = api.get("me/threads_publishing_limit", fields=FIELDS_QUOTA.rsplit(",", 2)[0])["data"]
    assert quota["config"] == {"quota_total": 250, "quota_duration": 86400}
    assert (quota["reply_config"]["quota_total"], quota["delete_config"]["quota_total"]) == (1000, 100)
    data = api.get("debug_token", input_token=api.access_token)["data"]
    assert data["is_valid"] is True
    assert "threads_content_publish" in data["scopes"]


def test_authorization(api: Collection, sandbox: Sandbox) -> None:
    def ask(method: str, path: str, **query: str) -> httpx.Response:
        return api.http.request(method, f"{api.api_host}/{path}", params=query)

    app = ask("GET", "oauth/access_token", grant_type="client_credentials", **SECRETS).json()
    assert app["access_token"].startswith("TH|")
    back = api.http.post(
        f"{api.api_host}/oauth/authorize",
        data={
            "client_id": "sandbox-app",
            "redirect_uri": "https://www.domain.com/login",
            "scope": "threads_basic,threads_content_publish",
            "scopes": ["threads_content_publish"],
            "response_type": "code",
            "decision": "allow",
        },
    ).headers["location"]
    assert back.endswith("#_")
    code = back.partition("code=")[2].removesuffix("#_")
    redirect = {"redirect_uri": "https://www.domain.com/login", "grant_type": "authorization_code", **SECRETS}
    short = ask("POST", "oauth/access_token", code=code, **redirect).json()
    assert isinstance(short["user_id"], int)
    used = ask("POST", "oauth/access_token", code=code, **redirect)
    assert (used.status_code, used.json()) == (
        400,
        {
            "error_type": "OAuthException",
            "code": 400,
            "error_message": "Matching code was not found or was already used",
        },
    )
    exchange = {"grant_type": "th_exchange_token", "client_secret": "sandbox-secret"}
    long = ask("GET", "access_token", access_token=short["access_token"], **exchange).json()
    assert (long["token_type"], long["expires_in"]) == ("bearer", 5184000)
    early = ask("GET", "refresh_access_token", grant_type="th_refresh_token", access_token=long["access_token"])
    assert early.json()["error"]["code"] == 100
    body = {"access_token": long["access_token"], "age": 90_000}
    assert sandbox.http.post(f"{api.api_host}/_token", json=body).status_code == 201
    renewed = ask("GET", "refresh_access_token", grant_type="th_refresh_token", access_token=long["access_token"])
    assert renewed.json()["expires_in"] == 5184000


def test_errors(api: Collection) -> None:
    long = api.post("me/threads", text="a" * 501, media_type="TEXT")["error"]
    assert (long["code"], long["message"]) == (100, "Param text must be at most 500 characters long")
    six = " ".join(f"https://example.com/{n}" for n in range(6))
    assert "THREADS_API__LINK_LIMIT_EXCEEDED" in api.post("me/threads", text=six, media_type="TEXT")["error"]["message"]
    nowhere = api.post("me/threads", media_type="IMAGE", image_url="http://127.0.0.1:1/a.jpg")["error"]
    assert "could not be fetched from this URI" in nowhere["message"]
    api.access_token = "made-up"
    assert api.get("me")["error"]["code"] == 190
