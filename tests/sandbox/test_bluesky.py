"""The Bluesky stand-in, driven by the atproto client and by plain XRPC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import libipld
import pytest
from atproto import Client, client_utils, models
from atproto.exceptions import BadRequestError

from tests.sandbox_server import Sandbox, start_sandbox

POST = "app.bsky.feed.post"
TID = "3lbmzhqi5wkv"


# The atproto client hands raw bytes to httpx the old way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Callable[..., Client]]:
    """Sign in as a seeded account."""
    made: list[Client] = []

    def sign_in(handle: str = "maison-lumiere.test") -> Client:
        made.append(Client(base_url=f"{sandbox.bluesky}/xrpc"))
        made[-1].login(handle, "sandbox-app-pass")
        return made[-1]

    yield sign_in
    for each in made:
        each.request.close()


class Xrpc:
    """Plain calls with a session."""

    def __init__(self, sandbox: Sandbox, handle: str = "maison-lumiere.test") -> None:
        self.sandbox = sandbox
        self.session = self.post(
            "com.atproto.server.createSession", {"identifier": handle, "password": "sandbox-app-pass"}, auth=""
        ).json()
        self.did = self.session["did"]

    def post(self, name, body, *, auth=None):
        token = self.session["accessJwt"] if auth is None else auth
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.sandbox.http.post(f"{self.sandbox.bluesky}/xrpc/{name}", json=body, headers=headers)

    def get(self, name, **params):
        headers = {"Authorization": f"Bearer {self.session['accessJwt']}"}
        return self.sandbox.http.get(f"{self.sandbox.bluesky}/xrpc/{name}", params=params, headers=headers)

    def record(self, method, text, rkey=TID + "l", **more):
        record = {"$type": POST, "text": text, "createdAt": "2026-11-23T15:00:00.000Z", **more}
        body = {"repo": self.did, "collection": POST, "rkey": rkey, "record": record}
        return self.post(f"com.atproto.repo.{method}", body)


def test_a_post_with_everything_is_read_back(client, sandbox, picture):
    me, other = client(), client("cafe-riviera.test")
    text = (
        client_utils.TextBuilder()
        .text("Été ")
        .mention("@café", other.me.did)
        .text(" ")
        .tag("#lampe", "lampe")
        .text(" ")
        .link("site", "https://example.com/a")
    )
    made = me.send_image(
        text, picture, "Une lampe", image_aspect_ratio=models.AppBskyEmbedDefs.AspectRatio(width=320, height=200)
    )
    view = other.get_post_thread(made.uri).thread.post
    assert view.record.text == "Été @café #lampe site"
    assert [f.features[0].py_type.split("#")[1] for f in view.record.facets] == ["mention", "tag", "link"]
    assert view.embed.images[0].alt == "Une lampe"
    assert sandbox.http.get(view.embed.images[0].fullsize).content == picture
    [notice] = other.app.bsky.notification.list_notifications().notifications
    assert (notice.reason, notice.uri) == ("mention", made.uri)
    assert other.get_posts([made.uri]).posts[0].cid == made.cid
    assert other.get_author_feed("maison-lumiere.test").feed[0].post.uri == made.uri
    assert other.app.bsky.feed.search_posts({"q": "#lampe"}).posts[0].uri == made.uri
    html = sandbox.http.get(f"{sandbox.bluesky}/").text
    assert '<a href="https://example.com/a"' in html
    assert 'alt="Une lampe"' in html


def test_replies_likes_reposts_quotes_and_notifications(client, sandbox):
    me, other = client(), client("velo-citadin.test")
    root = me.send_post("racine")
    ref = models.create_strong_ref(root)
    reply = other.send_post("réponse", reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref))
    liked = other.like(root.uri, root.cid)
    other.repost(root.uri, root.cid)
    other.send_post("regardez", embed=models.AppBskyEmbedRecord.Main(record=ref))
    thread = me.get_post_thread(root.uri).thread
    assert [r.post.uri for r in thread.replies] == [reply.uri]
    assert (thread.post.like_count, thread.post.repost_count, thread.post.reply_count, thread.post.quote_count) == (
        1,
        1,
        1,
        1,
    )
    notices = me.app.bsky.notification.list_notifications().notifications
    assert {n.reason for n in notices} == {"reply", "like", "repost", "quote"}
    assert me.app.bsky.notification.get_unread_count().count == 4
    me.app.bsky.notification.update_seen({"seenAt": datetime.now(UTC).isoformat()})
    assert me.app.bsky.notification.get_unread_count().count == 0
    assert other.get_likes(root.uri).likes[0].actor.handle == "velo-citadin.test"
    other.unlike(liked.uri)
    assert me.get_posts([root.uri]).posts[0].like_count == 0


def test_cids_are_those_of_dag_cbor(sandbox):
    me = Xrpc(sandbox)
    facets = [
        {"index": {"byteStart": 0, "byteEnd": 4}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "a"}]}
    ]
    made = me.record("createRecord", "#aé 👋", langs=["fr"], facets=facets).json()
    read = me.get("com.atproto.repo.getRecord", repo=me.did, collection=POST, rkey=TID + "l").json()
    assert read["cid"] == made["cid"] == libipld.encode_cid(_cid(libipld.encode_dag_cbor(read["value"])))


def _cid(encoded: bytes) -> bytes:
    return b"\x01\x71\x12\x20" + hashlib.sha256(encoded).digest()


def test_put_record_is_the_safe_retry_and_create_record_is_not(sandbox):
    me = Xrpc(sandbox)
    first, again = me.record("putRecord", "un"), me.record("putRecord", "un")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["cid"] == again.json()["cid"]
    assert "commit" not in again.json()
    used = me.record("createRecord", "un")
    assert (used.status_code, used.json()["error"]) == (500, "InternalServerError")
    assert me.record("putRecord", "autre").json()["cid"] != first.json()["cid"]
    assert [p["key"] for p in sandbox.posts("bluesky")] == [TID + "l"]
    assert [w["text"] for w in sandbox.log("bluesky")] == ["un", "autre"]
    swap = {
        "repo": me.did,
        "collection": POST,
        "rkey": TID + "l",
        "swapRecord": None,
        "record": {"text": "x", "createdAt": "2026-11-23T15:00:00Z"},
    }
    assert me.post("com.atproto.repo.putRecord", swap).json()["error"] == "InvalidSwap"


def test_limits_are_those_of_the_lexicon(sandbox):
    me = Xrpc(sandbox)
    assert me.record("createRecord", "👨‍👩‍👧‍👦" * 100).status_code == 200
    for text, problem in (
        ("é" * 301, "grapheme too big (maximum 300, got 301)"),
        ("👨‍👩‍👧‍👦" * 121, "string too big (maximum 3000"),
    ):
        answer = me.record("createRecord", text, TID + "m")
        assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
        assert problem in answer.json()["message"]
    assert me.record("createRecord", "x", "nottid").status_code == 400
    assert me.record("createRecord", "x", TID + "m", createdAt="yesterday").status_code == 400
    assert (
        me.record(
            "createRecord", "x", TID + "m", embed={"$type": "app.bsky.embed.images", "images": [{}] * 5}
        ).status_code
        == 400
    )
    foreign = {
        "repo": "cafe-riviera.test",
        "collection": POST,
        "record": {"text": "x", "createdAt": "2026-11-23T15:00:00Z"},
    }
    assert me.post("com.atproto.repo.createRecord", foreign).status_code == 401


def test_blobs_must_be_used_as_they_were_stored(sandbox, picture):
    me = Xrpc(sandbox)
    headers = {"Authorization": f"Bearer {me.session['accessJwt']}", "Content-Type": "image/png"}
    blob = sandbox.http.post(
        f"{sandbox.bluesky}/xrpc/com.atproto.repo.uploadBlob", content=picture, headers=headers
    ).json()["blob"]
    assert (blob["mimeType"], blob["size"]) == ("image/jpeg", len(picture))

    def embed(**change):
        image = {"alt": "", "image": {**blob, **change}}
        return {"$type": "app.bsky.embed.images", "images": [image]}

    assert me.record("createRecord", "x", embed=embed(mimeType="image/png")).json()["error"] == "InvalidMimeType"
    assert me.record("createRecord", "x", embed=embed(size=3)).json()["error"] == "InvalidSize"
    assert me.record("createRecord", "x", embed=embed(size=2_000_001)).json()["error"] == "InvalidRequest"
    lost = {"$link": "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
    assert me.record("createRecord", "x", embed=embed(ref=lost)).json()["error"] == "BlobNotFound"
    assert me.record("createRecord", "x", embed=embed()).status_code == 200


def test_apply_writes_is_all_or_nothing(sandbox):
    me = Xrpc(sandbox)

    def create(key, text):
        value = {"text": text, "createdAt": "2026-11-23T15:00:00Z"}
        return {"$type": "com.atproto.repo.applyWrites#create", "collection": POST, "rkey": key, "value": value}

    bad = me.post(
        "com.atproto.repo.applyWrites",
        {"repo": me.did, "writes": [create(TID + "m", "un"), create(TID + "n", "é" * 301)]},
    )
    assert bad.status_code == 400
    assert sandbox.posts("bluesky") == []
    good = me.post(
        "com.atproto.repo.applyWrites", {"repo": me.did, "writes": [create(TID + "m", "un"), create(TID + "n", "deux")]}
    )
    assert [r["uri"].rsplit("/", 1)[1] for r in good.json()["results"]] == [TID + "m", TID + "n"]
    listed = me.get("com.atproto.repo.listRecords", repo=me.did, collection=POST, limit=1).json()
    assert [r["value"]["text"] for r in listed["records"]] == ["deux"]
    assert (
        me.get("com.atproto.repo.listRecords", repo=me.did, collection=POST, cursor=listed["cursor"]).json()["records"][
            0
        ]["value"]["text"]
        == "un"
    )


def test_delete_twice_and_a_missing_record(sandbox):
    me = Xrpc(sandbox)
    me.record("createRecord", "x")
    target = {"repo": me.did, "collection": POST, "rkey": TID + "l"}
    assert [me.post("com.atproto.repo.deleteRecord", target).status_code for _ in range(2)] == [200, 200]
    gone = me.get("com.atproto.repo.getRecord", **target)
    assert (gone.status_code, gone.json()["error"]) == (400, "RecordNotFound")
    assert sandbox.posts("bluesky") == []


def test_sessions_refresh_with_grace_and_end(sandbox):
    me = Xrpc(sandbox)
    old = me.session["refreshJwt"]
    first = me.post("com.atproto.server.refreshSession", {}, auth=old).json()
    second = me.post("com.atproto.server.refreshSession", {}, auth=old).json()
    assert first["refreshJwt"] == second["refreshJwt"] != old
    assert (
        me.post("com.atproto.server.refreshSession", {}, auth=me.session["accessJwt"]).json()["error"] == "InvalidToken"
    )
    assert me.post("com.atproto.server.deleteSession", {}, auth=first["refreshJwt"]).status_code == 200
    assert me.post("com.atproto.server.refreshSession", {}, auth=first["refreshJwt"]).json()["error"] == "InvalidToken"
    wrong = me.post(
        "com.atproto.server.createSession", {"identifier": "maison-lumiere.test", "password": "no"}, auth=""
    )
    assert (wrong.status_code, wrong.json()["error"]) == (401, "AuthenticationRequired")
    assert me.get("app.bsky.nothing.here").status_code == 501


def test_identity(client, sandbox):
    me = Xrpc(sandbox)
    assert me.get("com.atproto.identity.resolveHandle", handle="maison-lumiere.test").json() == {"did": me.did}
    document = sandbox.http.get(f"{sandbox.bluesky}/{me.did}").json()
    assert document["alsoKnownAs"] == ["at://maison-lumiere.test"]
    assert document["service"][0]["serviceEndpoint"] == sandbox.bluesky
    assert sandbox.http.get(
        f"{sandbox.bluesky}/.well-known/atproto-did", headers={"Host": "velo-citadin.test"}
    ).text.startswith("did:plc:")
    assert me.get("com.atproto.identity.resolveHandle", handle="nobody.test").status_code == 400
    with pytest.raises(BadRequestError):
        client().get_profile("nobody.test")
    assert client().get_profile("cafe-riviera.test").display_name == "Café Riviera"


def test_login_limit_is_thirty_in_five_minutes():
    with start_sandbox(rate_limits="real") as sandbox:
        body = {"identifier": "cafe-riviera.test", "password": "wrong"}
        answers = [
            sandbox.http.post(f"{sandbox.bluesky}/xrpc/com.atproto.server.createSession", json=body) for _ in range(31)
        ]
        assert [a.status_code for a in answers] == [401] * 30 + [429]
        assert answers[-1].json()["error"] == "RateLimitExceeded"
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert answers[0].headers["RateLimit-Policy"] == "30;w=300"


def test_json_that_is_no_record_is_refused(sandbox):
    me = Xrpc(sandbox)
    for record in (
        "text",
        {"text": 3, "createdAt": "2026-11-23T15:00:00Z"},
        {"text": "x", "createdAt": "2026-11-23T15:00:00Z", "n": 1.5},
    ):
        assert (
            me.post("com.atproto.repo.createRecord", {"repo": me.did, "collection": POST, "record": record}).status_code
            == 400
        ), json.dumps(record)
