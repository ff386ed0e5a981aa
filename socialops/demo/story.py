"""The demo from beginning to end: first everything is asked of the networks, then everything is written in one transaction."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from socialops.demo.ahead import write_ahead, write_neighbour
from socialops.demo.cast import create_group, create_neighbour
from socialops.demo.channels import connect_all, find_accounts
from socialops.demo.figures import write_audiences, write_figures
from socialops.demo.past import bring_past, draw_files, listen, measure
from socialops.demo.plan import make_plan
from socialops.demo.posts import upload_files, write_campaigns, write_past
from socialops.demo.spending import write_spending
from socialops.demo.voices import write_mentions
from socialops.tenancy.scope import tenant


def load() -> None:
    """All or nothing: a load that failed can be tried again. NetworkError where the sandbox doesn't answer."""
    places = find_accounts()
    plan = make_plan(timezone.now())
    files = draw_files()
    bring_past(plan, places, files)
    heard = listen(plan, places)
    measure(plan, places)
    with transaction.atomic():
        cast = create_group()
        channels = connect_all(cast, places)
        with tenant(cast.organization):
            campaigns = write_campaigns(cast)
            assets = upload_files(cast, files)
            published = write_past(plan, cast, channels, campaigns, assets)
            now = timezone.now()
            audience = write_audiences(cast, channels, now)
            write_figures(published, audience, now)
            write_spending(published, cast, channels, now)
            write_mentions(heard, plan, cast, channels, now)
            write_ahead(cast, channels, campaigns, assets, timezone.now())
        write_neighbour(create_neighbour())
