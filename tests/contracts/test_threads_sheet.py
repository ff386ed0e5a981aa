"""What the connector sends and what the sandbox answers, beside our table of Threads' documentation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from socialops.networks.ports import Action, Connector, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.sheet import Sheet
from tests.fakes.files import media, video
from tests.networks.driving import publish, ref
from tests.networks.samples import POLL
from tests.networks.samples.threads import SAMPLE
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.networks.test_threads import steer
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "threads"


def connect(sandbox: Sandbox, connector: Connector) -> None:
    """By a browser; and the token renewed when it is a day old."""
    connector.check_app(app={}, redirect_uri=REDIRECT)
    started = connector.authorization(base_url=sandbox.url("threads"), redirect_uri=REDIRECT, app={})
    (account,) = complete(connector, started, consent(started))
    target = target_of(connector, sandbox, account)
    values = {**target.credentials.values, "renewed_at": (datetime.now(UTC) - timedelta(days=2)).isoformat()}
    steer(sandbox, "_token", access_token=values["access_token"], age=2 * 86_400)
    assert connector.refresh(replace(target, credentials=replace(target.credentials, values=values))) is not None


def everything(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    (place,) = connector.find_places(target, query="café de flore")
    options = {"reply_control": "mentioned_only", "topic_tag": "lampes", "location": place.option}
    options |= {"share_to_instagram": True, "countries": ["FR", "BE"]}
    what = SAMPLE.content(link="https://example.com/a", options=options)
    root = publish(connector, target, what)
    publish(
        connector, target, SAMPLE.content(media=(video(),), options={"spoiler_media": True, "reply_approvals": True})
    )
    both = publish(connector, target, SAMPLE.content(media=(media("a"), media("b")), options=options))
    publish(connector, target, SAMPLE.content(link="https://example.com/b", options=POLL))
    publish(connector, target, SAMPLE.content(media=(media(),), options={"quote": root.url}))
    made = sandbox.crowd("threads", "mention", account=target.external_id, text="Vu")
    publish(connector, target, SAMPLE.content(link="https://example.com/c", options={"quote": made["url"]}))
    forms = {name: SAMPLE.content("Bonjour ||à tous||", **fields) for name, fields in SAMPLE.more_forms.items()}
    out = {name: publish(connector, target, content) for name, content in forms.items()}
    connector.find_published(target, forms["ghost"], handles={}, since=datetime.now(UTC))
    steer(sandbox, "_age", id=out["ghost"].external_id, seconds=90_000)
    connector.pull_post_metrics(target, external_ids=[out["ghost"].external_id])
    now = datetime.now(UTC)
    connector.commit_part(target, what, root=root, parent=root, text="Suite", key="k")
    connector.find_part(target, root=root, parent=root, text="Suite", key="k", since=now)
    connector.find_published(target, what, handles={}, since=now)
    connector.read_post(target, external_id="1")
    sandbox.crowd("threads", "comment", post_id=root.external_id, text="Oui")
    sandbox.crowd("threads", "mention", account=target.external_id, text="")
    page = connector.pull_mentions(target, cursor={}, watched=[root.external_id])
    connector.pull_mentions(target, cursor=page.cursor, watched=[root.external_id])
    found = {mention.kind: ref(mention) for mention in page.mentions}
    assert found.keys() == {"reply", "mention"}
    for to in found.values():
        connector.reply(target, to=to, text="Merci", key="k")
    connector.find_reply(target, to=found["reply"], text="Merci", key="k", since=now)
    for action in (Action.HIDE, Action.UNHIDE):
        connector.act(target, action=action, on=found["reply"])
    sandbox.crowd("threads", "comment", post_id=out["gif"].external_id, text="Et moi ?")
    (waiting,) = connector.pull_mentions(target, cursor={}, watched=[out["gif"].external_id]).mentions[:1]
    connector.read_held(target, root=out["gif"].external_id)
    connector.act(target, action=Action.UNHIDE, on=ref(waiting))
    connector.pull_post_metrics(target, external_ids=[root.external_id, both.external_id])
    connector.pull_account_metrics(target)
    connector.delete(target, external_id=both.external_id)


def test_calls_and_answers_keep_to_the_sheet(
    sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target
) -> None:
    connect(sandbox, connector)
    everything(sandbox, connector, target)
    sheet = Sheet("threads")
    assert [problem for exchange in exchanges for problem in sheet.judge(exchange)] == []
    assert sheet.never_made(exchanges) == []
