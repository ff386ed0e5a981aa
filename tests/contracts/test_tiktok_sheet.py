"""What the connector sends and what the sandbox answers, beside our table of TikTok's documentation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from socialops.networks.ports import Connector, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.sheet import Sheet
from tests.fakes.files import media
from tests.networks.driving import publish
from tests.networks.samples.tiktok import SAMPLE
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.networks.test_tiktok import MB, film, heavy
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "tiktok"


def connect(sandbox: Sandbox, connector: Connector) -> None:
    """By a browser; the token renewed and given back."""
    connector.check_app(app={}, redirect_uri=REDIRECT)
    started = connector.authorization(base_url=sandbox.url("tiktok"), redirect_uri=REDIRECT, app={})
    (account,) = complete(connector, started, consent(started))
    target = target_of(connector, sandbox, account)
    assert connector.refresh(target) is not None
    connector.revoke(target, app={})


def everything(connector: Connector, target: Target) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    connector.verify(target)
    allowed = {"allow_comments": True, "allow_duet": True, "ai_generated": True, "cover_ms": 1000, "own_brand": True}
    options = {"privacy": "public", "discloses": True, **allowed}
    now = datetime.now(UTC)
    what = SAMPLE.content(options=options)
    root = publish(connector, target, what)
    publish(connector, target, SAMPLE.content(media=(film(heavy(25 * MB)),)))
    pictures = SAMPLE.content(media=(media("a"), media("b")), options={"privacy": "public", "title": "Lampes"})
    publish(connector, target, pictures)
    for files in ((film(heavy(MB)),), (media(),)):
        publish(connector, target, SAMPLE.content(media=files, options={"format": "draft"}))
    connector.find_published(target, pictures, handles={}, since=now)
    connector.read_post(target, external_id=root.external_id)
    connector.pull_post_metrics(target, external_ids=[root.external_id])
    connector.pull_account_metrics(target)


def test_calls_and_answers_keep_to_the_sheet(
    sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target
) -> None:
    connect(sandbox, connector)
    everything(connector, target)
    sheet = Sheet("tiktok")
    assert [problem for exchange in exchanges for problem in sheet.judge(exchange)] == []
    assert sheet.never_made(exchanges) == []
