"""Whether the last number of an answer is that of the reference, within a tolerance: 1 or 0.

A number is written in digits 0-9, with a point before its decimals, commas between groups of three digits, and an
exponent where there is one: `1,234.5`, `-3`, `6.02e23`. A comma anywhere else ends the number, since nobody knows
whether `3,14` means a decimal or two numbers. Units, currency and percent signs beside a number do not count, digits
within a word (`GPT4`) are none, and neither are fractions or words. An answer without a number does not match; a
reference without one is an error of the row. Numbers are compared in decimals, exactly:
|answer - reference| <= max(absolute_tolerance, relative_tolerance * |reference|).
"""

import re
from collections.abc import Sequence
from decimal import Decimal

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings, NumberMatch
from touchstone_jobs.metrics.registry import Row, Scorer, Value, sign

LIBRARIES: tuple[str, ...] = ()

_NUMBER = re.compile(
    r"(?<![\w.])(?:(?<!\w)[-+\u2212])?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3}(?![0-9]))?"
)


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    [check] = metrics
    assert isinstance(check, NumberMatch)
    absolute, relative = (Decimal(str(tolerance)) for tolerance in (check.absolute_tolerance, check.relative_tolerance))

    def score(row: Row) -> dict[MetricName, Value]:
        expected = last_number(row.reference)
        if expected is None:
            raise ValueError("the reference has no number")
        found = last_number(row.prediction)
        is_match = found is not None and abs(found - expected) <= max(absolute, relative * abs(expected))
        return {check.name: float(is_match)}

    return score


def last_number(text: str) -> Decimal | None:
    found = _NUMBER.findall(text)
    return Decimal(found[-1].replace(",", "").replace("\u2212", "-")) if found else None


def signature(metric: MetricSettings) -> str:
    return f"{sign(metric)}|number:last|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
