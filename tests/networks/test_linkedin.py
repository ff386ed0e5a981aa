"""LinkedIn: what is published, in which form, and what becomes of lost answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    AuthError,
    Code,
    DuplicateError,
    InternalError,
    MediaError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.linkedin.answers import is_own_host
from socialops.networks.ports import Connector, Content, Finding, Media, Published, Target
from socialops.networks.registry import connector_for
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, content, create, publish
from tests.sandbox_server import Sandbox, start_sandbox

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture
def network() -> str:
    return "linkedin"


@pytest.fixture
def member(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Target:
    """The seeded member's own profile, with all that an app is granted."""
    values = {
        "access_token": "sandbox-linkedin-member",
        "scopes": " ".join(network_data("linkedin")["oauth"]["scopes"]),
    }
    account = connector.connect_with_token(base_url=sandbox.url("linkedin"), values=values)
    assert account.credentials is not None
    assert account.external_id.startswith("urn:li:person:")
    return Target("linkedin", sandbox.url("linkedin"), account.external_id, account.handle, account.credentials)


Raw = Callable[[Published], dict[str, Any]]


@pytest.fixture
def raw(sandbox: Sandbox, target: Target) -> Raw:
    """The post as LinkedIn's API gives it."""
    return lambda published: ask(sandbox, target, f"posts/{published.external_id.replace(':', '%3A')}")


def ask(sandbox: Sandbox, target: Target, address: str) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer {target.credentials.values['access_token']}",
        "LinkedIn-Version": "202609",
        "X-Restli-Protocol-Version": "2.0.0",
    }
    answer = sandbox.http.get(f"{sandbox.url('linkedin')}/rest/{address}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def steer(sandbox: Sandbox, **what: Any) -> None:
    assert sandbox.http.post(f"{sandbox.url('linkedin')}/_linkedin", json=what).status_code == 200


def document(data: bytes = PDF, **more: Any) -> Media:
    return Media("d1", "application/pdf", len(data), "", lambda: data, filename="Catalogue 2027.pdf", **more)


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=10)


# ---------------------------------------------------------------- forms


def test_text_and_settings(connector: Connector, target: Target, raw: Raw) -> None:
    options = {"audience": "logged_in", "reshare_allowed": False}
    post = raw(publish(connector, target, content("Bonjour (à tous) #lumière", options=options)))
    assert post["author"] == target.external_id
    assert post["commentary"] == r"Bonjour \(à tous\) {hashtag|\#|lumière}"
    assert post["visibility"] == "LOGGED_IN"
    assert post["isReshareDisabledByAuthor"] is True
    assert "content" not in post


def test_a_link_is_a_card_in_our_words(connector: Connector, target: Target, raw: Raw) -> None:
    options = {"link_title": "Nos lampes", "link_description": "Fabriquées à Lyon"}
    what = content(link="https://example.com/lampes", options=options, cover=media("c"))
    post = raw(publish(connector, target, what))
    article = post["content"]["article"]
    assert article.pop("thumbnail").startswith("urn:li:image:")
    assert article == {
        "source": "https://example.com/lampes",
        "title": "Nos lampes",
        "description": "Fabriquées à Lyon",
    }
    plain = raw(publish(connector, target, content(link="https://example.com/lampes")))
    assert plain["content"] == {"article": {"source": "https://example.com/lampes", "title": "example.com"}}
    assert "example.com" not in plain["commentary"]


def test_one_image_and_many(connector: Connector, target: Target, raw: Raw) -> None:
    one = raw(publish(connector, target, content(media=(media(alt="Une lampe"),))))["content"]
    assert one["media"]["id"].startswith("urn:li:image:")
    assert one["media"]["altText"] == "Une lampe"
    files = tuple(media(f"m{number}", alt=f"Vue {number}") for number in range(20))
    many = raw(publish(connector, target, content(media=files)))["content"]["multiImage"]["images"]
    assert [image["altText"] for image in many] == [f"Vue {number}" for number in range(20)]
    assert len({image["id"] for image in many}) == 20


