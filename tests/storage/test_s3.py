"""Uploads in a bucket, over HTTP, at a server somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string
from moto.server import ThreadedMotoServer

from socialops.settings.env import media_storage


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


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
    storage.delete(path)
    with pytest.raises(FileNotFoundError):
        storage.open(path)
    s3.close()
