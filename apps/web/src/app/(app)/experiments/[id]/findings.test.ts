import {
  DEFAULT_RULE,
  describeMetric,
  type Experiment,
  type MetricAggregate,
  type PlainType,
  type Workflow,
} from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { describeMethods, describeSample, findings, referenceBaseline, restartable } from './findings.ts';

const metric = (type: PlainType) => describeMetric({ type, name: type });

function aggregate(value: number | null, scored = 100, total = 100): MetricAggregate {
  return {
    value,
    standard_error: null,
    median: null,
    interval: value === null ? null : { low: value - 0.02, high: value + 0.02, level: 0.95, method: 't' },
    scored,
    total,
    no_reference: 0,
    metric_error: 0,
    not_answered: total - scored,
    signature: '',
  };
}

function workflow(name: string, score: number | null, changes: Partial<Workflow> = {}): Workflow {
  return {
    id: name,
    name,
    position: 0,
    model: { model: name },
    status: 'succeeded',
    reason: null,
    next_call_at: null,
    stage: null,
    rows: { total: 100, answered: 100, failed: 0, not_run: 0, pending: 0 },
    errors: {},
    rows_per_second: null,
    seconds: { total: 1, inference: 1, evaluation: 1 },
    latency_ms: null,
    first_token_ms: null,
    concurrency: null,
    tokens: null,
    cost: null,
    truncated: 0,
    projected: null,
    metrics: score === null ? {} : { rougeL: aggregate(score) },
    judging: [],
    jobs: [],
    ...changes,
  };
}

function experiment(workflows: Workflow[], changes: Partial<Experiment> = {}): Experiment {
  return {
    id: 'e',
    name: 'E',
    status: 'succeeded',
    dataset: { id: 'd', name: 'D', version: 1, row_count: 500 },
    task: 'summarization',
    primary_metric: 'rougeL',
    created_at: '2026-11-24T00:00:00.000Z',
    finished_at: null,
    sample: { rows: 250, available: 497, blank_input: 3, blank_reference: 0, sha256: '0'.repeat(64) },
    description: '',
    input_column: 'examples',
    reference_column: 'ground_truth',
    group_column: null,
    prompt: '{{examples}}',
    system_prompt: null,
    metrics: [metric('rougeL')],
    seed: 7,
    repeats: 1,
    budget: null,
    recommend: DEFAULT_RULE,
    spent: null,
    confirmation: null,
    seconds: 12,
    time_limit_s: null,
    stop_requested: false,
    workflows,
    comparison: null,
    mlflow_url: null,
    ...changes,
  };
}

