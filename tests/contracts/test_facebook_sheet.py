"""What the connector sends and what the sandbox answers, beside our table of the Graph API's documentation for Pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from socialops.networks.ports import Action, Connector, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.sheet import Sheet
from tests.fakes.files import media, picture, subtitles
from tests.networks.driving import Ledger, content, create, publish, ref, settled
from tests.networks.receiver import receiving
from tests.networks.test_facebook import SAMPLE, film, reel, story
from tests.networks.test_meta import APP, write
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "facebook"


def challenge(connector: Connector, query: Mapping[str, str]) -> str:
    answer = connector.handshake(query=query, app=APP)
    assert answer is not None
    return answer.body


def connect(sandbox: Sandbox, connector: Connector) -> None:
    """By a browser; and given back."""
    connector.check_app(app={}, redirect_uri=REDIRECT)
    started = connector.authorization(base_url=sandbox.facebook, redirect_uri=REDIRECT, app={})
    account = complete(connector, started, consent(started))[0]
    target = target_of(connector, sandbox, account)
    connector.refresh(target)
    connector.revoke(target, app={})


def publish_all(connector: Connector, target: Target) -> None:
    """Each form of a post, and each question after a lost answer."""
    cover = media("cover", data=picture("navy"))
    two = SAMPLE.content(media=(media("a"), media("b")))
    spoken = replace(film(more=2_500_000), subtitles=(subtitles("fr"), subtitles("en")))
    clip = SAMPLE.content("Le film", media=(spoken,), cover=cover, options={"title": "Atelier", "age_min": "21"})
    cards = {"card_links": ["https://example.com/a", "https://example.com/b"], "card_titles": ["Laiton"]}
    audience = {"countries": ["FR", "be"], "age_min": "18"}
    cards |= {**audience, "location": "110774245616525"}
    posts = [
        SAMPLE.content(link="https://example.com/a", options={**audience, "location": "110774245616525"}),
        two,
        clip,
        SAMPLE.content(media=(film(),)),
        reel(title="Atelier", **audience, location="110774245616525"),
        SAMPLE.content(media=(media("a"), media("b")), options={"format": "carousel", **cards}),
    ]
    contents = [*posts, story(media()), story(film())]
    for what in contents:
        prepared, handles = create(connector, target, what, Ledger())
        made = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
        connector.find_published(target, prepared, handles=handles, since=what.created_at)
        connector.pull_post_metrics(target, external_ids=[made.external_id])
        if what in posts:
            connector.edit(target, SAMPLE.content("Autrement"), external_id=made.external_id)
            connector.delete(target, external_id=made.external_id)


def everything(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    """Each other call that the connector knows, once at least."""
    connector.fetch_limits(target)
    connector.verify(target)
    what = content()
    root = publish(connector, target, what)
    connector.commit_part(target, what, root=root, parent=root, text="Suite", key="k")
    connector.find_part(target, root=root, parent=root, text="Suite", key="k", since=what.created_at)
    connector.read_post(target, external_id=root.external_id)
    connector.read_post(target, external_id="1")
    sandbox.crowd("facebook", "comment", post_id=root.external_id, text="Oui")
    sandbox.crowd("facebook", "mention", account=target.external_id, text="")
    write(sandbox, target, "Bonjour ?")
    page = connector.pull_mentions(target, cursor={}, watched=[root.external_id])
    connector.pull_mentions(target, cursor=page.cursor, watched=[root.external_id])
    found = {mention.kind: ref(mention) for mention in page.mentions}
    assert found.keys() == {"comment", "mention", "message"}
    for to in found.values():
        connector.reply(target, to=to, text="Merci", key="k")
        connector.find_reply(target, to=to, text="Merci", key="k", since=what.created_at)
    connector.reply(target, to=found["comment"], text="Entre nous", key="k", private=True)
    for action in (Action.LIKE, Action.UNLIKE, Action.HIDE, Action.UNHIDE, Action.DELETE):
        connector.act(target, action=action, on=found["comment"])
    connector.pull_account_metrics(target)


def test_calls_and_answers_keep_to_the_sheet(
    sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target
) -> None:
    connect(sandbox, connector)
    publish_all(connector, target)
    everything(sandbox, connector, target)
    with receiving(lambda query: challenge(connector, query)) as callbacks:
        connector.subscribe(target, callback_url=callbacks.url)
    sheet = Sheet("facebook")
    assert [problem for exchange in exchanges for problem in sheet.judge(exchange)] == []
    assert sheet.never_made(exchanges) == []
