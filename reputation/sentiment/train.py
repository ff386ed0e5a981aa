"""Fit the model: `python -m reputation.sentiment.train --data FOLDER`.

FOLDER holds the corpora as `*.jsonl.gz`, one {"lang": "fr"|"en", "label": "neg"|"neu"|"pos", "text": …} a line, and
optionally lexicons `*.tsv` (word, tab, valence from -4 to 4); NOTICE says where ours come from. Needs scikit-learn,
which the product itself does not: run it from an environment of its own. Same data, same file.
"""

import argparse
import gzip
import json
import logging
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from reputation.sentiment.labels import Label
from reputation.sentiment.measure import macro_f1, report
from reputation.sentiment.model import MODEL_FILE, STEP, Model, Weights, pack
from reputation.sentiment.text import NOT, PIECE, Token, pair_features, pieces, tokenize, word_feature

NAME = "fr-en-linear-1"
SHARES = 10  # by checksum of the text, so the same whatever the order: share 0 is held out, share 1 sets the bias
SHIFTS = tuple(step / 10 for step in range(16))
FEATURES_KEPT = 100_000
STRENGTH = {"polar": 0.25, "positive": 0.25}  # C of the logistic regressions
RARE = {"word": 2, "pair": 3, "piece": 6}  # a feature in fewer texts is not kept
PIECE_SCALE, LEXICON_SCALE, LEAN_SCALE = 0.3, 2.0, 0.5
TURNED = -0.7  # what is left of a word's valence under negation
# Total weight of a class of a (corpus, language). Subtitles carry labels projected from another
# language; brand mentions are what the product meets.
TRUST = {"synth_brand_mentions": 15_000, "goemotions_en": 15_000, "xed_fr_en": 4_000, "phrases": 600}

PHRASES = Path(__file__).with_name("phrases.tsv")

_LABELS = {"neg": Label.NEGATIVE, "neu": Label.NEUTRAL, "pos": Label.POSITIVE}
_EMOJI_VALENCE = {
    3.0: "😍🥰❤💕💖💗💙💚💛💜🧡🤩😻🏆💯🎉🥳👏🙌",
    2.0: "😊😀😃😄😁👍🙏😎🤗😘💪✨🔥🌟⭐🎊🤝💐😋🫶☺🙂👌:):D😇🥇",
    -2.0: "😞😔😟😕🙁☹😢😒🙄😩😫😣👎😤😬🤦😓😰😭💔:(:/🤨🥱",
    -3.0: "😡😠🤬🤮🤢💩🖕😱🤡😾🚨",
}


@dataclass(frozen=True, slots=True)
class Sample:
    corpus: str
    lang: str
    label: Label
    text: str

    @property
    def share(self) -> int:
        """Our own phrases are all for training: too few to divide."""
        return SHARES if self.corpus == PHRASES.stem else zlib.crc32(self.text.lower().encode()) % SHARES


def read_samples(folder: Path) -> list[Sample]:
    """Every distinct text of our phrases and of the corpora, in a stable order."""
    found: dict[str, Sample] = {}
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        lang, label, text = line.split("\t")
        found[text] = Sample(PHRASES.stem, lang, _LABELS[label], text)
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                text = row["text"].replace("[NAME]", "@name").replace("[RELIGION]", "")
                found.setdefault(text, Sample(path.name.split(".")[0], row["lang"], _LABELS[row["label"]], text))
    return list(found.values())


def read_valences(folder: Path) -> dict[str, float]:
    """Valence by folded word, -1 to 1; a word two lexicons disagree on gets their mean."""
    gathered: dict[str, list[float]] = {}
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            word, valence = line.split("\t")
            tokens = tokenize(word)
            if len(tokens) == 1 and not tokens[0].negator:
                gathered.setdefault(tokens[0].key, []).append(float(valence) / 4)
    for emoji_valence, emoji in _EMOJI_VALENCE.items():
        for token in tokenize(emoji):
            gathered[token.key] = [emoji_valence / 4]
    return {key: sum(values) / len(values) for key, values in gathered.items()}


def count_features(tokens: list[Token]) -> dict[str, float]:
    """What the model adds up, with how often (times its intensity)."""
    counts: dict[str, float] = {}
    for token in tokens:
        feature = word_feature(token)
        for one in (feature, *pieces(feature)):
            counts[one] = counts.get(one, 0.0) + token.scale
    for pair in pair_features(tokens):
        counts[pair] = counts.get(pair, 0.0) + 1.0
    return counts


def _kind(feature: str) -> str:
    if " " in feature:
        return "pair"
    return "piece" if feature.startswith(PIECE) else "word"


def _valence_columns(tokens: list[Token], valences: dict[str, float]) -> tuple[float, float]:
    """(sum of good, sum of bad) as the lexicons see it, negation and intensity applied."""
    good = bad = 0.0
    for token in tokens:
        valence = valences.get(token.key, 0.0) * token.scale * (TURNED if token.negator else 1.0)
        good, bad = good + max(valence, 0.0), bad + max(-valence, 0.0)
    return good, bad


