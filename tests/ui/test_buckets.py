"""No bucket of a quota reaches a screen under the name that only the code knows."""

from __future__ import annotations

import re
from pathlib import Path

from socialops.networks import registry
from socialops.networks.data import network_data
from socialops.ui.buckets import bucket_word

_NAMED = re.compile(r"""(?:bucket(?:: str)? ?= ?|Charge\(\s*|Quota\(\s*)"([a-z_]+)\"""")


def test_every_bucket_has_a_word() -> None:
    sources = Path(registry.__file__).parent.rglob("*.py")
    buckets = {name for source in sources for name in _NAMED.findall(source.read_text())}
    buckets |= {name for network in registry.networks() for name in network_data(network).get("quotas", {})}
    assert {"posts", "users_me", "units"} <= buckets
    assert [name for name in sorted(buckets) if bucket_word(name) == f"Calls “{name}”"] == []
