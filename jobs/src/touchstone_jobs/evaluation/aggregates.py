"""From the scores of rows to one value per metric, with how sure it is and over how many rows."""

import math
from array import array
from collections.abc import Sequence
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from touchstone_jobs.evaluation.intervals import (
    bootstrap,
    grouped_interval,
    standard_error,
    t_interval,
    wilson_interval,
)
from touchstone_jobs.evaluation.scoring import Chunk, Scores, is_blank
from touchstone_jobs.files import Interval, MetricAggregate, MetricName, MetricSettings
from touchstone_jobs.groups import LEAST_GROUPS, Groups, sum_by_group
from touchstone_jobs.metrics.registry import TYPES, CorpusFamily, family

FEW_VALUES = 11
"""Up to so many distinct scores are steps of a scale, of which the median says something beside the mean."""


class Collected:
    """Everything scored so far: 8 bytes per row and metric, and the statistics of corpus-level metrics."""

    def __init__(self, metrics: Sequence[MetricSettings], repeats: int = 1, groups: Groups | None = None) -> None:
        """`repeats`: answers to each row, which come after each other in the order of work. `groups`: of each row,
        where rows are not independent.
        """
        self._repeats = repeats
        self._groups = groups
        self.values: dict[MetricName, array[float]] = {
            metric.name: array("d") for metric in metrics if not TYPES[metric.type].is_corpus
        }
        """Per answer; NaN: not scored."""
        self.rows = 0
        """Answers that were looked at, also those that are missing."""
        self.answered = 0
        self.errors = dict.fromkeys((metric.name for metric in metrics), 0)
        self._statistics: dict[MetricName, list[NDArray[np.int32]]] = {
            metric.name: [] for metric in metrics if TYPES[metric.type].is_corpus
        }
        """Of the answers that were scored."""
        self._has_statistics: dict[MetricName, list[bool]] = {name: [] for name in self._statistics}
        self._answered_with_reference = 0

    def add(self, chunk: Chunk, scores: Scores) -> None:
        self.rows += len(chunk.predictions)
        for prediction, reference in zip(chunk.predictions, chunk.references, strict=True):
            if prediction is not None:
                self.answered += 1
                self._answered_with_reference += not is_blank(reference)
        for name, count in scores.errors.items():
            self.errors[name] += count
        for name, values in self.values.items():
            values.extend(math.nan if value is None else cast(float, value) for value in scores.columns[name])
        for name, statistics in self._statistics.items():
            self._has_statistics[name].extend(value is not None for value in scores.columns[name])
            if known := [value for value in scores.columns[name] if value is not None]:
                statistics.append(np.array(known, dtype=np.int32))

    def columns(self) -> dict[str, pa.Array]:
        """For `rows.parquet`, null where the row was not scored: one column a metric; `<metric>_statistics` of those of
        the whole corpus, which a comparison sums.
        """
        per_row = {name: np.frombuffer(values) for name, values in self.values.items()}
        return {name: pa.array(values, pa.float64(), mask=np.isnan(values)) for name, values in per_row.items()} | {
            f"{name}_statistics": self._statistics_column(name) for name in self._statistics
        }

    def _statistics_column(self, name: MetricName) -> pa.Array:
        has = np.array(self._has_statistics[name], dtype=bool)
        sizes = np.zeros(len(has) + 1, dtype=np.int32)
        if not self._statistics[name]:
            return pa.nulls(len(has), pa.list_(pa.int32()))
        known = np.concatenate(self._statistics[name])
        sizes[1:][has] = known.shape[1]
        mask = pa.array(~has)
        return pa.ListArray.from_arrays(np.cumsum(sizes, dtype=np.int32), pa.array(known.ravel()), mask=mask)

    def aggregate(self, metric: MetricSettings) -> MetricAggregate:
        """`total = scored + no_reference + metric_error + not_answered`; `value` is null where nothing was scored."""
        name, facts = metric.name, TYPES[metric.type]
        scorable = self._answered_with_reference if facts.needs_reference else self.answered
        value, error, interval = self._corpus(metric) if facts.is_corpus else self._mean(metric)
        return MetricAggregate(
            value=value,
            standard_error=error,
            interval=interval,
            median=None if facts.is_corpus else find_median(np.frombuffer(self.values[name]), self._repeats),
            scored=scorable - self.errors[name],
            total=self.rows,
            no_reference=self.answered - scorable,
            metric_error=self.errors[name],
            not_answered=self.rows - self.answered,
            signature=family(metric.type).signature(metric),
        )

    def _mean(self, metric: MetricSettings) -> "Estimate":
        values = np.frombuffer(self.values[metric.name])
        return estimate_mean(values, self._repeats, self._groups, yes_or_no=TYPES[metric.type].yes_or_no)

    def _corpus(self, metric: MetricSettings) -> "Estimate":
        name = metric.name
        if not self._statistics[name]:
            return None, None, None
        statistics = self._row_sums(name)
        module = cast(CorpusFamily, family(metric.type))
        value = module.corpus(name, statistics.sum(axis=0, dtype=np.int64).tolist())
        by_groups = ""
        if self._groups is not None:
            sums, count = sum_by_group(statistics.astype(np.float64), self._groups[self._has_row(name)])
            if count < LEAST_GROUPS:
                return value, None, None
            statistics = sums.astype(np.int32)
            by_groups = f", by {count} groups"
        error, interval = bootstrap(statistics, lambda summed: module.corpus(name, summed))
        return value, error, interval and interval.model_copy(update={"method": interval.method + by_groups})

    def _row_sums(self, name: MetricName) -> NDArray[np.int32]:
        """The corpus is that of all answers; those to one row are drawn together."""
        known = np.concatenate(self._statistics[name])
        if self._repeats == 1:
            return known
        has = np.array(self._has_statistics[name], dtype=bool)
        whole = np.zeros((len(has), known.shape[1]), dtype=np.int32)
        whole[has] = known
        sums: NDArray[np.int32] = whole.reshape(self._repeats, -1, known.shape[1]).sum(axis=0, dtype=np.int32)
        return sums[self._has_row(name)]

    def _has_row(self, name: MetricName) -> NDArray[np.bool_]:
        """Of each row, whether an answer to it was scored by a corpus-level metric."""
        has = np.array(self._has_statistics[name], dtype=bool)
        return np.asarray(has.reshape(self._repeats, -1).any(axis=0), dtype=np.bool_)


