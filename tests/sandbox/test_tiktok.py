"""The TikTok stand-in against what TikTok's reference shows: there is no client library and no machine-readable contract, so its samples are the contract.

Pages under developers.tiktok.com/doc: content-posting-api-reference-direct-post, -upload-video, -photo-post, -query-creator-info, -get-video-status,
content-posting-api-media-transfer-guide, oauth-user-access-token-management, tiktok-api-v2-get-user-info, -video-list, -video-query, webhooks-events, webhooks-verification.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import httpx
import pytest

from tests.fakes.files import movie, picture
from tests.networks.receiver import receiving
from tests.sandbox_server import Sandbox, start_sandbox

TOKEN = "sandbox-tiktok-maison_lumiere"
POST_INFO = {
    "title": "caption #tag @user",
    "privacy_level": "SELF_ONLY",
    "disable_duet": False,
    "disable_comment": False,
    "disable_stitch": False,
    "video_cover_timestamp_ms": 1000,
    "brand_content_toggle": False,
    "brand_organic_toggle": False,
    "is_aigc": False,
}
PHOTO_INFO = {
    "title": "funny cat",
    "description": "this will be a #funny photo on your @tiktok #fyp",
    "privacy_level": "PUBLIC_TO_EVERYONE",
    "disable_comment": True,
    "auto_add_music": True,
    "brand_content_toggle": False,
    "brand_organic_toggle": False,
}


class TikTok:
    def __init__(self, sandbox: Sandbox, http: httpx.Client, token: str = TOKEN) -> None:
        self.base, self.http, self.sandbox = sandbox.url("tiktok"), http, sandbox
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=UTF-8"}

    def call(self, method: str, path: str, body=None, **params) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        return self.http.request(method, self.base + path, headers=self.headers, content=content, params=params)

    def post(self, path: str, body=None, **params):
        return self.call("POST", path, body, **params).json()

    def init(self, size: int, chunk: int, count: int, info=POST_INFO, path: str = "video/init/"):
        source = {
            "source": "FILE_UPLOAD",
            "video_size": size,
            "chunk_size": chunk,
            "total_chunk_count": count,
        }
        body = {"source_info": source} | ({"post_info": info} if info is not None else {})
        return self.post(f"/v2/post/publish/{path}", body)

    def status(self, publish_id: str, *, until: str = "") -> dict:
        started = time.monotonic()
        while True:
            data = self.post("/v2/post/publish/status/fetch/", {"publish_id": publish_id})["data"]
            if not until or data["status"] == until:
                return data
            assert time.monotonic() - started < 10, data
            time.sleep(0.1)

    def put(self, url: str, content: bytes, first: int, last: int, total: int) -> httpx.Response:
        headers = {"Content-Type": "video/mp4", "Content-Range": f"bytes {first}-{last}/{total}"}
        return self.http.put(url, headers=headers, content=content)


@pytest.fixture
def tiktok(sandbox: Sandbox, http: httpx.Client) -> TikTok:
    return TikTok(sandbox, http)


def ok(answer) -> dict:
    assert answer["error"] | {"log_id": ""} == {"code": "ok", "message": "", "log_id": ""}
    return answer["data"]


def test_creator_info(tiktok):
    data = ok(tiktok.post("/v2/post/publish/creator_info/query/"))
    assert data | {"creator_avatar_url": ""} == {
        "creator_avatar_url": "",
        "creator_username": "maison_lumiere",
        "creator_nickname": "Maison Lumière",
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        "comment_disabled": False,
        "duet_disabled": False,
        "stitch_disabled": False,
        "max_video_post_duration_sec": 300,
    }


def test_direct_post_of_a_file(tiktok):
    film = movie()
    data = ok(tiktok.init(len(film), len(film), 1))
    assert data["publish_id"].startswith("v_pub_file~v2-1.")
    assert "upload_id=" in data["upload_url"]
    assert "upload_token=" in data["upload_url"]
    before = tiktok.status(data["publish_id"])
    assert before == {
        "status": "PROCESSING_UPLOAD",
        "fail_reason": "",
        "publicaly_available_post_id": [],
        "uploaded_bytes": 0,
        "downloaded_bytes": 0,
    }
    assert tiktok.put(data["upload_url"], film, 0, len(film) - 1, len(film)).status_code == 201
    assert tiktok.status(data["publish_id"])["uploaded_bytes"] == len(film)
    done = tiktok.status(data["publish_id"], until="PUBLISH_COMPLETE")
    assert done["publicaly_available_post_id"] == []  # a private post never gets one
    public = {**POST_INFO, "privacy_level": "PUBLIC_TO_EVERYONE"}
    data = ok(tiktok.init(len(film), len(film), 1, public))
    tiktok.put(data["upload_url"], film, 0, len(film) - 1, len(film))
    [post_id] = tiktok.status(data["publish_id"], until="PUBLISH_COMPLETE")["publicaly_available_post_id"]
    assert isinstance(post_id, int)
    assert 2**53 < post_id < 2**63


@pytest.mark.parametrize(
    ("size", "chunk", "count", "right"),
    [
        (50_000_123, 10_000_000, 5, True),  # the sample of the reference: the last chunk takes the rest
        (50_000_123, 10_000_000, 6, False),
        (4_000_000, 4_000_000, 1, True),
        (6_000_000, 4_000_000, 1, False),  # chunks of less than 5 MB only where the file is
        (64_000_000, 64_000_000, 1, True),
        (70_000_000, 70_000_000, 1, False),
        (200_000_000, 64_000_000, 3, True),
        (4_000_000_001, 64_000_000, 62, False),
        (0, 0, 0, False),
    ],
)
def test_the_arithmetic_of_chunks(tiktok, size, chunk, count, right):
    answer = tiktok.init(size, chunk, count)
    assert (answer["error"]["code"] == "ok") is right
    assert (answer["error"]["code"] == "invalid_params") is not right


def test_chunks_go_in_order_and_fit_their_headers(tiktok):
    total, chunk = 11_000_000, 5_000_000
    data = ok(tiktok.init(total, chunk, 2))
    url, part = data["upload_url"], bytes(chunk)
    assert tiktok.put(url, part, chunk, 2 * chunk - 1, total).status_code == 416  # not its turn
    assert tiktok.put(url, part, 0, chunk, total).status_code == 400
    assert tiktok.put(url, part, 0, chunk - 1, total + 1).status_code == 400
    first = tiktok.put(url, part, 0, chunk - 1, total)
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-{chunk - 1}/{total}")
    assert tiktok.put(url, part, 0, chunk - 1, total).status_code == 416
    assert tiktok.status(data["publish_id"])["uploaded_bytes"] == chunk
    rest = bytes(total - chunk)
    assert tiktok.put(url.replace("upload_token=", "upload_token=x"), rest, chunk, total - 1, total).status_code == 403
    assert tiktok.put(url, rest, chunk, total - 1, total).status_code == 201
    assert tiktok.status(data["publish_id"], until="FAILED")["fail_reason"] == "file_format_check_failed"


def test_inbox_upload(tiktok, sandbox):
    film = movie()
    data = ok(tiktok.init(len(film), len(film), 1, None, "inbox/video/init/"))
    assert data["publish_id"].startswith("v_inbox_file~")
    tiktok.put(data["upload_url"], film, 0, len(film) - 1, len(film))
    assert tiktok.status(data["publish_id"], until="SEND_TO_USER_INBOX")["publicaly_available_post_id"] == []
    assert sandbox.posts("tiktok") == []
    with_info = tiktok.init(len(film), len(film), 1, POST_INFO, "inbox/video/init/")
    assert with_info["error"]["code"] == "invalid_params"


def photos(tiktok, addresses, info=PHOTO_INFO, **more):
    source = {"source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": addresses}
    body = {"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": info, "source_info": source, **more}
    return tiktok.post("/v2/post/publish/content/init/", body)


def test_photos_are_pulled(tiktok, sandbox):
    address = sandbox.host(picture(), "image/jpeg")
    publish_id = ok(photos(tiktok, [address, address]))["publish_id"]
    done = tiktok.status(publish_id, until="PUBLISH_COMPLETE")
    assert done["downloaded_bytes"] == 2 * len(picture())
    [post_id] = done["publicaly_available_post_id"]
    page = sandbox.http.get(f"{tiktok.base}/@maison_lumiere/photo/{post_id}")
    assert "funny cat" in page.text
    inbox = ok(photos(tiktok, [address], {"title": "a", "description": "b"}, post_mode="MEDIA_UPLOAD"))
    assert tiktok.status(inbox["publish_id"], until="SEND_TO_USER_INBOX")


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (picture(kind="PNG"), "image/png", "file_format_check_failed"),
        (picture(width=1200, height=1200), "image/jpeg", "picture_size_check_failed"),
        (b"nothing", "image/jpeg", "file_format_check_failed"),
    ],
)
def test_photos_that_are_none(tiktok, sandbox, content, kind, reason):
    publish_id = ok(photos(tiktok, [sandbox.host(content, kind)]))["publish_id"]
    assert tiktok.status(publish_id, until="FAILED")["fail_reason"] == reason


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, 403, "privacy_level_option_mismatch"),
        ({"privacy_level": "EVERYBODY"}, 400, "invalid_params"),
        ({"privacy_level": None}, 400, "invalid_params"),
        ({"title": "🎉" * 1101}, 400, "invalid_params"),
        ({"alt_text": "there is none"}, 400, "invalid_params"),
        ({"disable_duet": "false"}, 400, "invalid_params"),
        ({"brand_content_toggle": True}, 400, "invalid_params"),  # with SELF_ONLY
    ],
)
def test_what_a_post_may_not_say(tiktok, change, status, code):
    info = {name: value for name, value in {**POST_INFO, **change}.items() if value is not None}
    source = {"source": "FILE_UPLOAD", "video_size": 100, "chunk_size": 100, "total_chunk_count": 1}
    answer = tiktok.call("POST", "/v2/post/publish/video/init/", {"post_info": info, "source_info": source})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()["error"]) == {"code", "message", "log_id"}


def test_errors_of_status_tokens_scopes_and_urls(tiktok, sandbox, http):
    unknown = tiktok.call("POST", "/v2/post/publish/status/fetch/", {"publish_id": "v_pub_file~v2-1.0"})
    assert unknown.json()["error"]["code"] == "invalid_publish_id"
    publish_id = ok(tiktok.init(100, 100, 1))["publish_id"]
    other = TikTok(sandbox, http, "sandbox-tiktok-cafe_riviera")
    foreign = other.post("/v2/post/publish/status/fetch/", {"publish_id": publish_id})
    assert foreign["error"]["code"] == "token_not_authorized_for_specified_publish_id"
    nobody = TikTok(sandbox, http, "act.made-up").call("POST", "/v2/post/publish/creator_info/query/")
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, "access_token_invalid")
    assert photos(tiktok, ["https://example.com/a.jpg"])["error"]["code"] == "url_ownership_unverified"
    assert photos(tiktok, [])["error"]["code"] == "invalid_params"


def test_user_info_and_videos(tiktok, sandbox):
    user = ok(tiktok.call("GET", "/v2/user/info/", fields="open_id,display_name,username,follower_count").json())
    assert user["user"]["username"] == "maison_lumiere"
    assert set(user["user"]) == {"open_id", "display_name", "username", "follower_count"}
    assert tiktok.call("GET", "/v2/user/info/").json()["error"]["code"] == "invalid_params"
    address = sandbox.host(picture(), "image/jpeg")
    ids = [ok(photos(tiktok, [address], {**PHOTO_INFO, "description": f"n° {n}"}))["publish_id"] for n in range(3)]
    public = [tiktok.status(key, until="PUBLISH_COMPLETE")["publicaly_available_post_id"][0] for key in ids]
    fields = "id,create_time,title,video_description,share_url,like_count,comment_count,share_count,view_count"
    first = ok(tiktok.post("/v2/video/list/", {"max_count": 2}, fields=fields))
    assert first["has_more"] is True
    second = ok(tiktok.post("/v2/video/list/", {"max_count": 2, "cursor": first["cursor"]}, fields=fields))
    shown = first["videos"] + second["videos"]
    assert sorted(video["id"] for video in shown) == sorted(map(str, public))
    assert isinstance(shown[0]["create_time"], int)
    filters = {"filters": {"video_ids": [str(public[0]), "7000000000000000000"]}}
    [video] = ok(tiktok.post("/v2/video/query/", filters, fields="id,view_count"))["videos"]
    assert video == {"id": str(public[0]), "view_count": 0}
    for body in ({"max_count": 21}, {"page": 1}):
        assert tiktok.post("/v2/video/list/", body, fields="id")["error"]["code"] == "invalid_params"


def test_tokens(tiktok, sandbox, http):
    form = {"client_key": "sandbox-app", "client_secret": "sandbox-secret"}
    callback = "https://example.com/callback"
    consent = {
        "client_key": "sandbox-app",
        "redirect_uri": callback,
        "scope": "user.info.basic,video.publish,video.list",
        "scopes": ["video.publish"],
        "response_type": "code",
        "state": "s",
        "decision": "allow",
    }
    back = httpx.URL(http.post(f"{tiktok.base}/v2/auth/authorize/", data=consent).headers["location"]).params
    assert (back["scopes"], back["state"]) == ("user.info.basic,video.publish", "s")
    grant = {**form, "grant_type": "authorization_code", "code": back["code"], "redirect_uri": callback}
    made = http.post(f"{tiktok.base}/v2/oauth/token/", data=grant).json()
    assert made | dict.fromkeys(("access_token", "refresh_token", "open_id"), "") == {
        "access_token": "",
        "refresh_token": "",
        "open_id": "",
        "expires_in": 86400,
        "refresh_expires_in": 31536000,
        "scope": "user.info.basic,video.publish",
        "token_type": "Bearer",
    }
    assert made["access_token"].startswith("act.")
    assert made["refresh_token"].startswith("rft.")
    again = http.post(f"{tiktok.base}/v2/oauth/token/", data=grant)
    assert set(again.json()) == {"error", "error_description", "log_id"}
    assert again.json()["error"] == "invalid_grant"
    ours = TikTok(sandbox, http, made["access_token"])
    refused = ours.call("POST", "/v2/video/list/", {}, fields="id")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "scope_not_authorized")
    renew = {**form, "grant_type": "refresh_token", "refresh_token": made["refresh_token"]}
    renewed = http.post(f"{tiktok.base}/v2/oauth/token/", data=renew).json()
    assert renewed["refresh_token"] != made["refresh_token"]
    revoked = http.post(f"{tiktok.base}/v2/oauth/revoke/", data={**form, "token": renewed["access_token"]})
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert ours.call("GET", "/v2/user/info/", fields="open_id").status_code == 401


def test_webhooks_are_signed_over_time_and_body(tiktok, sandbox, http):
    with receiving() as receiver:
        assert http.post(f"{tiktok.base}/_webhooks", json={"url": receiver.url}).status_code == 201
        ok(photos(tiktok, [sandbox.host(b"nothing", "image/jpeg")]))
        [(headers, body)] = receiver.wait(1)
    event = json.loads(body)
    assert set(event) == {"client_key", "event", "create_time", "user_openid", "content"}
    assert event["event"] == "post.publish.failed"
    assert json.loads(event["content"])["reason"] == "file_format_check_failed"
    parts = dict(part.split("=") for part in headers["tiktok-signature"].split(","))
    made = hmac.new(b"sandbox-secret", f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert parts["s"] == made


def test_the_limits_of_a_minute_and_of_a_day():
    with start_sandbox(rate_limits="real") as sandbox, httpx.Client(timeout=10, trust_env=False) as http:
        tiktok = TikTok(sandbox, http)
        codes = [tiktok.init(100, 100, 1)["error"]["code"] for _ in range(7)]
        assert codes == ["ok"] * 6 + ["rate_limit_exceeded"]
        drafts = TikTok(sandbox, http, "sandbox-tiktok-cafe_riviera")
        codes = [drafts.init(100, 100, 1, None, "inbox/video/init/")["error"]["code"] for _ in range(6)]
        assert codes == ["ok"] * 5 + ["spam_risk_too_many_pending_share"]