describe('findings', () => {
  test('names the highest with its interval and rows', () => {
    expect(findings(experiment([workflow('a', 0.3), workflow('b', 0.25)]))).toEqual([
      'a has the highest ROUGE-L: 0.300 (95 % interval 0.280 to 0.320) over 100 rows.',
      'Every model answered every row.',
    ]);
  });

  test('equal values share the place', () => {
    expect(findings(experiment([workflow('a', 0.3), workflow('b', 0.3)]))[0]).toMatch(/^a and b share the highest/);
  });

  test('a metric where lower is better has its lead below', () => {
    const scored = (name: string, value: number) => workflow(name, null, { metrics: { ter: aggregate(value, 100) } });
    const [lead] = findings(
      experiment([scored('a', 61), scored('b', 48)], { primary_metric: 'ter', metrics: [metric('ter')] }),
    );
    expect(lead).toMatch(/^b has the lowest TER: 48\.0 /);
  });

  test('says over how many rows where not all are scored, and what has no answer', () => {
    const partial = workflow('a', 0.3, {
      status: 'partial',
      rows: { total: 100, answered: 78, failed: 2, not_run: 20, pending: 0 },
      metrics: { rougeL: aggregate(0.3, 78) },
    });
    expect(findings(experiment([partial, workflow('b', 0.1)], { status: 'partial' }))).toEqual([
      'a has the highest ROUGE-L: 0.300 (95 % interval 0.280 to 0.320) over 78 of 100 rows.',
      'Rows without an answer – a: 2 failed, 20 not run. Models that ended early are compared on the rows that both answered.',
    ]);
  });

  test('nothing scored', () => {
    const failed = workflow('a', null, {
      status: 'failed',
      rows: { total: 100, answered: 0, failed: 5, not_run: 95, pending: 0 },
    });
    expect(findings(experiment([failed], { status: 'failed' }))[0]).toBe('No model has a score for ROUGE-L.');
  });

  test('says who is missing from the comparison', () => {
    const stopped = workflow('b', null, { status: 'stopped' });
    expect(findings(experiment([workflow('a', 0.3), stopped], { status: 'stopped' }))[1]).toBe('Without a score: b.');
  });

  test('while running: what is under way, no lead', () => {
    const running = workflow('b', null, {
      status: 'running',
      stage: 'inference',
      rows: { total: 100, answered: 38, failed: 2, not_run: 0, pending: 60 },
    });
    const waiting = workflow('c', null, {
      status: 'created',
      rows: { total: 100, answered: 0, failed: 0, not_run: 0, pending: 100 },
    });
    expect(findings(experiment([workflow('a', 0.3), running, waiting], { status: 'running' }))).toEqual([
      '1 of 3 models is done.',
      'b has run 40 of 100 rows; c waits to start.',
      'Scores are interim until all are over.',
    ]);
  });

  test('while the models are compared, says so', () => {
    const time = '2026-11-24T00:00:00.000Z';
    const job = { id: 'j', kind: 'comparison', status: 'running', attempt: 1, reason: null } as const;
    const comparison = { ...job, created_at: time, started_at: time, finished_at: null, seconds: 1 };
    expect(findings(experiment([workflow('a', 0.3), workflow('b', 0.2)], { status: 'running', comparison }))).toEqual([
      '2 of 2 models are done.',
      'They are being compared with each other.',
      'Scores are interim until all are over.',
    ]);
  });
});

test('describeSample says what was drawn and what was left out', () => {
  expect(describeSample(experiment([]))).toBe('250 of 500 rows, seed 7; left out: 3 with a blank input');
  const whole = { rows: 500, available: 500, blank_input: 0, blank_reference: 0, sha256: '' };
  expect(describeSample(experiment([], { sample: whole }))).toBe('all 500 rows, seed 7');
  expect(describeSample(experiment([], { sample: whole, repeats: 3 }))).toBe('all 500 rows, 3 answers to each, seed 7');
});

test('the hairline stands for the strongest baseline', () => {
  const baseline = (name: string, score: number | null) =>
    workflow(name, score, { model: { model: `baseline/${name}` } });
  const workflows = [workflow('m', 0.5), baseline('lead-3', 0.2), baseline('copy', 0.3)];
  expect(referenceBaseline(experiment(workflows))?.name).toBe('copy');
  expect(referenceBaseline(experiment([workflow('m', 0.5)]))).toBeNull();
});

test('nothing can be started again while it runs', () => {
  const workflows = [workflow('a', 0.1, { rows: { total: 9, answered: 4, failed: 3, not_run: 2, pending: 0 } })];
  expect(restartable(experiment(workflows, { status: 'partial' }))).toEqual({ failed: 3, not_run: 2, unscored: 0 });
  expect(restartable(experiment(workflows, { status: 'running' }))).toEqual({ failed: 0, not_run: 0, unscored: 0 });
});

test('answers that could not be scored can be scored again', () => {
  expect(restartable(experiment([workflow('a', null)], { status: 'failed' })).unscored).toBe(1);
});

test('methods of the intervals: the usual one, and for what another was used', () => {
  const bleu = { ...aggregate(8), interval: { low: 7, high: 9, level: 0.95, method: 'bootstrap percentile' } };
  const workflows = [workflow('a', 0.3, { metrics: { rouge1: aggregate(0.4), rougeL: aggregate(0.3), bleu } })];
  const metrics = [metric('rouge1'), metric('rougeL'), metric('bleu')];
  expect(describeMethods({ metrics, workflows })).toBe('t; BLEU: bootstrap percentile');
  expect(describeMethods({ metrics, workflows: [workflow('a', null)] })).toBeNull();
});
