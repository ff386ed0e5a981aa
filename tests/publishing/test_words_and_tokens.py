"""A sentence for every cause, in both languages; one refresh for many callers; heartbeats; benchmarks."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation

from publishing.errors import sentence_for
from publishing.models import Heartbeat
from publishing.services import heartbeats, tokens
from publishing.services.token_health import refresh_ahead
from publishing.services.tokens import fresh_target
from socialops.networks.errors import AuthError, Code, ErrorKind
from socialops.networks.ports import Credentials
from socialops.notifications.models import Notification
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Channel, ChannelCredential
from tests.factories.teams import BrandFactory, ChannelFactory, CredentialFactory

SAMPLE = {
    "length": 1, "limit": 1, "count": 1, "message": "no", "host": "h", "type": "t", "width": 1, "height": 1,
    "option": "o", "character": "<", "ratio": 1, "smallest": 1, "largest": 2, "codec": "c", "rate": 1, "text": "t", "minutes": 1, "number": 1,
    "address": "a", "example": "e", "other": "o", "names": "n",
    "language": "br", "languages": ["br"], "size": 1,
}  # fmt: skip
NETWORKS = Path(__file__).parents[2] / "socialops" / "networks"


@pytest.mark.parametrize("code", list(Code))
def test_every_cause_has_its_own_sentence_in_both_languages(code: Code) -> None:
    english = sentence_for("", code, SAMPLE)
    with translation.override("fr"):
        french = sentence_for("", code, SAMPLE)
    assert english != sentence_for(ErrorKind.INTERNAL, "", {})
    assert french != english


def test_connectors_raise_no_cause_without_a_name() -> None:
    used = {name for path in NETWORKS.rglob("*.py") for name in re.findall(r"\bCode\.([A-Z_]+)", path.read_text())}
    assert used <= set(Code.__members__)


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_an_unknown_cause_is_told_by_its_kind_and_a_missing_value_never_shows(kind: ErrorKind) -> None:
    assert sentence_for(kind, "news_from_tomorrow", {})
    assert "%(" not in sentence_for(kind, Code.TEXT_TOO_LONG, {})


def test_a_setting_is_called_as_in_the_composer() -> None:
    said = sentence_for(ErrorKind.VALIDATION, Code.OPTION_MISSING, {"option": "made_for_kids"})
    assert said == "The network asks for a setting that is not chosen: Made for children."


@pytest.fixture
def expiring(transactional_db: None, bare_organization: Any, network: Any) -> Channel:
    with tenant(bare_organization):
        channel: Channel = ChannelFactory(brand=BrandFactory())
        CredentialFactory(
            channel=channel,
            secret={"access_token": "old", "refresh_token": "kept"},
            expires_at=timezone.now() + dt.timedelta(minutes=1),
        )
    return channel


def test_twenty_callers_make_one_refresh_and_an_empty_refresh_token_never_wins(expiring: Channel, network: Any) -> None:
    later = timezone.now() + dt.timedelta(hours=2)
    network.renewed = Credentials({"access_token": "new", "refresh_token": ""}, expires_at=later)
    network.on("refresh", *[lambda **_: threading.Event().wait(0.3)] * 20)
    got: list[str] = []

    def call() -> None:
        got.append(fresh_target(expiring).credentials.values["access_token"])
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["new"] * 20
    assert network.calls.count("refresh") == 1
    with tenant(expiring.organization_id):
        assert ChannelCredential.objects.get(channel=expiring).secret["refresh_token"] == "kept"


def test_a_refused_refresh_marks_the_channel(expiring: Channel, network: Any) -> None:
    network.on("refresh", AuthError(Code.TOKEN_REVOKED))
    with pytest.raises(AuthError):
        fresh_target(expiring)
    with tenant(expiring.organization_id):
        assert Channel.objects.get().status == Channel.Status.NEEDS_RECONNECTION


def test_a_refresh_inside_a_transaction_is_a_mistake(expiring: Channel) -> None:
    with tenant(expiring.organization_id), pytest.raises(RuntimeError, match="transaction"):
        fresh_target(expiring)


def test_an_access_that_ends_within_a_week_is_announced_once(
    expiring: Channel,
    bare_organization: Any,
    actor_with: Callable[..., Any],
    network: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ChannelCredential.objects.update(
        expires_at=timezone.now() + dt.timedelta(days=6), refreshed_at=timezone.now() - dt.timedelta(days=54)
    )
    network.renewed = None
    monkeypatch.setattr(tokens, "_one_at_a_time", lambda _channel: nullcontext())  # the test itself is in a transaction
    actor = actor_with(Right.MANAGE_CHANNEL)
    refresh_ahead()
    refresh_ahead()
    (note,) = Notification.objects.filter(user=actor.user, kind="channel.token_expiring")
    assert note.count == 1


def test_silence_of_ten_seconds_is_reported_to_operators_and_people(db: None) -> None:
    assert heartbeats.check_dispatcher()
    assert heartbeats.not_publishing()
    now = timezone.now()
    for kind in ("dispatcher", "publishing", "ingest", "default"):
        heartbeats.beat(name=f"{kind}:here:1", kind=kind, started_at=now, info={"threads": 16})
    assert (heartbeats.check_dispatcher(), heartbeats.check_workers(), heartbeats.not_publishing()) == ("", "", "")
    Heartbeat.objects.filter(kind="publishing").update(beat_at=now - dt.timedelta(seconds=11))
    assert "publishing" in heartbeats.check_workers()
    assert "nothing goes out" in heartbeats.not_publishing()