Estimate = tuple[float | None, float | None, Interval | None]
"""Value, standard error and interval."""


def estimate_mean(values: NDArray[np.float64], repeats: int, groups: Groups | None, *, yes_or_no: bool) -> Estimate:
    """Of scores per answer in the order of work, NaN where there is none. `groups`: of each row, where rows are not
    independent. `yes_or_no`: each score is 0 or 1.
    """
    means = _row_means(values, repeats)
    is_scored: NDArray[np.bool_] = ~np.isnan(means)
    means = means[is_scored]
    if len(means) == 0:
        return None, None, None
    # Exactly rounded, so that the value does not depend on the order of the rows.
    mean = math.fsum(means) / len(means)
    if groups is not None:
        return mean, *grouped_interval(means, groups[is_scored])
    # The mean of several answers is no yes or no any more.
    is_share = yes_or_no and repeats == 1
    interval = wilson_interval(int(means.sum()), len(means)) if is_share else t_interval(means)
    return mean, standard_error(means), interval


def find_median(values: NDArray[np.float64], repeats: int) -> float | None:
    """Where the answers have few distinct scores, such as 1 to 5; of yes or no the mean says it all."""
    scored = values[~np.isnan(values)]
    if not 3 <= len(np.unique(scored)) <= FEW_VALUES:
        return None
    return float(np.nanmedian(_row_means(values, repeats)))


def _row_means(values: NDArray[np.float64], repeats: int) -> NDArray[np.float64]:
    """The mean of each row's answers that were scored; NaN where none was. Intervals are over rows, which are what is
    sampled: answers to one row are not independent.
    """
    by_repeat = values.reshape(repeats, -1)
    scored = (~np.isnan(by_repeat)).sum(axis=0)
    sums = np.nansum(by_repeat, axis=0)
    means: NDArray[np.float64] = np.divide(sums, scored, out=np.full(len(sums), np.nan), where=scored > 0)
    return means
