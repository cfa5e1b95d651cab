"""The files that server and jobs exchange: packages/schemas/src/job-files.ts in Pydantic, field by field.

Unknown keys are errors. `packages/schemas/fixtures` holds examples that both sides parse in their tests.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator
from typing_extensions import TypedDict  # typing's own is enough from Python 3.12 on

SPEC_VERSION: Literal[1] = 1


class File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Id = Annotated[
    str, Field(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$")
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Attempt = Annotated[int, Field(ge=1)]
Prompt = Annotated[str, Field(min_length=1, max_length=200_000)]
BaseUrl = Annotated[str, Field(pattern=r"^https?://[^?#]+$", max_length=2000)]
MetricName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)]
"""What a metric is called in an experiment: its column in the rows, its key in results."""
PlainType = Literal[
    "rouge1",
    "rouge2",
    "rougeL",
    "rougeLsum",
    "meteor",
    "bleu",
    "sentence_bleu",
    "chrf",
    "sentence_chrf",
    "chrf_pp",
    "sentence_chrf_pp",
    "ter",
    "sentence_ter",
    "exact_match",
    "normalized_match",
    "contains_reference",
    "token_f1",
    "levenshtein_ratio",
    "json_valid",
    "repetition",
    "length_words",
    "length_chars",
    "length_tokens",
]
CheckType = Literal["contains", "starts_with", "contains_any", "contains_all", "regex", "json_schema", "number_match"]
MetricType = Literal[PlainType, CheckType, "judge"]
ErrorCode = Literal[
    "rate_limited",
    "provider_unavailable",
    "timeout",
    "row_crashed",
    "auth",
    "bad_request",
    "context_length",
    "content_filter",
    "malformed",
]


class FileRef(File):
    """A file in storage and the SHA-256 it must have."""

    key: str
    sha256: Sha256


class Languages(File):
    source: str = Field(min_length=2, max_length=40)
    target: str = Field(min_length=2, max_length=40)


class Translation(File):
    translation: Languages


Task = Literal["summarization", "text-generation"] | Translation


class SpecBase(File):
    version: Literal[1]
    job_id: Id
    experiment_id: Id | None
    workflow_id: Id | None
    data: FileRef
    sample: FileRef
    task: Task
    input_column: str
    reference_column: str | None
    group_column: str | None = None
    """Rows that have the same value here are not independent; null: all are."""


class BaselineModel(File):
    protocol: Literal["baseline"]
    model: str


class Params(TypedDict, total=False):
    """Sampling parameters as the OpenAI chat API names them. One that is not there is not sent; none is null."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)  # type: ignore[misc]

    temperature: Annotated[float, Field(ge=0, le=2)]
    top_p: Annotated[float, Field(ge=0, le=1)]
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)]
    max_completion_tokens: Annotated[int, Field(ge=1, le=1_000_000)]
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)]
    presence_penalty: Annotated[float, Field(ge=-2, le=2)]
    seed: int


class TokenPrice(File):
    """US dollars per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class HourPrice(File):
    """US dollars per hour in which the model answers."""

    per_hour: float = Field(ge=0)


Price = TokenPrice | HourPrice


class EndpointModel(File):
    protocol: Literal["openai", "anthropic"]
    base_url: BaseUrl
    model: str
    params: Params
    stop: list[str]
    extra_body: dict[str, Any]
    has_secret: bool
    timeout_s: int = Field(ge=1)
    stream: bool = False
    price: Price | None = None


class Generation(TypedDict, total=False):
    """How an answer is generated, as transformers' GenerationConfig names it; what is not there is the model's own."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)  # type: ignore[misc]

    max_new_tokens: Annotated[int, Field(ge=1)]
    max_length: Annotated[int, Field(ge=1)]
    min_length: Count
    min_new_tokens: Count
    num_beams: Annotated[int, Field(ge=1, le=64)]
    length_penalty: float
    no_repeat_ngram_size: Count
    early_stopping: bool | Literal["never"]
    repetition_penalty: Annotated[float, Field(gt=0)]
    do_sample: bool
    temperature: Annotated[float, Field(gt=0)]
    top_p: Annotated[float, Field(ge=0, le=1)]
    top_k: Annotated[int, Field(ge=1)]
    seed: Count


