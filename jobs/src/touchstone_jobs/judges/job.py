"""The evaluation job of a judge: the inference engine over answers that are to be judged. The journal holds the judge's
raw replies, so what was judged is judged once; at the end they are read, and become scores or errors of their rows.
"""

import json
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from touchstone_jobs import keys
from touchstone_jobs.attempt import Attempt
from touchstone_jobs.data import ROW_GROUP, read_sample
from touchstone_jobs.errors import JobError
from touchstone_jobs.evaluation.aggregates import estimate_mean, find_median
from touchstone_jobs.evaluation.job import read_predictions, read_texts
from touchstone_jobs.files import (
    EndpointModel,
    EvaluationResult,
    EvaluationSpec,
    JudgeMetric,
    Judging,
    MetricAggregate,
    ResultFile,
    YesNoScale,
)
from touchstone_jobs.fold import FoldedRow, OrderOfWork, Tally
from touchstone_jobs.groups import Groups, read_groups
from touchstone_jobs.inference.job import open_key
from touchstone_jobs.inference.run import Work, run_model
from touchstone_jobs.journal import FoldedJournal, read_again
from touchstone_jobs.judges.model import Judge
from touchstone_jobs.judges.prompt import fingerprint
from touchstone_jobs.judges.reply import OutOfShape, Verdict, read_reply
from touchstone_jobs.log import say
from touchstone_jobs.versions import versions


def run_judging(attempt: Attempt, spec: EvaluationSpec, spec_bytes: bytes) -> EvaluationResult:
    """Raises JobError, Fenced, Interrupted."""
    metric = spec.metrics[0]
    if not isinstance(metric, JudgeMetric) or spec.judge is None:
        raise JobError("The spec names no judge.")
    _, secret = open_key(attempt, spec.judge, spec_bytes)
    sample = read_sample(attempt.storage, spec.sample)
    predictions, folded = read_predictions(attempt, spec, sample)
    texts = Texts(
        predictions,
        read_texts(attempt, spec, sample, spec.input_column) if metric.uses_input else None,
        read_texts(attempt, spec, sample, spec.reference_column) if metric.uses_reference else None,
    )
    order = OrderOfWork(sample.to_pylist(), spec.repeats)
    skipped = bytes(not texts.can_be_judged(place) for place in range(len(order)))
    model = Judge(spec.judge, metric, secret)
    ran = run_model(attempt, model, spec.judge, Work(order, texts.at, skipped, "evaluation"))

    attempt.progress.stage = "folding"
    judged = read_again(lambda: _read_journal(attempt, metric, order, texts, len(order) - sum(skipped)))
    ended, reason, outcome = ran.settle(judged.tally.outcome())
    groups = None if spec.group_column is None else read_groups(attempt.storage, spec.data, sample, spec.group_column)
    aggregate = _aggregate(metric, spec.judge, texts, judged, spec.repeats, groups)
    say(
        f"{ended}: {aggregate.scored} of {aggregate.total} answers judged, {aggregate.metric_error} in error, "
        f"{ran.seconds:.2f} s" + (f": {reason}" if reason else "")
    )
    return EvaluationResult(
        version=1,
        kind="evaluation",
        job_id=attempt.job_id,
        attempt=attempt.number,
        rows_file=judged.rows_file,
        versions=versions(model.libraries()),
        seconds=round(ran.seconds, 3),
        metrics={metric.name: aggregate},
        folded=folded,
        judging=Judging(ended=ended, reason=reason, outcome=outcome, spent=ran.spent),
    )


class Texts:
    """What a judge may be shown of each answer, by its place in the order of work."""

    def __init__(self, answers: Any, inputs: Any | None, references: Any | None) -> None:
        """`answers`: null where there is none. `inputs`, `references`: per row; None: it is not shown."""
        self._answers = answers
        self._inputs = inputs
        self._references = references
        self._has_answer = pc.is_valid(answers).to_numpy()
        rows = None if references is None else pc.fill_null(pc.utf8_trim_whitespace(references), "")
        self._has_reference = None if rows is None else pc.not_equal(rows, "").to_numpy()

    def has_answer(self, place: int) -> bool:
        return bool(self._has_answer[place])

    def has_reference(self, place: int) -> bool:
        """Where one is needed."""
        return self._has_reference is None or bool(self._has_reference[place % len(self._has_reference)])

    def can_be_judged(self, place: int) -> bool:
        return self.has_answer(place) and self.has_reference(place)

    def at(self, place: int) -> dict[str, str]:
        shown = {"input": self._inputs, "reference": self._references}
        texts = {name: of[place % len(of)].as_py() or "" for name, of in shown.items() if of is not None}
        return {**texts, "answer": self._answers[place].as_py() or ""}

    def __len__(self) -> int:
        return len(self._answers)


