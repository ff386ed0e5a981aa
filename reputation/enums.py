"""The words of reputation. Sentiment's own are in `reputation.sentiment`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from reputation.sentiment import Label


class MentionKind(models.TextChoices):
    """What somebody did, as connectors name it (`ports.RemoteMention.kind`)."""

    REPLY = "reply", pgettext_lazy("mention kind", "Reply")
    COMMENT = "comment", pgettext_lazy("mention kind", "Comment")
    MENTION = "mention", pgettext_lazy("mention kind", "Mention")
    QUOTE = "quote", pgettext_lazy("mention kind", "Quote")


class Sentiment(models.TextChoices):
    """The values of `reputation.sentiment.Label`, with the word people read."""

    POSITIVE = Label.POSITIVE.value, pgettext_lazy("sentiment", "Positive")
    NEUTRAL = Label.NEUTRAL.value, pgettext_lazy("sentiment", "Neutral")
    NEGATIVE = Label.NEGATIVE.value, pgettext_lazy("sentiment", "Negative")
    UNKNOWN = Label.UNKNOWN.value, pgettext_lazy("sentiment", "Not judged")
