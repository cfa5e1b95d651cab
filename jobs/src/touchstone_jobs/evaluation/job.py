"""The evaluation job: the answers of one inference, or a column of the data, scored by the metrics of the spec."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchstone_jobs import keys
from touchstone_jobs.attempt import Attempt
from touchstone_jobs.data import read_answers, read_columns, read_sample, write_table
from touchstone_jobs.errors import JobError
from touchstone_jobs.evaluation.aggregates import Collected
from touchstone_jobs.evaluation.scoring import CHUNK_ROWS, Chunk, RowScorer, score_all
from touchstone_jobs.files import EvaluationResult, EvaluationSpec, FileRef, Folded, JudgeMetric, RowCounts
from touchstone_jobs.fold import OrderOfWork
from touchstone_jobs.folded_rows import write_folded_rows
from touchstone_jobs.groups import read_groups
from touchstone_jobs.log import say
from touchstone_jobs.metrics.registry import TYPES, families
from touchstone_jobs.versions import versions


def run_evaluation(attempt: Attempt, spec: EvaluationSpec) -> EvaluationResult:
    """Of metrics that are computed. Raises JobError, Fenced, Interrupted."""
    metrics = [metric for metric in spec.metrics if not isinstance(metric, JudgeMetric)]
    sample = read_sample(attempt.storage, spec.sample)
    predictions, folded = read_predictions(attempt, spec, sample)
    references = read_texts(attempt, spec, sample, spec.reference_column)
    needs_input = any(TYPES[metric.type].needs_input for metric in metrics)
    inputs = read_texts(attempt, spec, sample, spec.input_column) if needs_input else None
    total = len(sample) * spec.repeats
    scorer = RowScorer(metrics)

    attempt.progress.stage = "evaluation"
    attempt.progress.start_clock()
    started = time.perf_counter()
    groups = None if spec.group_column is None else read_groups(attempt.storage, spec.data, sample, spec.group_column)
    collected = Collected(metrics, spec.repeats, groups)
    logged: set[str] = set()
    chunks = _chunks(predictions, references, inputs, spec.repeats)
    for chunk, scores in score_all(scorer, metrics, chunks, total, attempt.check):
        collected.add(chunk, scores)
        attempt.progress.set_scored(_counts(collected, total))
        for name, message in scores.first_error.items():
            if name not in logged:
                logged.add(name)
                say(f"metric_error: {name}: {message}")
    aggregates = {metric.name: collected.aggregate(metric) for metric in metrics}
    columns = collected.columns()
    schema = pa.schema(
        [
            pa.field("row_id", pa.int64(), nullable=False),
            pa.field("repeat", pa.int32(), nullable=False),
            *((name, column.type) for name, column in columns.items()),
        ]
    )
    answers = {
        "row_id": pa.concat_arrays([sample] * spec.repeats),
        "repeat": pa.array(np.repeat(np.arange(spec.repeats), len(sample)), pa.int32()),
    }
    table = pa.table(answers | columns, schema=schema)
    rows_file = write_table(attempt.storage, keys.rows(attempt.job_id, attempt.number), table)
    seconds = time.perf_counter() - started
    say(f"{collected.answered} of {total} answers scored by {len(metrics)} metrics, {seconds:.2f} s")
    return EvaluationResult(
        version=1,
        kind="evaluation",
        job_id=attempt.job_id,
        attempt=attempt.number,
        rows_file=rows_file,
        versions=versions(dict.fromkeys(lib for family, _ in families(metrics) for lib in family.LIBRARIES)),
        seconds=round(seconds, 3),
        metrics=aggregates,
        folded=folded,
    )


def read_predictions(attempt: Attempt, spec: EvaluationSpec, sample: pa.Array) -> tuple[Any, Folded | None]:
    """Every answer in the order of work, null where there is none; and the fold, where the inference did not come to
    make it.
    """
    if spec.prediction_column is not None:
        given = read_columns(attempt.storage, spec.data, sample, [spec.prediction_column])[spec.prediction_column]
        is_blank = pc.equal(pc.utf8_trim_whitespace(given), "")
        return pc.if_else(is_blank, pa.scalar(None, pa.string()), given), None
    if spec.inference is None:
        raise JobError("The spec names neither an inference nor a column of predictions.")
    if spec.inference.rows is not None:
        found = read_answers(attempt.storage, spec.inference.rows, sample, spec.repeats, ["prediction"])
        return found["prediction"], None
    attempt.progress.stage = "folding"
    order = OrderOfWork(sample.to_pylist(), spec.repeats)
    key = keys.folded(attempt.job_id, attempt.number)
    folded = write_folded_rows(attempt.storage, spec.inference.job_id, order, key)
    ref = FileRef(key=key, sha256=folded.rows_file.sha256)
    return read_answers(attempt.storage, ref, sample, spec.repeats, ["prediction"])["prediction"], folded


def read_texts(attempt: Attempt, spec: EvaluationSpec, sample: pa.Array, column: str | None) -> Any:
    """A column of the data, one value per row of the sample; without a column, nulls."""
    if column is None:
        return pa.nulls(len(sample), pa.string())
    return read_columns(attempt.storage, spec.data, sample, [column])[column]


def _chunks(predictions: Any, references: Any, inputs: Any | None, repeats: int) -> Iterator[Chunk]:
    rows = len(references)
    for repeat in range(repeats):
        for start in range(0, rows, CHUNK_ROWS):
            given = references.slice(start, CHUNK_ROWS).to_pylist()
            texts = None if inputs is None else inputs.slice(start, CHUNK_ROWS).to_pylist()
            yield Chunk(predictions.slice(repeat * rows + start, len(given)).to_pylist(), given, texts)


def _counts(collected: Collected, total: int) -> RowCounts:
    failed = max(collected.errors.values(), default=0)
    not_answered = collected.rows - collected.answered
    return RowCounts(
        total=total,
        answered=collected.answered - failed,
        failed=failed,
        not_run=not_answered,
        pending=total - collected.rows,
    )
