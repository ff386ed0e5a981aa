"""A repeated write is done once."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from editorial.models import MediaAsset, Post
from socialops.permissions.actor import Actor
from teams.models import Brand, Channel

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere"


def _body(brand: Brand, channel: Channel, text: str = "Bonjour") -> dict[str, object]:
    return {"brand": brand.slug, "text": text, "channels": [channel.pk]}


def test_the_same_key_answers_what_the_first_answered(admin: Actor, api_for, brand, channel) -> None:
    client = api_for(admin)
    answers = [client.post(f"{API}/posts/", _body(brand, channel), headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert Post.objects.count() == 1


def test_the_same_key_for_something_else_is_refused(admin: Actor, api_for, brand, channel) -> None:
    client = api_for(admin)
    client.post(f"{API}/posts/", _body(brand, channel), headers={"Idempotency-Key": "k1"})
    answer = client.post(f"{API}/posts/", _body(brand, channel, "Autre"), headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, Post.objects.count()) == (422, 1)


def test_a_refused_write_may_be_corrected_under_its_key(admin: Actor, api_for, brand, channel) -> None:
    client = api_for(admin)
    refused = client.post(
        f"{API}/posts/", {"brand": brand.slug, "text": "", "channels": ["x"]}, headers={"Idempotency-Key": "k1"}
    )
    assert refused.status_code == 400
    assert client.post(f"{API}/posts/", _body(brand, channel), headers={"Idempotency-Key": "k1"}).status_code == 201


def test_uploads_are_told_apart_by_their_content(admin: Actor, api_for, brand) -> None:
    def upload(colour: str):
        buffer = BytesIO()
        Image.new("RGB", (40, 40), colour).save(buffer, "PNG")
        file = SimpleUploadedFile("a.png", buffer.getvalue(), content_type="image/png")
        return client.post(
            f"{API}/media/",
            {"brand": brand.slug, "file": file, "alt_text": "Un carré"},
            format="multipart",
            headers={"Idempotency-Key": "k1"},
        )

    client = api_for(admin)
    assert [upload("red").status_code, upload("red").status_code, upload("blue").status_code] == [201, 201, 422]
    assert MediaAsset.objects.count() == 1


def test_an_address_without_its_last_slash_answers_too(admin: Actor, api_for, brand, channel) -> None:
    answer = api_for(admin).post(f"{API}/posts/bulk", {"posts": [_body(brand, channel)]})
    assert (answer.status_code, Post.objects.count()) == (201, 1)
