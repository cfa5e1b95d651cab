"""What is compared: the scores of each workflow, and what a model failed. First one per answer, in the order of work;
`by_row` makes one per row of the sample of them.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from touchstone_jobs.comparison.family import Scores
from touchstone_jobs.data import column_names, read_answers
from touchstone_jobs.files import ComparedMetric, ErrorCode, FileRef
from touchstone_jobs.metrics.registry import TYPES
from touchstone_jobs.storage import Storage

OWN_FAULTS: tuple[ErrorCode, ...] = ("context_length", "content_filter", "malformed")
"""Errors that are the model's; those of the infrastructure or the caller say nothing of it."""


def read_scores(
    storage: Storage, scores: Sequence[FileRef], sample: pa.Array, repeats: int, metric: ComparedMetric
) -> Scores:
    """One line per answer, NaN where it was not scored; of a corpus-level metric the answer's statistics. Of several
    files the last that has the metric counts.

    A file from before statistics were kept has none, so its rows count as not scored.
    """
    count = len(sample) * repeats
    is_corpus = TYPES[metric.type].is_corpus
    column = f"{metric.name}_statistics" if is_corpus else metric.name
    file = next((file for file in reversed(scores) if column in column_names(storage, file)), None)
    if file is None:
        return np.full((count, 1) if is_corpus else count, np.nan)
    values = read_answers(storage, file, sample, repeats, [column])[column].combine_chunks()
    if not is_corpus:
        return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)
    is_scored = np.asarray(values.is_valid())
    flat = np.asarray(pc.list_flatten(values), dtype=np.float64)
    if not is_scored.any():
        return np.full((count, 1), np.nan)
    known = flat.reshape(int(is_scored.sum()), -1)
    found = np.full((count, known.shape[1]), np.nan)
    found[is_scored] = known
    return found


def read_failures(storage: Storage, answers: FileRef | None, sample: pa.Array, repeats: int) -> NDArray[np.bool_]:
    """Whether the model failed by its own fault, per answer; of answers in a dataset none is known."""
    if answers is None:
        return np.zeros(len(sample) * repeats, dtype=np.bool_)
    codes = read_answers(storage, answers, sample, repeats, ["error_code"])["error_code"]
    return np.asarray(pc.is_in(codes, value_set=pa.array(OWN_FAULTS, pa.string())).combine_chunks())


def by_row(scores: Scores, repeats: int) -> Scores:
    """One line per row: the mean of its answers that were scored, or of a corpus-level metric their sum; NaN where none
    was.
    """
    if repeats == 1:
        return scores
    by_repeat = scores.reshape(repeats, -1, *scores.shape[1:])
    is_scored = ~np.isnan(by_repeat)
    count = is_scored.sum(axis=0)
    sums = np.nansum(by_repeat, axis=0)
    divisor = count if scores.ndim == 1 else np.minimum(count, 1)
    found: Scores = np.divide(sums, divisor, out=np.full(sums.shape, np.nan), where=count > 0)
    return found


def fill_failures(
    scores: Sequence[Scores], failures: Sequence[NDArray[np.bool_]], metric: ComparedMetric
) -> list[Scores]:
    """The scores, with the metric's worst value where the model failed; or the worst seen."""
    worst = metric.worst
    if worst is None:
        seen = np.concatenate([one[~np.isnan(one)] for one in scores])
        if len(seen) == 0:
            return list(scores)
        worst = float(seen.min() if metric.direction == "higher" else seen.max())
    return [np.where(failed & np.isnan(one), worst, one) for one, failed in zip(scores, failures, strict=True)]
