"""The Mastodon stand-in, driven by Mastodon.py as anybody else's server would be."""

from __future__ import annotations

import time
from datetime import datetime

import httpx
import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError

from tests.sandbox_server import Sandbox, start_sandbox

TOKEN = "sandbox-mastodon-maison_lumiere"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def client(sandbox: Sandbox, token: str = TOKEN) -> Mastodon:
    return Mastodon(
        access_token=token, api_base_url=sandbox.mastodon, version_check_mode="none", ratelimit_method="throw"
    )


def test_a_post_with_everything_is_read_back(sandbox, picture):
    me = client(sandbox)
    media = me.media_post(picture, mime_type="image/jpeg", description="Une lampe")
    status = me.status_post(
        "Bonjour @velo_citadin https://example.com/a #lampe", media_ids=[media], visibility="public", language="fr"
    )
    found = client(sandbox, "sandbox-mastodon-velo_citadin").status(status.id)
    assert found.media_attachments[0].description == "Une lampe"
    assert found.media_attachments[0].meta.original.width == 320
    assert [m.acct for m in found.mentions] == ["velo_citadin"]
    assert [t.name for t in found.tags] == ["lampe"]
    assert 'href="https://example.com/a"' in found.content
    assert me.status_source(status.id).text == "Bonjour @velo_citadin https://example.com/a #lampe"
    [notice] = client(sandbox, "sandbox-mastodon-velo_citadin").notifications(types=["mention"])
    assert (notice.type, notice.status.id) == ("mention", status.id)
    assert httpx.get(found.media_attachments[0].url, trust_env=False).content == picture


def test_a_poll_is_voted_on_once_hides_its_counts_and_is_gone_when_left_out(sandbox):
    me, other = client(sandbox), client(sandbox, "sandbox-mastodon-velo_citadin")
    status = me.status_post("Laquelle ?", poll=me.make_poll(["Cuivre", "Papier"], 600, hide_totals=True))
    assert [option.votes_count for option in status.poll.options] == [None, None]
    voted = other.poll_vote(status.poll, [1])
    assert (voted.voted, voted.own_votes, voted.votes_count) == (True, [1], 1)
    with pytest.raises(MastodonAPIError, match="already voted"):
        other.poll_vote(status.poll, [0])
    for choices, seconds, words in (
        (["Cuivre"], 600, "more than one item"),
        (["a", "a"], 600, "duplicate"),
        (list("abcde"), 600, "more than 4"),
        (["a", "b" * 51], 600, "longer than 50"),
        (["a", "b"], 299, "too soon"),
        (["a", "b"], 2_629_747, "too far"),
    ):
        with pytest.raises(MastodonAPIError, match=words):
            me.status_post("Non", poll=me.make_poll(choices, seconds))
    assert me.status_update(status.id, "Sans sondage").poll is None


def test_one_idempotency_key_makes_one_post_whatever_the_text(sandbox):
    me = client(sandbox)
    first = me.status_post("un", idempotency_key="k1")
    assert me.status_post("deux", idempotency_key="k1").id == first.id
    assert me.status_post("un", idempotency_key="k2").id != first.id
    assert [(p["text"], p["key"]) for p in sandbox.posts("mastodon")] == [("un", "k1"), ("un", "k2")]
    me.status_delete(first.id)
    with pytest.raises(MastodonNotFoundError):
        me.status_post("un", idempotency_key="k1")


def test_text_is_counted_as_mastodon_counts(sandbox):
    me = client(sandbox)
    link, mention = "https://example.com/" + "x" * 300, "@someone@very.long.domain.example"
    me.status_post(f"{link} {mention} " + "a" * (500 - 23 - 8 - 2))
    me.status_post("👨‍👩‍👧‍👦" * 500)
    for text in (f"{link} " + "a" * 477, "example.com/" + "x" * 489):
        with pytest.raises(MastodonAPIError, match="Text character limit of 500 exceeded"):
            me.status_post(text)
    with pytest.raises(MastodonAPIError, match="500 exceeded"):
        me.status_post("a" * 490, spoiler_text="b" * 11)
    with pytest.raises(MastodonAPIError, match="can't be blank"):
        me.status_post("  ")


def test_thread_context_edit_delete_and_counts(sandbox):
    me, other = client(sandbox), client(sandbox, "sandbox-mastodon-cafe_riviera")
    root = me.status_post("un")
    reply = other.status_post("deux", in_reply_to_id=root)
    leaf = me.status_post("trois", in_reply_to_id=reply)
    context = me.status_context(reply)
    assert [s.id for s in context.ancestors] == [root.id]
    assert [s.id for s in context.descendants] == [leaf.id]
    other.status_favourite(root)
    other.status_reblog(root)
    seen = me.status(root.id)
    assert (seen.favourites_count, seen.reblogs_count, seen.replies_count) == (1, 1, 1)
    assert {n.type for n in me.notifications()} == {"favourite", "reblog", "mention"}
    edited = me.status_update(root.id, "un bis")
    assert edited.edited_at is not None
    assert [s.id for s in me.statuses([root.id, leaf.id, "999"])] == [root.id, leaf.id]
    assert me.status_delete(root.id).text == "un bis"
    with pytest.raises(MastodonNotFoundError):
        me.status(root.id)
    with pytest.raises(MastodonNotFoundError):
        other.status_delete(leaf.id)


