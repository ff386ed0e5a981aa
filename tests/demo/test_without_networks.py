"""The demo without its networks."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from socialops.demo.cast import GROUP
from teams.models import Organization


@pytest.mark.django_db
def test_without_the_networks_nothing_is_made_and_it_says_what_to_do() -> None:
    nowhere = {
        name: {"client_id": "", "client_secret": "", "base_url": "http://127.0.0.1:9"}
        for name in ("mastodon", "bluesky", "facebook")
    }
    with override_settings(NETWORKS=nowhere), pytest.raises(CommandError, match="start them with"):
        call_command("load_demo")
    assert not Organization.objects.filter(slug=GROUP).exists()
