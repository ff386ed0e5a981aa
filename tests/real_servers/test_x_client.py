"""tweepy, unchanged, against the sandbox: what it sends is taken, what it is answered it understands. Only its host is another, by an adapter of its HTTP session."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from socialops.networks.ports import Target
from socialops.networks.registry import connector_for
from tests.fakes.files import movie, picture
from tests.networks.driving import content, publish
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.networks

HOST = "https://api.twitter.com"  # tweepy's own


class Elsewhere(HTTPAdapter):
    """Sends what is meant for X to the sandbox."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace(HOST, self.base_url)
        request.headers["Host"] = urlsplit(self.base_url).netloc
        return super().send(request, *args, **more)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


@pytest.fixture
def made(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.account("x", f"t{uuid.uuid4().hex[:12]}", "Café Test")


@pytest.fixture
def client(sandbox: Sandbox, made: dict[str, Any]) -> Iterator[tweepy.Client]:
    """With a person's OAuth 2.0 token, which tweepy takes where it takes an app's."""
    found = tweepy.Client(bearer_token=made["access_token"])
    found.session.mount(HOST, Elsewhere(sandbox.url("x")))
    yield found
    found.session.close()


def unique(text: str) -> str:
    return f"{text} {uuid.uuid4().hex}"


def upload(client: tweepy.Client, data: bytes) -> str:
    """Tweepy has no method for the media endpoints of API v2 yet: its request is used as it is."""
    body = {"media": base64.b64encode(data).decode(), "media_category": "tweet_image"}
    answer = client.request("POST", "/2/media/upload", json=body)
    return str(answer.json()["data"]["id"])


def test_a_thread_with_a_picture_is_published_and_read_back(client: tweepy.Client, made: dict[str, Any]) -> None:
    media_id = upload(client, picture())
    alt = {"id": media_id, "metadata": {"alt_text": {"text": "Une lampe"}}}
    client.request("POST", "/2/media/metadata", json=alt)
    text = unique("Voir https://example.com/a")
    root = client.create_tweet(text=text, media_ids=[media_id], reply_settings="mentionedUsers", user_auth=False)
    part = client.create_tweet(text=unique("Suite"), in_reply_to_tweet_id=root.data["id"], user_auth=False)
    seen = client.get_tweet(
        root.data["id"],
        tweet_fields=["attachments", "created_at", "entities", "reply_settings", "conversation_id"],
        expansions=["attachments.media_keys", "author_id"],
        media_fields=["alt_text", "type"],
        user_fields=["username"],
    )
    assert seen.data.entities["urls"][0]["expanded_url"] == "https://example.com/a"
    assert seen.data.reply_settings == "mentionedUsers"
    assert seen.includes["media"][0].alt_text == "Une lampe"
    assert seen.includes["users"][0].username == made["handle"]
    assert abs(seen.data.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    below = client.get_tweet(part.data["id"], tweet_fields=["referenced_tweets", "conversation_id"]).data
    assert [(reference.type, str(reference.id)) for reference in below.referenced_tweets] == [
        ("replied_to", root.data["id"])
    ]
    assert str(below.conversation_id) == root.data["id"]


def test_a_video_in_segments(client: tweepy.Client) -> None:
    data = movie()
    body = {"media_type": "video/mp4", "total_bytes": len(data), "media_category": "tweet_video"}
    media_id = client.request("POST", "/2/media/upload/initialize", json=body).json()["data"]["id"]
    half = len(data) // 2
    for index, piece in enumerate((data[:half], data[half:])):
        segment = {"segment_index": index, "media": base64.b64encode(piece).decode()}
        client.request("POST", f"/2/media/upload/{media_id}/append", json=segment)
    state = client.request("POST", f"/2/media/upload/{media_id}/finalize").json()["data"]["processing_info"]["state"]
    assert state in ("pending", "in_progress")
    with pytest.raises(tweepy.BadRequest):
        client.create_tweet(text=unique("Trop tôt"), media_ids=[media_id], user_auth=False)
    started = datetime.now(UTC)
    while state != "succeeded":
        assert datetime.now(UTC) - started < timedelta(seconds=20)
        status = client.request("GET", "/2/media/upload", params={"command": "STATUS", "media_id": media_id})
        state = status.json()["data"]["processing_info"]["state"]
    assert client.create_tweet(text=unique("Film"), media_ids=[media_id], user_auth=False).data["id"]


def test_a_poll(sandbox: Sandbox, client: tweepy.Client) -> None:
    asked = {"poll_options": ["Cuivre", "Papier"], "poll_duration_minutes": 60, "user_auth": False}
    post_id = client.create_tweet(text=unique("Laquelle ?"), **asked).data["id"]
    sandbox.crowd("x", "vote", post_id=post_id, choice="1", author="Ana")
    seen = client.get_tweet(post_id, expansions=["attachments.poll_ids"], poll_fields=["voting_status"])
    (poll,) = seen.includes["polls"]
    assert [(option["label"], option["votes"]) for option in poll.options] == [("Cuivre", 0), ("Papier", 1)]
    assert poll.voting_status == "open"
    for wrong in ({"poll_options": ["Cuivre"]}, {"poll_duration_minutes": 4}, {"poll_options": ["c" * 26, "d"]}):
        with pytest.raises(tweepy.BadRequest):
            client.create_tweet(text=unique("Non"), **{**asked, **wrong})


def test_mentions_replies_quotes_and_search(sandbox: Sandbox, client: tweepy.Client, made: dict[str, Any]) -> None:
    root = client.create_tweet(text=unique("Bonjour"), user_auth=False).data["id"]
    for number in range(12):
        sandbox.crowd("x", "comment", post_id=root, text=f"n{number}", author=f"P{number}")
    quote = sandbox.crowd("x", "comment", post_id=root, text="quote: Vu", author="Ana")["id"]
    pages = list(
        tweepy.Paginator(client.get_users_mentions, made["id"], max_results=5, expansions=["author_id"], limit=9)
    )
    assert sum(len(page.data) for page in pages) == 12
    assert {user.name for page in pages for user in page.includes["users"]} == {f"P{number}" for number in range(12)}
    found = client.search_recent_tweets(f"conversation_id:{root}", max_results=100, user_auth=False)
    assert len(found.data) == 12
    assert [str(tweet.id) for tweet in client.get_quote_tweets(root, user_auth=False).data] == [quote]
    hidden = client.hide_reply(found.data[0].id, user_auth=False)
    assert hidden.data == {"hidden": True}


def test_counters_in_the_old_names(sandbox: Sandbox, client: tweepy.Client) -> None:
    root = client.create_tweet(text=unique("Bonjour"), user_auth=False).data["id"]
    sandbox.crowd("x", "like", post_id=root)
    found = client.get_tweets([root, "1"], tweet_fields=["public_metrics", "non_public_metrics"])
    assert found.data[0].public_metrics["like_count"] == 1
    assert "retweet_count" in found.data[0].public_metrics
    assert "url_link_clicks" in found.data[0].non_public_metrics
    assert [error["resource_id"] for error in found.errors] == ["1"]
    me = client.get_me(user_fields=["public_metrics", "subscription_type"], user_auth=False).data
    assert me.public_metrics["followers_count"] == 150


def test_private_messages(sandbox: Sandbox, client: tweepy.Client, made: dict[str, Any]) -> None:
    body = {"account": made["id"], "text": "Ouvert ?", "author": "Ana"}
    sent = sandbox.http.post(f"{sandbox.url('x')}/_messages", json=body).json()
    answered = client.create_direct_message(participant_id=sent["author_id"], text="Oui", user_auth=False)
    assert answered.data["dm_event_id"]
    listed = client.get_direct_message_events(dm_event_fields=["sender_id", "text", "created_at"], user_auth=False)
    assert [event.text for event in listed.data] == ["Oui", "Ouvert ?"]


def test_refusals_are_tweepys_own(sandbox: Sandbox, client: tweepy.Client, made: dict[str, Any]) -> None:
    text = unique("Bonjour")
    post_id = client.create_tweet(text=text, user_auth=False).data["id"]
    with pytest.raises(tweepy.Forbidden, match="duplicate content"):
        client.create_tweet(text=text, user_auth=False)
    with pytest.raises(tweepy.BadRequest):
        client.create_tweet(text="é" * 281, user_auth=False)
    sandbox.fault("429", "x", method="GET", path="/2/tweets/", retry_after=120)
    with pytest.raises(tweepy.TooManyRequests) as limited:
        client.get_tweet(post_id)
    assert limited.value.reset_time is not None
    stranger = tweepy.Client(bearer_token="nobody")
    stranger.session.mount(HOST, Elsewhere(sandbox.url("x")))
    with pytest.raises(tweepy.Unauthorized):
        stranger.get_tweet(post_id)
    stranger.session.close()
    assert client.delete_tweet(post_id, user_auth=False).data == {"deleted": True}
    with pytest.raises(tweepy.NotFound):
        client.delete_tweet(post_id, user_auth=False)
    assert client.get_tweet(post_id).errors[0]["title"] == "Not Found Error"


def test_what_the_connector_published_tweepy_reads(sandbox: Sandbox, client: tweepy.Client) -> None:
    connector = connector_for("x")
    token = {"access_token": client.bearer_token}
    account = connector.connect_with_token(base_url=sandbox.url("x"), values=token)
    assert account.credentials is not None
    target = Target("x", sandbox.url("x"), account.external_id, account.handle, account.credentials)
    published = publish(connector, target, content("Ciel & terre"))
    assert client.get_tweet(published.external_id).data.text == "Ciel &amp; terre"
