"""Hostile bodies, paths, queries and forms, sent by somebody who may do everything: refused in a sentence, never a server error."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from PIL import Image
from rest_framework.test import APIClient

from editorial.services.media import upload_media
from publishing.models import Suspension
from socialops.networks.registry import networks
from socialops.permissions.actor import Actor
from teams.models import Brand, Channel, Organization
from tests.factories.editorial import CampaignFactory, PostFactory, VariantFactory
from tests.factories.publishing import DeliveryFactory
from tests.factories.reputation import MentionFactory
from tests.invariants.test_urls import CONVERTER, ENDPOINTS, SCREENS

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]

NUL = "a\x00b"
HUGE = "9" * 40
VALUES: list[Any] = [10**30, {}, "0001-01-01T00:00:00+23:59", "x" * 70_000]
TEXTS = [HUGE, "0001-01-01", "é\u202e🧨%[]{}<script>", "\ud800"]
DEEP = b"[" * 5_000 + b"]" * 5_000
RAW: list[tuple[bytes, str]] = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"\xff\xfe\x00", "application/json"),
    (b"null", "application/json"),
    (b'{"a": 1e999999}', "application/json"),
    (b'{"a": ' + b"9" * 5000 + b"}", "application/json"),
    (DEEP, "application/json"),
    (b'{"\\u0000": "\\ud800"}', "application/json"),
    (b"a=b", "application/x-www-form-urlencoded"),
    (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"{}", "application/json; charset=nonsense"),
    (b"{}", "nonsense"),
]


@pytest.fixture
def rows(organization: Organization, brand: Brand, channel: Channel, admin: Actor) -> dict[str, Any]:
    """One row of each kind, so that paths lead somewhere."""
    post = PostFactory(brand=brand)
    VariantFactory(post=post, channel=channel)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    size = picture.tell()
    picture.seek(0)
    media = upload_media(brand=brand, file=picture, filename="a.png", size=size, actor=admin)
    return {
        "brand": brand.slug,
        "posts": post.pk,
        "campaigns": CampaignFactory(brand=brand).pk,
        "media": media.pk,
        "deliveries": DeliveryFactory(channel=channel).pk,
        "mentions": MentionFactory(channel=channel).pk,
        "channels": channel.pk,
        "members": admin.member.pk,
        "suspensions": Suspension.objects.create(scope="organization", reason="essai").pk,
    }


def _paths(route: str, rows: dict[str, Any]) -> Iterator[str]:
    """A path that leads to a row of ours, then hostile ones."""
    kind = route.split(">/", 1)[1].split("/", maxsplit=1)[0]

    def fill(match: re.Match[str], hostile: str = "") -> str:
        if match[2] == "organization":
            return "lumiere"
        return hostile or {"network": "mastodon", "brand": rows["brand"]}.get(match[2], str(rows.get(kind, 1)))

    yield "/" + CONVERTER.sub(fill, route)
    if CONVERTER.sub("", route) != route.replace("<slug:organization>", ""):
        for hostile in (HUGE, "%00", "0"):
            yield "/" + CONVERTER.sub(partial(fill, hostile=hostile), route)


def _query(names: set[str], value: str) -> str:
    return urlencode({name: value.encode("utf-8", "surrogatepass") for name in sorted(names)})


def _query_names() -> set[str]:
    """Every name the code reads from a query string."""
    read = re.compile(r"""(?:GET|query_params|params|query|data)(?:\.get|\.getlist)?[\[(]["'](\w+)["']""")
    found = {"page", "page_size", "cursor", "sort", "q", "brand", "channel", "network", "state", "from", "to"}
    for package in ("socialops", "teams", "calendar", "reputation", "kpis"):
        for path in (ROOT / package).rglob("*.py"):
            if "node_modules" not in path.parts and "sandbox" not in path.parts and "networks" not in path.parts:
                found |= set(read.findall(path.read_text()))
    return found


class Sweep:
    """Sends, and keeps what ended in a server error."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.sent = 0

    def __call__(self, send: Callable[..., Any], path: str, what: object, *args: Any, **kwargs: Any) -> Any:
        self.sent += 1
        response = send(path, *args, **kwargs)
        if response.status_code >= 500:
            cause = getattr(response, "exc_info", None)
            said = f"{cause[0].__name__}: {cause[1]}"[:160] if cause else response.content[:160]
            self.broken.append(f"{response.status_code} {path[:120]} {str(what)[:80]!a} → {said}")
        if response.streaming:
            response.getvalue()  # read to its end, a file is closed
        return response

    def broke_nothing(self) -> None:
        if self.broken:
            pytest.fail(f"{len(self.broken)} of {self.sent}:\n" + "\n".join(self.broken), pytrace=False)


@pytest.fixture
def sweep() -> Sweep:
    return Sweep()


def _plausible(name: str, kind: dict[str, Any], rows: dict[str, Any], channel: Channel) -> Any:
    known = {"brand": rows["brand"], "channels": [channel.pk], "channel": channel.pk, "media": [], "variants": []}
    known |= {"time_zone": "Europe/Paris", "slug": "neuf", "email": "x@example.org", "campaign": rows["campaigns"]}
    if name in known:
        return known[name]
    if kind.get("format") == "date-time":
        return "2027-01-05T10:00:00+01:00"
    if kind.get("format") == "date":
        return "2027-01-05"
    plain = {"string": "essai", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
    return plain.get(kind.get("type", "string"), "essai")


def test_api_bodies(api_for, admin: Actor, channel: Channel, rows, sweep: Sweep) -> None:
    api: APIClient = api_for(admin)
    api.raise_request_exception = False
    for route in ENDPOINTS:
        path = next(_paths(route, rows))
        for method in ("post", "patch"):
            for body, content_type in RAW:
                response = sweep(
                    lambda p, m=method, b=body, c=content_type: api.generic(m.upper(), p, b, content_type=c),
                    path,
                    (method, body[:20], content_type),
                )
                if response.status_code == 405:
                    break
    sweep.broke_nothing()


def test_api_fields(api_for, admin: Actor, channel: Channel, rows, sweep: Sweep) -> None:
    """Each field of each documented body in turn, the others being fine."""
    api: APIClient = api_for(admin)
    api.raise_request_exception = False
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)
    fields = 0
    for route, operations in schema["paths"].items():
        template = re.sub(r"\{(\w+)\}", r"<int:\1>", route.lstrip("/")).replace(
            "<int:organization>", "<slug:organization>"
        )
        if not template.startswith("api/v1/organizations/<slug:organization>/"):
            continue
        path = next(_paths(template, rows))
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not content:
                continue
            reference = content["schema"].get("$ref", "").rpartition("/")[2]
            properties = schema["components"]["schemas"].get(reference, {}).get("properties", {})
            fine = {name: _plausible(name, kind, rows, channel) for name, kind in properties.items()}
            for name in properties:
                fields += 1
                for value in VALUES:
                    body = json.dumps({**fine, name: value}).encode()
                    sweep(
                        lambda p, m=method, b=body: api.generic(m.upper(), p, b, content_type="application/json"),
                        path,
                        (method, name, value),
                    )
    assert fields >= 20
    sweep.broke_nothing()


def test_api_paths_and_queries(api_for, admin: Actor, rows, sweep: Sweep) -> None:
    api: APIClient = api_for(admin)
    api.raise_request_exception = False
    names = _query_names()
    for route in ENDPOINTS:
        paths = list(_paths(route, rows))
        for path in paths[1:]:
            for send in (api.get, api.post, api.patch, api.delete):
                sweep(send, path, "path")
        for value in TEXTS:
            sweep(api.get, f"{paths[0]}?{_query(names, value)}", value)
    sweep.broke_nothing()


def test_screens(client_for, admin: Actor, rows, sweep: Sweep) -> None:
    client: Client = client_for(admin)
    client.raise_request_exception = False
    names = _query_names()
    for route in SCREENS:
        paths = list(_paths(route, rows))
        for path in paths:
            sweep(client.get, path, "path")
        for value in (NUL, *TEXTS[:2]):
            sweep(client.get, f"{paths[0]}?{_query(names, value)}", value)
    sweep.broke_nothing()


def test_forms(client_for, admin: Actor, rows, sweep: Sweep) -> None:
    """What each screen's forms ask for, and what nobody asked for."""
    client: Client = client_for(admin)
    client.raise_request_exception = False
    named = re.compile(rb'name="([\w-]+)"')
    for route in SCREENS:
        path = next(_paths(route, rows))
        if route.endswith("/disconnect/"):
            continue  # leads to a network
        asked = {name.decode() for name in named.findall(getattr(sweep(client.get, path, "path"), "content", b""))} | {
            "brand",
            "text",
            "state",
        }
        for value in (NUL, *TEXTS):
            sweep(client.post, path, value, {name: value.encode("utf-8", "surrogatepass") for name in asked})
        for body, content_type in RAW[-3:]:
            send = partial(client.generic, "POST", data=body, content_type=content_type)
            sweep(send, path, (body[:20], content_type))
    sweep.broke_nothing()


def test_public_pages(client: Client, db: None, sweep: Sweep) -> None:
    client.raise_request_exception = False
    for path in ("/", "/accounts/login/", "/accounts/password/reset/", "/connect/mastodon/callback/", "/healthz"):
        for value in (NUL, *TEXTS):
            query = _query({"next", "state", "code", "error", "key", "q"}, value)
            sweep(client.get, f"{path}?{query}", value)
    for token in (quote(NUL), HUGE, "%ff", "x" * 5000):
        for path in (
            f"/invitations/{token}/",
            f"/files/{token}/a.mp4",
            f"/accounts/password/reset/key/{token}/",
            f"/o/{token}/",
            f"/api/v1/{token}/",
        ):
            sweep(client.get, path, "path")
    for value in (NUL, *TEXTS):
        hostile = value.encode("utf-8", "surrogatepass")
        sweep(client.post, "/accounts/login/", value, {"login": hostile, "password": hostile})
        sweep(client.post, "/accounts/password/reset/", value, {"email": hostile})
    for network in networks():
        path = f"/webhooks/{network}/"
        sweep(
            client.get,
            f"{path}?{_query({'hub.challenge', 'hub.verify_token', 'crc_token', 'challengeCode'}, NUL)}",
            "test",
        )
        for body, content_type in RAW:
            sweep(
                partial(client.generic, "POST", data=body, content_type=content_type), path, (body[:20], content_type)
            )
    sweep.broke_nothing()