class LocalModel(File):
    """A model that runs on the cluster. `input`: `prompt` where a person wrote one for this model, `auto`: what its
    architecture takes.
    """

    protocol: Literal["transformers"]
    model: str
    revision: str | None
    dtype: Literal["float32", "float16", "bfloat16"] | None
    device: Literal["cpu", "gpu"] | None
    max_input_tokens: int | None = Field(ge=8)
    batch_size: int | None = Field(ge=1)
    generation: Generation
    input: Literal["auto", "prompt"]
    trust_remote_code: bool
    has_secret: bool
    price: HourPrice | None = None


class InferenceSpec(SpecBase):
    kind: Literal["inference"]
    prompt: Prompt
    system_prompt: Prompt | None
    repeats: int = Field(default=1, ge=1)
    model: Annotated[BaselineModel | EndpointModel | LocalModel, Field(discriminator="protocol")]


class RangeScale(File):
    """Whole numbers, the highest is the best."""

    kind: Literal["range"]
    low: int
    high: int


class UnitScale(File):
    """Any number from 0 to 1."""

    kind: Literal["unit"]


class YesNoScale(File):
    kind: Literal["yes_no"]


class Category(File):
    name: str = Field(min_length=1, max_length=60)
    value: float
    meaning: str | None = None


class CategoryScale(File):
    kind: Literal["categories"]
    categories: list[Category] = Field(min_length=2)


JudgeScale = Annotated[RangeScale | UnitScale | YesNoScale | CategoryScale, Field(discriminator="kind")]


class JudgeMetric(File):
    """A language model that scores answers, by instructions in words."""

    type: Literal["judge"]
    name: MetricName
    model: dict[str, Any]
    """As a person wrote it; how it is called is in the spec's `judge`."""
    instructions: str = Field(min_length=1)
    scale: JudgeScale
    uses_input: bool
    uses_reference: bool


class PlainMetric(File):
    """Without settings: its name is its type."""

    type: PlainType
    name: MetricName


Text = Annotated[str, Field(min_length=1, max_length=2000)]


class TextCheck(File):
    type: Literal["contains", "starts_with"]
    name: MetricName
    text: Text
    ignore_case: bool = False


class TextsCheck(File):
    type: Literal["contains_any", "contains_all"]
    name: MetricName
    texts: list[Text] = Field(min_length=1)
    ignore_case: bool = False


class RegexCheck(File):
    type: Literal["regex"]
    name: MetricName
    pattern: str = Field(min_length=1, max_length=2000)
    ignore_case: bool = False


class JsonSchemaCheck(File):
    # `schema` is a method of Pydantic's models.
    model_config = ConfigDict(serialize_by_alias=True)

    type: Literal["json_schema"]
    name: MetricName
    schema_: dict[str, Any] = Field(alias="schema")


class NumberMatch(File):
    type: Literal["number_match"]
    name: MetricName
    absolute_tolerance: float = Field(default=0, ge=0)
    relative_tolerance: float = Field(default=0, ge=0)


def _read_type(metric: Any) -> Any:
    """Before metrics had settings, a spec named them."""
    return {"type": metric, "name": metric} if isinstance(metric, str) else metric


MetricSettings = Annotated[
    PlainMetric | TextCheck | TextsCheck | RegexCheck | JsonSchemaCheck | NumberMatch, Field(discriminator="type")
]
AnyMetric = Annotated[
    PlainMetric | TextCheck | TextsCheck | RegexCheck | JsonSchemaCheck | NumberMatch | JudgeMetric,
    Field(discriminator="type"),
]


class InferenceRef(File):
    """The inference that is evaluated; `rows` is null where it did not reach its end: then its journal is folded
    first.
    """

    job_id: Id
    rows: FileRef | None


class EvaluationSpec(SpecBase):
    """What is scored: the answers of an `inference`, or a `prediction_column` of the data; the other is null."""

    kind: Literal["evaluation"]
    task: Task | None  # type: ignore[assignment]
    input_column: str | None  # type: ignore[assignment]
    metrics: list[Annotated[AnyMetric, BeforeValidator(_read_type)]] = Field(min_length=1)
    """A judge has an evaluation of its own."""
    inference: InferenceRef | None
    prediction_column: str | None = None
    repeats: int = Field(default=1, ge=1)
    judge: EndpointModel | None = None
    """The model that judges; null: the metrics are computed."""

    @model_validator(mode="after")
    def _judge_alone(self) -> "EvaluationSpec":
        judges = [metric for metric in self.metrics if isinstance(metric, JudgeMetric)]
        if bool(judges) != (self.judge is not None) or (judges and len(self.metrics) > 1):
            raise ValueError("a judge has an evaluation of its own, and there its model")
        return self


