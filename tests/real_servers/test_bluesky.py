"""Our Bluesky connector against the AT Protocol's own servers, read back with the `atproto` client library."""

from __future__ import annotations

import base64
import io
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from atproto import models
from atproto.exceptions import AtProtocolError
from PIL import Image

from socialops.networks.bluesky import video
from socialops.networks.bluesky.answers import call
from socialops.networks.errors import AuthError, ValidationError
from socialops.networks.ports import Action, Connector, Finding, MentionRef, RemoteMention, Target
from tests.fakes.files import media, subtitles
from tests.fakes.files import video as film_file
from tests.networks.driving import Ledger, content, create, publish, ref
from tests.real_servers.conftest import Person
from tests.real_servers.servers import AtprotoNetwork

pytestmark = pytest.mark.networks


def eventually(look: Callable[[], Any]) -> Any:
    """What the AppView will show once it has indexed it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError("the AppView never showed it")


def mention_with(connector: Connector, target: Target, text: str) -> RemoteMention:
    def look() -> RemoteMention | None:
        page = connector.pull_mentions(target, cursor={}, watched=[])
        return next((m for m in page.mentions if text in m.text), None)

    found: RemoteMention = eventually(look)
    return found


def test_a_whole_post_is_seen_by_another_client_answered_measured_and_deleted(
    bluesky: Connector, target: Target, us: Person, friend: Person, network: AtprotoNetwork
) -> None:
    text = f"Été 🪔 avec @{friend.handle} : https://example.com/lampes?p=1, et #lumière !"
    published = publish(bluesky, target, content(text, media=(media(alt="Une lampe en laiton"),)))
    post = eventually(lambda: next(iter(friend.client.get_posts([published.external_id]).posts), None))
    record = post.record
    assert record.text == text
    assert record.langs == ["fr"]
    data = text.encode()
    features = {
        data[facet.index.byte_start : facet.index.byte_end].decode(): facet.features[0] for facet in record.facets
    }
    assert features[f"@{friend.handle}"].did == friend.did
    assert features["https://example.com/lampes?p=1"].uri == "https://example.com/lampes?p=1"
    assert features["#lumière"].tag == "lumière"
    image = record.embed.images[0]
    assert image.alt == "Une lampe en laiton"
    assert (image.aspect_ratio.width, image.aspect_ratio.height) == (640, 480)
    blob = httpx.get(
        f"{network.pds}/xrpc/com.atproto.sync.getBlob", params={"did": us.did, "cid": image.image.cid.encode()}
    )
    assert Image.open(io.BytesIO(blob.content)).size == (640, 480)
    assert b"Secret camera" not in blob.content

    time.sleep(1.5)  # a reply within a moment of its parent makes no notification in the AppView
    ours = models.create_strong_ref(models.ComAtprotoRepoStrongRef.Main(uri=post.uri, cid=post.cid))
    answer = friend.client.send_post("Magnifique !", reply_to=models.AppBskyFeedPost.ReplyRef(root=ours, parent=ours))
    friend.client.like(post.uri, post.cid)
    reply = mention_with(bluesky, target, "Magnifique")
    assert (reply.kind, reply.external_id, reply.author_id) == ("reply", answer.uri, friend.did)
    assert reply.in_reply_to == reply.root == published.external_id
    assert reply.author_handle == f"@{friend.handle}"

    def counted() -> Any:
        counters = bluesky.pull_post_metrics(target, external_ids=[published.external_id]).metrics
        found = counters.get(published.external_id, {})
        return found if found.get("likeCount") == 1 and found.get("replyCount") == 1 else None

    assert eventually(counted)["repostCount"] == 0
    assert bluesky.pull_account_metrics(target)["postsCount"]

    bluesky.delete(target, external_id=published.external_id)
    bluesky.delete(target, external_id=published.external_id)
    assert bluesky.read_post(target, external_id=published.external_id) is None
    eventually(lambda: not friend.client.get_posts([published.external_id]).posts)
    gone = bluesky.pull_post_metrics(target, external_ids=[published.external_id])
    assert gone.gone == {published.external_id}


def test_a_gallery_is_kept_by_a_server(bluesky: Connector, target: Target) -> None:
    what = content("Dix lampes", media=tuple(media(f"m{n}", alt=f"Lampe {n}") for n in range(10)))
    published = publish(bluesky, target, what)
    seen = bluesky.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert (seen.text, seen.media_count) == ("Dix lampes", 10)


def test_a_mention_by_somebody_else_comes_in(bluesky: Connector, target: Target, us: Person, friend: Person) -> None:
    words = f"Bravo {uuid.uuid4().hex} @{us.handle}"
    start = len(words.encode()) - len(us.handle) - 1
    facet = models.AppBskyRichtextFacet.Main(
        features=[models.AppBskyRichtextFacet.Mention(did=us.did)],
        index=models.AppBskyRichtextFacet.ByteSlice(byte_start=start, byte_end=len(words.encode())),
    )
    friend.client.send_post(words, facets=[facet])
    assert mention_with(bluesky, target, words[:20]).kind == "mention"


def test_a_thread_and_a_link_card(bluesky: Connector, target: Target, friend: Person) -> None:
    what = content("Le guide complet", link="https://example.com/guide", options={"link_title": "Le guide"})
    root = publish(bluesky, target, what)
    second = bluesky.commit_part(target, what, root=root, parent=root, text="Suite 1", key="k1")
    third = bluesky.commit_part(target, what, root=root, parent=second, text="Suite 2", key="k2")
    thread = eventually(lambda: _nested(friend, root.external_id))
    assert thread.post.record.embed.external.uri == "https://example.com/guide"
    assert thread.post.record.embed.external.title == "Le guide"
    assert thread.replies[0].post.uri == second.external_id
    assert thread.replies[0].replies[0].post.uri == third.external_id
    assert thread.replies[0].replies[0].post.record.reply.root.uri == root.external_id


def _nested(friend: Person, uri: str) -> Any:
    try:
        thread = friend.client.get_post_thread(uri).thread
    except AtProtocolError:  # the AppView doesn't know the post yet
        return None
    return thread if thread.replies and thread.replies[0].replies else None


def test_quotes_are_seen_by_another_client_and_a_post_that_forbids_them_is_told(
    bluesky: Connector, target: Target, us: Person, friend: Person, network: AtprotoNetwork
) -> None:
    theirs = friend.client.send_post("Une belle vitrine")
    page = f"https://bsky.app/profile/{friend.handle}/post/{theirs.uri.rpartition('/')[2]}"
    eventually(lambda: friend.client.get_posts([theirs.uri]).posts)
    plain = publish(bluesky, target, content("Vu ce matin", options={"quote": page}))
    pictured = publish(bluesky, target, content("Et en image", media=(media(),), options={"quote": plain.url}))
    posts = eventually(lambda: _both(friend, plain.external_id, pictured.external_id))
    assert posts[0].embed.record.value.text == "Une belle vitrine"
    assert posts[1].embed.record.record.uri == plain.external_id
    assert posts[1].embed.media.images[0].alt
    assert eventually(lambda: friend.client.get_posts([theirs.uri]).posts[0].quote_count) == 1

    closed = friend.client.send_post("À ne pas citer")
    key = closed.uri.rpartition("/")[2]
    rule = models.AppBskyFeedPostgate.DisableRule()
    gate = models.AppBskyFeedPostgate.Record(
        post=closed.uri, embedding_rules=[rule], created_at=friend.client.get_current_time_iso()
    )
    friend.client.app.bsky.feed.postgate.create(friend.did, gate, rkey=key)

    def told() -> str:
        try:
            create(bluesky, target, content(options={"quote": closed.uri}), Ledger())
        except ValidationError as refused:
            return str(refused.code)
        return ""  # the AppView has the post, and not yet what its author says of it

    eventually(lambda: told() == "quote_refused")
    gone = f"https://bsky.app/profile/{friend.did}/post/{key[:-1]}{'3' if key[-1] == '2' else '2'}"
    with pytest.raises(ValidationError) as refused:
        create(bluesky, target, content(options={"quote": gone}), Ledger())
    assert refused.value.code == "quote_not_found"


def _both(friend: Person, *uris: str) -> Any:
    found = {post.uri: post for post in friend.client.get_posts(list(uris)).posts}
    return [found[uri] for uri in uris] if len(found) == len(uris) else None


def test_who_may_answer_and_quote_is_seen_by_another_client(bluesky: Connector, target: Target, friend: Person) -> None:
    options = {
        "reply_control": "nobody",
        "quote_control": "nobody",
        "content_label": "nudity",
        "extra_tags": ["lampes"],
    }
    what = content("Sans réponses", media=(media(),), options=options)
    published = publish(bluesky, target, what)
    assert "unfinished" not in published.extra

    def gated() -> Any:
        posts = friend.client.get_posts([published.external_id]).posts
        return posts and posts[0].threadgate and posts[0].viewer.embedding_disabled and posts[0]

    post = eventually(gated)
    assert post.threadgate.record.allow == []
    assert post.viewer.reply_disabled is True
    assert [(label.src, label.val) for label in post.labels] == [(target.external_id, "nudity")]
    assert post.record.tags == ["lampes"]
    assert bluesky.delete(target, external_id=published.external_id) is None


def test_answers_likes_and_folded_replies_are_seen_by_another_client(
    bluesky: Connector, target: Target, us: Person, friend: Person
) -> None:
    published = publish(bluesky, target, content(f"Une question {uuid.uuid4().hex}"))
    post = eventually(lambda: next(iter(friend.client.get_posts([published.external_id]).posts), None))
    time.sleep(1.5)  # as above
    ours = models.create_strong_ref(models.ComAtprotoRepoStrongRef.Main(uri=post.uri, cid=post.cid))
    words = f"Une réponse {uuid.uuid4().hex}"
    theirs = friend.client.send_post(words, reply_to=models.AppBskyFeedPost.ReplyRef(root=ours, parent=ours))
    on = ref(mention_with(bluesky, target, words))

    answered = bluesky.reply(target, to=on, text="Merci, @" + friend.handle + " !", key="r1")
    found = bluesky.find_reply(target, to=on, text="", key="r1", since=datetime.now(UTC))
    assert (found.finding, found.published) == (Finding.PUBLISHED, answered)
    reply = eventually(lambda: next(iter(friend.client.get_posts([answered.external_id]).posts), None))
    assert reply.record.reply.parent.uri == theirs.uri
    assert reply.record.reply.root.uri == published.external_id
    assert reply.record.facets[0].features[0].did == friend.did

    for _ in range(2):
        bluesky.act(target, action=Action.LIKE, on=on)
    likes = eventually(lambda: friend.client.get_likes(theirs.uri).likes)
    assert [like.actor.did for like in likes] == [us.did]
    for _ in range(2):
        bluesky.act(target, action=Action.UNLIKE, on=on)
    eventually(lambda: not friend.client.get_likes(theirs.uri).likes)

    def folded() -> list[str]:
        gate = friend.client.get_posts([published.external_id]).posts[0].threadgate
        return list(gate.record.hidden_replies or []) if gate else []

    for _ in range(2):
        bluesky.act(target, action=Action.HIDE, on=on)
    eventually(lambda: folded() == [theirs.uri])
    bluesky.act(target, action=Action.UNHIDE, on=on)
    eventually(lambda: folded() == [])
    bluesky.act(target, action=Action.DELETE, on=MentionRef(answered.external_id, "reply"))
    assert bluesky.read_post(target, external_id=answered.external_id) is None


def test_the_server_signs_for_the_video_service(target: Target, network: AtprotoNetwork) -> None:
    token = video.token_for(target, audience=network.pds, method=video.UPLOAD_BLOB)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["iss"], claims["lxm"]) == (target.external_id, "com.atproto.repo.uploadBlob")
    assert claims["aud"] == video.did_of(network.pds)
    assert 1700 < claims["exp"] - time.time() < 1900


def test_the_server_takes_a_record_with_subtitles(bluesky: Connector, target: Target, us: Person) -> None:
    film, ledger = film_file(subtitles=(subtitles("fr"), subtitles("zh-Hant"))), Ledger()
    sent = call(
        target, "POST", video.UPLOAD_BLOB, headers={"Content-Type": film.content_type}, content=film.read()
    )  # by ourselves, since the video service is Bluesky's own
    ledger.save({"blobs": {film.key: sent.object()["blob"]}})
    prepared, handles = create(bluesky, target, content(media=(film,)), ledger)
    published = bluesky.commit(target, prepared, handles=handles)
    assert published is not None
    where = {"repo": us.did, "collection": "app.bsky.feed.post", "rkey": published.external_id.rpartition("/")[2]}
    embed = us.client.com.atproto.repo.get_record(where).value.embed
    assert [(caption.lang, caption.file.mime_type) for caption in embed.captions] == [
        ("fr", "text/vtt"),
        ("zh-Hant", "text/vtt"),
    ]


def test_a_repeated_commit_is_the_same_post(bluesky: Connector, target: Target, us: Person) -> None:
    what, ledger = content(), Ledger()
    prepared, handles = create(bluesky, target, what, ledger)
    assert (
        bluesky.find_published(target, prepared, handles=handles, since=what.created_at).finding
        is Finding.NOT_PUBLISHED
    )
    first = bluesky.commit(target, prepared, handles=handles)
    again = bluesky.commit(target, prepared, handles=handles)
    assert first == again
    found = bluesky.find_published(target, prepared, handles=handles, since=what.created_at)
    assert (found.finding, found.published) == (Finding.PUBLISHED, first)
    listed = us.client.com.atproto.repo.list_records({"repo": us.did, "collection": "app.bsky.feed.post", "limit": 100})
    assert sum(record.uri == first.external_id for record in listed.records) == 1


FAMILY = "👩‍👩‍👧‍👦"  # one grapheme of 25 bytes


@pytest.mark.parametrize("unit", ["a", "é", "e\u0301", "🇫🇷", "\r\n."])
def test_our_count_of_300_is_theirs(bluesky: Connector, target: Target, unit: str) -> None:
    at_limit = unit
    while bluesky.count_text(at_limit + unit, limits={}).remaining >= 0:
        at_limit += unit
    at_limit += "x" * bluesky.count_text(at_limit, limits={}).remaining
    assert bluesky.count_text(at_limit, limits={}).remaining == 0
    publish(bluesky, target, content(at_limit))
    over = content(at_limit + "x")
    assert [p.code for p in bluesky.check(over, limits={})] == ["text_too_long"]
    with pytest.raises(ValidationError):
        publish(bluesky, target, over)


def test_our_count_of_3000_bytes_is_theirs(bluesky: Connector, target: Target) -> None:
    at_limit = FAMILY * 119 + "x" * 25
    assert len(at_limit.encode()) == 3000
    assert list(bluesky.check(content(at_limit), limits={})) == []
    publish(bluesky, target, content(at_limit))
    assert [p.code for p in bluesky.check(content(at_limit + "x"), limits={})] == ["text_too_many_bytes"]
    with pytest.raises(ValidationError):
        publish(bluesky, target, content(at_limit + "x"))


def test_a_wrong_password_and_a_made_up_token(bluesky: Connector, target: Target, network: AtprotoNetwork) -> None:
    with pytest.raises(AuthError) as wrong:
        bluesky.connect_with_token(base_url=network.pds, values={"identifier": target.handle, "password": "no"})
    assert wrong.value.code == "wrong_password"
    values = {**target.credentials.values, "access_token": "made-up"}
    with pytest.raises(AuthError):
        bluesky.verify(replace(target, credentials=replace(target.credentials, values=values)))


def test_the_server_tells_its_limits(bluesky: Connector, target: Target) -> None:
    assert bluesky.fetch_limits(target)["image"]["max_bytes"] == 2_000_000


def test_a_session_is_refreshed_also_after_a_lost_answer(
    bluesky: Connector, network: AtprotoNetwork, people: Any
) -> None:
    person = people("seul")
    made = person.client.com.atproto.server.create_app_password({"name": "socialops"})
    account = bluesky.connect_with_token(
        base_url=network.pds, values={"identifier": person.handle, "password": made.password}
    )
    assert account.credentials is not None
    assert account.credentials.expires_at is not None
    assert made.password not in json.dumps(dict(account.credentials.values))
    old = Target("bluesky", network.pds, account.external_id, account.handle, account.credentials)
    lost = bluesky.refresh(old)
    kept = bluesky.refresh(old)
    assert lost is not None
    assert kept is not None
    fresh = replace(old, credentials=kept)
    assert bluesky.verify(fresh).handle == person.handle
    bluesky.revoke(fresh, app={})
    bluesky.revoke(fresh, app={})
    with pytest.raises(AuthError):
        bluesky.refresh(fresh)
