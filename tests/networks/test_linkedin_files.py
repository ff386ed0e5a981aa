"""LinkedIn: the forms a post may take, and its files on their way up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.linkedin.answers import is_own_host
from socialops.networks.ports import Connector, Content, Media, Published, Target
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, content, create, publish
from tests.networks.linkedin import seeded_member, stored
from tests.sandbox_server import Sandbox

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture
def network() -> str:
    return "linkedin"


@pytest.fixture
def member(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Target:
    return seeded_member(sandbox, connector)


Raw = Callable[[Published], dict[str, Any]]


@pytest.fixture
def raw(sandbox: Sandbox, target: Target) -> Raw:
    return lambda published: stored(sandbox, target, published)


def document(data: bytes = PDF, **more: Any) -> Media:
    return Media("d1", "application/pdf", len(data), "", lambda: data, filename="Catalogue 2027.pdf", **more)


# ---------------------------------------------------------------- forms


def test_text_and_settings(connector: Connector, target: Target, raw: Raw) -> None:
    options = {"audience": "logged_in", "reshare_allowed": False}
    post = raw(publish(connector, target, content("Bonjour (à tous) #lumière", options=options)))
    assert post["author"] == target.external_id
    assert post["commentary"] == r"Bonjour \(à tous\) {hashtag|\#|lumière}"
    assert post["visibility"] == "LOGGED_IN"
    assert post["isReshareDisabledByAuthor"] is True
    assert "content" not in post


def test_a_link_is_a_card_in_our_words(connector: Connector, target: Target, raw: Raw) -> None:
    options = {"link_title": "Nos lampes", "link_description": "Fabriquées à Lyon"}
    what = content(link="https://example.com/lampes", options=options, cover=media("c"))
    post = raw(publish(connector, target, what))
    article = post["content"]["article"]
    assert article.pop("thumbnail").startswith("urn:li:image:")
    assert article == {
        "source": "https://example.com/lampes",
        "title": "Nos lampes",
        "description": "Fabriquées à Lyon",
    }
    plain = raw(publish(connector, target, content(link="https://example.com/lampes")))
    assert plain["content"] == {"article": {"source": "https://example.com/lampes", "title": "example.com"}}
    assert "example.com" not in plain["commentary"]


def test_one_image_and_many(connector: Connector, target: Target, raw: Raw) -> None:
    one = raw(publish(connector, target, content(media=(media(alt="Une lampe"),))))["content"]
    assert one["media"]["id"].startswith("urn:li:image:")
    assert one["media"]["altText"] == "Une lampe"
    files = tuple(media(f"m{number}", alt=f"Vue {number}") for number in range(20))
    many = raw(publish(connector, target, content(media=files)))["content"]["multiImage"]["images"]
    assert [image["altText"] for image in many] == [f"Vue {number}" for number in range(20)]
    assert len({image["id"] for image in many}) == 20


def test_a_document_swipes_under_its_title(connector: Connector, target: Target, raw: Raw) -> None:
    published = publish(connector, target, content(media=(document(),), link="https://example.com/a"))
    assert published.external_id.startswith("urn:li:ugcPost:")
    post = raw(published)
    assert post["content"]["media"]["title"] == "Catalogue 2027"
    assert post["commentary"].endswith("https://example.com/a")
    named = raw(publish(connector, target, content(media=(document(),), options={"title": "Le catalogue"})))
    assert named["content"]["media"]["title"] == "Le catalogue"


class Streamed:
    """A video that is only ever read in pieces."""

    def __init__(self, size: int) -> None:
        self.data = movie() + b"\0" * (size - len(movie()))
        self.pieces: list[tuple[int, int]] = []

    def read(self) -> bytes:
        raise AssertionError("the whole video was read")

    def read_range(self, start: int, stop: int) -> bytes:
        self.pieces.append((start, stop))
        return self.data[start:stop]

    def media(self) -> Media:
        return replace(video(), size=len(self.data), read=self.read, read_range=self.read_range)


def test_a_video_goes_up_in_the_pieces_asked_for_and_on_from_where_it_stopped(
    sandbox: Sandbox, connector: Connector, target: Target, raw: Raw
) -> None:
    streamed, ledger = Streamed(9_000_000), Ledger()
    what = content(media=(streamed.media(),), cover=media("c"), options={"title": "L’atelier"})
    sandbox.fault("500_before", "linkedin", method="PUT", path="video-4194304$")
    prepared = connector.prepare(target, what)
    with pytest.raises(OutageError):
        connector.create(target, prepared, handles={}, save=ledger.save)
    prepared, handles = create(connector, target, what, ledger)
    assert streamed.pieces == [(0, 4194304), (4194304, 8388608), (4194304, 8388608), (8388608, 9_000_000)]
    assert set(handles["uploads"]["v1"]) == {"urn", "sent", "ready"}
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    shown = raw(published)["content"]["media"]
    assert shown == {"id": handles["uploads"]["v1"]["urn"], "title": "L’atelier"}
    kept = sandbox.http.get(f"{sandbox.url('linkedin')}/media/{shown['id']}").content
    assert kept == streamed.data


def test_a_finalized_video_whose_answer_was_lost_is_not_sent_again(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    streamed, ledger = Streamed(200_000), Ledger()
    prepared = connector.prepare(target, content(media=(streamed.media(),)))
    for effect, method, path in (("500_before", "PUT", "/dms-uploads/"), ("drop", "POST", "/rest/videos$")):
        sandbox.fault(effect, "linkedin", method=method, path=path)
        with pytest.raises(OutageError):
            kept = dict(ledger.saved[-1]) if ledger.saved else {}
            connector.create(target, prepared, handles=kept, save=ledger.save)
    assert len(streamed.pieces) == 2
    _prepared, handles = create(connector, target, prepared, ledger)
    assert handles["uploads"]["v1"]["ready"]
    assert len(streamed.pieces) == 2


def test_what_linkedin_cannot_process_says_so(connector: Connector, target: Target) -> None:
    for broken in (replace(video(), read=lambda: b"no video" * 9999, size=8 * 9999), document(b"no document")):
        with pytest.raises(MediaError) as failed:
            create(connector, target, content(media=(broken,)), Ledger())
        assert failed.value.code == Code.MEDIA_REFUSED
        assert failed.value.detail["message"] == "UNSUPPORTED_FORMAT"


@pytest.mark.usefixtures("slow_files")
def test_processing_is_waited_for_without_failing(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(document(),)), Ledger()
    with pytest.raises(OutageError) as waiting:
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    assert waiting.value.code == Code.MEDIA_PROCESSING
    assert waiting.value.until is not None
    assert waiting.value.until > datetime.now(UTC)
    sent = ledger.saved[-1]["uploads"]["d1"]["urn"]
    _prepared, handles = create(connector, target, what, ledger)
    assert handles["uploads"]["d1"]["urn"] == sent


@pytest.mark.parametrize("effect", ["drop", "500_after", "close_before"])
@pytest.mark.parametrize("step", ["POST /rest/images$", "PUT /dms-uploads/", "GET /rest/images/"])
def test_an_upload_that_stumbles_is_tried_again(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str, step: str
) -> None:
    method, _, path = step.partition(" ")
    what, ledger = content(media=(media("a"), media("b"))), Ledger()
    sandbox.fault(effect, "linkedin", method=method, path=path)
    with pytest.raises(OutageError):
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"media": (document(), replace(document(), key="d2"))}, "too_many_media"),
        ({"media": (media(), video())}, "media_mixed"),
        ({"media": (video(seconds=2),)}, "video_too_short"),
        ({"media": (replace(document(), content_type="text/plain"),)}, "document_type"),
        ({"link": "https://a.fr", "options": {"link_title": "x" * 401}}, "option_too_long"),
        ({"options": {"audience": "friends"}}, "option_invalid"),
        ({"options": {"format": "reel"}}, "not_supported"),
        ({"parts": ("Suite",)}, "not_supported"),
        ({"first_comment": "x" * 1251}, "text_too_long"),
    ],
)
def test_what_linkedin_does_not_take(connector: Connector, changes: dict[str, Any], code: str) -> None:
    assert code in {str(problem.code) for problem in connector.check(content(**changes), limits={})}


def test_a_page_has_no_connections(connector: Connector, target: Target, member: Target) -> None:
    def audiences(account: Target) -> tuple[str, ...]:
        limits = connector.fetch_limits(account)
        return next(option.choices for option in connector.options(limits=limits) if option.name == "audience")

    assert audiences(target) == ("public", "logged_in")
    assert audiences(member) == ("public", "connections", "logged_in")
    wrong = content(options={"audience": "connections"})
    assert [p.code for p in connector.check(wrong, limits=connector.fetch_limits(target))] == ["option_invalid"]
    assert not connector.check(wrong, limits=connector.fetch_limits(member))


def test_a_picture_of_too_many_pixels_is_made_smaller(connector: Connector, target: Target) -> None:
    heavy = media(data=picture("red", 7000, 6000), width=7000, height=6000)
    prepared: Content = connector.prepare(target, content(media=(heavy,)))
    assert (prepared.media[0].width or 0) * (prepared.media[0].height or 0) < 36_152_320


def test_our_token_goes_to_linkedins_hosts_only(target: Target) -> None:
    assert is_own_host("https://www.linkedin.com/dms-uploads/x", "")
    assert is_own_host(f"{target.base_url}/dms-uploads/x", target.base_url)
    for elsewhere in ("https://linkedin.com.evil.example/x", "https://evillinkedin.com/", "https://media.example/"):
        assert not is_own_host(elsewhere, "")
