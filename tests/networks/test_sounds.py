"""Sounds as strangers bring them: measured, cleaned, refused; and published where a network takes them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import av
import pytest

from socialops.networks.errors import Code, MediaError
from socialops.networks.mastodon.oauth import limits_of_instance
from socialops.networks.ports import Connector, MediaKind, Target
from socialops.networks.registry import connector_for, networks
from socialops.networks.sounds import CleanSound, clean_sound, sound_container_of
from socialops.networks.videos import container_of
from tests.fakes.files import audio, film, media, movie, paper, picture, sound, video
from tests.networks.driving import publish
from tests.networks.samples import sample_of
from tests.sandbox_server import Sandbox

PLACE = "+48.8566+002.3522/"
KINDS = [
    ("mp3", "mp3", "libmp3lame", "audio/mpeg", "mp3"),
    ("m4a", "ipod", "aac", "audio/mp4", "aac"),
    ("ogg", "ogg", "libopus", "audio/ogg", "opus"),
    ("ogg", "ogg", "vorbis", "audio/ogg", "vorbis"),
    ("wav", "wav", "pcm_s16le", "audio/wav", "pcm_s16le"),
    ("flac", "flac", "flac", "audio/flac", "flac"),
]
only = pytest.mark.parametrize


def clean(folder: Path, data: bytes, container: str = "") -> tuple[CleanSound, bytes]:
    source, target = folder / "in", folder / "out"
    source.write_bytes(data)
    found = clean_sound(source, target, container=container or sound_container_of(data[:64]))
    return found, target.read_bytes()


@only(("container", "muxer", "encoder", "content_type", "codec"), KINDS)
def test_it_is_measured_and_forgets_what_it_says_of_itself(
    container: str, muxer: str, encoder: str, content_type: str, codec: str, tmp_path: Path
) -> None:
    data = sound(muxer, encoder, 3, title="Chez Camille", location=PLACE, comment="Camille")
    assert b"Camille" in data
    assert sound_container_of(data[:64]) == container
    found, kept = clean(tmp_path, data)
    assert (found.content_type, found.codec) == (content_type, codec)
    assert found.duration == pytest.approx(3, abs=0.15)
    assert b"Camille" not in kept
    assert b"48.8566" not in kept
    assert sound_container_of(kept[:64]) == container
    assert clean(tmp_path, data)[1] == kept  # the same sound is kept once
    with av.open(str(tmp_path / "out")) as again:
        assert sum(frame.samples for frame in again.decode(audio=0)) == pytest.approx(3 * 48_000, rel=0.1)


def test_the_place_is_said_to_be_gone_only_where_there_was_one(tmp_path: Path) -> None:
    assert clean(tmp_path, sound("mp3", "libmp3lame", 1, location=PLACE))[0].located
    assert not clean(tmp_path, sound("mp3", "libmp3lame", 1, title="Épisode 3"))[0].located


def test_a_cover_inside_is_left_behind(tmp_path: Path) -> None:
    plain, image = sound("flac", "flac", 1), picture("teal")
    block = (
        b"\x00\x00\x00\x03\x00\x00\x00\x0aimage/jpeg" + bytes(4) + b"\x00\x00\x02\x80\x00\x00\x01\xe0\x00\x00\x00\x18"
    )
    block += bytes(4) + len(image).to_bytes(4, "big") + image
    first = 4 + 4 + int.from_bytes(plain[5:8], "big")
    data = plain[:first] + b"\x06" + len(block).to_bytes(3, "big") + block + plain[first:]
    with av.open(write(tmp_path, data)) as file:
        assert len(file.streams.video) == 1
    found, kept = clean(tmp_path, data)
    assert found.codec == "flac"
    assert b"Secret camera" in data
    assert b"Secret camera" not in kept


def write(folder: Path, data: bytes) -> str:
    path = folder / "whole"
    path.write_bytes(data)
    return str(path)


@only("data", [film(), movie(), picture(), paper(), b"", b"ID4", b"\xff\xd8\xff", b"RIFF....AVI ", b"\xff\xf1\x50\x80"])
def test_other_files_are_no_sounds(data: bytes) -> None:
    assert sound_container_of(data[:64]) == ""


def test_a_sound_is_no_film() -> None:
    assert container_of(sound("ipod", "aac")[:64]) == ""


def test_damaged_and_disguised_files_are_refused(tmp_path: Path) -> None:
    dice, m4a = random.Random(7), sound("ipod", "aac")
    wrong = [
        (m4a[: len(m4a) // 2], "m4a"),
        (b"ID3" + dice.randbytes(4000), "mp3"),
        (b"OggS" + dice.randbytes(4000), "ogg"),
        (b"fLaC" + dice.randbytes(4000), "flac"),
        (b"RIFF\x00\x10\x00\x00WAVE" + dice.randbytes(4000), "wav"),
        (film(), "m4a"),
    ]
    for data, container in wrong:
        with pytest.raises(MediaError) as caught:
            clean(tmp_path, data, container)
        assert caught.value.code == Code.AUDIO_UNREADABLE, container


# ---------------------------------------------------------------- on the networks


def problems(network: str, limits: dict[str, Any], *files: Any) -> list[str]:
    what = sample_of(network).content(media=files)
    return [problem.code for problem in connector_for(network).check(what, limits=limits)]


@only("network", [name for name in networks() if name != "mastodon"])
def test_networks_without_sounds_refuse_the_kind(network: str) -> None:
    assert Code.MEDIA_KIND in problems(network, {}, audio())


@only("network", ["mastodon"])
def test_a_sound_goes_out_alone_with_its_description(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    limits = dict(connector.fetch_limits(target))
    assert MediaKind.AUDIO in limits.get("media", {}).get("kinds", ["audio"])
    assert problems("mastodon", limits, audio()) == []
    assert Code.TOO_MANY_MEDIA in problems("mastodon", limits, audio("a"), audio("b"))
    assert Code.MEDIA_MIXED in problems("mastodon", limits, audio(), media())
    assert Code.MEDIA_MIXED in problems("mastodon", limits, audio(), video())
    published = publish(connector, target, sample_of("mastodon").content("Écoutez", media=(audio(),)))
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    status = sandbox.http.get(f"{target.base_url}/api/v1/statuses/{published.external_id}", headers=headers).json()
    (attached,) = status["media_attachments"]
    assert (attached["type"], attached["description"]) == ("audio", "Un extrait de notre podcast")
    assert sandbox.http.get(attached["url"]).content == audio().read()
    assert "<audio" in sandbox.http.get(published.url).text


@only("network", ["mastodon"])
@only("file", [audio(), video()])
def test_the_chosen_cover_goes_up_beside_it(sandbox: Sandbox, connector: Connector, target: Target, file: Any) -> None:
    cover = media("cover", data=picture("navy"))
    what = sample_of("mastodon").content("Écoutez", media=(file,), cover=cover)
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    status = sandbox.http.get(f"{target.base_url}/api/v1/statuses/{published.external_id}", headers=headers).json()
    (attached,) = status["media_attachments"]
    still = sandbox.http.get(attached["preview_url"]).content
    assert still.startswith(b"\xff\xd8")
    assert b"Secret camera" not in still
    assert attached["preview_url"].rpartition("/")[2] in sandbox.http.get(published.url).text


@only(
    ("types", "taken", "kinds"),
    [
        (["image/png", "audio/mp3", "audio/x-wav"], ["audio/mpeg", "audio/wav"], None),
        (["image/png", "video/mp4"], None, ["image", "video"]),
        (None, None, None),
    ],
)
def test_a_server_says_which_sounds_it_takes(types: Any, taken: Any, kinds: Any) -> None:
    attachments = {"video_size_limit": 1000, **({"supported_mime_types": types} if types else {})}
    limits = limits_of_instance({"configuration": {"media_attachments": attachments}})
    assert limits["audio"]["max_bytes"] == 1000
    assert limits["audio"].get("types") == taken
    assert limits.get("media", {}).get("kinds") == kinds
    codes = problems("mastodon", limits, audio())
    assert codes == ([Code.MEDIA_KIND] if kinds else [Code.AUDIO_TOO_LARGE])
