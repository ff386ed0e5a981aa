"""`manage.py bench ingest`: mentions judged and stored by one process, then searched; what it made is deleted at the end."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone

from reputation.filters import MentionFilter
from reputation.models import Mention, PullState
from reputation.selectors.mentions import list_mentions, open_mentions
from reputation.services.ingest import judge, store_page
from socialops.bench.table import cores, percentile, print_table, say
from socialops.networks.ports import RemoteMention
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant
from teams.models import Brand, Channel, Organization

SIZE = 20_000
PAGE = 40  # as Mastodon gives them
_OPENINGS = (
    "Merci pour la livraison", "Toujours aucune réponse du service client", "Très déçue par ma commande", "Quelle belle collection",
    "Est-ce que la boutique ouvre dimanche ?", "Great event yesterday", "Still waiting for my refund", "Is this in stock in Lyon?",
)  # fmt: skip
_CLOSINGS = (
    "c’est vraiment parfait 😍", "je ne recommande pas du tout", "à voir sur la durée", "bravo à toute l’équipe", "honteux, à fuir",
    "thanks a lot", "never again", "we will see",
)  # fmt: skip
_SEARCHES = ("livraison", "élève", "“pas du tout”", "refund -great")


def run(size: int | None) -> dict[str, Any]:
    """Figures: mentions a second (judged and stored), and the milliseconds of the list and of searches over all of them."""
    count = size or SIZE
    organization = Organization.objects.create(slug=f"bench-{uuid.uuid4().hex[:10]}", name="Bench")
    try:
        figures = _measure(organization, count)
    finally:
        with tenant(organization):
            for model in (Mention, PullState, Channel, Brand):
                model.objects.all().delete()
            organization.delete()
    print_table(["what", "figure"], list(figures.items()))
    return figures


def _measure(organization: Organization, count: int) -> dict[str, Any]:
    with tenant(organization):
        brand = Brand.objects.create(slug="bench", name="Bench")
        channel = Channel.objects.create(
            brand=brand, network="mastodon", external_id="1", handle="@bench@example", name="Bench"
        )
        PullState.objects.create(channel=channel)
    pages = [_page(number) for number in range(0, count, PAGE)]
    judge(pages[0])  # the model is read once a process
    say(f"{count} mentions in pages of {PAGE}…")
    began, cpu = time.perf_counter(), time.process_time()
    judging = 0.0
    previous: dict[str, Any] = {}
    for number, page in enumerate(pages):
        started = time.perf_counter()
        judged = judge(page)
        judging += time.perf_counter() - started
        with tenant(organization):
            store_page(channel=channel, judged=judged, cursor={"n": number}, previous=previous)
        previous = {"n": number}
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reputation_mention")
    writing = {
        "mentions": count,
        "mentions_per_second": round(count / took),
        "judged_per_second": round(count / judging),
        "cpu_seconds_per_1000": round(cpu / count * 1000, 2),
    }
    with tenant(organization):
        return {**writing, **_measure_reads(Actor.system("bench", organization_id=organization.pk)), "cores": cores()}


def _measure_reads(actor: Actor) -> dict[str, Any]:
    wanted = MentionFilter(done=False)
    searches = [_time(partial(_search, actor, q)) for q in _SEARCHES]
    counts = [_time(list_mentions(actor, MentionFilter(q=q)).count) for q in _SEARCHES]
    return {
        "list_ms": round(_time(lambda: list(list_mentions(actor, wanted)[:30])), 1),
        "list_count_ms": round(_time(lambda: list_mentions(actor, wanted).count()), 1),
        "open_count_ms": round(_time(open_mentions(actor).count), 1),
        "search_p50_ms": round(percentile(searches, 0.5), 1),
        "search_max_ms": round(max(searches), 1),
        "search_count_max_ms": round(max(counts), 1),
    }


def _search(actor: Actor, q: str) -> list[Mention]:
    return list(list_mentions(actor, MentionFilter(q=q))[:30])


def _page(first: int) -> list[RemoteMention]:
    rng = random.Random(first)  # noqa: S311 -- the same texts every time
    now = timezone.now()
    return [
        RemoteMention(
            external_id=f"bench-{number}", kind="reply", author_id=f"a{number % 500}", author_handle=f"@a{number % 500}@social.example",
            author_name=f"Auteur {number % 500}", text=f"{rng.choice(_OPENINGS)}, {rng.choice(_CLOSINGS)} {number}",
            url=f"https://social.example/{number}", created_at=now - dt.timedelta(minutes=number), in_reply_to=f"post-{number % 50}",
        )
        for number in range(first, first + PAGE)
    ]  # fmt: skip


def _time(call: Callable[[], object]) -> float:
    """Milliseconds, the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best * 1000
