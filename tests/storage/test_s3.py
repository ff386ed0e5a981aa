"""Uploads in a bucket, over HTTP, at a server somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string
from moto.server import ThreadedMotoServer

from socialops.settings.env import media_storage
from socialops.storage import read_range


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


class _Fetched:
    """The ranges that were asked of the bucket."""

    def __init__(self, storage: Any) -> None:
        self.ranges: list[str] = []
        storage.connection.meta.client.meta.events.register("before-call.s3.GetObject", self._note)

    def _note(self, params: Any, **_: Any) -> None:
        self.ranges.append(params["headers"].get("Range", "all"))


def test_a_file_goes_to_the_bucket_under_its_prefix_and_comes_back(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = boto3.client("s3", endpoint_url=server, region_name="eu-west-3")
    s3.create_bucket(Bucket="images", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    monkeypatch.setenv("MEDIA_STORAGE", f"s3://images/maison?endpoint={server}&region=eu-west-3")
    asked = media_storage()
    storage = import_string(asked["BACKEND"])(**asked["OPTIONS"])
    path = storage.save("media/1/a.png", ContentFile(b"image"))
    again = storage.save("media/1/a.png", ContentFile(b"other"))
    assert again != path  # nothing is ever written over
    assert next(entry["Key"] for entry in s3.list_objects_v2(Bucket="images")["Contents"]).startswith("maison/media/1/")
    with storage.open(path) as file:
        assert file.read() == b"image"
    monkeypatch.setattr("socialops.storage.default_storage", storage)
    film = storage.save("media/1/film.mp4", ContentFile(bytes(range(256)) * 4000))
    fetched = _Fetched(storage)
    assert read_range(film, 300, 310) == bytes(range(44, 54))
    assert read_range(film, 1_023_990, 2_000_000) == bytes(range(246, 256))
    assert read_range(film, 5, 5) == b""
    assert fetched.ranges == ["bytes=300-309", "bytes=1023990-1999999"]  # never the whole
    with pytest.raises(FileNotFoundError):
        read_range("media/1/none.mp4", 0, 1)
    storage.delete(path)
    with pytest.raises(FileNotFoundError):
        storage.open(path)
    s3.close()
