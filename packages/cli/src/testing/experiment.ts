import {
  describeMetric,
  type Experiment,
  Experiment as ExperimentShape,
  type MetricAggregates,
  type Workflow,
} from '@touchstone/schemas';

const TIME = '2025-03-02T14:05:00Z';
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export function metric(value: number | null, scored: number, total: number): NonNullable<MetricAggregates['rougeL']> {
  const interval = value === null ? null : { low: value - 0.02, high: value + 0.02, level: 0.95, method: 'bootstrap' };
  return {
    value,
    median: null,
    standard_error: value === null ? null : 0.01,
    interval,
    scored,
    total,
    no_reference: 0,
    metric_error: 0,
    not_answered: total - scored,
    signature: 'test',
  };
}

export function makeWorkflow(n: number, changes: Partial<Workflow> = {}): Workflow {
  return {
    id: id(n),
    name: `model ${n}`,
    position: n,
    model: { model: `org/model-${n}`, base_url: 'http://127.0.0.1:9100/v1' },
    status: 'succeeded',
    reason: null,
    next_call_at: null,
    stage: null,
    rows: { total: 10, answered: 10, failed: 0, not_run: 0, pending: 0 },
    errors: {},
    rows_per_second: null,
    seconds: { total: 12.5, inference: 3.25, evaluation: 0.5 },
    latency_ms: { p50: 203.4, p95: 1207 },
    first_token_ms: null,
    concurrency: 10,
    tokens: null,
    cost: null,
    truncated: 0,
    projected: null,
    metrics: { rougeL: metric(0.4, 10, 10) },
    judging: [],
    jobs: [],
    ...changes,
  };
}

/** An experiment as the server answers with it. */
export function makeExperiment(workflows: Workflow[], changes: Partial<Experiment> = {}): Experiment {
  return ExperimentShape.parse({
    id: id(0),
    name: 'Summaries',
    status: 'succeeded',
    dataset: { id: id(99), name: 'dialogues', version: 1, row_count: 120 },
    task: 'summarization',
    primary_metric: 'rougeL',
    created_at: TIME,
    finished_at: TIME,
    sample: { rows: 10, available: 120, blank_input: 0, blank_reference: 0, sha256: '0'.repeat(64) },
    description: '',
    input_column: 'examples',
    reference_column: 'ground_truth',
    group_column: null,
    prompt: '{{examples}}',
    system_prompt: null,
    metrics: [describeMetric({ type: 'rougeL', name: 'rougeL' })],
    seed: 0,
    seconds: 12,
    repeats: 1,
    budget: null,
    recommend: { rule: 'best', prefer: 'cheapest' },
    spent: null,
    confirmation: null,
    time_limit_s: null,
    stop_requested: false,
    workflows,
    comparison: null,
    mlflow_url: null,
    ...changes,
  } satisfies Experiment);
}
