"""What every file here needs to know of Instagram; the calls themselves are Meta's (`networks.meta`)."""

from __future__ import annotations

from typing import Any

from socialops.networks.data import network_data
from socialops.networks.http import Answer
from socialops.networks.meta.graph import GONE, by_instagram_login, call, error_code
from socialops.networks.meta.login import DEAD_TOKEN
from socialops.networks.ports import Target

NETWORK = "instagram"
FACEBOOK_LOGIN, INSTAGRAM_LOGIN = "facebook", "instagram"
PLATFORM = "instagram"  # of an account's conversations


def profile_url(handle: str) -> str:
    return f"{network_data(NETWORK)['hosts']['app']}/{handle}/"


def page_of(target: Target) -> str:
    """Whose messages and subscriptions they are: the Page's with Facebook Login, else the account's own."""
    return target.external_id if by_instagram_login(target) else str(target.credentials.values.get("page_id") or "me")


def ours(target: Target) -> frozenset[str]:
    """The ids under which the account writes messages."""
    return frozenset({target.external_id, page_of(target)})


def read_object(target: Target, external_id: str, **params: Any) -> Answer:
    """A container or media, which a Page's token now and then doesn't see (100/33): then the person's is tried, where it is kept. GONE is left to the caller."""
    answer = call(target, "GET", external_id, params=params, accept=(GONE,))
    person = str(target.credentials.values.get("user_token") or "")
    if error_code(answer) != GONE or not person:
        return answer
    again = call(target, "GET", external_id, params=params, accept=DEAD_TOKEN, token=person)
    return (
        answer if error_code(again) in DEAD_TOKEN else again
    )  # the person's token ends after 60 days, the Page's doesn't