def test_a_document_swipes_under_its_title(connector: Connector, target: Target, raw: Raw) -> None:
    published = publish(connector, target, content(media=(document(),), link="https://example.com/a"))
    assert published.external_id.startswith("urn:li:ugcPost:")
    post = raw(published)
    assert post["content"]["media"]["title"] == "Catalogue 2027"
    assert post["commentary"].endswith("https://example.com/a")
    named = raw(publish(connector, target, content(media=(document(),), options={"title": "Le catalogue"})))
    assert named["content"]["media"]["title"] == "Le catalogue"


class Streamed:
    """A video that is only ever read in pieces."""

    def __init__(self, size: int) -> None:
        self.data = movie() + b"\0" * (size - len(movie()))
        self.pieces: list[tuple[int, int]] = []

    def read(self) -> bytes:
        raise AssertionError("the whole video was read")

    def read_range(self, start: int, stop: int) -> bytes:
        self.pieces.append((start, stop))
        return self.data[start:stop]

    def media(self) -> Media:
        return replace(video(), size=len(self.data), read=self.read, read_range=self.read_range)


def test_a_video_goes_up_in_the_pieces_asked_for_and_on_from_where_it_stopped(
    sandbox: Sandbox, connector: Connector, target: Target, raw: Raw
) -> None:
    streamed, ledger = Streamed(9_000_000), Ledger()
    what = content(media=(streamed.media(),), cover=media("c"), options={"title": "L’atelier"})
    sandbox.fault("500_before", "linkedin", method="PUT", path="video-4194304$")
    prepared = connector.prepare(target, what)
    with pytest.raises(OutageError):
        connector.create(target, prepared, handles={}, save=ledger.save)
    prepared, handles = create(connector, target, what, ledger)
    assert streamed.pieces == [(0, 4194304), (4194304, 8388608), (4194304, 8388608), (8388608, 9_000_000)]
    assert set(handles["uploads"]["v1"]) == {"urn", "sent", "ready"}
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    shown = raw(published)["content"]["media"]
    assert shown == {"id": handles["uploads"]["v1"]["urn"], "title": "L’atelier"}
    kept = sandbox.http.get(f"{sandbox.url('linkedin')}/media/{shown['id']}").content
    assert kept == streamed.data


def test_a_finalized_video_whose_answer_was_lost_is_not_sent_again(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    streamed, ledger = Streamed(200_000), Ledger()
    prepared = connector.prepare(target, content(media=(streamed.media(),)))
    for effect, method, path in (("500_before", "PUT", "/dms-uploads/"), ("drop", "POST", "/rest/videos$")):
        sandbox.fault(effect, "linkedin", method=method, path=path)
        with pytest.raises(OutageError):
            kept = dict(ledger.saved[-1]) if ledger.saved else {}
            connector.create(target, prepared, handles=kept, save=ledger.save)
    assert len(streamed.pieces) == 2
    _prepared, handles = create(connector, target, prepared, ledger)
    assert handles["uploads"]["v1"]["ready"]
    assert len(streamed.pieces) == 2


def test_what_linkedin_cannot_process_says_so(connector: Connector, target: Target) -> None:
    for broken in (replace(video(), read=lambda: b"no video" * 9999, size=8 * 9999), document(b"no document")):
        with pytest.raises(MediaError) as failed:
            create(connector, target, content(media=(broken,)), Ledger())
        assert failed.value.code == Code.MEDIA_REFUSED
        assert failed.value.detail["message"] == "UNSUPPORTED_FORMAT"


def test_processing_is_waited_for_without_failing(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(document(),)), Ledger()
    with pytest.raises(OutageError) as waiting:
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    assert waiting.value.code == Code.MEDIA_PROCESSING
    assert waiting.value.until is not None
    assert waiting.value.until > datetime.now(UTC)
    sent = ledger.saved[-1]["uploads"]["d1"]["urn"]
    _prepared, handles = create(connector, target, what, ledger)
    assert handles["uploads"]["d1"]["urn"] == sent


@pytest.mark.parametrize("effect", ["drop", "500_after", "close_before"])
@pytest.mark.parametrize("step", ["POST /rest/images$", "PUT /dms-uploads/", "GET /rest/images/"])
def test_an_upload_that_stumbles_is_tried_again(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str, step: str
) -> None:
    method, _, path = step.partition(" ")
    what, ledger = content(media=(media("a"), media("b"))), Ledger()
    sandbox.fault(effect, "linkedin", method=method, path=path)
    with pytest.raises(OutageError):
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"media": (document(), dataclasses.replace(document(), key="d2"))}, "too_many_media"),
        ({"media": (media(), video())}, "media_mixed"),
        ({"media": (video(seconds=2),)}, "video_too_short"),
        ({"media": (replace(document(), content_type="text/plain"),)}, "document_type"),
        ({"link": "https://a.fr", "options": {"link_title": "x" * 401}}, "option_too_long"),
        ({"options": {"audience": "friends"}}, "option_invalid"),
        ({"options": {"format": "reel"}}, "not_supported"),
        ({"parts": ("Suite",)}, "not_supported"),
        ({"first_comment": "x" * 1251}, "text_too_long"),
    ],
)
def test_what_linkedin_does_not_take(connector: Connector, changes: dict[str, Any], code: str) -> None:
    assert code in {str(problem.code) for problem in connector.check(content(**changes), limits={})}


