"""METEOR (Banerjee and Lavie 2005) by NLTK, without synonyms: 0 to 1.

Words match when they are equal or have the same Porter stem; the third module of METEOR, WordNet's synonyms, is left
out, since its data is on some machines and not on others. NLTK's parameters: alpha 0.9, beta 3, gamma 0.5. Tokens are
those of sacreBLEU's 13a, lower case. English; a text without spaces is one token. Without a matching word it is 0.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES = ("nltk", "sacrebleu")


class WithoutSynonyms:
    """In place of NLTK's WordNet: a word has no synonym but itself."""

    def synsets(self, _word: str) -> list[Any]:
        return []


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    from nltk.translate.meteor_score import single_meteor_score
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    tokenize = Tokenizer13a()
    synonyms = WithoutSynonyms()

    def score(row: Row) -> dict[MetricName, Value]:
        predicted, expected = tokenize(row.prediction).split(), tokenize(row.reference).split()
        return {"meteor": float(single_meteor_score(expected, predicted, wordnet=synonyms))}

    return score


def signature(metric: MetricSettings) -> str:
    return (
        f"{metric.name}|modules:exact,stem|synonyms:none|alpha:0.9|beta:3|gamma:0.5|tok:13a"
        f"|sacrebleu:{version('sacrebleu')}|lib:nltk|version:{version('nltk')}"
    )
