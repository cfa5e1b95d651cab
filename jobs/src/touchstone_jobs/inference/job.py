"""The inference job: a model over the rows of a sample."""

from touchstone_jobs import keys
from touchstone_jobs.attempt import Attempt
from touchstone_jobs.data import RowValues, read_sample
from touchstone_jobs.files import EndpointModel, InferenceResult, InferenceSpec, LocalModel
from touchstone_jobs.fold import OrderOfWork
from touchstone_jobs.folded_rows import write_folded_rows
from touchstone_jobs.inference.baselines import Baseline
from touchstone_jobs.inference.model import Model
from touchstone_jobs.inference.run import Work, run_model
from touchstone_jobs.log import say
from touchstone_jobs.secrets import SealedSecret
from touchstone_jobs.versions import versions

HUB_ORIGIN = "https://huggingface.co"
"""Where the key of a model from the Hub belongs."""


def run_inference(attempt: Attempt, spec: InferenceSpec, spec_bytes: bytes) -> InferenceResult:
    """Raises JobError, Fenced, Interrupted."""
    model = _make_model(attempt, spec, spec_bytes)
    sample = read_sample(attempt.storage, spec.sample)
    values = RowValues(attempt.storage, spec.data, sample, model.columns())
    order = OrderOfWork(sample.to_pylist(), spec.repeats)
    work = Work(order, lambda place: values.at(place % len(order.sample)))
    ran = run_model(attempt, model, spec.model, work)

    attempt.progress.stage = "folding"
    folded = write_folded_rows(attempt.storage, attempt.job_id, order, keys.rows(attempt.job_id, attempt.number))
    ended, reason, found = ran.settle(folded.outcome)
    counts = f"{found.rows.answered} answered, {found.rows.failed} failed, {found.rows.not_run} not run"
    say(f"{ended}: {counts}, {ran.seconds:.2f} s" + (f": {reason}" if reason else ""))
    return InferenceResult(
        version=1,
        kind="inference",
        job_id=attempt.job_id,
        attempt=attempt.number,
        rows_file=folded.rows_file,
        versions=versions(model.libraries()),
        seconds=round(ran.seconds, 3),
        ended=ended,
        reason=reason,
        outcome=found,
        spent=ran.spent,
    )


def _make_model(attempt: Attempt, spec: InferenceSpec, spec_bytes: bytes) -> Model:
    if spec.model.protocol == "baseline":
        return Baseline(spec.model.model, spec.input_column)
    sealed, secret = open_key(attempt, spec.model, spec_bytes)
    if spec.model.protocol == "transformers":
        from touchstone_jobs.inference.local.model import LocalModels

        return LocalModels(spec, spec.model, sealed)
    from touchstone_jobs.inference.endpoint import Endpoint

    return Endpoint(spec.model, spec.prompt, spec.system_prompt, secret)


def open_key(
    attempt: Attempt, model: EndpointModel | LocalModel, spec_bytes: bytes
) -> tuple[SealedSecret | None, str | None]:
    """The model's key as it lies in storage, and in clear; None: it has none. From here on no log quotes it. Raises
    JobError.
    """
    if not model.has_secret:
        return None, None
    origin = HUB_ORIGIN if model.protocol == "transformers" else model.base_url
    sealed = SealedSecret(attempt.job_id, attempt.number, spec_bytes, origin)
    secret = sealed.open(attempt.storage)
    attempt.log.redact(secret)
    return sealed, secret
