"""Whether a pattern is found in an answer, 1 or 0, by RE2, whose time grows with the text and with nothing else.

RE2's syntax: `\\d` and `\\w` are of ASCII, `.` stops at the end of a line (but for `(?s)`), `^` and `$` are the ends of
the answer (but for `(?m)`); there are no look-arounds and no back-references. The pattern may be found anywhere: `^…$`
asks for the whole answer.
"""

from collections.abc import Sequence
from importlib.metadata import version

from touchstone_jobs.files import MetricName, MetricSettings, RegexCheck
from touchstone_jobs.metrics.registry import Row, Scorer, Value, sign

LIBRARIES = ("google-re2",)


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    """Raises ValueError in RE2's words where it does not take the pattern."""
    import re2

    [check] = metrics
    assert isinstance(check, RegexCheck)
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not check.ignore_case
    try:
        pattern = re2.compile(check.pattern, options)
    except re2.error as error:
        raise ValueError(f"RE2 does not take the pattern: {error.args[0].decode()}") from None

    def score(row: Row) -> dict[MetricName, Value]:
        return {check.name: float(pattern.search(row.prediction) is not None)}

    return score


def signature(metric: MetricSettings) -> str:
    return f"{sign(metric)}|lib:google-re2|version:{version('google-re2')}"
