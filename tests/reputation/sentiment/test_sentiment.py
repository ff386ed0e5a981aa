"""What a mention's verdict must get right, whatever the model."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from reputation.sentiment import Label, classify, detect_language, model
from reputation.sentiment.labels import Label as DirectLabel
from reputation.sentiment.measure import class_scores, macro_f1, read_mentions, report, texts_per_second
from reputation.sentiment.text import tokenize

MENTIONS = Path(__file__).with_name("mentions.tsv")
MENTIONS_SHA256 = "519a30118afb11cc180b61da8aecc79408978e7f766293820ec2e1f91dceff09"
LOWEST_F1 = {"fr": 0.84, "en": 0.76}


def label(text: str, language: str = "") -> Label:
    return classify(text, language=language).label


def test_frozen_mentions_stay_as_they_were_written() -> None:
    assert hashlib.sha256(MENTIONS.read_bytes()).hexdigest() == MENTIONS_SHA256


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_macro_f1_holds_on_frozen_mentions(lang: str) -> None:
    pairs = [(m.label, label(m.text, m.lang)) for m in read_mentions(MENTIONS) if m.lang == lang]
    assert macro_f1(pairs) >= LOWEST_F1[lang], report(pairs)


@pytest.mark.parametrize(
    ("plain", "negated"),
    [
        ("Je suis satisfaite de ma commande", "Je ne suis pas satisfaite de ma commande"),
        ("Je recommande cette boutique", "Je ne recommande pas cette boutique"),
        ("Le service est bon", "Le service n'est pas bon"),
        ("Le service est bon", "le service est pas bon"),
        ("I am happy with it", "I am not happy with it"),
        ("The app is reliable", "The app isn't reliable"),
        ("I recommend this shop", "I don't recommend this shop"),
    ],
)
def test_negation_turns_praise(plain: str, negated: str) -> None:
    assert (label(plain), label(negated)) == (Label.POSITIVE, Label.NEGATIVE)


@pytest.mark.parametrize(
    ("plain", "negated"),
    [("Très déçue", "Jamais déçue"), ("Un problème", "Aucun problème"), ("Disappointed", "Not disappointed")],
)
def test_negation_turns_blame(plain: str, negated: str) -> None:
    assert (label(plain), label(negated)) == (Label.NEGATIVE, Label.POSITIVE)


@pytest.mark.parametrize(
    ("plain", "stronger"), [("Déçu", "Très déçu"), ("Good", "Very good"), ("C'est bien", "C'est vraiment bien")]
)
def test_intensifier_strengthens(plain: str, stronger: str) -> None:
    before, after = classify(plain), classify(stronger)
    assert before.label is after.label
    assert after.confidence > before.confidence


@pytest.mark.parametrize(
    "text",
    ["Vous livrez en Suisse ?", "Quels sont vos horaires ?", "Do you deliver on Sundays?", "Is there a shop in Lyon?"],
)
def test_plain_question_is_neutral(text: str) -> None:
    assert label(text) is Label.NEUTRAL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("😍", Label.POSITIVE),
        ("@marque 👏👏", Label.POSITIVE),
        ("❤️", Label.POSITIVE),
        ("👍🏽", Label.POSITIVE),
        ("🤮", Label.NEGATIVE),
        ("Le colis 😡", Label.NEGATIVE),
        ("merci 😡", Label.NEGATIVE),
    ],
)
def test_emoji_speaks(text: str, expected: Label) -> None:
    assert label(text) is expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("El servicio es pésimo, nunca más compro aquí", "es"),
        ("Der Kundenservice ist furchtbar", "de"),
        ("Il servizio clienti è pessimo", "it"),
        ("O atendimento não é bom", "pt"),
        ("Nog steeds geen antwoord", "nl"),
        ("Ужасный сервис", "ru"),
        ("خدمة العملاء سيئة جدا", "ar"),
        ("とても良いサービスです", "ja"),
    ],
)
def test_other_language_is_unknown_not_neutral(text: str, code: str) -> None:
    verdict = classify(text)
    assert (verdict.label, verdict.language, verdict.confidence) == (Label.UNKNOWN, code, 0.0)
    assert verdict.explanation == ()


def test_declared_language_wins() -> None:
    assert label("Merci beaucoup !", "de") is Label.UNKNOWN
    verdict = classify("Super service", language="FR_ca")
    assert (verdict.label, verdict.language) == (Label.POSITIVE, "fr")


@pytest.mark.parametrize("text", ["", "   ", "https://example.org/a", "@marque", "@a@exemple.social", "12 345", "…"])
def test_nothing_to_judge_is_unknown(text: str) -> None:
    assert label(text) is Label.UNKNOWN


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Toujours pas de réponse à mon mail", "fr"),
        ("La boutique ferme à 19 h le samedi", "fr"),
        ("c nul votre service svp", "fr"),
        ("Still no answer to my email", "en"),
        ("#Brindille publishes its results on Thursday", "en"),
        ("Les équipes de @The_Best_Of_You sont là https://the.example/is/it", "fr"),
        ("", ""),
        ("👏👏", ""),
        ("@marque", ""),
    ],
)
def test_detect_language(text: str, code: str) -> None:
    assert detect_language(text) == code


def test_detection_rarely_errs_on_frozen_mentions() -> None:
    mentions = read_mentions(MENTIONS)
    wrong = [m.text for m in mentions if detect_language(m.text) not in (m.lang, "")]
    assert len(wrong) <= 2, wrong


def test_probabilities_sum_to_one_and_confidence_is_the_label_s() -> None:
    for mention in read_mentions(MENTIONS):
        verdict = classify(mention.text, language=mention.lang)
        by_label = {
            Label.NEGATIVE: verdict.probabilities.negative,
            Label.NEUTRAL: verdict.probabilities.neutral,
            Label.POSITIVE: verdict.probabilities.positive,
        }
        assert sum(by_label.values()) == pytest.approx(1.0)
        assert verdict.confidence == max(by_label.values()) == by_label[verdict.label]


def test_explanation_shows_the_words_that_count_and_their_scope() -> None:
    verdict = classify("Je ne suis vraiment pas satisfait de la livraison de @Lumivia 😡")
    shown = [str(reason) for reason in verdict.explanation]
    assert shown[0] == "😡"
    assert "pas … satisfait" in shown
    assert all(reason.weight < 0 for reason in verdict.explanation if str(reason) in ("😡", "pas … satisfait"))
    assert not {"de", "la", "je", "pas", "_user", "Lumivia"} & set(shown)
    assert len(shown) <= 4


def test_brand_names_do_not_weigh() -> None:
    assert classify("Merci @horrible").probabilities == classify("Merci @genial").probabilities


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("ne recommande pas cette boutique", ["recommande", "boutique"]),
        ("pas bon, mais rapide", ["bon"]),
        ("plus rapide et plus simple", []),
        ("je n'ai plus confiance", ["confiance"]),
        ("plus de réseau", ["réseau"]),
        ("pas mal du tout", []),
        ("I don’t like it. Nice shop", ["like"]),
    ],
)
def test_scope_of_negation(text: str, turned: list[str]) -> None:
    assert [token.shown for token in tokenize(text) if token.negator] == turned


def test_spelling_of_phones_is_read() -> None:
    assert classify("Tres decu").probabilities == classify("TRÈS DÉÇU").probabilities
    assert classify("géniaaaaal").probabilities == classify("géniaal").probabilities
    assert [token.key for token in tokenize("l&#39;appli, jms de pb")] == [
        "l",
        "appli",
        ",",
        "jamais",
        "de",
        "probleme",
    ]


def test_hostile_lengths_end_soon_and_keep_finite() -> None:
    for text in ("génial " * 100_000, "a" * 1_000_000, "@" * 100_000, "😡" * 100_000, "ne " * 50_000, "'" * 50_000):
        assert 0.0 <= classify(text).confidence <= 1.0


def test_same_verdict_from_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_loaded", [])
    texts = [mention.text for mention in read_mentions(MENTIONS)] * 4
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(classify, texts))
    assert verdicts == [classify(text) for text in texts]
    assert len(model._loaded) == 1


def test_verdict_is_frozen_and_names_its_model() -> None:
    verdict = classify("Super")
    assert verdict.model_version.startswith("fr-en-linear-1+")
    assert verdict.model_version == classify("").model_version
    with pytest.raises(FrozenInstanceError):
        verdict.label = Label.NEUTRAL  # type: ignore[misc]


def test_needs_neither_django_nor_scikit_learn() -> None:
    code = (
        "import sys; from reputation.sentiment import classify; classify('Super');"
        "print({'django', 'sklearn', 'numpy'} & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "set()"


def test_model_file_stays_small() -> None:
    assert model.MODEL_FILE.stat().st_size < 1_000_000


def test_class_scores() -> None:
    pairs = [
        (Label.NEGATIVE, Label.NEGATIVE),
        (Label.NEGATIVE, Label.NEUTRAL),
        (Label.NEUTRAL, Label.NEUTRAL),
        (Label.POSITIVE, Label.NEGATIVE),
    ]
    assert class_scores(pairs) == {
        Label.NEGATIVE: (0.5, 0.5, 0.5),
        Label.NEUTRAL: (0.5, 1.0, pytest.approx(2 / 3)),
        Label.POSITIVE: (0.0, 0.0, 0.0),
    }
    assert macro_f1(pairs) == pytest.approx((0.5 + 2 / 3) / 3)
    assert DirectLabel is Label


def test_speed_is_measured() -> None:
    assert texts_per_second(["Merci"], seconds=0.01) > 0


def test_saved_model_reads_back() -> None:
    packed = model.pack(
        name="tiny", biases=(0.0, 0.0), weights={"bon": (50, 100), "!bon": (50, -100), "a b": (-127, 127)}
    )
    tiny = model.Model(packed)
    assert tiny.version.startswith("tiny+")
    good = tiny.score("bon")
    assert good.probabilities.positive == pytest.approx(model.logistic(1.5) * model.logistic(3.0))
    assert [(reason.text, reason.weight) for reason in good.reasons] == [("bon", 3.0)]
    assert [str(reason) for reason in tiny.score("pas bon").reasons] == ["pas … bon"]