@dataclass(frozen=True, slots=True)
class Judged:
    tally: Tally
    """Of the judge's calls."""
    scores: NDArray[np.float64]
    """By place in the order of work; NaN: not scored."""
    rows_file: ResultFile


def _read_journal(attempt: Attempt, metric: JudgeMetric, order: OrderOfWork, texts: Texts, asked: int) -> Judged:
    """Writes `rows.parquet`; no more than a row group of it is in memory."""
    tally, scores = Tally(asked), array("d")
    schema = _schema(metric.name)
    key = keys.rows(attempt.job_id, attempt.number)
    rows = _by_place(order, FoldedJournal(attempt.storage, attempt.job_id, order).rows())
    with (
        attempt.storage.create(key) as output,
        pq.ParquetWriter(output, schema, compression="zstd") as writer,
    ):
        while group := list(islice(rows, ROW_GROUP)):
            lines = []
            for place, row in group:
                score, fields = _read_row(metric, texts, place, row)
                scores.append(math.nan if score is None else score)
                if row is not None:
                    tally.add(row)
                row_id, repeat = order[place]
                named = {f"{metric.name}_{name}": value for name, value in fields.items()}
                lines.append({"row_id": row_id, "repeat": repeat, metric.name: score, **named})
            writer.write_table(pa.Table.from_pylist(lines, schema=schema))
    rows_file = ResultFile(key=key, size=output.size, sha256=output.sha256)
    return Judged(tally, np.frombuffer(scores), rows_file)


def _by_place(order: OrderOfWork, rows: Iterator[FoldedRow]) -> Iterator[tuple[int, FoldedRow | None]]:
    """Every place, with the line of the journal that stands for it. `rows` are in the order of work."""
    row = next(rows, None)
    for place, (row_id, repeat) in enumerate(order):
        if row is not None and (row.line.row_id, row.line.repeat) == (row_id, repeat):
            yield place, row
            row = next(rows, None)
        else:
            yield place, None


def _read_row(
    metric: JudgeMetric, texts: Texts, place: int, row: FoldedRow | None
) -> tuple[float | None, dict[str, Any]]:
    """The score, and what is kept beside it."""
    if not texts.can_be_judged(place):
        return None, {}
    if row is None:
        return None, {"error": "The judge was not asked about this answer."}
    line = row.line
    fields: dict[str, Any] = {
        "latency_ms": line.latency_ms,
        "prompt_tokens": line.prompt_tokens,
        "completion_tokens": line.completion_tokens,
        "cost": row.cost,
        "calls": row.calls,
    }
    if line.error is not None:
        return None, {**fields, "error": f"{line.error.code}: {line.error.message}"}
    try:
        verdict: Verdict = read_reply(line.prediction or "", metric.scale)
    except OutOfShape as error:
        return None, {**fields, "error": str(error)}
    return verdict.score, {**fields, "reason": verdict.reason}


def _schema(name: str) -> pa.Schema:
    return pa.schema(
        [
            pa.field("row_id", pa.int64(), nullable=False),
            pa.field("repeat", pa.int32(), nullable=False),
            (name, pa.float64()),
            (f"{name}_reason", pa.string()),
            (f"{name}_error", pa.string()),
            (f"{name}_latency_ms", pa.float64()),
            (f"{name}_prompt_tokens", pa.int64()),
            (f"{name}_completion_tokens", pa.int64()),
            (f"{name}_cost", pa.float64()),
            (f"{name}_calls", pa.int32()),
        ]
    )


def _aggregate(
    metric: JudgeMetric, model: EndpointModel, texts: Texts, judged: Judged, repeats: int, groups: Groups | None
) -> MetricAggregate:
    total = len(texts)
    answered = sum(texts.has_answer(place) for place in range(total))
    asked = judged.tally.total
    scored = int((~np.isnan(judged.scores)).sum())
    is_share = isinstance(metric.scale, YesNoScale)
    value, error, interval = estimate_mean(judged.scores, repeats, groups, yes_or_no=is_share)
    return MetricAggregate(
        value=value,
        standard_error=error,
        interval=interval,
        median=find_median(judged.scores, repeats),
        scored=scored,
        total=total,
        no_reference=answered - asked,
        metric_error=asked - scored,
        not_answered=total - answered,
        signature=signature(metric, model),
    )


def signature(metric: JudgeMetric, model: EndpointModel) -> str:
    """Model, its parameters, and a fingerprint of every word that it is told: instructions, scale and prompt."""
    params = [f"{name}:{json.dumps(value).removesuffix('.0')}" for name, value in sorted(model.params.items())]
    return "|".join([metric.name, f"judge:{model.model}", *params, f"prompt:{fingerprint(metric)}"])