def test_video_takes_a_moment_and_is_refused_before(sandbox, http, picture):
    video = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64
    made = http.post(f"{sandbox.mastodon}/api/v2/media", headers=AUTH, files={"file": ("v.mp4", video, "video/mp4")})
    assert (made.status_code, made.json()["url"]) == (202, None)
    key = made.json()["id"]
    assert http.get(f"{sandbox.mastodon}/api/v1/media/{key}", headers=AUTH).status_code == 206
    early = http.post(f"{sandbox.mastodon}/api/v1/statuses", headers=AUTH, json={"status": "v", "media_ids": [key]})
    assert early.status_code == 422
    assert "have not finished processing" in early.json()["error"]
    time.sleep(1.6)
    assert http.get(f"{sandbox.mastodon}/api/v1/media/{key}", headers=AUTH).status_code == 200
    image = client(sandbox).media_post(picture, mime_type="image/jpeg")
    both = http.post(
        f"{sandbox.mastodon}/api/v1/statuses", headers=AUTH, json={"status": "v", "media_ids": [key, image.id]}
    )
    assert both.status_code == 422
    done = http.post(f"{sandbox.mastodon}/api/v1/statuses", headers=AUTH, data={"status": "v", "media_ids[]": [key]})
    assert done.json()["media_attachments"][0]["type"] == "video"
    assert http.get(f"{sandbox.mastodon}/api/v1/media/{key}", headers=AUTH).status_code == 404


def test_what_is_not_a_picture_is_refused_by_its_bytes(sandbox, http, picture):
    for content in (b"hello", b"<svg/>", b""):
        files = {"file": ("a.jpg", content, "image/jpeg")}
        assert http.post(f"{sandbox.mastodon}/api/v2/media", headers=AUTH, files=files).status_code == 422
    files = {"file": ("a.jpg", picture, "image/jpeg")}
    long = http.post(f"{sandbox.mastodon}/api/v2/media", headers=AUTH, files=files, data={"description": "x" * 1501})
    assert long.status_code == 422
    assert (
        http.post(
            f"{sandbox.mastodon}/api/v1/statuses", headers=AUTH, json={"status": "x", "media_ids": ["1"]}
        ).status_code
        == 422
    )
    assert sandbox.posts("mastodon") == []


def test_bad_tokens_and_narrow_scopes(sandbox, http):
    with pytest.raises(MastodonUnauthorizedError):
        client(sandbox, "nonsense").status_post("x")
    assert http.post(f"{sandbox.mastodon}/api/v1/statuses", json={"status": "x"}).status_code == 401
    app = http.post(
        f"{sandbox.mastodon}/api/v1/apps",
        data={"client_name": "a", "redirect_uris": "http://127.0.0.1/cb", "scopes": "read"},
    ).json()
    grant = {
        "grant_type": "client_credentials",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "scope": "read",
    }
    token = http.post(f"{sandbox.mastodon}/oauth/token", data=grant).json()["access_token"]
    refused = http.post(
        f"{sandbox.mastodon}/api/v1/statuses", json={"status": "x"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (refused.status_code, refused.json()["error"]) == (403, "This action is outside the authorized scopes")


def test_own_statuses_page_by_link_header_and_since_id(sandbox):
    me = client(sandbox)
    ids = [me.status_post(f"n{i}").id for i in range(5)]
    who = me.account_verify_credentials()
    first = me.account_statuses(who, limit=2)
    assert [s.id for s in first] == [ids[4], ids[3]]
    assert [s.id for s in me.fetch_next(first)] == [ids[2], ids[1]]
    assert [s.id for s in me.account_statuses(who, since_id=ids[2])] == [ids[4], ids[3]]
    assert [s.id for s in me.account_statuses(who, min_id=ids[1], limit=2)] == [ids[3], ids[2]]


def test_instance_and_lookup(sandbox):
    me = client(sandbox)
    limits = me.instance_v2().configuration
    assert (limits.statuses.max_characters, limits.statuses.characters_reserved_per_url) == (500, 23)
    assert me.instance_v1().version == "4.5.0"
    assert me.account_lookup("cafe_riviera").display_name == "Café Riviera"
    me.status_post("une aiguille rare")
    assert [s.content for s in me.search_v2("aiguille").statuses] == ["<p>une aiguille rare</p>"]


def test_rate_limit_bites_and_tells_an_iso_moment():
    with start_sandbox(rate_limits="real") as sandbox:
        codes = []
        for number in range(301):
            answer = sandbox.http.post(
                f"{sandbox.mastodon}/api/v1/statuses", headers=AUTH, data={"status": str(number)}
            )
            codes.append(answer.status_code)
        assert codes == [200] * 300 + [429]
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        assert datetime.fromisoformat(answer.headers["X-RateLimit-Reset"]).timestamp() > time.time()
        assert len(sandbox.posts("mastodon")) == 300
