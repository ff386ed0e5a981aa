"""How well and how fast: `python -m reputation.sentiment.measure FILE.tsv` (lang, label, phenomenon, text; a header)."""

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reputation.sentiment.labels import Label
from reputation.sentiment.model import load

CLASSES = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)


@dataclass(frozen=True, slots=True)
class Mention:
    lang: str
    label: Label
    phenomenon: str
    text: str


def read_mentions(path: Path) -> list[Mention]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Mention(row["lang"], Label(row["label"]), row["phenomenon"], row["text"]) for row in rows]


def class_scores(pairs: Iterable[tuple[Label, Label]]) -> dict[Label, tuple[float, float, float]]:
    """(precision, recall, F1) a class present among (truth, verdict) pairs; 0 where nothing was found."""
    both = Counter(pairs)
    scores = {}
    for label in CLASSES:
        right = both[label, label]
        said = sum(n for (_, verdict), n in both.items() if verdict is label)
        true = sum(n for (truth, _), n in both.items() if truth is label)
        if true:
            precision, recall = right / said if said else 0.0, right / true
            scores[label] = (precision, recall, 2 * right / (said + true))
    return scores


def macro_f1(pairs: Iterable[tuple[Label, Label]]) -> float:
    scores = class_scores(pairs)
    return sum(f1 for _, _, f1 in scores.values()) / len(scores)


def report(pairs: Sequence[tuple[Label, Label]]) -> str:
    lines = [f"  {'':9} precision recall     F1      n"]
    for label, (precision, recall, f1) in class_scores(pairs).items():
        count = sum(truth is label for truth, _ in pairs)
        lines.append(f"  {label.value:9} {precision:9.3f} {recall:6.3f} {f1:6.3f} {count:6}")
    accuracy = sum(truth is verdict for truth, verdict in pairs) / len(pairs)
    return "\n".join([*lines, f"  macro-F1 {macro_f1(pairs):.3f}, accuracy {accuracy:.3f}"])


def texts_per_second(texts: Sequence[str], *, seconds: float = 1.0) -> float:
    """Verdicts with their reasons on one core, over and over the texts (so with a warm cache of words)."""
    model = load()
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for text in texts:
            model.score(text)
        done += len(texts)
    return done / spent


def main(path: str) -> None:
    start = time.perf_counter()
    model = load()
    sys.stdout.write(f"{model.version}, loaded in {time.perf_counter() - start:.3f} s\n")
    mentions = read_mentions(Path(path))
    for lang in sorted({mention.lang for mention in mentions}):
        pairs = [(m.label, model.score(m.text).label) for m in mentions if m.lang == lang]
        sys.stdout.write(f"{lang}\n{report(pairs)}\n")
    for phenomenon, count in Counter(m.phenomenon for m in mentions).most_common():
        of_it = [m for m in mentions if m.phenomenon == phenomenon]
        right = sum(model.score(m.text).label is m.label for m in of_it)
        sys.stdout.write(f"{phenomenon:12} {right}/{count}\n")
    sys.stdout.write(f"{texts_per_second([m.text for m in mentions]):,.0f} texts a second\n")


if __name__ == "__main__":
    main(sys.argv[1])
