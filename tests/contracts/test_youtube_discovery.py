"""What the connector sends and what the sandbox answers, beside Google's own description of the Data and the Analytics API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from socialops.networks.ports import Action, Connector, Target
from tests.contracts.discovery import Discovery
from tests.contracts.exchanges import Exchange
from tests.fakes.files import media, picture, subtitles, video
from tests.networks.driving import publish, ref
from tests.networks.samples.youtube import SAMPLE
from tests.sandbox_server import Sandbox

CALLS = {
    ("GET", "/youtube/v3/channels"),
    ("GET", "/youtube/v3/videoCategories"),
    ("GET", "/youtube/v3/playlists"),
    ("GET", "/youtube/v3/playlistItems"),
    ("POST", "/youtube/v3/playlistItems"),
    ("GET", "/youtube/v3/videos"),
    ("PUT", "/youtube/v3/videos"),
    ("DELETE", "/youtube/v3/videos"),
    ("POST", "/upload/youtube/v3/videos"),
    ("PUT", "/upload/youtube/v3/videos"),
    ("POST", "/upload/youtube/v3/thumbnails/set"),
    ("POST", "/upload/youtube/v3/captions"),
    ("GET", "/youtube/v3/commentThreads"),
    ("POST", "/youtube/v3/commentThreads"),
    ("GET", "/youtube/v3/comments"),
    ("POST", "/youtube/v3/comments"),
    ("DELETE", "/youtube/v3/comments"),
    ("POST", "/youtube/v3/comments/setModerationStatus"),
    ("GET", "/v2/reports"),
}


@pytest.fixture
def network() -> str:
    return "youtube"


def everything(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    chosen = {"title": "Une lampe", "privacy": "public", "category": "26", "made_for_kids": "no", "tags": ["lampe"]}
    told = {"synthetic_media": True, "paid_promotion": True, "notify_subscribers": False, "embeddable": False}
    cover = media("cover", data=picture("navy", 1280, 720), width=1280, height=720)
    spoken = video(subtitles=(subtitles("fr"), subtitles("pt-BR")))
    options = {
        **chosen,
        **told,
        "license": "creative_commons",
        "playlists": ["PLsandboxAtelier"],
        "translations": ["en\nA lamp\nMade by hand"],
    }
    what = SAMPLE.content(media=(spoken,), cover=cover, options=options)
    root = publish(connector, target, what)
    now = datetime.now(UTC)
    connector.find_published(target, what, handles={}, since=now)
    connector.commit_part(target, what, root=root, parent=root, text="Suite", key="k")
    connector.find_part(target, root=root, parent=root, text="Suite", key="k", since=now)
    connector.edit(target, SAMPLE.content("Autrement"), external_id=root.external_id)
    connector.read_post(target, external_id=root.external_id)
    sandbox.crowd("youtube", "comment", post_id=root.external_id, text="Oui")
    page = connector.pull_mentions(target, cursor={}, watched=[])
    to = next(ref(mention) for mention in page.mentions if mention.text == "Oui")
    for number in range(7):
        sandbox.crowd("youtube", "comment", post_id=to.external_id, text=f"Réponse {number}")
    connector.pull_mentions(target, cursor=page.cursor, watched=[])
    connector.reply(target, to=to, text="Merci", key="k")
    connector.find_reply(target, to=to, text="Merci", key="k", since=now)
    for action in (Action.HIDE, Action.UNHIDE, Action.DELETE):
        connector.act(target, action=action, on=to)
    connector.pull_post_metrics(target, external_ids=[root.external_id])
    connector.pull_account_metrics(target)
    connector.delete(target, external_id=root.external_id)
    connector.delete(target, external_id=root.external_id)


def test_calls_and_answers_are_what_googles_discovery_documents_describe(
    sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target
) -> None:
    everything(sandbox, connector, target)
    data, analytics = Discovery("youtube.v3"), Discovery("youtubeAnalytics.v2")
    wrong = [problem for e in exchanges for problem in (analytics if e.path.startswith("/v2/") else data).judge(e)]
    assert wrong == []
    assert {(exchange.method, exchange.path) for exchange in exchanges} == CALLS
