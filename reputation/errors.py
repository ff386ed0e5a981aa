"""What can't be done to a mention or an answer now."""

from __future__ import annotations

from django.utils.functional import Promise


class MentionConflict(Exception):
    """`str()` is a translated sentence that says what to do instead."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