def test_a_page_has_no_connections(connector: Connector, target: Target, member: Target) -> None:
    def audiences(account: Target) -> tuple[str, ...]:
        limits = connector.fetch_limits(account)
        return next(option.choices for option in connector.options(limits=limits) if option.name == "audience")

    assert audiences(target) == ("public", "logged_in")
    assert audiences(member) == ("public", "connections", "logged_in")
    wrong = content(options={"audience": "connections"})
    assert [p.code for p in connector.check(wrong, limits=connector.fetch_limits(target))] == ["option_invalid"]
    assert not connector.check(wrong, limits=connector.fetch_limits(member))


# ---------------------------------------------------------------- members


def test_a_member_publishes_files_they_cannot_look_at(
    sandbox: Sandbox, connector: Connector, member: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["media"], "grace_seconds", 0.6)
    published = publish(connector, member, content(media=(media(),), options={"audience": "connections"}))
    assert [p["id"] for p in sandbox.posts("linkedin", account=member.external_id)][-1] == published.external_id
    with pytest.raises(AuthError) as closed:
        connector.read_post(member, external_id=published.external_id)
    assert closed.value.code == Code.SCOPE_MISSING
    connector.delete(member, external_id=published.external_id)


def test_a_lost_answer_of_a_member_is_for_a_person_and_a_repeat_names_the_post(
    sandbox: Sandbox, connector: Connector, member: Target
) -> None:
    what = content()
    sandbox.fault("drop", "linkedin", method="POST", path="/rest/posts$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(member, what, handles={})
    for since in (datetime.now(UTC), long_ago()):
        found = connector.find_published(member, what, handles={}, since=since)
        assert found.finding is Finding.UNDECIDED
    with pytest.raises(DuplicateError) as refused:
        connector.commit(member, what, handles={})
    (post,) = [p for p in sandbox.posts("linkedin", account=member.external_id) if p["text"] == what.text]
    assert refused.value.detail["post"] == post["id"]


def test_a_member_whose_posts_may_be_read_is_read(sandbox: Sandbox, connector: Connector, member: Target) -> None:
    scopes = [*member.credentials.scopes, "r_member_social"]
    steer(sandbox, scopes={"sandbox-linkedin-member": scopes})
    reader = replace(member, credentials=replace(member.credentials, scopes=tuple(scopes)))
    what = content()
    sandbox.fault("drop", "linkedin", method="POST", path="/rest/posts$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(reader, what, handles={})
    found = connector.find_published(reader, what, handles={}, since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED
    steer(sandbox, scopes={"sandbox-linkedin-member": list(member.credentials.scopes)})


# ---------------------------------------------------------------- lost answers of Pages


def test_posts_are_looked_for_on_every_page_and_only_in_the_window(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["reconcile"], "page_size", 2)
    what = content("La première (sur sept)")
    first = publish(connector, target, what)
    for _ in range(6):
        publish(connector, target, content())
    found = connector.find_published(target, what, handles={}, since=datetime.now(UTC))
    assert found.published is not None
    assert found.published.external_id == first.external_id
    later = datetime.now(UTC) + timedelta(minutes=10)
    unseen = connector.find_published(target, what, handles={}, since=later)
    assert (unseen.finding, unseen.look_again_at is not None) == (Finding.UNDECIDED, True)
    monkeypatch.setitem(network_data("linkedin")["reconcile"], "pages", 1)
    cut = connector.find_published(target, content(), handles={}, since=datetime.now(UTC))
    assert (cut.finding, cut.look_again_at) == (Finding.UNDECIDED, None)


def test_a_text_that_differs_by_its_address_alone_is_shown_to_a_person(connector: Connector, target: Target) -> None:
    publish(connector, target, content("Lire https://lnkd.in/abc maintenant"))
    what = content("Lire https://example.com/une-lampe maintenant")
    found = connector.find_published(target, what, handles={}, since=long_ago())
    assert found.finding is Finding.UNDECIDED
    assert [candidate.text for candidate in found.candidates] == ["Lire https://lnkd.in/abc maintenant"]


def test_the_uploaded_file_is_proof_whatever_became_of_the_text(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(media(),)), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    connector.edit(target, content("Corrigé entre-temps"), external_id=published.external_id)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.published is not None
    assert found.published.external_id == published.external_id
    other = connector.find_published(
        target, prepared, handles={"uploads": {"m1": {"urn": "urn:li:image:other"}}}, since=long_ago()
    )
    assert other.finding is Finding.NOT_PUBLISHED


def test_an_answer_without_the_id_is_an_unknown_outcome(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    sandbox.fault("malformed", "linkedin", method="POST", path="/rest/posts$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, content(), handles={})


# ---------------------------------------------------------------- first comment


def test_the_first_comment_waits_until_the_post_is_there_and_is_made_once(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    root = publish(connector, target, content())
    part = {"root": root, "parent": root, "text": "Le lien : https://example.com/b", "key": "k"}
    steer(sandbox, comment_lag=60)
    with pytest.raises(OutageError) as early:
        connector.commit_part(target, content(), **part)
    assert early.value.until is not None
    assert early.value.until - datetime.now(UTC) < timedelta(seconds=10)
    steer(sandbox, comment_lag=0)
    comment = connector.commit_part(target, content(), **part)
    assert comment.external_id.startswith("urn:li:comment:(urn:li:activity:")
    assert len(sandbox.posts("linkedin", account=target.external_id)) == 2
    found = connector.find_part(target, **part, since=datetime.now(UTC))
    assert found.published is not None
    assert found.published.external_id == comment.external_id


def test_under_an_old_post_that_is_gone_nothing_is_waited_for(connector: Connector, target: Target) -> None:
    root = publish(connector, target, content())
    connector.delete(target, external_id=root.external_id)
    for old in (replace(root, extra={"at": long_ago().isoformat()}), replace(root, extra={})):
        with pytest.raises(ValidationError) as gone:
            connector.commit_part(target, content(), root=old, parent=old, text="?", key="k")
        assert gone.value.code == Code.PARENT_GONE


def test_mentions_in_comments_are_ranges(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    root = publish(connector, target, content())
    text = "🪔 Merci @[Maison Lumière](urn:li:organization:1067001) (vraiment) #lumière"
    connector.commit_part(target, content(), root=root, parent=root, text=text, key="k")
    thread = f"socialActions/{root.external_id.replace(':', '%3A')}/comments"
    (comment,) = ask(sandbox, target, thread)["elements"]
    assert comment["message"]["text"] == "🪔 Merci Maison Lumière (vraiment) #lumière"
    (attribute,) = comment["message"]["attributes"]
    units = comment["message"]["text"].encode("utf-16-le")
    start, length = attribute["start"] * 2, attribute["length"] * 2
    assert units[start : start + length].decode("utf-16-le") == "Maison Lumière"
    found = connector.find_part(target, root=root, parent=root, text=text, key="k", since=long_ago())
    assert found.finding is Finding.PUBLISHED


# ---------------------------------------------------------------- afterwards


def test_a_post_is_edited_with_its_elements(connector: Connector, target: Target, raw: Raw) -> None:
    published = publish(connector, target, content("Avant"))
    connector.edit(target, content("Après (corrigé) #lumière"), external_id=published.external_id)
    assert raw(published)["commentary"] == r"Après \(corrigé\) {hashtag|\#|lumière}"
    connector.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        connector.edit(target, content("Trop tard"), external_id=published.external_id)
    assert gone.value.code == Code.PARENT_GONE


def test_own_comments_are_edited_and_deleted(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    root = publish(connector, target, content())
    comment = connector.commit_part(target, content(), root=root, parent=root, text="Avant", key="k")
    connector.edit(target, content("Après"), external_id=comment.external_id)
    texts = {p["id"]: p["text"] for p in sandbox.posts("linkedin", account=target.external_id)}
    assert texts[comment.external_id] == "Après"
    connector.delete(target, external_id=comment.external_id)
    connector.delete(target, external_id=comment.external_id)
    assert comment.external_id not in {p["id"] for p in sandbox.posts("linkedin")}


# ---------------------------------------------------------------- refusals, counting


def test_a_retired_version_is_an_administrators_matter(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["hosts"], "version", "202401")
    with pytest.raises(InternalError) as outdated:
        connector.commit(target, content(), handles={})
    assert outdated.value.code == Code.APP_OUTDATED


def test_a_lost_role_is_told_from_a_missing_scope(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    steer(sandbox, roles={target.external_id: []})
    with pytest.raises(AuthError) as lost:
        connector.commit(target, content(), handles={})
    assert lost.value.code == Code.ROLE_LOST
    with pytest.raises(AuthError) as verified:
        connector.verify(target)
    assert verified.value.code == Code.ROLE_LOST
    token = str(target.credentials.values["access_token"])
    steer(sandbox, roles={target.external_id: ["ADMINISTRATOR"]}, scopes={token: ["rw_organization_admin"]})
    poor = replace(target, credentials=replace(target.credentials, scopes=("rw_organization_admin",)))
    with pytest.raises(AuthError) as missing:
        connector.commit(poor, content(), handles={})
    assert missing.value.code == Code.SCOPE_MISSING


def test_the_network_refuses_what_our_check_would(connector: Connector, target: Target) -> None:
    with pytest.raises(ValidationError) as refused:
        connector.commit(target, content(options={"audience": "connections"}), handles={})
    assert refused.value.code == Code.CONTENT_REFUSED
    assert "visibility" in refused.value.detail["message"]


def test_posts_are_counted(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    metered = replace(target, report=ledger.report)
    what = content(first_comment="Oui")
    publish(connector, metered, what)
    assert [charge.bucket for charge in ledger.charges] == ["posts", "posts_of_the_app"]
    assert list(connector.charges(what)) == ledger.charges
    assert {charge.bucket for charge in ledger.charges} <= set(network_data("linkedin")["quotas"])


@pytest.fixture
def strict(settings: Any) -> Iterator[Sandbox]:
    with start_sandbox(rate_limits="real") as running:
        yield running


def test_a_spent_day_ends_at_midnight_in_utc(strict: Sandbox, settings: Any) -> None:
    settings.NETWORKS = {}
    connector = connector_for("linkedin")
    base_url = strict.url("linkedin")
    account = connector.connect_with_token(base_url=base_url, values=strict.account("linkedin", "b1", "B"))
    assert account.credentials is not None
    target = Target("linkedin", base_url, account.external_id, account.handle, account.credentials)
    for number in range(network_data("linkedin")["quotas"]["posts"]["limit"]):
        connector.commit(target, content(f"{number}"), handles={})
    with pytest.raises(RateLimitError) as spent:
        connector.commit(target, content("encore"), handles={})
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    assert spent.value.until == datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)


def test_our_token_goes_to_linkedins_hosts_only(target: Target) -> None:
    assert is_own_host("https://www.linkedin.com/dms-uploads/x", "")
    assert is_own_host(f"{target.base_url}/dms-uploads/x", target.base_url)
    for elsewhere in ("https://linkedin.com.evil.example/x", "https://evillinkedin.com/", "https://media.example/"):
        assert not is_own_host(elsewhere, "")


def test_a_picture_of_too_many_pixels_is_made_smaller(connector: Connector, target: Target) -> None:
    heavy = media(data=picture("red", 7000, 6000), width=7000, height=6000)
    prepared: Content = connector.prepare(target, content(media=(heavy,)))
    assert (prepared.media[0].width or 0) * (prepared.media[0].height or 0) < 36_152_320
