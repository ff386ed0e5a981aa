"""As in tests, but connectors wait less long for an answer, and quotas have room for a storm."""

from __future__ import annotations

from socialops.networks.data import network_data
from socialops.settings.test import *  # noqa: F403
from socialops.settings.test import env

NETWORK_READ_SECONDS = 3.0
PUBLIC_URL = env.str("PUBLIC_URL")
MEDIA_ROOT = env.str("SOCIALOPS_MEDIA_DIR")

# In five minutes a storm publishes more than some networks allow in a day; without this, what is over a quota waits for tomorrow, rightly.
for _network in NETWORKS:  # noqa: F405
    for _bucket in network_data(_network).get("quotas", {}).values():
        _bucket["limit"] *= 1000
