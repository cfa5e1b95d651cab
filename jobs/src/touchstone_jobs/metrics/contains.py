"""Whether an answer has the texts that a person named: `contains`, `starts_with`, `contains_any`, `contains_all`,
1 or 0.

By Unicode code point, with composed and decomposed letters alike (NFC), and upper and lower case too where that is
asked for (case folding). White space before the answer does not count for `starts_with`; elsewhere it does. An empty
answer has none of the texts.
"""

import unicodedata
from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings, TextCheck, TextsCheck
from touchstone_jobs.metrics.registry import Row, Scorer, Value, sign

LIBRARIES: tuple[str, ...] = ()


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    [check] = metrics
    assert isinstance(check, TextCheck | TextsCheck)
    texts = [check.text] if isinstance(check, TextCheck) else check.texts
    wanted = [_unify(text, check.ignore_case) for text in texts]
    quantifier = any if check.type == "contains_any" else all

    def score(row: Row) -> dict[MetricName, Value]:
        answer = _unify(row.prediction, check.ignore_case)
        if check.type == "starts_with":
            return {check.name: float(answer.lstrip().startswith(wanted[0]))}
        return {check.name: float(quantifier(text in answer for text in wanted))}

    return score


def _unify(text: str, ignore_case: bool) -> str:
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.casefold()) if ignore_case else composed


def signature(metric: MetricSettings) -> str:
    return f"{sign(metric)}|unicode:nfc|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
