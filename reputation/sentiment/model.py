"""The classifier: two additive logistic steps, P(polar) and then P(positive | polar).

Two steps let corpora without a neutral class teach polarity. Every feature adds its weight, so that the reasons
shown are the exact sums behind the verdict, not an afterthought.
"""

import json
import math
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reputation.sentiment.labels import Label
from reputation.sentiment.text import NOT, Token, pair_features, pieces, tokenize, word_feature

MODEL_FILE = Path(__file__).with_name("model.bin")
STEP = 0.03  # a stored weight is a whole number of these (log-odds), -127 to 127
SHOWN = 4
WEAKEST_SHOWN = 0.3

Weights = tuple[float, float]  # towards polar, towards positive among polar


@dataclass(frozen=True, slots=True)
class Probabilities:
    """They sum to 1, except when the label is unknown: then all are 0."""

    negative: float = 0.0
    neutral: float = 0.0
    positive: float = 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """A word or emoji that weighed. `weight` in log-odds, above 0 towards positive, below 0 towards negative.

    `negator` is the word that turned it ("pas"), empty when none did.
    """

    text: str
    weight: float
    negator: str = ""

    def __str__(self) -> str:
        return f"{self.negator} … {self.text}" if self.negator else self.text


@dataclass(frozen=True, slots=True)
class Score:
    label: Label
    probabilities: Probabilities
    reasons: tuple[Reason, ...]
    known: float  # share of the words the model has met, 0 to 1


def logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


def pack(*, name: str, biases: Weights, weights: dict[str, tuple[int, int]]) -> bytes:
    """The model file: compressed; a line of JSON, a line a feature, then two signed bytes a feature."""
    features = sorted(weights)
    header = {"name": name, "biases": biases, "features": len(features)}
    lines = [json.dumps(header, sort_keys=True), *features, ""]
    numbers = bytes(number & 0xFF for step in (0, 1) for number in (weights[feature][step] for feature in features))
    return zlib.compress("\n".join(lines).encode() + numbers, 9)


class Model:
    """Read once, then only read: safe between threads."""

    def __init__(self, packed: bytes) -> None:
        body = zlib.decompress(packed)
        head, _, rest = body.partition(b"\n")
        header = json.loads(head)
        count: int = header["features"]
        numbers = memoryview(rest)[len(rest) - 2 * count :].cast("b")
        features = rest[: len(rest) - 2 * count].decode().split("\n")
        self.version = f"{header['name']}+{zlib.crc32(packed):08x}"
        self._biases: Weights = (header["biases"][0], header["biases"][1])
        shared: dict[tuple[int, int], Weights] = {}
        self._weights: dict[str, Weights] = {}
        for feature, pair in zip(features, zip(numbers[:count], numbers[count:], strict=True), strict=False):
            if pair not in shared:
                shared[pair] = (pair[0] * STEP, pair[1] * STEP)
            self._weights[feature] = shared[pair]
        self._word = lru_cache(maxsize=32_768)(self._sum_of_word)

    def score(self, text: str) -> Score:
        tokens = tokenize(text)
        own = [self._word(word_feature(token)) for token in tokens]
        pairs = [self._weights.get(feature) for feature in pair_features(tokens)]
        polar, positive = self._biases
        for token, (towards_polar, towards_positive) in zip(tokens, own, strict=True):
            polar += towards_polar * token.scale
            positive += towards_positive * token.scale
        for pair in pairs:
            if pair is not None:
                polar += pair[0]
                positive += pair[1]
        is_polar, is_positive = logistic(polar), logistic(positive)
        probabilities = Probabilities(
            negative=is_polar * (1 - is_positive), neutral=1 - is_polar, positive=is_polar * is_positive
        )
        words = [token for token in tokens if token.key[0].isalpha() or token.is_content]
        known = sum(token.key in self._weights for token in words) / len(words) if words else 0.0
        return Score(_strongest(probabilities), probabilities, tuple(_reasons(tokens, own, pairs)), known)

    def _sum_of_word(self, feature: str) -> Weights:
        """A word with its pieces. A negated word stands alone: its pieces would speak for the word it denies."""
        found = [self._weights[f] for f in (feature, *pieces(feature)) if f in self._weights]
        if feature.startswith(NOT) and not found:
            return (0.0, 0.0)
        return (sum(w[0] for w in found), sum(w[1] for w in found))


def _strongest(probabilities: Probabilities) -> Label:
    by_label = {
        Label.NEUTRAL: probabilities.neutral,
        Label.NEGATIVE: probabilities.negative,
        Label.POSITIVE: probabilities.positive,
    }
    return max(by_label, key=by_label.__getitem__)


def _reasons(tokens: list[Token], own: list[Weights], pairs: list[Weights | None]) -> Iterable[Reason]:
    """The content words that lean most. A pair of neighbours is shared half and half between them.

    What a negator weighs itself goes to the first word it turns, so that "pas … content" reads as one.
    """
    leans: dict[int, float] = {}
    for index, (token, weights) in enumerate(zip(tokens, own, strict=True)):
        if token.is_content:
            beside = [pair[1] / 2 for pair in (pairs[index], pairs[index + 1]) if pair is not None]
            leans[index] = weights[1] * token.scale + sum(beside)
    for index in [i for i in leans if tokens[i].negator]:
        at = next((i for i in leans if tokens[i].shown == tokens[index].negator and i != index), None)
        if at is not None:
            leans[index] += leans.pop(at)
    seen: set[str] = set()
    for index in sorted(leans, key=lambda i: (-abs(leans[i]), i)):
        token = tokens[index]
        if abs(leans[index]) >= WEAKEST_SHOWN and token.key not in seen and len(seen) < SHOWN:
            seen.add(token.key)
            yield Reason(token.shown, round(leans[index], 2), token.negator)


_lock = threading.Lock()
_loaded: list[Model] = []


def load() -> Model:
    """The model of this version, read at first use and kept by the process."""
    if not _loaded:
        with _lock:
            if not _loaded:
                _loaded.append(Model(MODEL_FILE.read_bytes()))
    return _loaded[0]
