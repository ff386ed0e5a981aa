"""Videos as strangers bring them: measured, cleaned, refused; never trusted."""

from __future__ import annotations

import os
import random
import struct
import subprocess
from pathlib import Path

import av
import pytest
from PIL import Image

from socialops.networks import videos
from socialops.networks.errors import Code, MediaError
from socialops.networks.videos import CleanVideo, clean_video, container_of
from tests.fakes.files import be_silent, film, movie, picture

PLACE = "+48.8566+002.3522/"


def clean(folder: Path, data: bytes) -> tuple[CleanVideo, bytes]:
    source, target = folder / "in", folder / "out"
    source.write_bytes(data)
    return clean_video(source, target, folder / "poster"), target.read_bytes()


def refusal(folder: Path, data: bytes) -> Code:
    with pytest.raises(MediaError) as caught:
        clean(folder, data)
    return caught.value.code


@pytest.mark.parametrize(
    ("container", "codec", "content_type", "name"),
    [
        ("mp4", "libx264", "video/mp4", "h264"),
        ("mov", "libx264", "video/quicktime", "h264"),
        ("mp4", "libx265", "video/mp4", "hevc"),
        ("webm", "libvpx-vp9", "video/webm", "vp9"),
    ],
)
def test_it_is_measured_and_forgets_where_it_was_made(
    container: str, codec: str, content_type: str, name: str, tmp_path: Path
) -> None:
    key = "com.apple.quicktime.location.ISO6709" if container == "mov" else "location"
    data = film(container, codec, **{key: PLACE, "title": "Chez Camille"})
    assert PLACE[1:8].encode() in data
    assert b"Camille" in data
    video, kept = clean(tmp_path, data)
    assert (video.content_type, video.width, video.height, video.located) == (content_type, 320, 240, True)
    facts = video.facts
    assert (facts.container, facts.video_codec, facts.audio_codec) == (container, name, "")
    assert facts.duration == pytest.approx(2, abs=0.1)
    assert facts.frame_rate == pytest.approx(25, abs=0.1)
    assert facts.bit_rate == int(len(kept) * 8 / facts.duration)
    assert facts.streamable
    for secret in (b"48.8566", b"Camille"):
        assert secret not in kept
    with av.open(str(tmp_path / "out")) as again:
        assert sum(1 for _ in again.decode(video=0)) == 50
    if name == "hevc":
        assert b"hvc1" in kept  # the tag that plays everywhere


def test_the_index_comes_first_and_the_same_film_gives_the_same_bytes(tmp_path: Path) -> None:
    late = film(faststart=False)
    assert late.index(b"moov") > late.index(b"mdat")
    first, kept = clean(tmp_path, late)
    assert kept.index(b"moov") < kept.index(b"mdat")
    assert first.facts.streamable
    assert clean(tmp_path, late)[1] == kept
    webm = film("webm", "libvpx-vp9")
    assert clean(tmp_path, webm)[1] == clean(tmp_path, webm)[1]


def test_rotation_is_respected_and_the_still_picture_stands_upright(tmp_path: Path) -> None:
    video, _kept = clean(tmp_path, film(rotation=90))
    assert (video.width, video.height) == (240, 320)
    with Image.open(tmp_path / "poster") as still:
        assert still.size == (240, 320)
        bottom, top = still.getpixel((120, 300)), still.getpixel((120, 20))
    assert (bottom[0] > 200, bottom[2] < 60) == (
        True,
        True,
    )  # turned a quarter to the left: what was left and red is at the bottom
    assert (top[0] < 60, top[2] > 200) == (True, True)


def test_only_three_containers_are_opened(tmp_path: Path) -> None:
    assert container_of(movie()[:64]) == "mp4"
    assert container_of(film("mov")[:64]) == "mov"
    for head in (
        picture()[:64],
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"FLV\x01",
        b"\x1a\x45\xdf\xa3matroska",
        b"#EXTM3U",
        b"",
    ):
        assert container_of(head) == ""
    assert container_of(b"\x00\x00\x00\x20ftypheic") == ""
    assert refusal(tmp_path, b"#EXTM3U\nfile:///etc/passwd\n") == Code.VIDEO_UNREADABLE


def test_a_playlist_that_calls_itself_a_film_reads_no_other_file(tmp_path: Path) -> None:
    disguised = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + b"\n#EXTM3U\nfile:///etc/passwd\n"
    assert refusal(tmp_path, disguised) == Code.VIDEO_UNREADABLE


def test_what_is_cut_short_or_damaged_is_refused(tmp_path: Path) -> None:
    data, late = movie(), film(faststart=False)
    for broken in (data[: len(data) * 2 // 3], data[:40], late[: len(late) - 200], late[: len(late) // 2]):
        assert refusal(tmp_path, broken) == Code.VIDEO_UNREADABLE
    noise = random.Random(1)
    for _ in range(5):
        place = data.index(b"moov") + noise.randrange(8, 600)
        hurt = data[:place] + noise.randbytes(120) + data[place + 120 :]
        try:
            clean(tmp_path, hurt)
        except MediaError as error:
            assert error.code in {Code.VIDEO_UNREADABLE, Code.VIDEO_RESOLUTION}  # noqa: PT017 -- either outcome is fine, a crash is not


def test_enormous_dimensions_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, film(size=(8320, 64))) == Code.VIDEO_RESOLUTION


def test_the_sound_comes_along_and_nothing_else(tmp_path: Path) -> None:
    video, _kept = clean(tmp_path, film("mov", sound=True))
    assert video.facts.audio_codec == "pcm_s16le"
    with av.open(str(tmp_path / "out")) as again:
        assert [stream.type for stream in again.streams] == ["video", "audio"]
        assert sum(frame.samples for frame in again.decode(audio=0)) == 16_000


def test_thousands_of_tracks_are_refused(tmp_path: Path) -> None:
    data = movie()
    start = data.index(b"trak") - 4
    size = int.from_bytes(data[start : start + 4], "big")
    moov = data.index(b"moov") - 4
    moov_size = int.from_bytes(data[moov : moov + 4], "big")
    many = data[start : start + size] * 3000
    grown = struct.pack(">I", moov_size + len(many)) + data[moov + 4 : start] + many + data[start:]
    assert refusal(tmp_path, data[:moov] + grown) == Code.VIDEO_UNREADABLE


def test_a_film_without_a_picture_is_none(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound"), "w", format="mp4") as out:
        be_silent(out, out.add_stream("pcm_s16le", rate=8000))
    assert refusal(tmp_path, (tmp_path / "sound").read_bytes()) == Code.VIDEO_UNREADABLE


def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "SECONDS", 0.01)
    assert refusal(tmp_path, movie()) == Code.VIDEO_UNREADABLE


def test_the_libraries_never_enter_our_own_process() -> None:
    code = "import sys, socialops.networks.videos; sys.exit('av' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "socialops.settings.test"}
    assert subprocess.run([videos.sys.executable, "-c", code], env=environment, check=False).returncode == 0
