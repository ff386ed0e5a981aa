"""What hangs on a Threads post beside its words and files: hidden words, a long text, a GIF; ghost posts; replies that wait to be approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import Code, NetworkError, ValidationError
from socialops.networks.ports import Action, Connector, Finding, Held, Target
from socialops.networks.threads.answers import call
from tests.fakes.files import media, video
from tests.networks.driving import Ledger, create, publish, ref
from tests.networks.samples.threads import LONG, SAMPLE
from tests.networks.test_threads import REDIRECT, Graph, codes, complete, consent, graph, long_ago, posts, steer
from tests.sandbox_server import Sandbox

__all__ = ["graph"]  # a fixture
SCOPES = network_data("threads")["oauth"]["scopes"]
GHOST = {"format": "ghost"}
DAY = 86_400


@pytest.fixture
def network() -> str:
    return "threads"


# ---------------------------------------------------------------- hidden words and files


def test_hidden_words_are_told_apart_from_the_text(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    content = SAMPLE.content("🎉 Le tueur est ||le 👨‍👩‍👧 majordome||, pas ||elle||")
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    seen = graph(published.external_id, fields="text,text_entities")
    assert seen["text"] == "🎉 Le tueur est le 👨‍👩‍👧 majordome, pas elle"
    units = seen["text"].encode("utf-16-le")
    hidden = [units[2 * e["offset"] : 2 * (e["offset"] + e["length"])] for e in seen["text_entities"]]
    assert [part.decode("utf-16-le") for part in hidden] == ["le 👨‍👩‍👧 majordome", "elle"]
    page = sandbox.http.get(published.url).text
    assert "majordome" not in page
    assert "▒▒▒▒" in page


def test_marks_are_not_counted(connector: Connector) -> None:
    assert connector.count_text("||ab|| c", limits={}).length == 4
    assert codes(connector, SAMPLE.content("||" + "a" * 498 + "|| b")) == []
    assert codes(connector, SAMPLE.content("||" + "a" * 499 + "|| b")) == [("text_too_long", "text")]
    parts = {"parts": ("||" + "a" * 500 + "||",), "first_comment": "||" + "a" * 500 + "||"}
    assert codes(connector, SAMPLE.content(**parts)) == []


@pytest.mark.parametrize("field", ["text", "parts", "first_comment"])
def test_ten_places_are_hidden_at_most(connector: Connector, field: str) -> None:
    ten, eleven = " ".join(["||a||"] * 10), " ".join(["||a||"] * 11)
    for text, problems in ((ten, []), (eleven, [("too_many_spoilers", field)])):
        said = (text,) if field == "parts" else text
        assert codes(connector, SAMPLE.content(**{"text": "Bonjour", field: said})) == problems


def test_the_parts_of_a_thread_hide_words_and_are_found_again(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    content, before = SAMPLE.content(), datetime.now(UTC)
    root = publish(connector, target, content)
    part = {"root": root, "parent": root, "text": "La fin : ||elle part||", "key": "k"}
    sandbox.fault("drop", "threads", method="POST", path="/threads_publish$")
    with pytest.raises(NetworkError):
        connector.commit_part(target, content, **part)
    found = connector.find_part(target, **part, since=before)
    assert found.published is not None
    seen = graph(found.published.external_id, fields="text,text_entities")
    assert seen["text"] == "La fin : elle part"
    assert seen["text_entities"] == [{"entity_type": "SPOILER", "offset": 9, "length": 9}]


@pytest.mark.parametrize("files", [(media,), (video,), (media, media)])
def test_files_are_hidden(connector: Connector, target: Target, graph: Graph, files: Any) -> None:
    content = SAMPLE.content(
        "||Chut||", media=tuple(make(str(n)) for n, make in enumerate(files)), options={"spoiler_media": True}
    )
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    seen = graph(published.external_id, fields="is_spoiler_media,text,text_entities")
    assert (seen["is_spoiler_media"], seen["text"], len(seen["text_entities"])) == (True, "Chut", 1)


# ---------------------------------------------------------------- a long text


def test_a_long_text_goes_out_with_its_styles_and_the_card(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    written = "😀 **Gras *et penché***\n\nFin de l’==histoire==."
    options = {"format": "long", "long_text": written, "topic_tag": "Lampes"}
    content = SAMPLE.content("À lire", link="https://example.com/a", options=options)
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    seen = graph(published.external_id, fields="text,text_attachment,link_attachment_url,topic_tag,media_type")
    assert (seen["text"], seen["topic_tag"], seen["media_type"]) == ("À lire", "Lampes", "TEXT_POST")
    assert seen["link_attachment_url"] == "https://example.com/a"
    assert seen["text_attachment"] == {
        "plaintext": "😀 Gras et penché\n\nFin de l’histoire.",
        "text_with_styling_info": [
            {"offset": 3, "length": 5, "styling_info": ["bold"]},
            {"offset": 8, "length": 9, "styling_info": ["bold", "italic"]},
            {"offset": 28, "length": 8, "styling_info": ["highlight"]},
        ],
    }
    page = sandbox.http.get(published.url).text
    assert "<strong>Gras </strong>" in page
    assert "<mark>histoire</mark>" in page


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"options": {"format": "long"}}, ("option_missing", "options")),
        ({"options": {"format": "long", "long_text": "a" * 10_001}}, ("option_too_long", "options")),
        ({"options": {"format": "long", "long_text": LONG}, "media": (media(),)}, ("not_supported", "media")),
        ({"text": " ", "options": {"format": "long", "long_text": LONG}}, ("text_empty", "text")),
        ({"options": {"gif": "https://example.com/a.gif"}}, ("option_invalid", "options")),
        ({"options": {"gif": "https://gph.is/2abcde"}}, ("option_invalid", "options")),
        ({"options": {"gif": "JIX9t2j0ZTN9S"}, "media": (media(),)}, ("option_without_files", "options")),
        ({"options": GHOST, "media": (video(),)}, ("not_supported", "media")),
        ({"options": GHOST, "parts": ("Suite",)}, ("not_supported", "parts")),
        ({"options": GHOST, "first_comment": "Lien"}, ("not_supported", "first_comment")),
    ],
)
def test_what_does_not_go_together_is_said_before(connector: Connector, more: dict[str, Any], problem: Any) -> None:
    assert codes(connector, SAMPLE.content(**{"text": "Bonjour", **more})) == [problem]


# ---------------------------------------------------------------- a GIF


@pytest.mark.parametrize(
    "written",
    [
        "JIX9t2j0ZTN9S",
        "https://giphy.com/gifs/chat-qui-tape-JIX9t2j0ZTN9S",
        " https://giphy.com/gifs/JIX9t2j0ZTN9S?utm_source=x ",
        "https://giphy.com/embed/JIX9t2j0ZTN9S",
        "https://media.giphy.com/media/JIX9t2j0ZTN9S/giphy.gif",
        "https://media3.giphy.com/media/v1.Y2lkPTc5MGI3/JIX9t2j0ZTN9S/giphy.gif?cid=1&rid=giphy.gif",
        "https://i.giphy.com/JIX9t2j0ZTN9S.webp",
    ],
)
def test_a_gif_is_named_as_giphy_shows_it(connector: Connector, target: Target, graph: Graph, written: str) -> None:
    content = SAMPLE.content("Regardez", link="https://example.com/a", options={"gif": written})
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    seen = graph(published.external_id, fields="gif_url,text,link_attachment_url")
    assert "JIX9t2j0ZTN9S" in seen["gif_url"]
    assert seen["text"] == "Regardez\n\nhttps://example.com/a"  # one thing hangs on a text
    assert "link_attachment_url" not in seen


# ---------------------------------------------------------------- ghost posts


def test_a_ghost_post_carries_its_words_alone(connector: Connector, target: Target, graph: Graph) -> None:
    content = SAMPLE.content("Ce soir ||à 18 h||", link="https://example.com/a", options=GHOST)
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    seen = graph(published.external_id, fields="text,ghost_post_status,text_entities,link_attachment_url")
    assert (seen["text"], seen["ghost_post_status"]) == ("Ce soir à 18 h\n\nhttps://example.com/a", "ACTIVE")
    assert len(seen["text_entities"]) == 1
    assert "link_attachment_url" not in seen
    assert graph(f"{target.external_id}/threads", fields="id")["data"] == []


def test_what_a_ghost_post_does_not_take_is_not_sent(connector: Connector, target: Target) -> None:
    """Options of other forms that the check would not name: they have no meaning here."""
    content = SAMPLE.content(options={**GHOST, "gif": "JIX9t2j0ZTN9S"})
    assert codes(connector, content) == []
    assert publish(connector, target, content).external_id


@pytest.mark.parametrize("effect", ["drop", "500_after", "malformed"])
def test_a_lost_ghost_post_is_found_among_its_kind(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str
) -> None:
    since = datetime.now(UTC)
    plain = publish(connector, target, SAMPLE.content("Bientôt ||parti||"))
    prepared, handles = create(connector, target, SAMPLE.content("Bientôt ||parti||", options=GHOST), Ledger())
    sandbox.fault(effect, "threads", method="POST", path="/threads_publish$")
    with pytest.raises(NetworkError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=since)
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    assert found.published.external_id != plain.external_id
    assert len(posts(sandbox, target)) == 2
    connector.delete(target, external_id=found.published.external_id)
    assert connector.find_published(target, prepared, handles={}, since=long_ago()).finding is Finding.NOT_PUBLISHED


def test_a_ghost_post_whose_day_is_over_keeps_nobody_from_the_others(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    ghost = publish(connector, target, SAMPLE.content(options=GHOST))
    root = publish(connector, target, SAMPLE.content())
    sandbox.crowd("threads", "comment", post_id=root.external_id, text="Bravo")
    ids = [ghost.external_id, root.external_id]
    assert set(connector.pull_post_metrics(target, external_ids=ids).metrics) == set(ids)
    address = ghost.url.removeprefix(sandbox.url("threads"))
    assert address in sandbox.http.get(sandbox.url("threads")).text
    steer(sandbox, "_age", id=ghost.external_id, seconds=DAY + 1)
    assert address not in sandbox.http.get(sandbox.url("threads")).text
    read = connector.pull_post_metrics(target, external_ids=ids)
    assert (set(read.metrics), read.gone, read.dead) == ({root.external_id}, {ghost.external_id}, {})
    page = connector.pull_mentions(target, cursor={}, watched=ids)
    assert [mention.text for mention in page.mentions] == ["Bravo"]


# ---------------------------------------------------------------- replies that wait to be approved


def test_replies_wait_in_the_inbox_until_they_are_shown(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    published = publish(connector, target, SAMPLE.content(options={"reply_approvals": True}))
    plain = publish(connector, target, SAMPLE.content())
    watched = [published.external_id, plain.external_id]
    reply = sandbox.crowd("threads", "comment", post_id=published.external_id, text="Bravo")["id"]
    sandbox.crowd("threads", "comment", post_id=plain.external_id, text="Joli")
    page = connector.pull_mentions(target, cursor={}, watched=watched)
    found = {mention.text: mention for mention in page.mentions}
    assert {text: mention.waits for text, mention in found.items()} == {"Bravo": True, "Joli": False}
    public = sandbox.http.get(published.url).text
    assert "Replies are shown once the author has approved them." in public
    assert "Bravo" not in public
    again = connector.pull_mentions(target, cursor=page.cursor, watched=watched)
    assert {mention.text for mention in again.mentions} <= {"Bravo", "Joli"}  # of the very second last seen
    connector.act(target, action=Action.UNHIDE, on=ref(found["Bravo"]))
    assert "Bravo" in sandbox.http.get(published.url).text
    seen = connector.pull_mentions(target, cursor={}, watched=watched)
    assert not any(mention.waits for mention in seen.mentions)
    for action, status in ((Action.HIDE, "HIDDEN"), (Action.UNHIDE, "NOT_HUSHED")):  # from then on like any other
        connector.act(target, action=action, on=ref(found["Bravo"]))
        assert graph(reply, fields="hide_status")["hide_status"] == status
    connector.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        connector.act(target, action=Action.UNHIDE, on=ref(found["Bravo"]))
    assert gone.value.code == Code.PARENT_GONE


def test_what_waits_is_told_apart_from_what_was_passed_over(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = publish(connector, target, SAMPLE.content(options={"reply_approvals": True})).external_id
    plain = publish(connector, target, SAMPLE.content()).external_id
    ids = [sandbox.crowd("threads", "comment", post_id=root, text=text)["id"] for text in ("Un", "Deux", "Trois")]
    assert connector.holds_replies
    assert connector.read_held(target, root=root) == Held(frozenset(ids), frozenset())
    for reply, approve in ((ids[0], "true"), (ids[1], "false")):
        call(target, "POST", f"{reply}/manage_pending_reply", form={"approve": approve})
    assert connector.read_held(target, root=root) == Held(frozenset({ids[2]}), frozenset({ids[1]}))
    assert connector.read_held(target, root=plain) is None  # it refuses the question
    rule = network_data("threads")["read"]
    monkeypatch.setitem(rule, "page_size", 1)
    assert connector.read_held(target, root=root) == Held(frozenset({ids[2]}), frozenset({ids[1]}))
    sandbox.crowd("threads", "comment", post_id=root, text="Quatre")
    monkeypatch.setitem(rule, "pages", 1)
    assert connector.read_held(target, root=root) is None  # there is more than was read


# ---------------------------------------------------------------- a place, a story, countries


def test_a_place_is_found_by_its_words_and_tagged_by_its_number(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    ledger = Ledger()
    assert connector.finds_places
    found = connector.find_places(replace(target, report=ledger.report), query="Café Paris")
    assert [(place.name, place.where) for place in found] == [
        ("Café de Flore", "172 boulevard Saint-Germain, Paris, France")
    ]
    assert [charge.bucket for charge in ledger.charges] == ["locations"]
    assert connector.find_places(target, query="nulle part") == ()
    content = SAMPLE.content(options={"location": found[0].option})
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    assert graph(published.external_id, fields="location_id")["location_id"] == found[0].id
    assert "Café de Flore, Paris" in sandbox.http.get(published.url).text
    assert codes(connector, SAMPLE.content(options={"location": "Café de Flore"})) == [("option_invalid", "options")]


def test_countries_are_for_profiles_that_may_choose_them(connector: Connector, target: Target, graph: Graph) -> None:
    limits = connector.fetch_limits(target)
    assert limits["account"] == {"withheld": [], "geo_gating": True}
    content = SAMPLE.content(options={"countries": ["fr", "BE"], "share_to_instagram": True})
    assert list(connector.check(content, limits=limits)) == []
    assert [problem.code for problem in connector.check(content, limits={})] == ["option_invalid"]
    wrong = connector.check(SAMPLE.content(options={"countries": ["France"]}), limits=limits)
    assert [(problem.code, problem.detail["option"]) for problem in wrong] == [("option_invalid", "countries")]
    published = publish(connector, target, content)
    assert graph(published.external_id, fields="allowlisted_country_codes")["allowlisted_country_codes"] == ["FR", "BE"]


def test_what_was_not_granted_is_said_and_the_rest_goes_on(connector: Connector, target: Target) -> None:
    few = tuple(scope for scope in SCOPES if scope not in ("threads_location_tagging", "threads_share_to_instagram"))
    older = replace(target, credentials=replace(target.credentials, scopes=few))
    limits = connector.fetch_limits(older)
    for options in ({"location": "106078429431815"}, {"share_to_instagram": True}):
        found = connector.check(SAMPLE.content(options=options), limits=limits)
        assert [(problem.code, problem.detail["option"]) for problem in found] == [
            ("option_not_granted", next(iter(options)))
        ]
    plain = SAMPLE.content(options={"topic_tag": "Lampes"})
    assert list(connector.check(plain, limits=limits)) == []
    assert publish(connector, older, plain).external_id


def test_a_permission_that_nobody_knew_was_missing_costs_the_post_and_not_the_channel(
    sandbox: Sandbox, connector: Connector, networks_at_sandbox: None
) -> None:
    base_url = sandbox.url("threads")
    start = connector.authorization(base_url=base_url, redirect_uri=REDIRECT, app={})
    query = consent(start, declined=("threads_location_tagging", "threads_share_to_instagram"))
    [account] = complete(connector, start, query)
    assert account.credentials is not None
    older = Target("threads", base_url, account.external_id, account.handle, account.credentials)
    for options in ({"location": "106078429431815"}, {"share_to_instagram": True}):
        content = SAMPLE.content(options=options)
        assert list(connector.check(content, limits={})) == []  # nobody has asked yet
        with pytest.raises(ValidationError) as refused:  # an AuthError would ask a person to reconnect
            create(connector, older, content, Ledger())
        assert refused.value.code == Code.OPTION_NOT_GRANTED
        assert refused.value.detail["option"] == next(iter(options))
    assert publish(connector, older, SAMPLE.content()).external_id


def test_a_refusal_of_what_hangs_on_it_is_no_post(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    prepared = SAMPLE.content("||a||" * 11)
    with pytest.raises(ValidationError) as refused:
        create(connector, target, prepared, Ledger())
    assert refused.value.code == Code.CONTENT_REFUSED
    assert posts(sandbox, target) == []
