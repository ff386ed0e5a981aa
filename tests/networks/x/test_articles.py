"""X: articles. What goes out of a Markdown text, what is refused before, what is found after a lost answer, and what it costs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from editorial.problems import sentence_for
from socialops.networks.articles import article_of
from socialops.networks.data import network_data
from socialops.networks.errors import Code, NetworkError, OutageError, RateLimitError, ValidationError
from socialops.networks.ports import Connector, Content, Finding, Target
from socialops.networks.x import audience
from socialops.networks.x.article import body_of
from tests.fakes.files import media, video
from tests.networks.driving import Ledger, content, create, looked_for, publish
from tests.networks.x.conftest import Answers
from tests.sandbox_server import Sandbox

Steer = Callable[..., dict[str, Any]]
TEXT = """Une lampe *se répare*. **Toujours**, et ~~jamais~~ sans notice : voir [le **livret**](https://example.com/livret).

## Trois gestes 🔧

1. Débrancher
2. Dévisser

- Écrire à @maison_lumiere #réparation
> On répare ce que l'on comprend.

---

![](2)

```py
print("lampe")
```

| Pièce | Prix |
| --- | --- |
| Douille | 4 € |

Fin <b>brute</b> https://example.com/fin"""


WITHOUT_PICTURE = TEXT.replace("![](2)\n\n", "")


def article(text: str = WITHOUT_PICTURE, title: str = "", *, files: tuple[Any, ...] = (), **more: Any) -> Content:
    options = {"format": "article", "title": title or f"Réparer & transmettre {uuid.uuid4().hex}", **more}
    return content(text, media=files, options=options)


@pytest.fixture
def premium(target: Target, steer: Steer) -> Target:
    steer("/_subscription", account=target.external_id, type="Premium")
    return target


def ours(sandbox: Sandbox, target: Target) -> list[dict[str, Any]]:
    return sandbox.posts("x", account=target.external_id)


def words(blocks: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(str(block["type"]), str(block["text"])) for block in blocks]


# ---------------------------------------------------------------- what is sent


def test_markdown_becomes_blocks_and_entities() -> None:
    what = article(TEXT, files=(media("a"), media("b"), media("c")))
    told = article_of(what)
    assert told is not None
    body = body_of(what, told, ["1", "2", "3"])
    state = body["content_state"]
    assert body["cover_media"] == {"media_id": "1", "media_category": "tweet_image"}
    assert words(state["blocks"]) == [
        ("unstyled", "Une lampe se répare. Toujours, et jamais sans notice : voir le livret."),
        ("header-two", "Trois gestes 🔧"),
        ("ordered-list-item", "Débrancher"),
        ("ordered-list-item", "Dévisser"),
        ("unordered-list-item", "Écrire à @maison_lumiere #réparation"),
        ("blockquote", "On répare ce que l'on comprend."),
        *[("atomic", " ")] * 4,
        ("unstyled", "Fin <b>brute</b> https://example.com/fin"),
        ("atomic", " "),
    ]
    first = state["blocks"][0]
    shown = first["text"]
    assert [(r["style"], shown[r["offset"] : r["offset"] + r["length"]]) for r in first["inline_style_ranges"]] == [
        ("bold", "Toujours"),
        ("italic", "se répare"),
        ("bold", "livret"),
        ("strikethrough", "jamais"),
    ]
    (link,) = first["entity_ranges"]
    assert (link["key"], shown[link["offset"] : link["offset"] + link["length"]]) == (0, "le livret")
    assert [(e["key"], e["value"]["type"], e["value"]["data"]) for e in state["entities"]] == [
        ("0", "link", {"url": "https://example.com/livret"}),
        ("1", "divider", {}),
        ("2", "image", {"media_items": [{"media_id": "2", "media_category": "tweet_image"}]}),
        ("3", "markdown", {"markdown": '```py\nprint("lampe")\n```'}),
        ("4", "markdown", {"markdown": "| Pièce | Prix |\n| --- | --- |\n| Douille | 4 € |"}),
        ("5", "image", {"media_items": [{"media_id": "3", "media_category": "tweet_image"}]}),
    ]
    tags = state["blocks"][4]["data"]
    assert [(t["text"], t["from_index"], t["to_index"]) for t in (*tags["mentions"], *tags["hashtags"])] == [
        ("@maison_lumiere", 9, 24),
        ("#réparation", 25, 36),
    ]
    assert state["blocks"][-2]["data"]["urls"] == [
        {"text": "https://example.com/fin", "from_index": 17, "to_index": 40}
    ]


def test_ranges_count_utf16_units_and_go_on_over_pieces() -> None:
    told = article_of(article("🔧🔧 **gras *et penché*** $ACME"))
    assert told is not None
    (block,) = body_of(article(), told, [])["content_state"]["blocks"]
    assert block["text"] == "🔧🔧 gras et penché $ACME"
    assert sorted((r["style"], r["offset"], r["length"]) for r in block["inline_style_ranges"]) == [
        ("bold", 5, 14),
        ("italic", 10, 9),
    ]
    assert block["data"]["cashtags"] == [{"text": "$ACME", "from_index": 20, "to_index": 25}]


# ---------------------------------------------------------------- going out


def test_an_article_goes_out_is_shown_and_read_back(
    sandbox: Sandbox, connector: Connector, premium: Target, vocabulary: str
) -> None:
    what = article(TEXT, files=(media("a"), media("b", "Une douille"), media("c", "Un abat-jour")))
    limits = connector.fetch_limits(premium)
    assert list(connector.check(what, limits=limits)) == []
    published = publish(connector, premium, what)
    (post,) = ours(sandbox, premium)
    assert post["id"] == published.external_id
    assert post["article"]["title"] == what.options["title"]
    assert post["article"]["text"].startswith("Une lampe se répare. Toujours, et jamais sans notice")
    assert len(post["article"]["pictures"]) == 2
    seen = connector.read_post(premium, external_id=published.external_id)
    assert seen is not None
    assert seen.text.startswith(f"{what.options['title']}\n\nUne lampe se répare.")
    page = sandbox.http.get(published.url).text
    for piece in (
        "Réparer &amp; transmettre",
        "<h4>Trois gestes 🔧</h4>",
        "<ol><li>Débrancher</li><li>Dévisser</li></ol>",
        "<em>se répare</em>",
        'href="https://example.com/livret"',
        "<strong>",
        'alt="Une douille"',
        "<pre>| Pièce | Prix |",
        "Fin &lt;b&gt;brute&lt;/b&gt; ",
    ):
        assert piece in page, piece
    connector.delete(premium, external_id=published.external_id)
    assert ours(sandbox, premium) == []


def test_a_link_stands_under_the_text_and_a_comment_under_the_post(
    sandbox: Sandbox, connector: Connector, premium: Target
) -> None:
    what = article("Une phrase.", subscribers_only=True)  # which articles can't be: neither is what stands under them
    what = replace(what, link="https://example.com/suite", first_comment="Le livret")
    assert audience.for_subscribers(what) == {}
    root = publish(connector, premium, what)
    connector.commit_part(premium, what, root=root, parent=root, text=what.first_comment, key="")
    post, comment = ours(sandbox, premium)
    assert post["article"]["text"] == "Une phrase.\nhttps://example.com/suite"
    assert (comment["text"], comment["reply_to"]) == ("Le livret", root.external_id)


def test_a_draft_is_made_once_and_its_files_go_up_once(sandbox: Sandbox, connector: Connector, premium: Target) -> None:
    what, ledger = article(files=(media(),)), Ledger()
    sandbox.fault("drop", "x", method="POST", path="/articles/draft$")
    prepared = connector.prepare(premium, what)
    with pytest.raises(OutageError):  # one draft is wasted, nothing is public
        connector.create(premium, prepared, handles={}, save=ledger.save)
    prepared, handles = create(connector, premium, what, ledger)
    sandbox.fault("500_before", "x", method="POST", path="/publish$")
    with pytest.raises(NetworkError):
        connector.commit(premium, prepared, handles=handles)
    again = connector.create(premium, prepared, handles=dict(handles), save=ledger.save)
    assert again == handles
    connector.commit(premium, prepared, handles=again)
    assert len(ours(sandbox, premium)) == 1


# ---------------------------------------------------------------- lost answers


@pytest.mark.parametrize("effect", ["drop", "500_after", "malformed"])
def test_the_address_of_the_draft_proves_a_lost_article(
    sandbox: Sandbox, connector: Connector, premium: Target, vocabulary: str, effect: str
) -> None:
    what, since = article(), datetime.now(UTC)
    prepared, handles = create(connector, premium, what, Ledger())
    sandbox.fault(effect, "x", method="POST", path="/publish$")
    with pytest.raises(NetworkError):
        connector.commit(premium, prepared, handles=handles)
    found = looked_for(lambda: connector.find_published(premium, prepared, handles=handles, since=since))
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    assert [found.published.external_id] == [post["id"] for post in ours(sandbox, premium)]


def test_without_it_title_and_words_are_proof_and_the_title_alone_is_for_a_person(
    sandbox: Sandbox, connector: Connector, premium: Target, vocabulary: str
) -> None:
    what, since = article(), datetime.now(UTC) - timedelta(minutes=5)
    unlike = {"article": {"id": "1"}}
    nothing = connector.find_published(premium, what, handles=unlike, since=since)
    assert nothing.finding is Finding.NOT_PUBLISHED
    publish(connector, premium, article("Tout autre chose.", "Un autre titre"))
    publish(connector, premium, content(what.options["title"]))
    assert connector.find_published(premium, what, handles=unlike, since=since).finding is Finding.NOT_PUBLISHED
    other = publish(connector, premium, article("Tout autre chose.", what.options["title"]))
    asked = connector.find_published(premium, what, handles=unlike, since=since)
    assert asked.finding is Finding.UNDECIDED
    assert [candidate.external_id for candidate in asked.candidates] == [other.external_id]
    connector.delete(premium, external_id=other.external_id)
    same = publish(connector, premium, what)
    found = connector.find_published(premium, what, handles=unlike, since=since)
    assert found.published is not None
    assert found.published.external_id == same.external_id


def test_an_article_that_x_does_not_tell_of_is_for_a_person(
    connector: Connector, premium: Target, answers: Answers
) -> None:
    post_id = str((int((datetime.now(UTC).timestamp() * 1000) - 1_288_834_974_657)) << 22)
    link = {"url": "https://t.co/a", "expanded_url": "http://x.com/i/article/2"}
    row = {"id": post_id, "text": "https://t.co/a", "entities": {"urls": [link]}}
    since = datetime.now(UTC) - timedelta(minutes=5)
    answers.say(200, {"data": [row], "meta": {"result_count": 1}})
    asked = connector.find_published(premium, article(), handles={"article": {"id": "1"}}, since=since)
    assert [candidate.external_id for candidate in asked.candidates] == [post_id]
    proof = connector.find_published(premium, article(), handles={"article": {"id": "2"}}, since=since)
    assert proof.finding is Finding.PUBLISHED
    answers.say(200, {"data": [{**row, "text": "À lire : https://t.co/a"}], "meta": {"result_count": 1}})
    nothing = connector.find_published(premium, article(), handles={"article": {"id": "1"}}, since=since)
    assert nothing.finding is Finding.NOT_PUBLISHED


# ---------------------------------------------------------------- refused


def refused(connector: Connector, what: Content, limits: Mapping[str, Any] | None = None) -> list[str]:
    """As sentences, for those who write."""
    found = connector.check(what, limits=limits or {})
    return [sentence_for(p.code, p.field, dict(p.detail)) for p in found]


def test_what_an_article_can_not_be_is_said_before(connector: Connector) -> None:
    gif = replace(media("g"), content_type="image/gif")
    assert refused(connector, article(title=" ")) == ["“Title” is missing: this network asks for it."]
    assert refused(connector, article(" ", files=(media(),))) == ["There is nothing to publish yet: write a text."]
    assert refused(connector, article(" ")) == ["There is nothing to publish yet: write a text or add a file."]
    assert refused(connector, article(files=(video(),))) == [
        "This channel does not take this kind of file here. It takes: images."
    ]
    assert refused(connector, article("Un texte.", files=(gif,))) == [
        "This network does not take this kind of image (image/gif)."
    ]
    assert refused(connector, article("Voir\n\n![](3)", files=(media(),))) == [
        "The text shows picture 3, and there are 1: change the number in ![](3), or add the picture."
    ]
    assert refused(connector, replace(article("Un texte."), parts=("Suite",))) == [
        "In this format there is no thread: remove its further posts, or choose another format."
    ]
    assert refused(connector, article("```\n" + "é" * 10_001 + "\n```")) == [
        "Code blocks and tables are too long together: 10,009 characters, the network takes 10,000."
    ]
    assert refused(connector, article("é" * 100_001)) == ["The text is 1 character too long (100,000 at most)."]
    assert refused(connector, article("é" * 100_000)) == []
    assert refused(connector, article("Un texte.", reply_settings="mentioned")) == []  # kept for another format


def test_articles_are_for_subscribers_and_organizations(
    connector: Connector, target: Target, steer: Steer, sandbox: Sandbox
) -> None:
    limits = connector.fetch_limits(target)
    (sentence,) = refused(connector, article(), limits)
    assert sentence.startswith("The network lets only accounts with a subscription publish articles")
    organization = {"account": {"subscription": "None", "verified": "business"}}
    assert refused(connector, article(), organization) == []
    assert refused(connector, article(), {}) == []  # not read yet: X will say
    with pytest.raises(ValidationError) as error:
        publish(connector, target, article())
    assert error.value.code == Code.ARTICLE_SUBSCRIBERS
    assert ours(sandbox, target) == []
    steer("/_subscription", account=target.external_id, type="Basic")
    assert refused(connector, article(), connector.fetch_limits(target)) == []


def test_what_the_day_allows_is_read_where_x_tells_it(connector: Connector, premium: Target, answers: Answers) -> None:
    reset = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=20)
    headers = {
        "x-rate-limit-remaining": "9",
        "x-rate-limit-reset": str(int(reset.timestamp()) - 70_000),
        "x-user-limit-24hour-limit": "5",
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(int(reset.timestamp())),
    }
    ledger = Ledger()
    answers.say(429, {"title": "Too Many Requests", "status": 429}, headers)
    with pytest.raises(RateLimitError) as error:
        connector.commit(replace(premium, report=ledger.report), article(), handles={"article": {"id": "1"}})
    assert error.value.until == reset
    assert [(quota.bucket, quota.remaining) for quota in ledger.quotas] == [("articles", 0)]


