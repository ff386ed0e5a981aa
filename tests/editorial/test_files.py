"""Files of every kind: uploaded, judged, kept, shown, frozen into what goes out."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from editorial.models import MediaAsset, Variant
from editorial.selectors.content import assets_of, payload_for
from editorial.services.media import delete_media, upload_media
from editorial.services.posts import MediaUse, NewVariant, create_post
from publishing.services.content import content_of
from socialops.networks.ports import MediaKind
from socialops.permissions.rights import Right
from teams.models import Brand
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import ChannelFactory
from tests.fakes.files import film, movie, paper, picture, slides, sound

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere/media/"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def bring(data: bytes, brand: Brand, actor: Any, name: str = "fichier.bin") -> MediaAsset:
    file = SimpleUploadedFile(name, data)
    return upload_media(brand=brand, file=file, filename=name, size=len(data), actor=actor)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_video_is_kept_without_its_place_and_with_a_still_picture(brand: Brand, writer: Any) -> None:
    data = film("mov", location="+48.85+002.35/", **{"com.apple.quicktime.location.ISO6709": "+48.85+002.35/"})
    asset = bring(data, brand, writer, "IMG_0001.png")  # whatever its name says
    assert (asset.kind, asset.content_type, asset.width, asset.height) == (
        MediaKind.VIDEO,
        "video/quicktime",
        320,
        240,
    )
    assert asset.duration == pytest.approx(2, abs=0.1)
    assert asset.clock == "0:02"
    assert asset.facts["cleaned"]
    with default_storage.open(asset.path) as file:
        kept = file.read()
    assert len(kept) == asset.size
    assert b"48.85" not in kept
    assert asset.poster is not None
    with default_storage.open(asset.poster["path"]) as file:
        assert len(file.read()) == asset.poster["size"]
    assert bring(data, brand, writer).pk == asset.pk  # the same film is one asset
    assert len(list(Path(default_storage.location).rglob("*.*"))) == 2


def test_documents_and_images_are_told_apart_by_content(brand: Brand, writer: Any) -> None:
    pdf = bring(paper(12), brand, writer, "rapport.jpg")
    assert (pdf.kind, pdf.content_type, pdf.pages, pdf.width) == (MediaKind.DOCUMENT, "application/pdf", 12, None)
    assert bring(slides(), brand, writer).content_type == PPTX
    photo = bring(picture(), brand, writer, "film.mp4")
    assert (photo.kind, photo.facts) == (MediaKind.IMAGE, {"cleaned": True})


def test_a_sound_is_kept_without_its_place_and_told_from_a_video(brand: Brand, writer: Any, tmp_path: Path) -> None:
    podcast = bring(sound(location="+48.85+002.35/", title="Chez Camille"), brand, writer, "episode.mp4")
    assert (podcast.kind, podcast.content_type, podcast.width, podcast.video) == (
        MediaKind.AUDIO,
        "audio/mpeg",
        None,
        None,
    )
    assert (podcast.clock, podcast.facts["audio_codec"], podcast.facts["cleaned"]) == ("0:03", "mp3", True)
    with default_storage.open(podcast.path) as file:
        kept = file.read()
    assert (len(kept), podcast.path[-4:]) == (podcast.size, ".mp3")
    assert b"Camille" not in kept
    phone = bring(sound("mp4", "aac"), brand, writer, "Enregistrement.m4a")  # says MP4, and holds no picture
    assert (phone.kind, phone.content_type, phone.path[-4:]) == (MediaKind.AUDIO, "audio/mp4", ".m4a")


def test_a_sound_is_heard_in_the_composer_and_the_preview(
    client_for: Any, admin: Any, brand: Brand, writer: Any
) -> None:
    podcast, client = bring(sound(), brand, writer, "episode.mp3"), client_for(admin)
    mastodon, facebook = (ChannelFactory(brand=brand, network=name) for name in ("mastodon", "facebook"))
    item = client.get("/o/lumiere/media/items/", {"media": podcast.pk}).content.decode()
    for part in ('data-kind="audio"', "0:03", "What is said or heard", "<small>optional</small>"):
        assert part in item
    form = {
        "brand": brand.slug,
        "text": "Écoutez",
        "channel": [mastodon.pk, facebook.pk],
        "media": podcast.pk,
        f"alt-{podcast.pk}": "Deux minutes sur le laiton",
    }
    html = client.post("/o/lumiere/posts/preview/", form).content.decode()
    address = f"/o/lumiere/media/{podcast.pk}/"
    assert re.search(
        rf'<audio controls preload="none" src="{address}[^"]*" aria-label="Deux minutes sur le laiton">', html
    )
    assert html.count("This channel does not take this kind of file here. It takes: images, videos.") == 1  # Facebook
    photo = bring(picture("navy"), brand, writer, "couverture.jpg")
    chosen = {**form, f"options-{mastodon.pk}": "1", f"cover-{mastodon.pk}": str(photo.pk)}
    html = client.post("/o/lumiere/posts/preview/", chosen).content.decode()
    assert re.search(rf'<img src="/o/lumiere/media/{photo.pk}/file/"[^>]*><audio ', html)
    heard = client.get(re.search(r'<audio [^>]*src="([^"]+)"', html)[1])  # type: ignore[index]
    assert (heard["Content-Type"], heard.get("Content-Disposition", "inline")[:6]) == ("audio/mpeg", "inline")
    assert len(body(heard)) == podcast.size


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"ID3" + bytes(4000), "This audio file can’t be read"),
        (b"\x1a\x45\xdf\xa3 matroska", "not an image, a video"),
        (b"#!/bin/sh\nrm -rf /", "not an image, a video"),
        (b"", "not an image, a video"),
        (movie()[:3000], "damaged or cut short"),
        (film(size=(8320, 64)), "8320 × 64"),
        (paper(Encrypt="1 0 R"), "locked by a password"),
        (slides(macros=True), "macros"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(data: bytes, words: str, brand: Brand, writer: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        bring(data, brand, writer)
    assert words in refused.value.messages[0]
    assert not MediaAsset.objects.exists()
    assert not list(Path(default_storage.location).rglob("*.*"))


def test_each_kind_has_its_limit(brand: Brand, writer: Any, settings: Any) -> None:
    settings.MEDIA_MAX_BYTES = {"image": 2**20, "video": 2**12, "document": 2**20}
    with pytest.raises(ValidationError, match="video is larger"):
        bring(movie(), brand, writer)
    settings.MEDIA_MAX_BYTES = {"image": 100, "video": 2**20, "audio": 100, "document": 100}
    with pytest.raises(ValidationError, match="audio file is larger"):
        bring(sound(), brand, writer)
    with pytest.raises(ValidationError, match="image is larger"):
        bring(picture(), brand, writer)
    with pytest.raises(ValidationError, match="document is larger"):
        bring(paper(), brand, writer)


def test_a_large_video_never_enters_memory(brand: Brand, writer: Any) -> None:
    data = movie()
    padding = 60 * 2**20
    with TemporaryUploadedFile("long.mp4", "video/mp4", 0, None) as file:
        file.write(data + (8 + padding).to_bytes(4, "big") + b"free")
        for _ in range(60):
            file.write(bytes(2**20))
        file.flush()
        file.seek(0)
        tracemalloc.start()
        asset = upload_media(brand=brand, file=file, filename="long.mp4", size=len(data) + padding, actor=writer)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert asset.kind == MediaKind.VIDEO
    assert peak < 8 * 2**20


def test_a_form_with_more_than_we_take_is_answered(
    client_for: Any, api_for: Any, admin: Any, brand: Brand, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 50_000
    file = SimpleUploadedFile("film.mp4", movie() + bytes(60_000))
    answer = api_for(admin).post(API, {"brand": brand.slug, "file": file}, format="multipart")
    assert answer.status_code == 400, answer.json()
    assert "make it smaller" in str(answer.json())
    file.seek(0)
    client: Client = client_for(admin)
    page = client.post("/o/lumiere/media/upload/", {"brand": brand.slug, "file": file}).content.decode()
    assert "make it smaller" in page
    assert not MediaAsset.objects.exists()


def test_the_api_tells_what_a_file_is(api_for: Any, admin: Any, brand: Brand) -> None:
    api = api_for(admin)
    file = SimpleUploadedFile("film.mp4", movie())
    made = api.post(API, {"brand": brand.slug, "file": file}, format="multipart", headers={"Idempotency-Key": "a"})
    assert made.status_code == 201, made.json()
    video = made.json()
    assert (video["kind"], video["content_type"], video["width"], video["height"]) == ("video", "video/mp4", 360, 640)
    assert video["duration"] == 3
    assert video["facts"]["video_codec"] == "h264"
    assert "poster" not in video["facts"]
    file.seek(0)
    again = api.post(API, {"brand": brand.slug, "file": file}, format="multipart", headers={"Idempotency-Key": "a"})
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (video, "true")
    assert [item["id"] for item in api.get(API).json()["results"]] == [video["id"]]
    assert api.get(f"{API}{video['id']}/").json() == video
    assert api.delete(f"{API}{video['id']}/").status_code == 204


def test_the_composer_takes_several_and_shows_what_came_of_each(client_for: Any, admin: Any, brand: Brand) -> None:
    client: Client = client_for(admin)
    files = [
        SimpleUploadedFile("film.mp4", movie()),
        SimpleUploadedFile("rapport.pdf", paper(4)),
        SimpleUploadedFile("x.exe", b"MZ"),
    ]
    html = client.post("/o/lumiere/media/upload/", {"brand": brand.slug, "file": files}).content.decode()
    video, document = MediaAsset.objects.order_by("pk")
    assert f"/media/{video.pk}/poster/" in html
    assert "0:03" in html
    assert "4 pages" in html
    assert "x.exe: This file is not an image" in html

    again = client.get("/o/lumiere/media/items/", {"media": [video.pk, "x", 10**30, 999_999, document.pk]})
    assert re.findall(r'data-media="(\d+)"', again.content.decode()) == [str(video.pk), str(document.pk)]
    shown = client.get(f"/o/lumiere/media/{video.pk}/file/", headers={"range": "bytes=0-9"})
    assert (shown.status_code, body(shown)[4:8]) == (206, b"ftyp")
    still = client.get(f"/o/lumiere/media/{video.pk}/poster/")
    assert (still.headers["Content-Type"], body(still)[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    paper_shown = client.get(f"/o/lumiere/media/{document.pk}/file/")
    assert body(paper_shown) == paper(4)
    assert paper_shown.headers["Content-Disposition"] == "attachment"
    assert client.get(f"/o/lumiere/media/{document.pk}/poster/").status_code == 404


def test_a_reader_brings_no_file(client_for: Any, foreign: Any, actor_with: Any, brand: Brand) -> None:
    reader = client_for(actor_with(Right.VIEW, scope=brand))
    file = SimpleUploadedFile("film.mp4", movie())
    assert reader.post("/o/lumiere/media/upload/", {"brand": brand.slug, "file": file}).status_code == 403
    assert reader.post("/o/lumiere/media/upload/", {"brand": foreign.brand.slug, "file": file}).status_code == 404


def test_what_goes_out_carries_the_facts_and_the_cover(brand: Brand, channel: Any, writer: Any) -> None:
    video, photo = bring(film(), brand, writer), bring(picture(), brand, writer)
    said = NewVariant(channel=channel, cover=photo)
    post = create_post(
        brand=brand, text="Bonjour", channels=[channel], media=[MediaUse(video)], variants=[said], actor=writer
    )
    variant = Variant.objects.get(post=post)
    payload = payload_for(post, variant, assets_of([post], [variant]))
    content = content_of(DeliveryFactory(channel=channel, payload=payload))
    (media,) = content.media
    assert media.kind == MediaKind.VIDEO
    assert media.video is not None
    assert (media.video.video_codec, media.video.streamable) == ("h264", True)
    assert media.video.duration == video.duration
    assert media.chunk(4, 8) == b"ftyp"
    assert content.cover is not None
    assert (content.cover.key, content.cover.width, content.cover.size) == ("cover", 640, photo.size)
    variant.cover = video  # its own still picture
    payload = payload_for(post, variant, assets_of([post], [variant]))
    still = content_of(DeliveryFactory(channel=channel, payload=payload)).cover
    assert still is not None
    assert (still.content_type, still.width, still.video) == ("image/jpeg", 320, None)
    assert still.read()[:3] == b"\xff\xd8\xff"


def test_a_cover_in_use_is_not_deleted_and_a_document_is_no_cover(brand: Brand, channel: Any, writer: Any) -> None:
    photo, pdf = bring(picture(), brand, writer), bring(paper(), brand, writer)
    create_post(
        brand=brand, text="A", channels=[channel], variants=[NewVariant(channel=channel, cover=photo)], actor=writer
    )
    with pytest.raises(ValidationError, match="carries this file"):
        delete_media(asset=photo, actor=writer)
    with pytest.raises(ValidationError, match="cover"):
        create_post(
            brand=brand, text="A", channels=[channel], variants=[NewVariant(channel=channel, cover=pdf)], actor=writer
        )


def test_the_calendar_marks_videos(client_for: Any, admin: Any, brand: Brand, channel: Any, tomorrow: Any) -> None:
    video = bring(movie(), brand, admin)
    create_post(
        brand=brand,
        text="Un film",
        channels=[channel],
        media=[MediaUse(video)],
        scheduled_at=tomorrow,
        as_draft=True,
        actor=admin,
    )
    day = tomorrow.astimezone(ZoneInfo(brand.time_zone)).date()
    html = client_for(admin).get(f"/o/lumiere/calendar/?on={day}").content.decode()
    assert 'class="card-kind k-video"' in html
