"""The verdicts a mention can get."""

from enum import StrEnum


class Label(StrEnum):
    """Sentiment towards what the text is about. UNKNOWN: empty, or in a language the model has not learnt."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"
