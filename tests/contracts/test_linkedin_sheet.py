"""What the connector sends and what the sandbox answers, beside our table of LinkedIn's documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from socialops.networks.ports import Action, Connector, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.sheet import Sheet
from tests.fakes.files import media, subtitles, video
from tests.networks.driving import content, publish, ref
from tests.networks.linkedin import seeded_member, steer
from tests.networks.samples import POLL
from tests.networks.test_linkedin import AUDIENCE
from tests.networks.test_linkedin_files import document
from tests.networks.test_linkedin_people import APP, NUMBER, Receiver
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "linkedin"


@pytest.fixture
def receiver(connector: Connector) -> Iterator[Receiver]:
    started = Receiver(connector)
    yield started
    started.server.shutdown()
    started.server.server_close()


def connect(sandbox: Sandbox, connector: Connector) -> Target:
    """By a browser: the first of the Pages, as the person who manages it."""
    connector.check_app(app={}, redirect_uri=REDIRECT)
    started = connector.authorization(base_url=sandbox.url("linkedin"), redirect_uri=REDIRECT, app={})
    accounts = complete(connector, started, consent(started))
    page = next(account for account in accounts if ":organization:" in account.external_id)
    target = target_of(connector, sandbox, page)
    connector.refresh(target)
    return target


def everything(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    connector.verify(target)
    what = content("Voici (enfin) #lumière")
    root = publish(connector, target, what)
    steer(sandbox, followers={target.external_id: 5_000})
    place = connector.find_places(target, query="belgium")[0].option
    publish(connector, target, content(options={**AUDIENCE, "audience_place": place}))
    card = {"link_title": "Lampes", "link_description": "Toutes"}
    publish(connector, target, content(link="https://example.com/a", cover=media("c"), options=card))
    publish(connector, target, content(media=(media(),)))
    publish(connector, target, content(media=(media("a"), media("b"))))
    publish(connector, target, content(media=(document(),)))
    publish(connector, target, content(options={**POLL, "poll_duration": "fourteen_days"}))
    publish(connector, target, content("À voir", options={"quote": root.url}))
    spoken = video(subtitles=(subtitles("fr"),))
    film = publish(connector, target, content(media=(spoken,), cover=media("c"), options={"title": "Atelier"}))
    publish(connector, target, content(media=(video("v2", subtitles=(subtitles("en-GB"),)),)))
    part = connector.commit_part(target, what, root=root, parent=root, text="Suite", key="k")
    connector.find_part(target, root=root, parent=root, text="Suite", key="k", since=what.created_at)
    connector.edit(target, content("Corrigé"), external_id=part.external_id)
    connector.find_published(target, what, handles={}, since=what.created_at)
    connector.edit(target, content("Autrement"), external_id=root.external_id)
    connector.read_post(target, external_id=root.external_id)
    sandbox.crowd("linkedin", "comment", post_id=root.external_id, text="Oui", author="Léa Moreau")
    sandbox.crowd("linkedin", "mention", account=target.external_id, text="")
    page = connector.pull_mentions(target, cursor={}, watched=[root.external_id])
    connector.pull_mentions(target, cursor=page.cursor, watched=[root.external_id])
    found = {mention.kind: ref(mention) for mention in page.mentions}
    for to in found.values():
        connector.reply(target, to=to, text="Merci", key="k")
    connector.find_reply(target, to=found["comment"], text="Merci", key="k", since=what.created_at)
    for action in (Action.LIKE, Action.UNLIKE, Action.DELETE):
        connector.act(target, action=action, on=found["comment"])
    connector.pull_post_metrics(target, external_ids=[root.external_id, film.external_id])
    connector.pull_account_metrics(target)
    connector.delete(target, external_id=root.external_id)


def test_calls_and_answers_keep_to_the_sheet(
    sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target, receiver: Receiver
) -> None:
    page = connect(sandbox, connector)
    everything(sandbox, connector, target)
    member = seeded_member(sandbox, connector)
    connector.subscribe(replace(target, app={**APP, "application_id": NUMBER}), callback_url=receiver.url)
    post = publish(connector, member, content())
    connector.pull_post_metrics(member, external_ids=[post.external_id])
    connector.pull_account_metrics(member)
    connector.revoke(page, app={})
    sheet = Sheet("linkedin")
    assert [problem for exchange in exchanges for problem in sheet.judge(exchange)] == []
    assert sheet.never_made(exchanges) == []
