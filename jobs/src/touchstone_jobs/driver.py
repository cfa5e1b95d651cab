"""The life of an attempt: read the spec, do the work, leave the result; or end early, and say so by the exit status.

Exit status: 0 there is a result; 1 an error of ours (a traceback is in the log); 2 the job cannot run as it stands;
3 a newer attempt runs or the job is gone; 143 told to end before there was a result.
"""

import json
import os
import platform
import signal
import traceback

from pydantic import ValidationError

import touchstone_jobs
from touchstone_jobs import keys
from touchstone_jobs.attempt import FENCED_EXIT, Attempt
from touchstone_jobs.errors import Fenced, Interrupted, JobError
from touchstone_jobs.files import (
    JOB_SPEC,
    SPEC_VERSION,
    ComparisonResult,
    ComparisonSpec,
    EvaluationResult,
    EvaluationSpec,
    InferenceResult,
    InferenceSpec,
)
from touchstone_jobs.log import say
from touchstone_jobs.storage import open_storage


def run_attempt(job_id: str, number: int) -> int:
    """Returns the exit status."""
    try:
        storage = open_storage(_environment("TOUCHSTONE_STORAGE_URL"))
    except JobError as error:
        say(f"error: {error}")
        return 2
    attempt = Attempt(storage, job_id, number)
    attempt.log.install()
    signal.signal(signal.SIGTERM, lambda *_: setattr(attempt, "terminated", True))
    try:
        _run(attempt)
        return 0
    except JobError as error:
        say(f"error: {error}")
        return 2
    except Fenced:
        say("fenced: the job is gone" if attempt.control.gone else "fenced: a newer attempt runs")
        return FENCED_EXIT
    except Interrupted:
        say("ended early: told to stop before there was a result; finished rows are kept")
        return 128 + signal.SIGTERM
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        attempt.heartbeat.end()
        _flush_log(attempt)


def _run(attempt: Attempt) -> None:
    versions = f"touchstone_jobs {touchstone_jobs.__version__}, Python {platform.python_version()}"
    say(f"job {attempt.job_id}, attempt {attempt.number}: {versions}")
    attempt.control.refresh()
    if attempt.control.fenced:
        raise Fenced
    attempt.heartbeat.start()
    spec_bytes = attempt.storage.read(keys.spec(attempt.job_id))
    result = _work(attempt, read_spec(spec_bytes), spec_bytes)
    # From here on nothing is written but the result, which is the last thing the server sees of an attempt.
    attempt.heartbeat.end()
    attempt.control.refresh()
    if attempt.control.fenced:
        raise Fenced
    attempt.progress.stage = "done"
    attempt.progress.write()
    _flush_log(attempt)
    attempt.storage.write(keys.result(attempt.job_id, attempt.number), result.model_dump_json(indent=2).encode())


def _work(
    attempt: Attempt, spec: InferenceSpec | EvaluationSpec | ComparisonSpec, spec_bytes: bytes
) -> InferenceResult | EvaluationResult | ComparisonResult:
    if spec.job_id != attempt.job_id:
        raise JobError(f"The spec is that of job {spec.job_id}.")
    if isinstance(spec, InferenceSpec):
        from touchstone_jobs.inference.job import run_inference

        return run_inference(attempt, spec, spec_bytes)
    if isinstance(spec, ComparisonSpec):
        from touchstone_jobs.comparison.job import run_comparison

        return run_comparison(attempt, spec)
    if spec.judge is not None:
        from touchstone_jobs.judges.job import run_judging

        return run_judging(attempt, spec, spec_bytes)
    from touchstone_jobs.evaluation.job import run_evaluation

    return run_evaluation(attempt, spec)


def read_spec(data: bytes) -> InferenceSpec | EvaluationSpec | ComparisonSpec:
    """Raises JobError on a version this code does not know, and on anything that is not exactly a spec."""
    try:
        version = json.loads(data).get("version")
    except (ValueError, AttributeError):
        raise JobError("spec.json is not a JSON object.") from None
    if version != SPEC_VERSION:
        newer = isinstance(version, int) and version > SPEC_VERSION
        raise JobError(
            f"This job was made by {'a newer' if newer else 'another'} Touchstone: its spec has version {version!r}, "
            f"the jobs on this cluster know {SPEC_VERSION}. "
            "Bring server and cluster to the same version, then resume it."
        )
    try:
        return JOB_SPEC.validate_json(data)
    except ValidationError as error:
        raise JobError(f"spec.json is not as agreed: {error}") from None


def _flush_log(attempt: Attempt) -> None:
    """The last piece. Nothing is written into the folder of a job that was deleted; what storage refuses is in Ray's
    log.
    """
    if attempt.control.gone:
        return
    try:
        attempt.log.flush()
    except OSError as error:
        say(f"storage: the log could not be written: {error}")


def _environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise JobError(f"{name} is not set on this Ray node.")
    return value
