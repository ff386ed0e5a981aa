"""Small pieces: record keys, rate-limit headers, limits as data, checks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.bluesky.tid import microseconds_of, moment_of, part_key, post_key
from socialops.networks.data import merge_limits
from socialops.networks.errors import Code
from socialops.networks.meta.graph import read_usage
from socialops.networks.ports import Connector, Content, Media
from socialops.networks.quota import come_back_at, parse_reset, read_quota
from tests.networks.samples import sample_of

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


@given(st.integers(1_600_000_000_000_000, 4_000_000_000_000_000), st.uuids())
def test_record_keys_are_valid_stable_and_in_order(microseconds: int, key: Any) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    rkey = post_key(moment, str(key))
    assert TID.fullmatch(rkey)
    assert rkey == post_key(moment, str(key))
    assert abs(moment_of(rkey) - moment) < timedelta(milliseconds=1)
    part = part_key(rkey, f"{key}:1")
    assert TID.fullmatch(part)
    assert part > rkey
    assert microseconds_of(part) > microseconds_of(rkey)
    assert part != part_key(rkey, f"{key}:2")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-11-23T15:05:00.000000Z", 300),
        (str(int(NOW.timestamp()) + 60), 60),
        ("120", 120),
        ("Mon, 23 Nov 2026 15:01:00 GMT", 60),
        ("soon", None),
        ("", None),
        ("nan", None),
    ],
)
def test_resets_in_every_dialect(value: str, seconds: int | None) -> None:
    found = parse_reset(value, now=NOW)
    assert found == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_quota_headers() -> None:
    headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "2999", "ratelimit-reset": "1795000000"}
    quota = read_quota(headers, prefix="ratelimit", bucket="writes")
    assert quota is not None
    assert (quota.limit, quota.remaining, quota.bucket) == (3000, 2999, "writes")
    assert quota.resets_at == datetime.fromtimestamp(1795000000, UTC)
    assert read_quota({}, prefix="ratelimit", bucket="x") is None


def test_without_a_date_the_usual_wait_is_taken() -> None:
    wait = come_back_at({"retry-after": "whenever"}, prefix="x", default_seconds=300) - datetime.now(UTC)
    assert timedelta(seconds=295) < wait <= timedelta(seconds=300)


def test_facebook_usage_headers() -> None:
    business = '{"1067":[{"type":"pages","call_count":95,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":7}]}'
    quotas = read_usage({"x-app-usage": '{"call_count":28,"total_time":31}', "x-business-use-case-usage": business})
    assert [(q.bucket, q.remaining) for q in quotas] == [("app", 69), ("pages", 5)]
    assert quotas[1].resets_at is not None
    assert timedelta(minutes=6) < quotas[1].resets_at - datetime.now(UTC) < timedelta(minutes=8)
    assert read_usage({"x-app-usage": "nonsense"}) == []


def test_an_instance_changes_only_what_it_tells() -> None:
    limits = merge_limits("mastodon", {"text": {"max": 5000}})
    assert limits["text"]["max"] == 5000
    assert limits["text"]["url_length"] == 23
    assert limits["media"]["max_count"] == 4
    assert merge_limits("mastodon", limits) == limits


def _media(alt: str, content_type: str = "image/png") -> Media:
    return Media("m1", content_type, 3, alt, lambda: b"x")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"text": "  "}, "text_empty", "text"),
        ({"media": (_media(""),)}, "alt_text_missing", "alt_text"),
        ({"media": tuple(_media("alt") for _ in range(40))}, "too_many_media", "media"),
        ({"media": (_media("alt", "application/zip"),)}, "media_kind document_type", "media"),
        ({"link": "javascript:alert(1)"}, "link_invalid", "link"),
        ({"first_comment": "x" * 70_000}, "text_too_long", "first_comment"),
    ],
)
def test_what_is_wrong_is_named(connector: Connector, changes: dict[str, Any], code: str, field: str) -> None:
    content = Content(**{"text": "Bonjour", "idempotency_key": "k", "created_at": NOW, **changes})
    found = {problem.code.value for problem in connector.check(content, limits={}) if problem.field == field}
    assert found & set(code.split())


def test_a_good_post_has_no_problem(connector: Connector) -> None:
    sample = sample_of(connector.network)
    files = {} if sample.needs else {"media": (_media("Une lampe"),)}
    content = sample.content("Bonjour", link="https://example.com", first_comment="Oui" if sample.part else "", **files)
    assert list(connector.check(content, limits={})) == []


def test_formats_that_stand_alone_say_so(connector: Connector) -> None:
    for form in connector.formats:
        content = Content("Bonjour", "k", NOW, parts=("Suite",), first_comment="Oui", options={"format": form})
        found = {p.field for p in connector.check(content, limits={}) if p.code == Code.NOT_SUPPORTED}
        assert ("parts" not in found) is (connector.supports_threads and form not in connector.no_thread), form
        assert ("first_comment" not in found) is (
            connector.supports_first_comment and form not in connector.no_comment
        ), form


def test_threads_where_the_network_has_them(connector: Connector) -> None:
    content = Content("Bonjour", "k", NOW, parts=("Suite", ""))
    found = {(problem.code.value, problem.field) for problem in connector.check(content, limits={})}
    assert ("text_empty", "parts") in found
    assert (("not_supported", "parts") in found) is not connector.supports_threads
