"""What the connector sends and what the sandbox answers, beside our table of Instagram's documentation, by both logins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socialops.networks.meta.graph import by_instagram_login
from socialops.networks.ports import Action, Connector, Content, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.sheet import Sheet
from tests.contracts.test_facebook_sheet import challenge
from tests.fakes.files import media, picture, video
from tests.networks.driving import Ledger, create, publish, ref, settled
from tests.networks.receiver import receiving
from tests.networks.test_instagram import OWN_APP, SAMPLE, as_story, own
from tests.networks.test_meta import write
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.sandbox_server import Sandbox

__all__ = ["own"]


@pytest.fixture
def network() -> str:
    return "instagram"


def contents() -> list[Content]:
    """Each form of a post."""
    cover = media("cover", data=picture("navy", 360, 640))
    mixed = SAMPLE.content(
        media=(media("a"), video("b")),
        options={"collaborators": ["@atelier"], "location": "110843", "tagged_people": ["@atelier"]},
    )
    clip = SAMPLE.content(
        media=(video(),),
        cover=cover,
        options={"format": "reel", "ai_generated": True, "trial": "manual", "tagged_people": ["a"]},
    )
    still = SAMPLE.content(media=(video(),), options={"format": "reel", "share_to_feed": False, "thumb_offset": 1000})
    return [
        SAMPLE.content(options={"comments_enabled": False, "tagged_people": ["a", "b"]}),
        mixed,
        clip,
        still,
        as_story(media()),
        as_story(video()),
    ]


def everything(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    connector.verify(target)
    made = []
    for what in contents():
        prepared, handles = create(connector, target, what, Ledger())
        made.append(settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles)))
        connector.find_published(target, prepared, handles=handles, since=what.created_at)
    connector.pull_post_metrics(target, external_ids=[post.external_id for post in made])
    what = SAMPLE.content(options={} if by_instagram_login(target) else {"paid_partnership": True})
    root = publish(connector, target, what)
    connector.commit_part(target, what, root=root, parent=root, text="Suite", key="k")
    connector.find_part(target, root=root, parent=root, text="Suite", key="k", since=what.created_at)
    connector.read_post(target, external_id=root.external_id)
    connector.read_post(target, external_id="1")
    sandbox.crowd("instagram", "comment", post_id=root.external_id, text="Oui")
    sandbox.crowd("instagram", "mention", account=target.external_id, text="")
    write(sandbox, target, "Bonjour ?")
    page = connector.pull_mentions(target, cursor={}, watched=[root.external_id])
    connector.pull_mentions(target, cursor=page.cursor, watched=[root.external_id])
    found = {mention.kind: ref(mention) for mention in page.mentions}
    for kind, to in found.items():
        connector.reply(target, to=to, text="Merci", key="k")
        if kind != "mention":
            connector.find_reply(target, to=to, text="Merci", key="k", since=what.created_at)
    connector.reply(target, to=found["comment"], text="Entre nous", key="k", private=True)
    for action in (Action.HIDE, Action.UNHIDE, Action.DELETE):
        connector.act(target, action=action, on=found["comment"])
    connector.pull_account_metrics(target)
    if target.app != OWN_APP:
        connector.delete(target, external_id=root.external_id)
    with receiving(lambda query: challenge(connector, query)) as callbacks:
        connector.subscribe(target, callback_url=callbacks.url)


def by_facebook(sandbox: Sandbox, connector: Connector) -> Target:
    connector.check_app(app={}, redirect_uri=REDIRECT)
    started = connector.authorization(base_url=sandbox.url("instagram"), redirect_uri=REDIRECT, app={})
    target = target_of(connector, sandbox, complete(connector, started, consent(started))[0])
    connector.refresh(target)
    return target


def by_instagram(sandbox: Sandbox, connector: Connector) -> Target:
    connector.check_app(app=OWN_APP, redirect_uri=REDIRECT)
    started = connector.authorization(base_url=sandbox.url("instagram"), redirect_uri=REDIRECT, app=OWN_APP)
    query = consent(started)
    (account,) = connector.complete_authorization(
        query=query, pending=started.pending, redirect_uri=REDIRECT, app=OWN_APP
    )
    return replace(target_of(connector, sandbox, account), app=OWN_APP)


def test_calls_and_answers_keep_to_the_sheet(
    sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target, own: Target
) -> None:
    given = by_facebook(sandbox, connector)
    everything(sandbox, connector, target)
    connector.revoke(given, app={})
    everything(sandbox, connector, by_instagram(sandbox, connector))
    assert connector.refresh(own) is not None
    sheet = Sheet("instagram")
    assert [problem for exchange in exchanges for problem in sheet.judge(exchange)] == []
    assert sheet.never_made(exchanges) == []
