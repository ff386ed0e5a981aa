"""Sentiment of short brand mentions in French and English: pure Python, offline, with its reasons.

    >>> classify("Je ne suis pas content du tout").label
    <Label.NEGATIVE: 'negative'>

About one verdict in four is wrong on French mentions, irony more often: show the confidence and let people correct.
"""

from dataclasses import dataclass

from reputation.sentiment.labels import Label
from reputation.sentiment.language import detect_language
from reputation.sentiment.model import Probabilities, Reason, load

__all__ = ["LANGUAGES", "Label", "Probabilities", "Reason", "Verdict", "classify", "detect_language"]

LANGUAGES = ("fr", "en")
LONGEST_READ = 5_000  # characters; what follows hardly changes a verdict and bounds the time of a hostile text
# A text whose language does not show ("Nickel !") is judged when the model has met most of its words.
KNOWN_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """`confidence`: the probability of the label, 0 to 1, 0 when unknown. `language`: ISO code, "" when unclear.

    `model_version` changes whenever the model file does; store it beside the verdict. `explanation`: at most 4
    words or emoji, the strongest first.
    """

    label: Label
    confidence: float
    probabilities: Probabilities
    language: str
    model_version: str
    explanation: tuple[Reason, ...]


def classify(text: str, *, language: str = "") -> Verdict:
    """`language`: what the network declares ("fr", "fr-CA"); empty: detected. Others than French and English, and
    texts without anything to judge, are unknown rather than neutral.
    """
    read = text[:LONGEST_READ]
    code = language.strip().lower().replace("_", "-").partition("-")[0] or detect_language(read)
    model = load()
    if code and code not in LANGUAGES:
        return Verdict(Label.UNKNOWN, 0.0, Probabilities(), code, model.version, ())
    score = model.score(read)
    if score.known == 0 or (not code and score.known < KNOWN_ENOUGH):
        return Verdict(Label.UNKNOWN, 0.0, Probabilities(), code, model.version, ())
    found = score.probabilities
    confidence = max(found.negative, found.neutral, found.positive)
    return Verdict(score.label, confidence, found, code, model.version, score.reasons)
