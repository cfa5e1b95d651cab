"""The comparison job: every pair of workflows, or of evaluations alone, on every metric, from accepted scores."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.attempt import Attempt
from touchstone_jobs.comparison.contrast import ALPHA, Contrast, Ends, Untested
from touchstone_jobs.comparison.family import Scores, Verdict, compare_rows, compare_statistics, judge
from touchstone_jobs.comparison.scores import by_row, fill_failures, read_failures, read_scores
from touchstone_jobs.data import read_sample
from touchstone_jobs.files import (
    ComparedMetric,
    ComparedWorkflow,
    ComparisonResult,
    ComparisonSpec,
    Interval,
    PairComparison,
    RowCounts,
    WithFailures,
)
from touchstone_jobs.groups import Groups, read_groups
from touchstone_jobs.log import say
from touchstone_jobs.metrics.registry import TYPES, CorpusFamily, family
from touchstone_jobs.versions import versions

LEVEL = 1 - ALPHA


def run_comparison(attempt: Attempt, spec: ComparisonSpec) -> ComparisonResult:
    """Raises JobError, Fenced, Interrupted."""
    attempt.progress.stage = "comparison"
    attempt.progress.start_clock()
    started = time.perf_counter()
    sample = read_sample(attempt.storage, spec.sample)
    named = spec.groups
    groups = None if named is None else read_groups(attempt.storage, named.data, sample, named.column)
    failures = [read_failures(attempt.storage, workflow.answers, sample, spec.repeats) for workflow in spec.workflows]
    ids = [workflow.workflow_id for workflow in spec.workflows]
    pairs: list[PairComparison] = []
    for metric in spec.metrics:
        attempt.check()
        scores = [
            read_scores(attempt.storage, workflow.scores, sample, spec.repeats, metric) for workflow in spec.workflows
        ]
        pairs.extend(_compare(attempt, spec, metric, scores, failures, groups))
    rows = len(sample)
    attempt.progress.set_scored(RowCounts(total=rows, answered=rows, failed=0, not_run=0, pending=0))
    seconds = time.perf_counter() - started
    say(f"{len(ids)} workflows compared by {len(spec.metrics)} metrics: {len(pairs)} pairs, {seconds:.2f} s")
    return ComparisonResult(
        version=1,
        kind="comparison",
        job_id=attempt.job_id,
        attempt=attempt.number,
        versions=versions(["numpy"]),
        seconds=round(seconds, 3),
        rows=rows,
        primary_metric=spec.primary_metric,
        metrics=spec.metrics,
        workflows=[
            ComparedWorkflow(workflow_id=workflow_id, failed=int(failed.reshape(spec.repeats, -1).any(axis=0).sum()))
            for workflow_id, failed in zip(ids, failures, strict=True)
        ],
        pairs=pairs,
    )


def _compare(
    attempt: Attempt,
    spec: ComparisonSpec,
    metric: ComparedMetric,
    scores: Sequence[Scores],
    failures: Sequence[NDArray[np.bool_]],
    groups: Groups | None,
) -> Iterator[PairComparison]:
    """`scores` and `failures` are per answer."""
    ids = [workflow.workflow_id for workflow in spec.workflows]
    is_primary = metric.name == spec.primary_metric
    is_corpus = TYPES[metric.type].is_corpus

    def judged(answers: Sequence[Scores]) -> list[Verdict]:
        scores = [by_row(one, spec.repeats) for one in answers]
        if is_corpus:
            module = cast(CorpusFamily, family(metric.type))
            contrasts = compare_statistics(
                scores, lambda sums: module.corpora(metric.name, sums), groups, attempt.check
            )
        else:
            # The mean of several answers is no yes or no any more.
            is_share = metric.yes_or_no and spec.repeats == 1
            contrasts = compare_rows(scores, is_share, metric.span, groups)
        return judge(contrasts, metric.direction, metric.delta)

    verdicts = judged(scores)
    # What a corpus-level metric would make of a row without an answer is not a value that can be filled in.
    has_failures = metric.direction != "none" and not is_corpus and any(one.any() for one in failures)
    filled = judged(fill_failures(scores, failures, metric)) if has_failures else [None] * len(verdicts)
    count = sum(isinstance(verdict.contrast, Contrast) for verdict in verdicts)
    for verdict, other in zip(verdicts, filled, strict=True):
        a, b = verdict.pair
        is_touched = bool(failures[a].any() or failures[b].any())
        yield _describe(verdict, other if is_touched else None, count, metric, is_primary, ids)


def _describe(
    verdict: Verdict,
    filled: Verdict | None,
    count: int,
    metric: ComparedMetric,
    is_primary: bool,
    ids: Sequence[str],
) -> PairComparison:
    a, b = verdict.pair
    contrast = verdict.contrast
    said: dict[str, Any] = {}
    if contrast:
        # A lower value wins where lower is better; of a metric without direction the higher is counted as a win.
        wins, losses = contrast.above, contrast.below
        if metric.direction == "lower":
            wins, losses = losses, wins
        said = {"difference": contrast.difference, "wins": wins, "ties": contrast.equal, "losses": losses}
    if isinstance(contrast, Untested):
        said |= {"test": contrast.reason}
    elif contrast:
        level = 1 - ALPHA / count
        simultaneous = f"Bonferroni over {count} pairs; {contrast.interval_method}"
        said |= {
            "interval": _interval(contrast.interval(LEVEL), LEVEL, contrast.interval_method),
            "interval_simultaneous": _interval(verdict.interval_simultaneous, level, simultaneous),
            "bounds": _interval(contrast.interval(1 - 2 * ALPHA / count), level, f"one-sided; {simultaneous}"),
            "test": contrast.test,
            "p": contrast.p,
            "effect_size": contrast.effect_size,
            "detectable": contrast.detectable(ALPHA / count),
            "spread": contrast.spread,
        }
    return PairComparison(
        metric=metric.name,
        family="primary" if is_primary else "exploratory",
        a=ids[a],
        b=ids[b],
        n=contrast.n if contrast else 0,
        p_adjusted=verdict.p_adjusted,
        p_equivalent=verdict.p_equivalent,
        label=verdict.label,
        with_failures=_with_failures(filled),
        **(dict.fromkeys(_UNSAID) | said),
    )


_UNSAID = (
    "difference",
    "interval",
    "interval_simultaneous",
    "bounds",
    "test",
    "p",
    "effect_size",
    "wins",
    "ties",
    "losses",
    "detectable",
    "spread",
)


def _interval(ends: Ends | None, level: float, method: str) -> Interval | None:
    return ends and Interval(low=ends[0], high=ends[1], level=level, method=method)


def _with_failures(verdict: Verdict | None) -> WithFailures | None:
    if verdict is None or not isinstance(verdict.contrast, Contrast) or verdict.p_adjusted is None:
        return None
    contrast = verdict.contrast
    return WithFailures(
        n=contrast.n, difference=contrast.difference, p_adjusted=verdict.p_adjusted, label=verdict.label
    )
