"""Meta's own Python client against the Instagram stand-in, with both logins."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from facebook_business.adobjects.igcomment import IGComment
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.iguserforigonlyapi import IGUserForIGOnlyAPI
from facebook_business.adobjects.page import Page
from facebook_business.exceptions import FacebookRequestError

from tests.fakes.files import movie, picture
from tests.real_servers.graph import graph_api
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = [
    pytest.mark.networks,
    # its own table of fields and types is behind Meta's documentation
    pytest.mark.filterwarnings("ignore:.*(does not allow field|might not be compatible):UserWarning"),
]

ACCOUNT = "17841400000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


@pytest.fixture
def user(sandbox: Sandbox) -> Iterator[IGUser]:
    with graph_api(sandbox.url("instagram"), "sandbox-instagram-maison_lumiere") as api:
        yield IGUser(ACCOUNT, api=api)


def published(user: Any, **params: Any) -> str:
    """Publish as soon as Instagram lets us: until then it says 9007/2207027."""
    container, refusals = user.create_media(params=params)["id"], set()
    for _ in range(60):
        try:
            media = user.create_media_publish(params={"creation_id": container})
        except FacebookRequestError as error:
            refusals.add((error.api_error_code(), error.api_error_subcode()))
            time.sleep(0.1)
        else:
            assert refusals <= {(9007, 2207027)}
            return str(media["id"])
    raise AssertionError(refusals)


def test_the_account_behind_a_page(sandbox: Sandbox, user: IGUser) -> None:
    page = Page("me", api=user.get_api()).api_get(fields=["instagram_business_account{id,username}"])
    assert page["instagram_business_account"].export_all_data() == {"username": "maison_lumiere", "id": ACCOUNT}
    found = user.api_get(fields=["username", "followers_count", "media_count"])
    assert found["username"] == "maison_lumiere"
    assert found["followers_count"] > 100


def test_a_picture_its_comments_and_its_figures(sandbox: Sandbox, user: IGUser) -> None:
    api = user.get_api()
    media_id = published(user, image_url=sandbox.host(picture(), "image/jpeg"), caption="Lampe", alt_text="Une lampe")
    media = IGMedia(media_id, api=api)
    seen = media.api_get(fields=["caption", "alt_text", "media_type", "permalink"])
    assert (seen["caption"], seen["alt_text"], seen["media_type"]) == ("Lampe", "Une lampe", "IMAGE")
    theirs = sandbox.crowd("instagram", "comment", post_id=media_id, text="Superbe")["id"]
    media.create_comment(params={"message": "Lien en bio"})
    assert [c["text"] for c in media.get_comments(fields=["text"])] == ["Lien en bio", "Superbe"]
    comment = IGComment(theirs, api=api)
    reply = comment.create_reply(params={"message": "Merci"})
    assert [r["id"] for r in comment.get_replies()] == [reply["id"]]
    comment.api_update(params={"hide": True})
    assert comment.api_get(fields=["hidden"])["hidden"] is True
    comment.api_delete()
    figures = {row["name"]: row["values"] for row in media.get_insights(params={"metric": ["reach", "views", "saved"]})}
    assert set(figures) == {"reach", "views", "saved"}
    with pytest.raises(FacebookRequestError) as dead:
        media.get_insights(params={"metric": ["impressions"]})
    assert dead.value.api_error_code() == 100
    media.api_update(params={"comment_enabled": False})
    assert media.api_get(fields=["is_comment_enabled"])["is_comment_enabled"] is False
    assert media_id in [m["id"] for m in user.get_media(fields=["id"])]
    media.api_delete()
    with pytest.raises(FacebookRequestError) as gone:
        media.api_get(fields=["caption"])
    assert (gone.value.api_error_code(), gone.value.api_error_subcode()) == (100, 33)


def test_a_carousel_a_reel_a_story_and_the_quota(sandbox: Sandbox, user: IGUser) -> None:
    image, film = sandbox.host(picture(), "image/jpeg"), sandbox.host(movie(), "video/mp4")
    children = [user.create_media(params={"image_url": image, "is_carousel_item": True})["id"] for _ in range(2)]
    time.sleep(0.4)
    album = published(user, media_type="CAROUSEL", children=children, caption="Deux vues")
    seen = IGMedia(album, api=user.get_api())
    assert seen.api_get(fields=["media_type"])["media_type"] == "CAROUSEL_ALBUM"
    assert len(list(seen.get_children())) == 2
    reel = published(user, media_type="REELS", video_url=film, caption="Court")
    assert IGMedia(reel, api=user.get_api()).api_get(fields=["media_product_type"])["media_product_type"] == "REELS"
    story = published(user, media_type="STORIES", image_url=image)
    assert [s["id"] for s in user.get_stories()] == [story]
    [quota] = user.get_content_publishing_limit(fields=["quota_usage", "config"])
    assert quota["quota_usage"] >= 3
    assert quota["config"] == {"quota_total": 100, "quota_duration": 86400}
    png = sandbox.host(picture("red", 640, 480, "PNG"), "image/png")
    with pytest.raises(FacebookRequestError) as refused:
        user.create_media(params={"image_url": png})
    assert (refused.value.api_error_code(), refused.value.api_error_subcode()) == (36001, 2207005)
    [reach] = user.get_insights(params={"metric": ["reach"], "period": "day", "metric_type": "total_value"})
    assert reach["total_value"]["value"] > 0


def test_the_same_without_a_page(sandbox: Sandbox) -> None:
    with graph_api(sandbox.url("instagram"), "IGsandbox-velo_citadin", secret="") as api:
        me = IGUserForIGOnlyAPI("me", api=api).api_get(fields=["user_id", "username", "account_type"])
        assert (me["user_id"], me["username"], me["account_type"]) == ("17841400000000002", "velo_citadin", "BUSINESS")
        user = IGUserForIGOnlyAPI(me["user_id"], api=api)
        media_id = published(user, image_url=sandbox.host(picture(), "image/jpeg"), caption="À vélo")
        assert media_id in [m["id"] for m in user.get_media(fields=["id"])]
        with pytest.raises(FacebookRequestError):
            IGMedia(media_id, api=api).api_delete()
