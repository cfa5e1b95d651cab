"""Length of the prediction: in words, split at white space, in characters (Unicode code points), and in tokens of
sacreBLEU's 13a, which are words and punctuation apart. What a model itself counts as tokens is measured by its
endpoint and shown as such. No reference is needed.
"""

from collections.abc import Sequence
from importlib.metadata import version

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES = ("sacrebleu",)


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    names = {metric.name for metric in metrics}
    tokenize = Tokenizer13a()

    def score(row: Row) -> dict[MetricName, Value]:
        values: dict[MetricName, Value] = {
            "length_words": float(len(row.prediction.split())),
            "length_chars": float(len(row.prediction)),
        }
        if "length_tokens" in names:
            values["length_tokens"] = float(len(tokenize(row.prediction).split()))
        return values

    return score


def signature(metric: MetricSettings) -> str:
    if metric.type == "length_tokens":
        return f"{metric.name}|tok:13a|lib:sacrebleu|version:{version('sacrebleu')}"
    unit = "words:whitespace" if metric.type == "length_words" else "unit:code-point"
    return f"{metric.name}|{unit}|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
