"""Addresses for networks that fetch: only what a delivery carries, only for a day, by the byte."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from publishing.models import Delivery
from publishing.services.content import content_of
from publishing.services.hosting import forget_prepared
from socialops.networks.images import fit_image
from socialops.serving import asked_range
from teams.models import Channel
from tests.factories.publishing import DeliveryFactory
from tests.fakes.files import movie, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.PUBLIC_URL = "https://social.example"


@pytest.fixture
def carrying(channel: Channel) -> Callable[..., Delivery]:
    """A delivery with a video and a cover."""

    def make(data: bytes = b"", content_type: str = "video/mp4", filename: str = "Été à l’atelier.mp4") -> Delivery:
        data = data or movie()
        path = default_storage.save("media/1/film.mp4", ContentFile(data))
        still = default_storage.save("media/1/still.jpg", ContentFile(picture()))
        file = {"path": path, "content_type": content_type, "size": len(data), "filename": filename}
        cover = {"key": "cover", "path": still, "content_type": "image/jpeg", "size": len(picture())}
        payload = {"text": "Bonjour", "media": [{"key": "7", **file}], "cover": cover}
        delivery: Delivery = DeliveryFactory(channel=channel, payload=payload)
        return delivery

    return make


def address(delivery: Delivery) -> str:
    return urlsplit(content_of(delivery).media[0].public_url()).path


def status(response: Any) -> int:
    body(response)  # read to its end, a file is closed
    return response.status_code


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_anybody_with_the_address_gets_the_file_and_nothing_else(carrying: Any, client: Client) -> None:
    content = content_of(carrying())
    url = content.media[0].public_url()
    assert url.startswith("https://social.example/files/")
    assert url.endswith("/ete-a-latelier.mp4")
    assert url.isascii()
    response = client.get(urlsplit(url).path)
    assert response.status_code == 200
    assert body(response) == movie()
    headers = {name: response.headers[name] for name in ("Content-Type", "Content-Length", "Content-Disposition")}
    assert headers == {
        "Content-Type": "video/mp4",
        "Content-Length": str(len(movie())),
        "Content-Disposition": "inline",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert not response.cookies
    assert content.cover is not None
    assert body(client.get(urlsplit(content.cover.public_url()).path)) == picture()


def test_a_range_and_a_head(carrying: Any, client: Client) -> None:
    path, data = address(carrying()), movie()
    for header, start, stop in (
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(data)),
        ("bytes=-50", len(data) - 50, len(data)),
        (f"bytes=10-{10**17}", 10, len(data)),
    ):
        response = client.get(path, headers={"range": header})
        assert (response.status_code, body(response)) == (206, data[start:stop]), header
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"
        assert response.headers["Content-Length"] == str(stop - start)
    beyond = client.get(path, headers={"range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(data)}")
    for nonsense in ("bytes=9-2", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b", "bytes=" + "9" * 400 + "-"):
        response = client.get(path, headers={"range": nonsense})
        assert (response.status_code, len(body(response))) == (200, len(data)), nonsense
    head = client.head(path)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(data)), b"")
    assert status(client.post(path)) == 405


def test_ranges_of_nothing() -> None:
    assert asked_range("bytes=0-", 0) == (0, 0)
    assert asked_range("bytes=-0", 10) == (10, 10)
    assert asked_range("", 10) == (0, 10)


def test_a_wrong_an_expired_and_a_forged_address_open_nothing(carrying: Any, client: Client, monkeypatch: Any) -> None:
    delivery = carrying()
    path = address(delivery)
    _, _, token, name = path.split("/")
    for wrong in (token[:-1], token + "x", token[::-1], "x", "..", "%2e%2e", token.swapcase()):
        assert status(client.get(f"/files/{wrong}/{name}")) == 404, wrong
    for traversal in (f"/files/{token}/../../etc/passwd", f"/files/{token}/..%2f..%2fetc%2fpasswd"):
        assert status(client.get(traversal)) == 404, traversal
    assert status(client.get(f"/files/{token}/anything.mp4")) == 200  # the name is only for looks
    claim = [delivery.organization_id, delivery.pk, "7"]
    assert status(client.get(f"/files/{signing.dumps(claim, salt='another')}/{name}")) == 404
    for other in ("8", "../7", "media/1/film.mp4"):  # signed by us, but not carried
        forged = signing.dumps([*claim[:2], other], salt="publishing.hosting")
        assert status(client.get(f"/files/{forged}/{name}")) == 404
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 23 * 3600)
    assert status(client.get(path)) == 200
    monkeypatch.setattr(signing.time, "time", lambda: now + 25 * 3600)
    assert status(client.get(path)) == 404


def test_another_organizations_delivery_is_out_of_reach(foreign: Any, carrying: Any, client: Client) -> None:
    delivery = carrying()
    claim = [
        foreign.organization.pk,
        delivery.pk,
        "7",
    ]  # even with our own signature: row-level security has the last word
    token = signing.dumps(claim, salt="publishing.hosting")
    from socialops.tenancy import scope  # noqa: PLC0415 -- leaves the test's own scope, as a request does

    outer = scope._scope.set(None)
    try:
        assert status(client.get(f"/files/{token}/film.mp4")) == 404
        own = signing.dumps([delivery.organization_id, delivery.pk, "7"], salt="publishing.hosting")
        assert status(client.get(f"/files/{own}/film.mp4")) == 200
    finally:
        scope._scope.reset(outer)


def test_a_file_that_is_gone_is_said_so(carrying: Any, client: Client) -> None:
    delivery = carrying()
    path = address(delivery)
    default_storage.delete(delivery.payload["media"][0]["path"])
    assert status(client.get(path)) == 404


def test_what_was_converted_is_kept_for_two_days(carrying: Any, client: Client) -> None:
    delivery = carrying(picture(width=2000, height=1000), "image/jpeg", "photo.png")
    original = content_of(delivery).media[0]
    small = fit_image(original, {"types": ["image/jpeg"], "max_bytes": 10**6, "max_side": 600})
    url = urlsplit(small.public_url()).path
    assert small.public_url().split("/")[-1] == "photo.jpg"
    response = client.get(url)
    assert body(response) == small.read() != original.read()
    assert response.headers["Content-Length"] == str(small.size)
    days, _ = default_storage.listdir("prepared")
    assert len(default_storage.listdir(f"prepared/{days[0]}")[1]) == 1  # asked twice, kept once
    untouched = replace(original, alt_text="Autre texte")
    assert body(client.get(urlsplit(untouched.public_url()).path)) == original.read()
    assert len(default_storage.listdir(f"prepared/{days[0]}")[1]) == 1  # the same bytes are not kept again
    today = dt.date.fromisoformat(days[0])
    assert forget_prepared(today=today + dt.timedelta(days=2)) == 0
    assert forget_prepared(today=today + dt.timedelta(days=3)) == 1
    assert default_storage.listdir("prepared") == ([], [])
    assert status(client.get(url)) == 404


def test_nothing_converted_is_nothing_to_forget() -> None:
    assert forget_prepared() == 0


def test_a_connector_reads_a_video_piece_by_piece(carrying: Any) -> None:
    media = content_of(carrying()).media[0]
    assert media.chunk(5, 25) == movie()[5:25]
    assert media.chunk(len(movie()) - 3, 10**9) == movie()[-3:]
    assert media.chunk(7, 7) == b""
