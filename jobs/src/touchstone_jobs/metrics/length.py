"""Length of the prediction: in words, split at white space, in characters (Unicode code points), and in tokens of
sacreBLEU's 13a, which are words and punctuation apart. What a model itself counts as tokens is measured by its
endpoint and shown as such. No reference is needed.
"""

from collections.abc import Sequence
from importlib.metadata import version

import touchstone_jobs
from touchstone_jobs.files import MetricName
from touchstone_jobs.metrics.registry import Scorer, Value

NAMES: tuple[MetricName, ...] = ("length_words", "length_chars", "length_tokens")
LIBRARIES = ("sacrebleu",)


def scorer(names: Sequence[MetricName]) -> Scorer:
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    tokenize = Tokenizer13a()

    def score(prediction: str, reference: str) -> dict[MetricName, Value]:
        values: dict[MetricName, Value] = {
            "length_words": float(len(prediction.split())),
            "length_chars": float(len(prediction)),
        }
        if "length_tokens" in names:
            values["length_tokens"] = float(len(tokenize(prediction).split()))
        return values

    return score


def signature(name: MetricName) -> str:
    if name == "length_tokens":
        return f"{name}|tok:13a|lib:sacrebleu|version:{version('sacrebleu')}"
    unit = "words:whitespace" if name == "length_words" else "unit:code-point"
    return f"{name}|{unit}|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
