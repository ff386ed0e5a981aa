"""What posts are called in the calendar, lists and panels: by what people will read, without marks."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from editorial.models import Post
from editorial.selectors.content import label_for
from editorial.words import heading, words_of
from teams.models import Brand
from tests.factories.editorial import PostFactory, VariantFactory
from tests.factories.teams import ChannelFactory

pytestmark = pytest.mark.django_db
ARTICLE = {"format": "article", "title": "Réparer, transmettre"}
MARKDOWN = "## Trois *gestes*\n\n- **Débrancher**\n- Voir [le livret](https://example.com)"
SECRET = "Le coupable est ||le majordome||, dit-on"


def planned(brand: Brand, network: str, text: str, options: dict[str, Any] | None = None) -> Post:
    post = PostFactory(brand=brand, text=text, scheduled_at=timezone.now(), state="scheduled")
    channel = ChannelFactory(brand=brand, network=network)
    VariantFactory(post=post, channel=channel, options=options or {})
    return Post.objects.get(pk=post.pk)


def test_the_only_channel_with_a_headline_of_its_own_gives_it(brand: Brand) -> None:
    article = planned(brand, "x", MARKDOWN, ARTICLE)
    video = planned(brand, "youtube", "Description longue", {"title": "Une lampe en 3 minutes"})
    document = planned(brand, "linkedin", "Notre rapport est là", {"title": "rapport.pdf"})
    assert [post.label for post in (article, video, document)] == [
        "Réparer, transmettre",
        "Une lampe en 3 minutes",
        "Notre rapport est là",
    ]
    assert [label_for(post, post.variants.get()) for post in (article, video)] == [article.label, video.label]
    VariantFactory(post=video, channel=ChannelFactory(brand=brand, network="mastodon"))
    assert Post.objects.get(pk=video.pk).label == "Description longue"
    article.title = "Interne"
    assert article.label == "Interne"


def test_marks_are_read_where_a_channel_reads_them() -> None:
    threads, mastodon = {"network": "threads"}, {"network": "mastodon"}
    article = {"network": "x", "format": "article", "title": ""}
    assert heading("", SECRET, [mastodon, threads]) == "Le coupable est ▒▒▒, dit-on"
    assert heading("", SECRET, [mastodon]) == SECRET
    assert words_of(MARKDOWN, [article]) == "Trois gestes\nDébrancher\nVoir le livret"
    assert words_of(MARKDOWN, [article, mastodon]) == MARKDOWN


@pytest.mark.parametrize("view", ["month", "week", "list", "board"])
def test_the_calendar_shows_words(client_for: Any, admin: Any, brand: Brand, view: str) -> None:
    planned(brand, "threads", SECRET)
    planned(brand, "x", MARKDOWN, ARTICLE)
    html = client_for(admin).get(f"/o/lumiere/calendar/?view={view}").content.decode()
    for part in ("Le coupable est ▒▒▒, dit-on", "Réparer, transmettre"):
        assert part in html
    assert "majordome" not in html
    assert "Trois" not in html


def test_so_do_the_panel_and_the_approvals(client_for: Any, admin: Any, brand: Brand) -> None:
    secret, article = planned(brand, "threads", SECRET), planned(brand, "x", MARKDOWN, ARTICLE)
    Post.objects.update(state="in_review")
    client = client_for(admin)
    panels = [client.get(f"/o/lumiere/posts/{post.pk}/panel/").content.decode() for post in (secret, article)]
    waiting = client.get("/o/lumiere/approvals/").content.decode()
    for html in (panels[0], waiting):
        assert "Le coupable est ▒▒▒, dit-on" in html
        assert "majordome" not in html
    for html in (panels[1], waiting):
        assert "Trois gestes<br>Débrancher<br>Voir le livret" in html
    assert "Réparer, transmettre</h1>" in client.get(f"/o/lumiere/posts/{article.pk}/").content.decode()