Direction = Literal["higher", "lower", "none"]
_YES_OR_NO = ("exact_match", "normalized_match", "contains_reference", "json_valid")
"""The metrics that were a share before a spec said so."""


class ComparedMetric(File):
    name: MetricName
    type: MetricType
    yes_or_no: bool
    """0 or 1 per row."""
    direction: Direction
    delta: float | None
    """The smallest difference worth acting on; null: none is named, so nothing is called equivalent."""
    worst: float | None
    """What a row counts that a model failed by its own fault; null: the worst that was seen."""
    span: float | None = None
    """The largest difference that a row can have; null: there is no such, or nobody said."""

    @model_validator(mode="before")
    @classmethod
    def _read_type(cls, metric: Any) -> Any:
        """Before metrics had settings, the name was the type."""
        if not isinstance(metric, dict) or "type" in metric:
            return metric
        name = metric.get("name")
        return {**metric, "type": name, "yes_or_no": name in _YES_OR_NO}


def _as_list(scores: object) -> object:
    """Before a workflow could have several evaluations it was the file of the only one."""
    return scores if isinstance(scores, list) else [scores]


class ComparedScores(File):
    """The accepted results of one workflow, or of one evaluation alone: then `workflow_id` is its job's."""

    workflow_id: Id
    scores: Annotated[list[FileRef], BeforeValidator(_as_list)] = Field(min_length=1)
    """`rows.parquet` of evaluations: the last that has a metric counts."""
    answers: FileRef | None
    """The inference's, or the journal as an evaluation folded it; null: a column of a dataset."""


class GroupsRef(File):
    """A column of the data: rows that have the same value are not independent."""

    data: FileRef
    column: str


class ComparisonSpec(File):
    version: Literal[1]
    kind: Literal["comparison"]
    job_id: Id
    experiment_id: Id | None
    sample: FileRef
    metrics: list[ComparedMetric] = Field(min_length=1)
    primary_metric: MetricName
    workflows: list[ComparedScores] = Field(min_length=1)
    repeats: int = Field(default=1, ge=1)
    groups: GroupsRef | None = None


JobSpec = Annotated[InferenceSpec | EvaluationSpec | ComparisonSpec, Field(discriminator="kind")]
JOB_SPEC: TypeAdapter[InferenceSpec | EvaluationSpec | ComparisonSpec] = TypeAdapter(JobSpec)


class Spending(File):
    """What calls came to, or may come to: `cost` in US dollars, `tokens` of prompts and answers together."""

    cost: float = Field(ge=0)
    tokens: Count
    calls: Count


class Grant(File):
    """What a job may spend in all, over all its attempts; null: no limit of that kind."""

    cost: float | None = Field(ge=0)
    tokens: Count | None
    calls: Count | None


class Control(File):
    """What the server wants now."""

    attempt: Attempt
    stop: bool
    concurrency: Count
    """Calls at once, never more; 0: other jobs still hold what the endpoint takes."""
    first_concurrency: Annotated[int, Field(ge=1)] | None = None
    """Calls at once to begin with, where the number is to be found by trying; null: somebody set it."""
    retry_failed_before: Count
    budget: Grant | None = None
    hold_after: Count | None = None


class RowError(File):
    code: ErrorCode
    message: str


class JournalLine(File):
    """One finished row. Exactly one of `prediction` and `error` is null."""

    row_id: Count
    repeat: Count = 0
    attempt: Attempt
    finished_at: float
    prediction: str | None
    error: RowError | None
    reasoning: str | None = None
    finish_reason: str | None
    truncated: bool = False
    latency_ms: float | None
    first_token_ms: float | None = None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None = None
    cost: float | None
    calls: Count
    counted: Spending | None = None

    @model_validator(mode="after")
    def _either(self) -> "JournalLine":
        if (self.prediction is None) == (self.error is None):
            raise ValueError("exactly one of prediction and error must be null")
        return self


