"""Subtitles, as people's files have them."""

from __future__ import annotations

import pytest

from socialops.networks.subtitles import UnreadableSubtitlesError, as_srt, end_of, read_subtitles

SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\nBonjour <i>à tous</i>\r\net à toutes\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,250\r\nSel & poivre\r\n"
VTT = "WEBVTT\n\nNOTE made by hand\n\nSTYLE\n::cue { color: red }\n\n00:03.000 --> 00:04.250 line:0 align:start\nSel &amp; poivre\n\nfirst\n00:01.000 --> 00:02.500\n<v Léa>Bonjour <i>à tous</i>\net à toutes\n"
PLAIN = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nBonjour à tous\net à toutes\n\n00:00:03.000 --> 00:00:04.250\nSel &amp; poivre"


@pytest.mark.parametrize("data", [SRT.encode(), SRT.encode("utf-8-sig"), VTT.encode(), VTT.encode("utf-8-sig")])
def test_reads_what_people_have(data: bytes) -> None:
    assert read_subtitles(data).strip() == PLAIN


def test_writes_what_networks_take() -> None:
    webvtt = read_subtitles(VTT.encode())
    assert as_srt(webvtt) == SRT.replace("\r\n", "\n").replace("<i>", "").replace("</i>", "")
    assert end_of(webvtt) == 4.25
    assert read_subtitles(webvtt.encode()) == webvtt


def test_a_tag_alone_on_its_line_ends_no_cue() -> None:
    assert read_subtitles(b"WEBVTT\n\n00:01.000 --> 00:02.500\n<v Lea>\nBonjour\n").strip().endswith("02.500\nBonjour")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"WEBVTT\n\n",
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n",
        SRT.encode("utf-16"),
        b"{1}{25}MicroDVD",
        b"1\n00:00:01,000 --> 00:00:02,500\nA\0B\n",
        b"WEBVTT\n\n00:02.000 --> 00:01.000\nBackwards\n",
    ],
)
def test_refuses_what_is_none(data: bytes) -> None:
    with pytest.raises(UnreadableSubtitlesError):
        read_subtitles(data)