class Fitter:
    """Holds the columns while the two steps are fitted, then folds the lexicon into the words."""

    def __init__(self, samples: list[Sample], valences: dict[str, float]) -> None:
        self.samples, self.valences = samples, valences
        self.tokens = [tokenize(sample.text) for sample in samples]
        self.counts = [count_features(tokens) for tokens in self.tokens]
        seen = Counter(feature for counts in self.counts for feature in counts)
        self.features = sorted(feature for feature, texts in seen.items() if texts >= RARE[_kind(feature)])

    def columns(self) -> Any:
        """A row a text: its kept features, then how good and how bad the lexicons find it."""
        column = {feature: i for i, feature in enumerate(self.features)}
        width = len(column)
        data: list[float] = []
        indices: list[int] = []
        ends = [0]
        for tokens, counts in zip(self.tokens, self.counts, strict=True):
            for feature, count in counts.items():
                if feature in column:
                    indices.append(column[feature])
                    data.append(count * _scale(feature))
            indices += [width, width + 1]
            data += [value * LEXICON_SCALE for value in _valence_columns(tokens, self.valences)]
            ends.append(len(indices))
        return import_module("scipy.sparse").csr_matrix((data, indices, ends), shape=(len(ends) - 1, width + 2))

    def fit(self, tuning: list[Sample]) -> bytes:
        """Polarity first: how far a word leans tells that it is polar at all, in a language without neutral texts too.

        That lean is one more column of the first step, learnt in both languages together. Last, as words never met push
        a text towards neutral, the bias is moved to where texts not trained on do best.
        """
        sparse = import_module("scipy.sparse")  # of the training environment only, like scikit-learn
        columns = self.columns()
        polar_rows = [i for i, s in enumerate(self.samples) if (s.corpus, s.lang) != ("xed_fr_en", "fr")]
        positive_rows = [i for i, s in enumerate(self.samples) if s.label is not Label.NEUTRAL]
        positive_bias, positive = self._fit_step(columns, positive_rows, "positive")
        leans = [abs(weight) * LEAN_SCALE for weight in positive[:-2]] + [0.0, 0.0]
        lean_column = sparse.csr_matrix(columns @ leans).T
        polar_bias, polar = self._fit_step(sparse.hstack([columns, lean_column], format="csr"), polar_rows, "polar")
        for i, lean in enumerate(leans):
            polar[i] += lean * polar[-1]
        weights = self._fold(polar, positive)
        tried = [pack(name=NAME, biases=(polar_bias + shift, positive_bias), weights=weights) for shift in SHIFTS]
        return max(tried, key=lambda packed: _mean_f1(packed, tuning))

    def _fit_step(self, columns: Any, rows: list[int], step: str) -> tuple[float, list[float]]:
        chosen = [self.samples[i] for i in rows]
        truth = [s.label is Label.POSITIVE if step == "positive" else s.label is not Label.NEUTRAL for s in chosen]
        groups = [(s.corpus, s.lang, answer) for s, answer in zip(chosen, truth, strict=True)]
        sizes = Counter(groups)
        weights = [TRUST[group[0]] / sizes[group] for group in groups]
        regression = import_module("sklearn.linear_model").LogisticRegression(
            C=STRENGTH[step], solver="liblinear", max_iter=300
        )
        regression.fit(columns[rows], truth, sample_weight=weights)
        return float(regression.intercept_[0]), [float(value) for value in regression.coef_[0]]

    def _fold(self, polar: list[float], positive: list[float]) -> dict[str, tuple[int, int]]:
        """Quantised weights a feature, the strongest kept.

        Lexicon words get their valence's worth added, plain and negated, so that nothing but the dictionary is needed
        to classify.
        """
        found: dict[str, Weights] = {}
        for i, feature in enumerate(self.features):
            found[feature] = (polar[i] * _scale(feature), positive[i] * _scale(feature))
        good, bad = len(self.features), len(self.features) + 1
        for key, valence in self.valences.items():
            for feature, value in ((key, valence), (NOT + key, valence * TURNED)):
                column = good if value > 0 else bad
                worth = abs(value) * LEXICON_SCALE
                before = found.get(feature, (0.0, 0.0))
                found[feature] = (before[0] + polar[column] * worth, before[1] + positive[column] * worth)
        strongest = sorted(found, key=lambda f: (-sum(abs(w) for w in found[f]), f))[:FEATURES_KEPT]
        stored = {f: (_quantise(found[f][0]), _quantise(found[f][1])) for f in strongest}
        return {feature: pair for feature, pair in stored.items() if pair != (0, 0)}


def _scale(feature: str) -> float:
    return PIECE_SCALE if feature.startswith(PIECE) else 1.0


def _quantise(weight: float) -> int:
    return max(-127, min(127, round(weight / STEP)))


def _mean_f1(packed: bytes, samples: list[Sample]) -> float:
    """Mean over the corpora that have neutral texts."""
    model = Model(packed)
    parts = [part for _, part in _by_corpus(samples) if any(s.label is Label.NEUTRAL for s in part)]
    return sum(macro_f1((s.label, model.score(s.text).label) for s in part) for part in parts) / len(parts)


def _by_corpus(samples: list[Sample]) -> Iterator[tuple[str, list[Sample]]]:
    for name in sorted({f"{s.corpus} {s.lang}" for s in samples}):
        yield name, [s for s in samples if f"{s.corpus} {s.lang}" == name]


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the sentiment model and print how it does on held-out texts.")
    parser.add_argument("--data", type=Path, required=True, help="folder of *.jsonl.gz corpora and *.tsv lexicons")
    parser.add_argument("--out", type=Path, default=MODEL_FILE)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log = logging.getLogger(__name__)
    samples = read_samples(arguments.data)
    held_out = [sample for sample in samples if sample.share == 0]
    tuning = [sample for sample in samples if sample.share == 1]
    packed = Fitter([s for s in samples if s.share > 1], read_valences(arguments.data)).fit(tuning)
    arguments.out.write_bytes(packed)
    model = Model(packed)
    log.info("%s: %d bytes, %d texts, %d held out", model.version, len(packed), len(samples), len(held_out))
    for name, part in _by_corpus(held_out):
        log.info("%s\n%s", name, report([(s.label, model.score(s.text).label) for s in part]))


if __name__ == "__main__":
    main()