def test_only_xs_own_editor_changes_an_article(connector: Connector) -> None:
    limits = {"account": {"subscription": "Premium"}}
    problem = connector.edit_problem(limits=limits, published_at=datetime.now(UTC), form="article")
    assert problem is not None
    assert problem.code == Code.ARTICLE_FIXED
    assert connector.edit_problem(limits=limits, published_at=datetime.now(UTC)) is None


# ---------------------------------------------------------------- counted and billed


def test_the_counter_counts_words_and_not_signs(connector: Connector) -> None:
    count = connector.count_content(article("# Un **titre**"), limits={})
    assert (count.length, count.limit) == (len("Un titre"), 100_000)
    assert connector.count_content(content("# Un **titre**"), limits={}).limit == 280
    premium = {"text": {"max": 25_000}}
    assert connector.count_content(article(), limits=premium).limit == 100_000


def test_what_is_foretold_is_told_and_billed(
    sandbox: Sandbox, connector: Connector, premium: Target, steer: Steer
) -> None:
    what = replace(article(files=(media(),)), first_comment=f"Un mot {uuid.uuid4().hex}")
    ledger = Ledger()
    metered = replace(premium, report=ledger.report)
    steer("/_credits", left="")
    prepared, handles = create(connector, metered, what, Ledger())
    root = connector.commit(metered, prepared, handles=handles)
    assert root is not None
    connector.commit_part(metered, what, root=root, parent=root, text=what.first_comment, key="")
    foretold = connector.charges(what)
    key = lambda charge: (charge.bucket, charge.units, charge.amount)  # noqa: E731
    assert sorted(map(key, foretold)) == sorted(map(key, ledger.charges))
    assert {charge.bucket for charge in foretold} <= set(network_data("x")["quotas"])
    spent = Decimal(sandbox.http.get(sandbox.url("x") + "/_credits").json()["spent"])
    assert spent == sum((charge.amount for charge in foretold), Decimal(0)) == Decimal("0.235")
