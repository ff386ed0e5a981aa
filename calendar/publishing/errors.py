"""What goes wrong, in people's words."""

from __future__ import annotations

from django.utils.functional import Promise


class DeliveryConflict(Exception):
    """What was asked can't be done to this delivery now; `str()` is a translated sentence that says what to do instead."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
