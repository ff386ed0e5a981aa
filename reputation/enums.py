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
    MESSAGE = "message", pgettext_lazy("mention kind", "Private message")
    REVIEW = "review", pgettext_lazy("mention kind", "Review")


class ReplyState(models.TextChoices):
    """What became of an answer of ours. From sending on, only the network's word or a person's settles it."""

    QUEUED = "queued", pgettext_lazy("reply state", "Waiting")
    SENDING = "sending", pgettext_lazy("reply state", "Being sent")
    UNCONFIRMED = "unconfirmed", pgettext_lazy("reply state", "Unconfirmed")
    SENT = "sent", pgettext_lazy("reply state", "Sent")
    FAILED = "failed", pgettext_lazy("reply state", "Not sent")


class Sentiment(models.TextChoices):
    """The values of `reputation.sentiment.Label`, with the word people read."""

    POSITIVE = Label.POSITIVE.value, pgettext_lazy("sentiment", "Positive")
    NEUTRAL = Label.NEUTRAL.value, pgettext_lazy("sentiment", "Neutral")
    NEGATIVE = Label.NEGATIVE.value, pgettext_lazy("sentiment", "Negative")
    UNKNOWN = Label.UNKNOWN.value, pgettext_lazy("sentiment", "Not judged")
