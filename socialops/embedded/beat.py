"""Beat for the demo: it only sends task names on time, so it reads the settings without loading the applications.

Half the memory and half the start of `celery -A socialops.celery:app beat`, which production runs. The schedule must
therefore stand in the settings, not in an AppConfig.
"""

from __future__ import annotations

from celery import Celery

app = Celery("socialops", fixups=[])
app.config_from_object("socialops.settings.dev", namespace="CELERY")