class RowCounts(File):
    """`total = answered + failed + not_run + pending`."""

    total: Count
    answered: Count
    failed: Count
    not_run: Count
    pending: Count


class ErrorCount(File):
    count: Count
    message: str


ErrorCounts = dict[ErrorCode, ErrorCount]


class LatencyMs(File):
    p50: float
    p95: float


class Tokens(File):
    prompt: Count
    completion: Count
    reasoning: Count = 0


Stage = Literal["starting", "inference", "folding", "evaluation", "comparison", "done"]


class Progress(File):
    beat: Count
    stage: Stage
    rows: RowCounts
    errors: ErrorCounts
    rows_per_second: float | None
    elapsed_s: float
    active_s: float = 0.0
    latency_ms: LatencyMs | None
    first_token_ms: LatencyMs | None = None
    tokens: Tokens | None
    cost: float | None
    truncated: Count = 0
    concurrency: int | None
    held_concurrency: int | None = None
    waiting_for: str | None
    next_call_at: float | None = None
    spent: Spending | None = None
    in_flight: Spending | None = None
    budget: Grant | None = None
    hold_after: Count | None = None


class ResultFile(File):
    key: str
    size: Count
    sha256: Sha256


class ResultBase(File):
    version: Literal[1]
    job_id: Id
    attempt: Attempt
    versions: dict[str, str]
    seconds: float


class InferenceOutcome(File):
    rows: RowCounts
    errors: ErrorCounts
    latency_ms: LatencyMs | None
    first_token_ms: LatencyMs | None = None
    tokens: Tokens | None
    cost: float | None
    extra_answers: Count
    truncated: Count = 0


class InferenceResult(ResultBase):
    kind: Literal["inference"]
    rows_file: ResultFile
    ended: Literal["complete", "stopped", "breaker", "budget"]
    reason: str | None
    outcome: InferenceOutcome
    spent: Spending | None = None


class Interval(File):
    low: float
    high: float
    level: float
    method: str


class MetricAggregate(File):
    """`total = scored + no_reference + metric_error + not_answered`."""

    value: float | None
    standard_error: float | None
    interval: Interval | None
    median: float | None = None
    """Of a score with few distinct values, such as 1 to 5; null for others."""
    scored: Count
    total: Count
    no_reference: Count
    metric_error: Count
    not_answered: Count
    signature: str


class Folded(File):
    rows_file: ResultFile
    outcome: InferenceOutcome


class Judging(File):
    """What the calls of a judge came to: a row is one answer that was to be judged."""

    ended: Literal["complete", "stopped", "breaker", "budget"]
    reason: str | None
    outcome: InferenceOutcome
    spent: Spending


class EvaluationResult(ResultBase):
    kind: Literal["evaluation"]
    rows_file: ResultFile
    metrics: dict[MetricName, MetricAggregate]
    folded: Folded | None
    judging: Judging | None = None


Label = Literal["better", "worse", "no_difference", "equivalent"]


class WithFailures(File):
    """The same pair, where rows that a model failed by its own fault count as its worst."""

    n: Count
    difference: float
    p_adjusted: float
    label: Label | None


class PairComparison(File):
    """Workflow `a` against workflow `b` on one metric; `difference` is a - b. What cannot be said is null."""

    metric: MetricName
    family: Literal["primary", "exploratory"]
    a: Id
    b: Id
    n: Count
    difference: float | None
    interval: Interval | None
    interval_simultaneous: Interval | None
    bounds: Interval | None = None
    test: str | None
    p: float | None
    p_adjusted: float | None
    p_equivalent: float | None
    effect_size: float | None
    wins: Count | None
    ties: Count | None
    losses: Count | None
    label: Label | None
    detectable: float | None
    spread: float | None = None
    with_failures: WithFailures | None


class ComparedWorkflow(File):
    workflow_id: Id
    failed: Count
    """Rows that the model failed by its own fault."""


class ComparisonResult(ResultBase):
    kind: Literal["comparison"]
    rows: Count
    primary_metric: MetricName
    metrics: list[ComparedMetric]
    workflows: list[ComparedWorkflow]
    pairs: list[PairComparison]


JOB_RESULT: TypeAdapter[InferenceResult | EvaluationResult | ComparisonResult] = TypeAdapter(
    Annotated[InferenceResult | EvaluationResult | ComparisonResult, Field(discriminator="kind")]
)
