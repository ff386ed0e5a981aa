"""Every network × every call of a publication × every kind of bad luck: nothing lost, nothing twice, and a sentence that says what is the matter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import translation

from publishing.enums import DeliveryState as S
from publishing.models import Delivery
from publishing.web.present import reason_of, unfinished_of
from socialops.networks.registry import networks
from socialops.tenancy.scope import tenant
from teams.models import Channel
from tests.torture.conftest import LATE_SECONDS, Stage, Step, contents_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)
FORMS = [(network, form) for network in networks() for form in contents_of(network)]
BAD_LUCK = {
    "drop": {},
    "500_after": {},
    "500_before": {},
    "close_before": {},
    "429": {"retry_after": 30},
    "expired_token": {},
    "malformed": {},
    "latency": {"seconds": LATE_SECONDS * 2},  # the answer comes when nobody waits for it any more
}


TELLING = ("429", "expired_token")  # subtitles that a live video refuses at that moment are told, not sent again


_known: dict[tuple[str, str], list[Step]] = {}


@pytest.fixture
def calm(stage_on: Callable[[str], Stage]) -> Callable[[str, str], list[Step]]:
    """Which calls a publication takes without bad luck. Found out once."""

    def run(network: str, form: str) -> list[Step]:
        if (network, form) not in _known:
            stage = stage_on(network)
            delivery = stage.settle(stage.schedule(contents_of(network)[form]))
            assert delivery.state == S.PUBLISHED, stage.story(delivery)
            _known[network, form] = steps_of(stage)
        return _known[network, form]

    return run


@pytest.mark.parametrize("effect", BAD_LUCK)
@pytest.mark.parametrize(("network", "form"), FORMS)
def test_nothing_is_lost_and_nothing_twice(
    calm: Callable[[str, str], list[Step]],
    stage_on: Callable[[str], Stage],
    subtests: pytest.Subtests,
    network: str,
    form: str,
    effect: str,
) -> None:
    steps = calm(network, form)
    assert any(step.one_shot for step in steps), "a publication has a one shot"
    for step in steps:
        with subtests.test(step=str(step)):
            stage = stage_on(network)
            delivery = stage.schedule(contents_of(network)[form])
            stage.sandbox.fault(effect, network, method=step.method, path=step.path, **BAD_LUCK[effect])
            try:
                stage.settle(delivery)
            finally:
                stage.sandbox.clear_faults()
            with tenant(delivery.organization_id):
                _agrees_with_the_public(stage, delivery, effect)


def _agrees_with_the_public(stage: Stage, delivery: Delivery, effect: str) -> None:
    posts, comments = stage.posts(), stage.comments()
    outcomes = stage.story(delivery)
    assert len(posts) <= 1, f"published {len(posts)} times: {outcomes}"
    assert len(comments) <= 1, f"commented {len(comments)} times: {outcomes}"
    if delivery.state == S.PUBLISHED:
        assert len(posts) == 1, f"believed published, the public sees nothing: {outcomes}"
        spoken = [track for file in delivery.payload["media"] for track in file["subtitles"]]
        assert len(posts[0]["subtitles"]) == len(spoken) or (effect in TELLING and unfinished_of(delivery))
        parts = list(delivery.parts.all())
        assert sum(part.state == S.PUBLISHED for part in parts) == len(comments)
        assert all(part.state == S.PUBLISHED or reason_of(part) for part in parts)
    elif delivery.state == S.UNCONFIRMED:
        assert delivery.asks_person, f"nobody is asked: {outcomes}"
    else:
        # only an access that can't be renewed stops a publication for good, and then it says so and the channel too
        assert (delivery.state, effect) == (S.FAILED, "expired_token"), f"lost: {outcomes}"
        assert posts == []
        assert Channel.objects.get(pk=delivery.channel_id).status == Channel.Status.NEEDS_RECONNECTION
    if delivery.state != S.PUBLISHED:
        english = str(reason_of(delivery))
        with translation.override("fr"):
            french = str(reason_of(delivery))
        assert english
        assert french != english
