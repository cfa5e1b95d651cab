"""The shapes of Touchstone's API. Made of its OpenAPI document by `npm run generate:python`: not edited by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from typing_extensions import NotRequired, TypedDict


def _keep_unknown(value: Any, parse: ValidatorFunctionWrapHandler) -> Any:
    try:
        return parse(value)
    except ValidationError:
        return value


#: A newer server may answer with what this client does not know: it stays as it came.
_OPEN = WrapValidator(_keep_unknown)


class Shape(BaseModel):
    """What the server answered. Fields that this client does not know are kept."""

    model_config = ConfigDict(extra="allow")


ApiKeyScope: TypeAlias = Annotated[Literal["read", "run"], _OPEN]


class ApiKey(Shape):
    id: str
    name: str
    scope: ApiKeyScope
    last4: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiKeyCreated(Shape):
    id: str
    name: str
    scope: ApiKeyScope
    last4: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    key: str


DatasetFormat: TypeAlias = Annotated[Literal["csv", "jsonl", "parquet"], _OPEN]


DatasetOrigin: TypeAlias = Annotated[Literal["uploaded", "edited", "generated"], _OPEN]


class DatasetProvenanceUploaded(Shape):
    kind: Literal["uploaded"]


class DatasetProvenanceEdited(Shape):
    kind: Literal["edited"]
    dataset_id: str
    version: int
    changed_cells: int


class DatasetProvenanceGeneratedFilled(Shape):
    column: str
    rows: int


class DatasetProvenanceGenerated(Shape):
    kind: Literal["generated"]
    dataset_id: str
    experiment_id: str | None
    experiment: str | None
    workflow_id: str | None
    workflow: str
    model: str
    job_id: str
    filled: DatasetProvenanceGeneratedFilled | None


DatasetProvenance: TypeAlias = Annotated[
    DatasetProvenanceUploaded | DatasetProvenanceEdited | DatasetProvenanceGenerated, _OPEN
]


class DatasetColumn(Shape):
    name: str
    blank: int


class Dataset(Shape):
    id: str
    version: int
    note: str
    row_count: int
    created_at: datetime
    provenance: DatasetProvenance
    experiment_count: int
    job_count: int
    root_id: str
    version_count: int
    name: str
    description: str
    filename: str
    format: DatasetFormat | None
    size_bytes: int
    sha256: str
    columns: list[DatasetColumn]


class DatasetDiffColumn(Shape):
    name: str
    changed: int


class DatasetDiffRowCell(Shape):
    column: str
    before: str
    after: str


class DatasetDiffRow(Shape):
    row_id: int
    cells: list[DatasetDiffRowCell]


class DatasetDiff(Shape):
    changed_rows: int
    changed_cells: int
    columns: list[DatasetDiffColumn]
    rows: list[DatasetDiffRow]


HealthKind: TypeAlias = Annotated[
    Literal[
        "blank_input",
        "blank_reference",
        "duplicate_rows",
        "conflicting_references",
        "near_duplicates",
        "longer_than_context",
        "reference_equals_input",
        "reference_longer_than_input",
        "only_punctuation",
        "very_short",
        "very_long",
        "mixed_languages",
        "broken_characters",
        "control_characters",
        "markup",
        "surrounding_white_space",
        "labels",
        "label_spellings",
    ],
    _OPEN,
]


HealthSeverity: TypeAlias = Annotated[Literal["problem", "warning", "note"], _OPEN]


class HealthFindingGroup(Shape):
    size: int
    rows: list[int]
    similarity: float | None


class HealthFindingValue(Shape):
    value: str
    count: int


class HealthFinding(Shape):
    kind: HealthKind
    severity: HealthSeverity
    column: str
    count: int
    share: float
    summary: str
    meaning: str
    to_do: str
    rows: list[int]
    groups: list[HealthFindingGroup]
    values: list[HealthFindingValue]


class DatasetHealth(Shape):
    state: Literal["running", "done"]
    row_count: int
    rows_read: int
    summary: str
    findings: list[HealthFinding]


class DatasetRow(Shape):
    row_id: int
    values: list[str]


class DatasetPreview(Shape):
    columns: list[str]
    rows: list[DatasetRow]
    row_count: int


class CellChange(TypedDict):
    row_id: int
    column: str
    value: str


class DatasetVersion(Shape):
    id: str
    version: int
    note: str
    row_count: int
    created_at: datetime
    provenance: DatasetProvenance
    experiment_count: int
    job_count: int


ProviderId: TypeAlias = Annotated[
    Literal[
        "openai",
        "anthropic",
        "mistral",
        "deepseek",
        "gemini",
        "groq",
        "xai",
        "together",
        "fireworks",
        "openrouter",
        "huggingface",
        "azure-openai",
        "ollama",
        "vllm",
        "llama-cpp",
        "llamafile",
        "lm-studio",
        "sglang",
    ],
    _OPEN,
]


Protocol: TypeAlias = Annotated[Literal["openai", "anthropic"], _OPEN]


class Endpoint(Shape):
    name: str
    base_url: str
    secret: str | None
    concurrency: int | None
    provider: ProviderId | None
    protocol: Protocol
    secret_missing: bool
    experiments: int
    created_at: datetime
    updated_at: datetime


EndpointProblemCode: TypeAlias = Annotated[
    Literal[
        "secret_missing",
        "address_refused",
        "dns",
        "connection_refused",
        "unreachable",
        "tls",
        "timeout",
        "redirect",
        "not_compatible",
        "auth",
        "unknown_model",
        "no_credit",
        "rate_limited",
        "bad_request",
        "failed",
    ],
    _OPEN,
]


class EndpointProblem(Shape):
    code: EndpointProblemCode
    message: str


class EndpointModels(Shape):
    models: list[str]
    problem: EndpointProblem | None


class EndpointTest(Shape):
    problem: EndpointProblem | None
    latency_ms: float | None
    asked: Literal["model", "model_list"]
    note: str


TaskName: TypeAlias = Annotated[Literal["summarization", "translation", "text-generation"], _OPEN]


RunStatus: TypeAlias = Annotated[Literal["created", "running", "succeeded", "partial", "failed", "stopped"], _OPEN]


class ExperimentSummaryDataset(Shape):
    id: str
    name: str
    version: int
    row_count: int


class TaskTranslationTranslation(Shape):
    source: str
    target: str


class TaskTranslation(Shape):
    translation: TaskTranslationTranslation


Task: TypeAlias = Annotated[Literal["summarization"] | Literal["text-generation"] | TaskTranslation, _OPEN]


class Sample(Shape):
    rows: int
    available: int
    blank_input: int
    blank_reference: int
    sha256: str


class ExperimentSummaryWorkflow(Shape):
    id: str
    name: str
    position: int
    status: RunStatus


class RowCounts(Shape):
    total: int
    answered: int
    failed: int
    not_run: int
    pending: int


class MetricType(Shape):
    type: Literal[
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
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str


class MetricContains(Shape):
    type: Literal["contains"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    text: str
    ignore_case: bool


class MetricStartsWith(Shape):
    type: Literal["starts_with"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    text: str
    ignore_case: bool


class MetricContainsAny(Shape):
    type: Literal["contains_any"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    texts: list[str]
    ignore_case: bool


class MetricContainsAll(Shape):
    type: Literal["contains_all"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    texts: list[str]
    ignore_case: bool


class MetricRegex(Shape):
    type: Literal["regex"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    pattern: str
    ignore_case: bool


class MetricJsonSchema(Shape):
    type: Literal["json_schema"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    schema_: dict[str, JsonValue] = Field(alias="schema")


class MetricNumberMatch(Shape):
    type: Literal["number_match"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    absolute_tolerance: float
    relative_tolerance: float


class TokenPrice(Shape):
    input: float
    output: float


class HourPrice(Shape):
    per_hour: float


Price: TypeAlias = Annotated[TokenPrice | HourPrice, _OPEN]


class Params(Shape):
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None


class Generation(Shape):
    max_new_tokens: int | None = None
    max_length: int | None = None
    min_length: int | None = None
    min_new_tokens: int | None = None
    num_beams: int | None = None
    length_penalty: float | None = None
    no_repeat_ngram_size: int | None = None
    early_stopping: bool | Literal["never"] | None = None
    repetition_penalty: float | None = None
    do_sample: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None


class ModelSettings(Shape):
    name: str | None = None
    model: str
    endpoint: str | None = None
    base_url: str | None = None
    protocol: Protocol | None = None
    secret: str | None = None
    concurrency: int | None = None
    timeout: int | None = None
    stream: bool | None = None
    price: Price | None = None
    prompt: str | None = None
    system_prompt: str | None = None
    params: Params | None = None
    stop: list[str] | None = None
    extra_body: dict[str, JsonValue] | None = None
    revision: str | None = None
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    device: Literal["cpu", "gpu"] | None = None
    max_input_tokens: int | None = None
    batch_size: int | None = None
    generation: Generation | None = None
    trust_remote_code: bool | None = None


JudgeModel: TypeAlias = ModelSettings


class JudgeScaleRange(Shape):
    kind: Literal["range"]
    low: int
    high: int


class JudgeScaleUnit(Shape):
    kind: Literal["unit"]


class JudgeScaleYesNo(Shape):
    kind: Literal["yes_no"]


class JudgeScaleCategoriesCategory(Shape):
    name: str
    value: float
    meaning: str | None = None


class JudgeScaleCategories(Shape):
    kind: Literal["categories"]
    categories: list[JudgeScaleCategoriesCategory]


JudgeScale: TypeAlias = Annotated[JudgeScaleRange | JudgeScaleUnit | JudgeScaleYesNo | JudgeScaleCategories, _OPEN]


class MetricJudge(Shape):
    type: Literal["judge"]
    name: str
    label: str
    family: Literal["Word overlap", "Translation", "Short answers", "Checks", "Format", "Length", "Judges"]
    needs_reference: bool
    needs_input: bool
    per_row: bool
    yes_or_no: bool
    range: tuple[float, float | None]
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    description: str
    model: JudgeModel
    instructions: str
    scale: JudgeScale
    uses_input: bool
    uses_reference: bool


Metric: TypeAlias = Annotated[
    MetricType
    | MetricContains
    | MetricStartsWith
    | MetricContainsAny
    | MetricContainsAll
    | MetricRegex
    | MetricJsonSchema
    | MetricNumberMatch
    | MetricJudge,
    _OPEN,
]


class ExperimentSummaryBest(Shape):
    workflow: str
    value: float
    metric: Metric


class ExperimentSummary(Shape):
    id: str
    name: str
    status: RunStatus
    dataset: ExperimentSummaryDataset
    task: Task
    primary_metric: str
    created_at: datetime
    finished_at: datetime | None
    sample: Sample
    workflows: list[ExperimentSummaryWorkflow]
    rows: RowCounts
    best: ExperimentSummaryBest | None


class TaskInputTranslationTranslation(TypedDict):
    source: str
    target: str


class TaskInputTranslation(TypedDict):
    translation: TaskInputTranslationTranslation


TaskInput: TypeAlias = Annotated[Literal["summarization"] | Literal["text-generation"] | TaskInputTranslation, _OPEN]


class TokenPriceInput(TypedDict):
    input: float
    output: float


class HourPriceInput(TypedDict):
    per_hour: float


PriceInput: TypeAlias = Annotated[TokenPriceInput | HourPriceInput, _OPEN]


class ParamsInput(TypedDict):
    temperature: NotRequired[float]
    top_p: NotRequired[float]
    max_tokens: NotRequired[int]
    max_completion_tokens: NotRequired[int]
    frequency_penalty: NotRequired[float]
    presence_penalty: NotRequired[float]
    seed: NotRequired[int]


class GenerationInput(TypedDict):
    max_new_tokens: NotRequired[int]
    max_length: NotRequired[int]
    min_length: NotRequired[int]
    min_new_tokens: NotRequired[int]
    num_beams: NotRequired[int]
    length_penalty: NotRequired[float]
    no_repeat_ngram_size: NotRequired[int]
    early_stopping: NotRequired[bool | Literal["never"]]
    repetition_penalty: NotRequired[float]
    do_sample: NotRequired[bool]
    temperature: NotRequired[float]
    top_p: NotRequired[float]
    top_k: NotRequired[int]
    seed: NotRequired[int]


class ModelSettingsInput(TypedDict):
    name: NotRequired[str]
    model: str
    endpoint: NotRequired[str]
    base_url: NotRequired[str]
    protocol: NotRequired[Protocol]
    secret: NotRequired[str]
    concurrency: NotRequired[int]
    timeout: NotRequired[int]
    stream: NotRequired[bool]
    price: NotRequired[PriceInput]
    prompt: NotRequired[str]
    system_prompt: NotRequired[str]
    params: NotRequired[ParamsInput]
    stop: NotRequired[Sequence[str]]
    extra_body: NotRequired[Mapping[str, JsonValue]]
    revision: NotRequired[str]
    dtype: NotRequired[Literal["float32", "float16", "bfloat16"]]
    device: NotRequired[Literal["cpu", "gpu"]]
    max_input_tokens: NotRequired[int]
    batch_size: NotRequired[int]
    generation: NotRequired[GenerationInput]
    trust_remote_code: NotRequired[bool]


class MetricRequestType(TypedDict):
    type: Literal[
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
    name: NotRequired[str]


class MetricRequestContains(TypedDict):
    type: Literal["contains"]
    name: NotRequired[str]
    text: str
    ignore_case: NotRequired[bool]


class MetricRequestStartsWith(TypedDict):
    type: Literal["starts_with"]
    name: NotRequired[str]
    text: str
    ignore_case: NotRequired[bool]


class MetricRequestContainsAny(TypedDict):
    type: Literal["contains_any"]
    name: NotRequired[str]
    texts: Sequence[str]
    ignore_case: NotRequired[bool]


class MetricRequestContainsAll(TypedDict):
    type: Literal["contains_all"]
    name: NotRequired[str]
    texts: Sequence[str]
    ignore_case: NotRequired[bool]


class MetricRequestRegex(TypedDict):
    type: Literal["regex"]
    name: NotRequired[str]
    pattern: str
    ignore_case: NotRequired[bool]


class MetricRequestJsonSchema(TypedDict):
    type: Literal["json_schema"]
    name: NotRequired[str]
    schema: Mapping[str, JsonValue]


class MetricRequestNumberMatch(TypedDict):
    type: Literal["number_match"]
    name: NotRequired[str]
    absolute_tolerance: NotRequired[float]
    relative_tolerance: NotRequired[float]


JudgeModelInput: TypeAlias = ModelSettingsInput


class JudgeScaleInputRange(TypedDict):
    kind: Literal["range"]
    low: int
    high: int


class JudgeScaleInputUnit(TypedDict):
    kind: Literal["unit"]


class JudgeScaleInputYesNo(TypedDict):
    kind: Literal["yes_no"]


class JudgeScaleInputCategoriesCategory(TypedDict):
    name: str
    value: float
    meaning: NotRequired[str | None]


class JudgeScaleInputCategories(TypedDict):
    kind: Literal["categories"]
    categories: Sequence[JudgeScaleInputCategoriesCategory]


JudgeScaleInput: TypeAlias = Annotated[
    JudgeScaleInputRange | JudgeScaleInputUnit | JudgeScaleInputYesNo | JudgeScaleInputCategories, _OPEN
]


class MetricRequestJudge(TypedDict):
    type: Literal["judge"]
    name: NotRequired[str]
    model: JudgeModelInput
    instructions: NotRequired[str]
    scale: NotRequired[JudgeScaleInput]
    uses_input: NotRequired[bool]
    uses_reference: NotRequired[bool]
    preset: NotRequired[
        Literal[
            "g_eval_coherence",
            "g_eval_consistency",
            "g_eval_fluency",
            "g_eval_relevance",
            "g_eval_translation_consistency",
            "g_eval_translation_fluency",
        ]
    ]


MetricRequest: TypeAlias = Annotated[
    MetricRequestType
    | MetricRequestContains
    | MetricRequestStartsWith
    | MetricRequestContainsAny
    | MetricRequestContainsAll
    | MetricRequestRegex
    | MetricRequestJsonSchema
    | MetricRequestNumberMatch
    | MetricRequestJudge,
    _OPEN,
]


MetricRef: TypeAlias = Annotated[
    Literal["rouge", "bleu", "chrf", "chrf_pp", "ter", "length"]
    | Literal[
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
        "number_match",
    ]
    | MetricRequest,
    _OPEN,
]


class BudgetInput(TypedDict):
    cost: NotRequired[float]
    tokens: NotRequired[int]
    calls: NotRequired[int]
    confirm_above: NotRequired[float]


class RecommendRuleInput(TypedDict):
    rule: NotRequired[Literal["best", "not_worse_by_delta"]]
    prefer: NotRequired[Literal["cheapest", "fastest"]]
    delta: NotRequired[float]
    max_failed: NotRequired[float]
    max_latency_p95: NotRequired[float]
    max_cost: NotRequired[float]
    local_only: NotRequired[bool]


class ExperimentDataset(Shape):
    id: str
    name: str
    version: int
    row_count: int


class Budget(Shape):
    cost: float | None = None
    tokens: int | None = None
    calls: int | None = None
    confirm_above: float | None = None


class RecommendRule(Shape):
    rule: Literal["best", "not_worse_by_delta"]
    prefer: Literal["cheapest", "fastest"]
    delta: float | None = None
    max_failed: float | None = None
    max_latency_p95: float | None = None
    max_cost: float | None = None
    local_only: bool | None = None


class Spending(Shape):
    cost: float
    tokens: int
    calls: int


class ExperimentConfirmation(Shape):
    cost: float | None
    confirm_above: float


class WorkflowError(Shape):
    count: int
    message: str


class WorkflowSeconds(Shape):
    total: float
    inference: float | None
    evaluation: float | None


class LatencyMs(Shape):
    p50: float
    p95: float


class Tokens(Shape):
    prompt: int
    completion: int
    reasoning: int


class Projection(Shape):
    cost: float | None
    tokens: int | None
    seconds: float | None


class Interval(Shape):
    low: float
    high: float
    level: float
    method: str


class MetricAggregate(Shape):
    value: float | None
    standard_error: float | None
    interval: Interval | None
    median: float | None
    scored: int
    total: int
    no_reference: int
    metric_error: int
    not_answered: int
    signature: str


JobStatus: TypeAlias = Annotated[Literal["created", "pending", "running", "succeeded", "failed", "stopped"], _OPEN]


class WorkflowJudgingError(Shape):
    count: int
    message: str


class WorkflowJudging(Shape):
    metric: str
    status: JobStatus
    reason: str | None
    rows: RowCounts
    errors: dict[str, WorkflowJudgingError]
    latency_ms: LatencyMs | None
    tokens: Tokens | None
    cost: float | None


JobKind: TypeAlias = Annotated[Literal["inference", "evaluation", "comparison", "annotation"], _OPEN]


class JobSummary(Shape):
    id: str
    kind: JobKind
    status: JobStatus
    attempt: int
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None


class Workflow(Shape):
    id: str
    name: str
    position: int
    model: ModelSettings
    status: RunStatus
    reason: str | None
    next_call_at: float | None
    stage: Literal["inference", "evaluation"] | None
    rows: RowCounts
    errors: dict[str, WorkflowError]
    rows_per_second: float | None
    seconds: WorkflowSeconds
    latency_ms: LatencyMs | None
    first_token_ms: LatencyMs | None
    concurrency: int | None
    tokens: Tokens | None
    cost: float | None
    truncated: int
    projected: Projection | None
    metrics: dict[str, MetricAggregate]
    judging: list[WorkflowJudging]
    jobs: list[JobSummary]


class Experiment(Shape):
    id: str
    name: str
    status: RunStatus
    dataset: ExperimentDataset
    task: Task
    primary_metric: str
    created_at: datetime
    finished_at: datetime | None
    sample: Sample
    description: str
    seconds: float
    input_column: str
    reference_column: str | None
    group_column: str | None
    prompt: str
    system_prompt: str | None
    metrics: list[Metric]
    seed: int
    repeats: int
    budget: Budget | None
    recommend: RecommendRule
    spent: Spending | None
    confirmation: ExperimentConfirmation | None
    time_limit_s: int | None
    stop_requested: bool
    workflows: list[Workflow]
    comparison: JobSummary | None
    mlflow_url: str | None


class ExperimentComparisonWorkflow(Shape):
    id: str
    name: str


class ComparedMetric(Shape):
    name: str
    type: Literal[
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
        "contains",
        "starts_with",
        "contains_any",
        "contains_all",
        "regex",
        "json_schema",
        "number_match",
        "length_words",
        "length_chars",
        "length_tokens",
        "judge",
    ]
    yes_or_no: bool
    direction: Literal["higher", "lower", "none"]
    delta: float | None
    worst: float | None
    span: float | None


class ComparisonWorkflow(Shape):
    workflow_id: str
    failed: int


PairLabel: TypeAlias = Annotated[Literal["better", "worse", "no_difference", "equivalent"], _OPEN]


class PairComparisonWithFailures(Shape):
    n: int
    difference: float
    p_adjusted: float
    label: PairLabel | None


class PairComparison(Shape):
    metric: str
    family: Literal["primary", "exploratory"]
    a: str
    b: str
    n: int
    difference: float | None
    interval: Interval | None
    interval_simultaneous: Interval | None
    bounds: Interval | None
    test: str | None
    p: float | None
    p_adjusted: float | None
    p_equivalent: float | None
    effect_size: float | None
    wins: int | None
    ties: int | None
    losses: int | None
    label: PairLabel | None
    detectable: float | None
    spread: float | None
    with_failures: PairComparisonWithFailures | None


class Comparison(Shape):
    rows: int
    primary_metric: str
    metrics: list[ComparedMetric]
    workflows: list[ComparisonWorkflow]
    pairs: list[PairComparison]


class Recommendation(Shape):
    outcome: Literal["winner", "tie", "only_one", "none"]
    workflow_id: str | None
    runner_up_id: str | None
    text: str
    rule: str
    evidence: list[str]
    would_change: list[str]


class TradeOff(Shape):
    workflow_id: str
    value: float
    cost: float | None
    latency_p95: float | None
    dominated_by: str | None


class ExperimentComparison(Shape):
    experiment_id: str
    status: Literal["waiting", "running", "failed", "stopped", "done"]
    reason: str | None
    job_id: str | None
    replaces: int
    workflows: list[ExperimentComparisonWorkflow]
    comparison: Comparison | None
    rule: RecommendRule
    recommendation: Recommendation | None
    trade_off: list[TradeOff]


class DistributionWorkflow(Shape):
    workflow_id: str
    scored: int
    counts: list[int]
    quartiles: tuple[float, float, float] | None


class Distribution(Shape):
    metric: str
    edges: list[float]
    workflows: list[DistributionWorkflow]


RowFilter: TypeAlias = Annotated[Literal["all", "failed", "disagree", "a_better", "b_better"], _OPEN]


class RowPair(TypedDict):
    a: str
    b: str
    metric: str


class RowsListSort(TypedDict):
    workflow_id: str
    metric: str
    descending: bool


RowErrorCode: TypeAlias = Annotated[
    Literal[
        "rate_limited",
        "provider_unavailable",
        "timeout",
        "row_crashed",
        "auth",
        "bad_request",
        "context_length",
        "content_filter",
        "malformed",
    ],
    _OPEN,
]


class RowError(Shape):
    code: RowErrorCode
    message: str


class RowCellVerdict(Shape):
    reason: str | None
    error: str | None


class RowAnswerVerdict(Shape):
    reason: str | None
    error: str | None


class RowAnswer(Shape):
    prediction: str | None
    error: RowError | None
    reasoning: str | None
    finish_reason: str | None
    truncated: bool | None
    latency_ms: float | None
    first_token_ms: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost: float | None
    calls: int | None
    metrics: dict[str, float]
    verdicts: dict[str, RowAnswerVerdict]


class RowCell(Shape):
    prediction: str | None
    error: RowError | None
    reasoning: str | None
    finish_reason: str | None
    truncated: bool | None
    latency_ms: float | None
    first_token_ms: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost: float | None
    calls: int | None
    metrics: dict[str, float]
    verdicts: dict[str, RowCellVerdict]
    workflow_id: str
    repeats: list[RowAnswer]


class Row(Shape):
    row_id: int
    position: int
    input: str
    reference: str | None
    cells: list[RowCell]


class Rows(Shape):
    rows: list[Row]
    matching: int
    complete: bool


class SliceCell(Shape):
    workflow_id: str
    metric: str
    n: int
    value: float
    standard_error: float | None
    interval: Interval | None


class SlicesSlice(Shape):
    value: str
    rows: int
    cells: list[SliceCell]


class Slices(Shape):
    experiment_id: str
    by: str
    choices: list[str]
    interim: bool
    slices: list[SlicesSlice]


class ExperimentCounts(Shape):
    created: int
    running: int
    succeeded: int
    partial: int
    failed: int
    stopped: int


class ModelEstimateTokens(Shape):
    prompt: int
    completion: int


class ModelEstimate(Shape):
    calls: int
    tokens: ModelEstimateTokens
    cost: float | None
    seconds: float | None
    name: str
    assumptions: list[str]


class ExperimentEstimateTotalTokens(Shape):
    prompt: int
    completion: int


class ExperimentEstimateTotal(Shape):
    calls: int
    tokens: ExperimentEstimateTotalTokens
    cost: float | None
    seconds: float | None


class PowerEstimate(Shape):
    metric: str
    rows: int
    pairs: int
    delta: float
    spread: float
    detectable: float | None
    rows_needed: int
    text: str


class ExperimentEstimate(Shape):
    rows: int
    models: list[ModelEstimate]
    judges: list[ModelEstimate]
    total: ExperimentEstimateTotal
    power: PowerEstimate | None
    assumptions: list[str]


class NameSuggestion(Shape):
    name: str
    in_use: bool


class JobListItemExperiment(Shape):
    id: str
    name: str


class JobListItemWorkflow(Shape):
    id: str
    name: str


class JobListItemDataset(Shape):
    id: str
    name: str
    version: int


class ProgressError(Shape):
    count: int
    message: str


class Grant(Shape):
    cost: float | None
    tokens: int | None
    calls: int | None


class Progress(Shape):
    beat: int
    stage: Literal["starting", "inference", "folding", "evaluation", "comparison", "done"]
    rows: RowCounts
    errors: dict[str, ProgressError]
    rows_per_second: float | None
    elapsed_s: float
    active_s: float
    latency_ms: LatencyMs | None
    first_token_ms: LatencyMs | None
    tokens: Tokens | None
    cost: float | None
    truncated: int
    concurrency: int | None
    held_concurrency: int | None
    waiting_for: str | None
    next_call_at: float | None
    spent: Spending | None
    in_flight: Spending | None
    budget: Grant | None
    hold_after: int | None


class JobListItem(Shape):
    id: str
    kind: JobKind
    status: JobStatus
    attempt: int
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    name: str
    experiment: JobListItemExperiment | None
    workflow: JobListItemWorkflow | None
    dataset: JobListItemDataset
    progress: Progress | None


class JobExperiment(Shape):
    id: str
    name: str


class JobWorkflow(Shape):
    id: str
    name: str


class JobDataset(Shape):
    id: str
    name: str
    version: int


class JobAttempt(Shape):
    number: int
    submission_id: str
    submitted_at: datetime
    ended_at: datetime | None
    outcome: Literal["result", "died", "unresponsive", "stopped", "refused"] | None
    message: str | None


class FileRef(Shape):
    key: str
    sha256: str


class BaselineModel(Shape):
    protocol: Literal["baseline"]
    model: str


class EndpointModel(Shape):
    protocol: Protocol
    base_url: str
    model: str
    params: Params
    stop: list[str]
    extra_body: dict[str, JsonValue]
    has_secret: bool
    timeout_s: int
    stream: bool
    price: Price | None


class LocalModel(Shape):
    protocol: Literal["transformers"]
    model: str
    revision: str | None
    dtype: Literal["float32", "float16", "bfloat16"] | None
    device: Literal["cpu", "gpu"] | None
    max_input_tokens: int | None
    batch_size: int | None
    generation: Generation
    input: Literal["auto", "prompt"]
    trust_remote_code: bool
    has_secret: bool
    price: HourPrice | None


class InferenceSpec(Shape):
    version: Literal[1]
    job_id: str
    experiment_id: str | None
    workflow_id: str | None
    data: FileRef
    sample: FileRef
    task: Task
    input_column: str
    reference_column: str | None
    group_column: str | None
    kind: Literal["inference"]
    prompt: str
    system_prompt: str | None
    repeats: int
    model: BaselineModel | EndpointModel | LocalModel


class MetricSettingsType(Shape):
    type: Literal[
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
    name: str


class MetricSettingsContains(Shape):
    type: Literal["contains"]
    name: str
    text: str
    ignore_case: bool


class MetricSettingsStartsWith(Shape):
    type: Literal["starts_with"]
    name: str
    text: str
    ignore_case: bool


class MetricSettingsContainsAny(Shape):
    type: Literal["contains_any"]
    name: str
    texts: list[str]
    ignore_case: bool


class MetricSettingsContainsAll(Shape):
    type: Literal["contains_all"]
    name: str
    texts: list[str]
    ignore_case: bool


class MetricSettingsRegex(Shape):
    type: Literal["regex"]
    name: str
    pattern: str
    ignore_case: bool


class MetricSettingsJsonSchema(Shape):
    type: Literal["json_schema"]
    name: str
    schema_: dict[str, JsonValue] = Field(alias="schema")


class MetricSettingsNumberMatch(Shape):
    type: Literal["number_match"]
    name: str
    absolute_tolerance: float
    relative_tolerance: float


class MetricSettingsJudge(Shape):
    type: Literal["judge"]
    name: str
    model: JudgeModel
    instructions: str
    scale: JudgeScale
    uses_input: bool
    uses_reference: bool


MetricSettings: TypeAlias = Annotated[
    MetricSettingsType
    | MetricSettingsContains
    | MetricSettingsStartsWith
    | MetricSettingsContainsAny
    | MetricSettingsContainsAll
    | MetricSettingsRegex
    | MetricSettingsJsonSchema
    | MetricSettingsNumberMatch
    | MetricSettingsJudge,
    _OPEN,
]


class EvaluationSpecInference(Shape):
    job_id: str
    rows: FileRef | None


class EvaluationSpec(Shape):
    version: Literal[1]
    job_id: str
    experiment_id: str | None
    workflow_id: str | None
    data: FileRef
    sample: FileRef
    task: Task | None
    input_column: str | None
    reference_column: str | None
    group_column: str | None
    kind: Literal["evaluation"]
    metrics: list[MetricSettings]
    inference: EvaluationSpecInference | None
    prediction_column: str | None
    repeats: int
    judge: EndpointModel | None


class ComparisonSpecWorkflow(Shape):
    workflow_id: str
    scores: list[FileRef]
    answers: FileRef | None


class ComparisonSpecGroups(Shape):
    data: FileRef
    column: str


class ComparisonSpec(Shape):
    version: Literal[1]
    kind: Literal["comparison"]
    job_id: str
    experiment_id: str | None
    sample: FileRef
    metrics: list[ComparedMetric]
    primary_metric: str
    workflows: list[ComparisonSpecWorkflow]
    repeats: int
    groups: ComparisonSpecGroups | None


JobSpec: TypeAlias = Annotated[InferenceSpec | EvaluationSpec | ComparisonSpec, _OPEN]


class InferenceResultRowsFile(Shape):
    key: str
    size: int
    sha256: str


class InferenceOutcomeError(Shape):
    count: int
    message: str


class InferenceOutcome(Shape):
    rows: RowCounts
    errors: dict[str, InferenceOutcomeError]
    latency_ms: LatencyMs | None
    first_token_ms: LatencyMs | None
    tokens: Tokens | None
    cost: float | None
    extra_answers: int
    truncated: int


class InferenceResult(Shape):
    version: Literal[1]
    job_id: str
    attempt: int
    versions: dict[str, str]
    seconds: float
    kind: Literal["inference"]
    rows_file: InferenceResultRowsFile
    ended: Literal["complete", "stopped", "breaker", "budget"]
    reason: str | None
    outcome: InferenceOutcome
    spent: Spending | None


class EvaluationResultRowsFile(Shape):
    key: str
    size: int
    sha256: str


class EvaluationResultFoldedRowsFile(Shape):
    key: str
    size: int
    sha256: str


class EvaluationResultFolded(Shape):
    rows_file: EvaluationResultFoldedRowsFile
    outcome: InferenceOutcome


class EvaluationResultJudging(Shape):
    ended: Literal["complete", "stopped", "breaker", "budget"]
    reason: str | None
    outcome: InferenceOutcome
    spent: Spending


class EvaluationResult(Shape):
    version: Literal[1]
    job_id: str
    attempt: int
    versions: dict[str, str]
    seconds: float
    kind: Literal["evaluation"]
    rows_file: EvaluationResultRowsFile
    metrics: dict[str, MetricAggregate]
    folded: EvaluationResultFolded | None
    judging: EvaluationResultJudging | None


class ComparisonResultWorkflow(Shape):
    workflow_id: str
    failed: int


class ComparisonResult(Shape):
    version: Literal[1]
    job_id: str
    attempt: int
    versions: dict[str, str]
    seconds: float
    kind: Literal["comparison"]
    rows: int
    primary_metric: str
    metrics: list[ComparedMetric]
    workflows: list[ComparisonResultWorkflow]
    pairs: list[PairComparison]


JobResult: TypeAlias = Annotated[InferenceResult | EvaluationResult | ComparisonResult, _OPEN]


class JobResumable(Shape):
    not_run: bool
    failed: bool


class JobCompared(Shape):
    id: str
    name: str


class StoreToDataset(Shape):
    name: str
    output_column: str
    fills_blanks: bool


class JobStoredDataset(Shape):
    id: str
    name: str


class Job(Shape):
    id: str
    kind: JobKind
    status: JobStatus
    attempt: int
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    name: str
    experiment: JobExperiment | None
    workflow: JobWorkflow | None
    dataset: JobDataset
    progress: Progress | None
    attempts: list[JobAttempt]
    spec: JobSpec
    result: JobResult | None
    stop_requested: bool
    time_limit_s: int | None
    resumable: JobResumable
    compared: list[JobCompared]
    sample: Sample
    store_to_dataset: StoreToDataset | None
    store_problem: str | None
    stored_dataset: JobStoredDataset | None
    mlflow_url: str | None


class JobLog(Shape):
    text: str
    next_offset: int
    over: bool


class JobsRowsSort(TypedDict):
    metric: str
    descending: bool


class JobRowVerdict(Shape):
    reason: str | None
    error: str | None


class JobRow(Shape):
    prediction: str | None
    error: RowError | None
    reasoning: str | None
    finish_reason: str | None
    truncated: bool | None
    latency_ms: float | None
    first_token_ms: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost: float | None
    calls: int | None
    metrics: dict[str, float]
    verdicts: dict[str, JobRowVerdict]
    repeats: list[RowAnswer]
    row_id: int
    position: int
    input: str | None
    reference: str | None


class JobRows(Shape):
    rows: list[JobRow]
    matching: int
    complete: bool


class JobsCreateInferenceStoreToDataset(TypedDict):
    name: str
    output_column: NotRequired[str]


class DatedPrice(Shape):
    input: float
    output: float
    as_of: str
    source: str | None
    note: str


class SuggestedModelRouteSecret(Shape):
    name: str
    missing: bool


class SuggestedModelRoute(Shape):
    provider: ProviderId
    model: str
    price: DatedPrice | None
    secret: SuggestedModelRouteSecret | None
    endpoints: list[str]


class SuggestedModelLocal(Shape):
    model: str
    generation: Generation
    missing: bool


class SuggestedModel(Shape):
    id: str
    label: str
    description: str
    tasks: list[TaskName]
    parameters: int | None
    size_gb: float | None
    licence: str
    context_length: int | None
    url: str
    routes: list[SuggestedModelRoute]
    params: Params
    local: SuggestedModelLocal | None


PricedAt: TypeAlias = Annotated[ProviderId | str, _OPEN]


class KnownPrice(Shape):
    provider: PricedAt
    model: str
    price: Price
    as_of: str
    updated_at: datetime
    updated_by: str


PricedAtInput: TypeAlias = Annotated[ProviderId | str, _OPEN]


class Secret(Shape):
    name: str
    last4: str
    created_at: datetime
    updated_at: datetime


class SessionGetAnswerUser(Shape):
    name: str


class SessionGetAnswer(Shape):
    user: SessionGetAnswerUser


class SignInLink(Shape):
    url: str
    expires_at: datetime


ServiceState: TypeAlias = Annotated[Literal["ok", "degraded", "starting", "down"], _OPEN]


class ServiceHealth(Shape):
    state: ServiceState
    url: str | None
    version: str | None
    detail: str | None
    to_do: str | None
    since: datetime | None
    checked_at: datetime | None


class StorageFactsDisk(Shape):
    path: str
    free_bytes: int
    total_bytes: int


class StorageFacts(Shape):
    driver: Literal["folder", "s3"]
    disk: StorageFactsDisk
    used_bytes: int | None


class ClusterFactsCpus(Shape):
    total: float
    available: float | None


class ClusterFactsGpus(Shape):
    total: float
    available: float | None


class ClusterFactsMemory(Shape):
    total: float
    available: float | None


class ClusterFacts(Shape):
    nodes: int
    cpus: ClusterFactsCpus
    gpus: ClusterFactsGpus
    memory: ClusterFactsMemory


class StatusQueue(Shape):
    on_ray: int
    room: int
    waiting: int


class Status(Shape):
    url: str
    version: str
    node_version: str
    job_versions: dict[str, str] | None
    services: dict[str, ServiceHealth]
    storage: StorageFacts | None
    cluster: ClusterFacts | None
    queue: StatusQueue
    records_unsent: int
