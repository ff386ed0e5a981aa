"""Every kind of bad luck: what the network accepted, and what its client sees."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.sandbox_server import Sandbox

NETWORKS = ("mastodon", "bluesky", "facebook")
PAGE = "106700000000001"


@pytest.fixture
def publish(sandbox: Sandbox, http: httpx.Client):
    """Post a text on a network with plain HTTP. → the answer."""
    login = {"identifier": "maison-lumiere.test", "password": "sandbox-app-pass"}
    session = http.post(f"{sandbox.bluesky}/xrpc/com.atproto.server.createSession", json=login).json()

    def send(network: str, text: str, **options) -> httpx.Response:
        if network == "mastodon":
            headers = {"Authorization": "Bearer sandbox-mastodon-maison_lumiere"}
            return http.post(f"{sandbox.mastodon}/api/v1/statuses", json={"status": text}, headers=headers, **options)
        if network == "facebook":
            headers = {"Authorization": "Bearer sandbox-facebook-maison_lumiere"}
            return http.post(
                f"{sandbox.facebook}/v26.0/{PAGE}/feed", json={"message": text}, headers=headers, **options
            )
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-23T15:00:00.000Z"}
        body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record}
        headers = {"Authorization": f"Bearer {session['accessJwt']}"}
        return http.post(f"{sandbox.bluesky}/xrpc/com.atproto.repo.createRecord", json=body, headers=headers, **options)

    return send


def texts(sandbox: Sandbox, network: str) -> list[str]:
    return [post["text"] for post in sandbox.posts(network)]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("effect", "accepted"), [("drop", ["x"]), ("close_before", [])])
def test_a_cut_connection(sandbox, publish, network, effect, accepted):
    sandbox.fault(effect, network, method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        publish(network, "x")
    assert texts(sandbox, network) == accepted
    assert publish(network, "y").status_code == 200


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("effect", "accepted"), [("500_after", ["x"]), ("500_before", [])])
def test_an_internal_error(sandbox, publish, network, effect, accepted):
    sandbox.fault(effect, network, method="POST", count=2)
    answer = publish(network, "x")
    assert (answer.status_code, "error" in answer.json()) == (500, True)
    assert texts(sandbox, network) == accepted


@pytest.mark.parametrize("network", NETWORKS)
def test_a_malformed_body_hides_an_accepted_post(sandbox, publish, network):
    sandbox.fault("malformed", network)
    answer = publish(network, "x")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated string"):
        answer.json()
    assert texts(sandbox, network) == ["x"]


def test_rate_limits_in_each_networks_words(sandbox, publish):
    answers = {}
    for network in NETWORKS:
        sandbox.fault("429", network, retry_after=120)
        answers[network] = publish(network, "x")
        assert texts(sandbox, network) == []
    assert (answers["mastodon"].status_code, answers["mastodon"].headers["X-RateLimit-Remaining"]) == (429, "0")
    assert answers["mastodon"].headers["X-RateLimit-Reset"].endswith("Z")
    assert (answers["bluesky"].status_code, answers["bluesky"].headers["Retry-After"]) == (429, "120")
    assert 100 < int(answers["bluesky"].headers["RateLimit-Reset"]) - time.time() < 130
    assert (answers["facebook"].status_code, answers["facebook"].json()["error"]["code"]) == (400, 32)
    assert '"estimated_time_to_regain_access":2' in answers["facebook"].headers["X-Business-Use-Case-Usage"]


def test_expired_tokens_in_each_networks_words(sandbox, publish):
    for network in NETWORKS:
        sandbox.fault("expired_token", network)
    answers = {network: publish(network, "x") for network in NETWORKS}
    assert (answers["mastodon"].status_code, answers["mastodon"].json()["error"]) == (
        401,
        "The access token was revoked",
    )
    assert (answers["bluesky"].status_code, answers["bluesky"].json()["error"]) == (400, "ExpiredToken")
    error = answers["facebook"].json()["error"]
    assert (answers["facebook"].status_code, error["code"], error["error_subcode"]) == (400, 190, 463)
    assert sandbox.posts() == []


@pytest.mark.parametrize(("effect", "at_once"), [("latency", ["x"]), ("slow_accept", [])])
def test_a_client_that_gives_up_before_the_answer(sandbox, publish, effect, at_once):
    sandbox.fault(effect, "mastodon", seconds=1.5)
    with pytest.raises(httpx.ReadTimeout):
        publish("mastodon", "x", timeout=0.3)
    assert texts(sandbox, "mastodon") == at_once
    time.sleep(1.3)
    while not texts(sandbox, "mastodon"):  # it comes, however busy the machine
        time.sleep(0.05)
    assert texts(sandbox, "mastodon") == ["x"]
    sandbox.fault(effect, "mastodon", seconds=0.2)
    began = time.monotonic()
    assert publish("mastodon", "y").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_a_rule_hits_what_it_names_and_as_often_as_it_says(sandbox, publish):
    sandbox.fault("500_before", "mastodon", method="GET")
    sandbox.fault("500_before", "mastodon", path="/api/v1/media$")
    assert publish("mastodon", "x").status_code == 200
    sandbox.clear_faults()
    sandbox.fault("500_before", path=r"/statuses$|/feed$|createRecord$", count=2)
    assert [publish(network, "x").status_code for network in NETWORKS] == [500, 500, 200]
    [rule] = sandbox.http.get(f"{sandbox.home}/_faults").json()["faults"]
    assert (rule["hits"], rule["count"]) == (2, 0)


def test_probability_is_repeatable_by_its_seed(sandbox, publish):
    def run() -> list[int]:
        sandbox.clear_faults()
        sandbox.fault("500_before", "facebook", count=None, probability=0.4, seed=7)
        return [publish("facebook", "x").status_code for _ in range(20)]

    first = run()
    assert first == run()
    assert {200, 500} == set(first)


def test_faults_of_a_network_port_are_that_networks(sandbox, http, publish):
    made = http.post(f"{sandbox.bluesky}/_faults", json={"effect": "500_before"})
    assert made.json()["network"] == "bluesky"
    assert publish("mastodon", "x").status_code == 200
    assert publish("bluesky", "x").status_code == 500
    http.delete(f"{sandbox.bluesky}/_faults")
    assert publish("bluesky", "x").status_code == 200


def test_a_wrong_rule_says_what_to_correct(sandbox, http):
    for body, hint in (
        ({"effect": "boom"}, "use one of"),
        ({"effect": "drop", "match": {"path": "("}}, "regular expression"),
        ({"effect": "drop", "network": "myspace"}, "use one of"),
    ):
        answer = http.post(f"{sandbox.home}/_faults", json=body)
        assert answer.status_code == 400
        assert hint in answer.json()["error"]


def test_one_in_five_answers_dropped_and_the_log_still_counts_exactly(sandbox, publish):
    sandbox.fault("drop", "facebook", count=None, probability=0.2, seed=3)
    lost = 0
    for number in range(50):
        try:
            publish("facebook", f"n{number}")
        except httpx.RemoteProtocolError:
            lost += 1
    assert 3 < lost < 20
    assert [w["text"] for w in sandbox.log("facebook")] == [f"n{i}" for i in range(50)]
    assert len({p["id"] for p in sandbox.posts("facebook")}) == 50
