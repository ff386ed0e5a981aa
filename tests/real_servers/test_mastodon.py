"""Our Mastodon connector against a Mastodon API server that somebody else wrote, read back with Mastodon.py."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from mastodon import Mastodon

from socialops.networks.errors import AuthError, Code, OutageError, RateLimitError, UnknownOutcomeError, ValidationError
from socialops.networks.ports import Action, Connector, Finding, MentionRef, Target
from socialops.networks.registry import connector_for
from tests.fakes.files import audio, media
from tests.networks.driving import Ledger, content, create, publish, ref
from tests.networks.samples import POLL
from tests.real_servers.conftest import target_of
from tests.real_servers.servers import MastodonMock

pytestmark = pytest.mark.networks


@pytest.fixture
def mastodon(settings: Any) -> Connector:
    settings.NETWORKS = {}
    return connector_for("mastodon")


@pytest.fixture
def target(mastodon: Connector, mock: MastodonMock) -> Target:
    account = mastodon.connect_with_token(base_url=mock.url, values={"access_token": mock.ours})
    return target_of(account, mastodon, mock.url)


@pytest.fixture
def friend(mock: MastodonMock) -> Iterator[Mastodon]:
    client = Mastodon(
        api_base_url=mock.url, access_token=mock.friend, version_check_mode="none", ratelimit_method="throw"
    )
    yield client
    client.session.close()


def fault(mock: MastodonMock, **effect: Any) -> None:
    rule = {"match": {"methods": ["POST"], "path": "/api/v1/statuses"}, "effect": effect, "count": 1}
    httpx.post(f"{mock.url}/api/v1/_mock/faults", json=rule).raise_for_status()


def test_a_sound_is_heard_by_another_client(mastodon: Connector, target: Target, friend: Mastodon) -> None:
    what = content(media=(audio(),))
    (problem,) = mastodon.check(what, limits=mastodon.fetch_limits(target))
    assert (
        problem.code == Code.MEDIA_KIND
    )  # its list of types has none; that it takes them all the same is its own affair
    published = publish(mastodon, target, what)
    (attached,) = friend.status(published.external_id).media_attachments
    assert (attached.type, attached.description) == ("audio", "Un extrait de notre podcast")


def test_a_poll_is_seen_and_voted_on_by_another_client(
    mastodon: Connector, target: Target, friend: Mastodon, mock: MastodonMock
) -> None:
    limits = mastodon.fetch_limits(target)
    what = content(options={**POLL, "poll_multiple": True, "poll_duration": "three_days"})
    assert list(mastodon.check(what, limits=limits)) == []
    published = publish(mastodon, target, what)
    seen = friend.status(published.external_id).poll
    assert [option.title for option in seen.options] == POLL["poll_choices"]
    assert seen.multiple is True
    assert abs(seen.expires_at - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=1)
    friend.poll_vote(seen, [0, 2])
    since = what.created_at - timedelta(minutes=5)
    found = mastodon.find_published(target, what, handles={}, since=since)
    assert found.published is not None
    assert found.published.external_id == published.external_id
    other = replace(what, options={**what.options, "poll_choices": ["Oui", "Non"]})
    assert mastodon.find_published(target, other, handles={}, since=since).finding is Finding.UNDECIDED
    mastodon.edit(target, replace(what, text="Corrigé"), external_id=published.external_id)
    after = friend.status(published.external_id)
    assert "Corrigé" in after.content
    assert [option.votes_count for option in after.poll.options] == [1, 0, 1]


def test_a_quote_is_seen_by_another_client_and_found_again(
    mastodon: Connector, target: Target, friend: Mastodon, mock: MastodonMock
) -> None:
    limits = mastodon.fetch_limits(target)
    theirs = friend.status_post(f"Une vitrine {uuid.uuid4().hex}")
    what = content(options={"quote": theirs.url})
    assert list(mastodon.check(what, limits=limits)) == []
    prepared, handles = create(mastodon, target, what, Ledger())
    assert handles["quoted"] == str(theirs.id)
    published = mastodon.commit(target, prepared, handles=handles)
    assert published is not None
    assert "unfinished" not in published.extra
    seen = friend.status(published.external_id)
    assert str(seen.quote.quoted_status.id) == str(theirs.id)
    since = what.created_at - timedelta(minutes=5)
    found = mastodon.find_published(target, what, handles=handles, since=since)
    assert found.published is not None
    assert found.published.external_id == published.external_id
    bare = replace(what, options={})
    assert mastodon.find_published(target, bare, handles={}, since=since).finding is Finding.UNDECIDED


def test_a_whole_post_is_seen_by_another_client_answered_measured_and_deleted(
    mastodon: Connector, target: Target, friend: Mastodon, mock: MastodonMock
) -> None:
    text = "Été 🪔 avec @ami : https://example.com/lampes?p=1, et #lumière !"
    published = publish(mastodon, target, content(text, media=(media(alt="Une lampe en laiton"),)))
    status = friend.status(published.external_id)
    assert status.visibility == "public"
    assert status.language == "fr"
    assert [(a.type, a.description) for a in status.media_attachments] == [("image", "Une lampe en laiton")]
    assert "https://example.com/lampes?p=1" in status.content
    assert [mention.acct for mention in status.mentions] == ["ami"]
    assert status.account.id == target.external_id or str(status.account.id) == target.external_id
    seen = mastodon.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert (seen.text, seen.media_count) == (text, 1)

    words = f"Magnifique {uuid.uuid4().hex}"
    answer = friend.status_reply(status, words)
    friend.status_favourite(status)
    page = mastodon.pull_mentions(target, cursor={}, watched=[published.external_id])
    reply = next(m for m in page.mentions if words in m.text)
    assert (reply.kind, reply.external_id, reply.root) == ("reply", str(answer.id), published.external_id)
    assert reply.in_reply_to == published.external_id
    words = f"@lumiere bravo {uuid.uuid4().hex}"
    friend.status_post(words)
    more = mastodon.pull_mentions(target, cursor=page.cursor, watched=[])
    assert [(m.kind, m.text) for m in more.mentions] == [("mention", words)]
    assert mastodon.pull_mentions(target, cursor=more.cursor, watched=[]).mentions == ()

    counters = mastodon.pull_post_metrics(target, external_ids=[published.external_id, "999999999999"])
    assert counters.metrics[published.external_id]["favourites_count"] == 1
    assert counters.metrics[published.external_id]["replies_count"] == 1
    assert counters.gone == {"999999999999"}
    assert mastodon.pull_account_metrics(target)["statuses_count"]

    mastodon.delete(target, external_id=published.external_id)
    mastodon.delete(target, external_id=published.external_id)
    assert mastodon.read_post(target, external_id=published.external_id) is None


def test_a_thread_hangs_together_and_a_repeated_commit_is_the_same_post(
    mastodon: Connector, target: Target, friend: Mastodon
) -> None:
    what, ledger = content("Le guide", link="https://example.com/guide"), Ledger()
    prepared, handles = create(mastodon, target, what, ledger)
    root = mastodon.commit(target, prepared, handles=handles)
    assert root is not None
    assert mastodon.commit(target, prepared, handles=handles) == root
    part = mastodon.commit_part(target, what, root=root, parent=root, text="Suite", key=str(uuid.uuid4()))
    context = friend.status_context(root.external_id)
    assert [str(status.id) for status in context.descendants] == [part.external_id]
    assert "https://example.com/guide" in friend.status(root.external_id).content


def test_answers_favourites_edits_and_direct_messages_are_seen_by_another_client(
    mastodon: Connector, target: Target, friend: Mastodon
) -> None:
    published = publish(mastodon, target, content(media=(media(alt="Une lampe"),)))
    words = f"@lumiere Une question {uuid.uuid4().hex}"
    theirs = friend.status_post(words, in_reply_to_id=published.external_id, visibility="unlisted")
    page = mastodon.pull_mentions(target, cursor={}, watched=[published.external_id])
    on = ref(next(m for m in page.mentions if m.text == words))
    answered = mastodon.reply(target, to=on, text="Merci !", key=str(uuid.uuid4()))
    seen = friend.status(answered.external_id)
    assert (str(seen.in_reply_to_id), seen.visibility) == (on.external_id, "unlisted")
    assert [mention.acct for mention in seen.mentions] == ["ami"]
    since = datetime.now(UTC) - timedelta(seconds=5)
    assert mastodon.find_reply(target, to=on, text="Merci !", key="", since=since).published == answered
    private = mastodon.reply(target, to=on, text="Entre nous.", key=str(uuid.uuid4()), private=True)
    assert friend.status(private.external_id).visibility == "direct"

    for action, count in ((Action.LIKE, 1), (Action.UNLIKE, 0)):
        for _ in range(2):
            mastodon.act(target, action=action, on=on)
        assert friend.status(theirs.id).favourites_count == count

    mastodon.edit(target, content("Le prix a changé"), external_id=published.external_id)
    edited = friend.status(published.external_id)
    assert "Le prix a changé" in edited.content
    assert [attached.description for attached in edited.media_attachments] == ["Une lampe"]

    direct = f"@lumiere En privé {uuid.uuid4().hex}"
    friend.status_post(direct, visibility="direct")
    more = mastodon.pull_mentions(target, cursor=page.cursor, watched=[])
    assert [(m.kind, m.text) for m in more.mentions] == [("message", direct)]
    mastodon.act(target, action=Action.DELETE, on=MentionRef(answered.external_id, "reply"))
    assert mastodon.read_post(target, external_id=answered.external_id) is None


def test_our_count_is_theirs(mastodon: Connector, target: Target) -> None:
    limits = mastodon.fetch_limits(target)
    assert (limits["text"]["max"], limits["text"]["url_length"], limits["media"]["max_count"]) == (500, 23, 4)
    at_limit = "é" * 500  # this server counts URLs as written, so that their 23 can't be tried on it
    assert mastodon.count_text(at_limit, limits=limits).remaining == 0
    publish(mastodon, target, content(at_limit))
    with pytest.raises(ValidationError):
        publish(mastodon, target, content(at_limit + "x"))


def test_refusals_and_lost_answers(mastodon: Connector, target: Target, mock: MastodonMock) -> None:
    what, ledger = content(), Ledger()
    prepared, handles = create(mastodon, target, what, ledger)
    fault(mock, type="ratelimit")
    with pytest.raises(RateLimitError) as limited:
        mastodon.commit(target, prepared, handles=handles)
    assert limited.value.until is not None
    assert limited.value.until > datetime.now(UTC)
    for effect in ({"type": "status", "status": 503}, {"type": "malformed"}):
        fault(mock, **effect)
        with pytest.raises(UnknownOutcomeError):
            mastodon.commit(target, prepared, handles=handles)
        since = datetime.now(UTC) - timedelta(minutes=5)
        found = mastodon.find_published(target, prepared, handles=handles, since=since)
        assert found.finding in (Finding.NOT_PUBLISHED, Finding.PUBLISHED)
    wrong = replace(target, credentials=replace(target.credentials, values={"access_token": "made-up"}))
    with pytest.raises(AuthError):
        mastodon.verify(wrong)
    with pytest.raises(OutageError):
        mastodon.verify(replace(target, base_url="http://127.0.0.1:1"))


def test_connecting_by_oauth(mastodon: Connector, mock: MastodonMock) -> None:
    redirect = "http://127.0.0.1:8000/networks/mastodon/return"
    authorization = mastodon.authorization(base_url=mock.url, redirect_uri=redirect, app={})
    cached = authorization.pending["app"]
    again = mastodon.authorization(base_url=mock.url, redirect_uri=redirect, app=cached)
    assert again.pending["app"]["client_id"]
    form = {**dict(httpx.URL(authorization.url).params), "username": "lumiere"}
    answer = httpx.post(f"{mock.url}/oauth/authorize", data=form, follow_redirects=False)
    query = dict(httpx.URL(answer.headers["location"]).params)
    with pytest.raises(AuthError) as forged:
        mastodon.complete_authorization(
            query={**query, "state": "forged"}, pending=authorization.pending, redirect_uri=redirect, app={}
        )
    assert forged.value.code == "state_mismatch"
    (account,) = mastodon.complete_authorization(
        query=query, pending=authorization.pending, redirect_uri=redirect, app={}
    )
    assert account.handle.startswith("@lumiere@")
    assert account.missing_scopes == ()
    connected = target_of(account, mastodon, mock.url)
    mastodon.revoke(connected, app={})
    mastodon.revoke(connected, app={})
    with pytest.raises(AuthError):
        mastodon.verify(connected)
