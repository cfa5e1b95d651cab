/** What an experiment's page says in words: facts from the API, put into sentences. No judgement beyond which value leads. */
import { bestValue, type Experiment, type Metric, type RunStatus, type Workflow } from '@touchstone/schemas';
import { formatCount, formatCounted, formatScore } from '@/lib/format.ts';

export function isUnderWay(status: RunStatus): boolean {
  return status === 'created' || status === 'running';
}

/** What is known of the main metric. */
export function primaryMetric({ metrics, primary_metric }: Pick<Experiment, 'metrics' | 'primary_metric'>): Metric {
  return metrics.find(({ name }) => name === primary_metric)!;
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  return words.length <= 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** What a workflow is doing now, as the end of a sentence. */
function describeProgress({ name, status, stage, rows }: Workflow): string {
  const done = rows.answered + rows.failed;
  if (stage === 'evaluation') return `${name} is being scored`;
  if (done === 0 && status === 'running') return `${name} starts`;
  if (stage === 'inference' && done > 0) {
    return `${name} has run ${formatCount(done)} of ${formatCounted(rows.total, 'row')}`;
  }
  return `${name} waits to start`;
}

/** At most three of many, and how many more. */
function firstThree(phrases: readonly string[]): string {
  return phrases.length <= 3 ? phrases.join('; ') : `${phrases.slice(0, 3).join('; ')}; and ${phrases.length - 3} more`;
}

function underWay(experiment: Experiment): string[] {
  const open = experiment.workflows.filter((workflow) => isUnderWay(workflow.status));
  const over = experiment.workflows.length - open.length;
  const sentences = [
    experiment.stop_requested
      ? 'Stopping: calls in flight end, what is done is kept.'
      : `${formatCount(over)} of ${formatCounted(experiment.workflows.length, 'model')} ${over === 1 ? 'is' : 'are'} done.`,
  ];
  if (open.length > 0) sentences.push(`${firstThree(open.map(describeProgress))}.`);
  else if (experiment.comparison) sentences.push('They are being compared with each other.');
  if (experiment.workflows.some((workflow) => workflow.metrics[experiment.primary_metric])) {
    sentences.push('Scores are interim until all are over.');
  }
  return sentences;
}

/** The workflows that lead on a metric (several where they are equal): by its direction, without one those with the largest value. */
export function leaders(workflows: readonly Workflow[], metric: Pick<Metric, 'name' | 'direction'>): Workflow[] {
  const scoreOf = (workflow: Workflow) => workflow.metrics[metric.name]?.value ?? null;
  const values = workflows.flatMap((workflow) => scoreOf(workflow) ?? []);
  const value = bestValue(metric, values) ?? Math.max(...values);
  return workflows.filter((workflow) => scoreOf(workflow) === value);
}

/** `0.291 (95 % interval 0.272 to 0.310)` */
export function describeValue(aggregate: NonNullable<Workflow['metrics'][Experiment['primary_metric']]>): string {
  const { value, interval } = aggregate;
  if (!interval) return formatScore(value);
  const level = Math.round(interval.level * 100);
  return `${formatScore(value)} (${level} % interval ${formatScore(interval.low)} to ${formatScore(interval.high)})`;
}

const SUPERLATIVES = { higher: 'the highest', lower: 'the lowest', none: 'the largest mean of' } as const;

function describeLead(experiment: Experiment): string {
  const metric = primaryMetric(experiment);
  const { name, label, direction } = metric;
  const best = leaders(experiment.workflows, metric);
  const aggregate = best[0]?.metrics[name];
  if (!aggregate) return `No model has a score for ${label}.`;
  const what = aggregate.total > experiment.sample.rows ? 'answer' : 'row';
  const rows =
    aggregate.scored === aggregate.total
      ? `over ${formatCounted(aggregate.scored, what)}`
      : `over ${formatCount(aggregate.scored)} of ${formatCounted(aggregate.total, what)}`;
  const names = listWords(best.map(({ name }) => name));
  const value = describeValue(aggregate);
  if (experiment.workflows.length === 1) return `${names}: ${label} ${value} ${rows}.`;
  const superlative = SUPERLATIVES[direction];
  return best.length === 1
    ? `${names} has ${superlative} ${label}: ${value} ${rows}.`
    : `${names} share ${superlative} ${label}: ${value} ${rows}.`;
}

/** `mistral: 2 failed, 20 not run` */
function describeGap({ name, rows }: Workflow): string {
  const parts = [
    rows.failed > 0 && `${formatCount(rows.failed)} failed`,
    rows.not_run > 0 && `${formatCount(rows.not_run)} not run`,
  ].filter(Boolean);
  return `${name}: ${parts.join(', ')}`;
}

function describeGaps(workflows: readonly Workflow[]): string {
  const gaps = workflows.filter(({ rows }) => rows.failed + rows.not_run > 0);
  if (gaps.length === 0) {
    return workflows.length === 1 ? 'Every row has an answer.' : 'Every model answered every row.';
  }
  const endedEarly = workflows.length > 1 && gaps.some(({ rows }) => rows.not_run > 0);
  const compared = endedEarly ? ' Models that ended early are compared on the rows that both answered.' : '';
  return `Rows without an answer – ${firstThree(gaps.map(describeGap))}.${compared}`;
}

/** Who is missing from the comparison, where somebody is in it. */
function describeUnscored({ workflows, primary_metric }: Experiment): string | null {
  const unscored = workflows.filter(({ metrics }) => typeof metrics[primary_metric]?.value !== 'number');
  if (unscored.length === 0 || unscored.length === workflows.length) return null;
  const names = unscored.map(({ name }) => name);
  const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `Without a score: ${listWords(shown)}.`;
}

/** The band on top of the overview: what is under way, or which model has the highest value and which rows failed. */
export function findings(experiment: Experiment): string[] {
  if (isUnderWay(experiment.status)) return underWay(experiment);
  return [describeLead(experiment), describeUnscored(experiment), describeGaps(experiment.workflows)].filter(
    (sentence) => sentence !== null,
  );
}

/** Of the sample: `250 of 500 rows, seed 7; left out: 3 with a blank input`. */
export function describeSample({
  sample,
  dataset,
  seed,
  repeats,
}: Pick<Experiment, 'sample' | 'dataset' | 'seed' | 'repeats'>): string {
  const drawn =
    sample.rows === dataset.row_count
      ? `all ${formatCounted(sample.rows, 'row')}`
      : `${formatCount(sample.rows)} of ${formatCounted(dataset.row_count, 'row')}`;
  const blanks = [
    sample.blank_input > 0 && `${formatCount(sample.blank_input)} with a blank input`,
    sample.blank_reference > 0 && `${formatCount(sample.blank_reference)} with a blank reference`,
  ].filter((part) => part !== false);
  return `${drawn}${repeats > 1 ? `, ${repeats} answers to each` : ''}, seed ${seed}${blanks.length > 0 ? `; left out: ${listWords(blanks)}` : ''}`;
}

/** The baseline that the hairline in every column stands for: the one with the highest primary metric. */
export function referenceBaseline(
  experiment: Pick<Experiment, 'workflows' | 'metrics' | 'primary_metric'>,
): Workflow | null {
  const baselines = experiment.workflows.filter(({ model }) => model.model.startsWith('baseline/'));
  return leaders(baselines, primaryMetric(experiment))[0] ?? baselines[0] ?? null;
}

/** Whether a workflow has answers and no scores: it was stopped, or its evaluation failed. */
export function isUnscored({ rows, metrics }: Workflow): boolean {
  return rows.answered > 0 && Object.keys(metrics).length === 0;
}

/** What a person can start again: rows that failed, rows that have not run, models whose answers were not scored. */
export function restartable({ status, workflows }: Experiment): { failed: number; not_run: number; unscored: number } {
  if (isUnderWay(status)) return { failed: 0, not_run: 0, unscored: 0 };
  const sum = (key: 'failed' | 'not_run') => workflows.reduce((total, { rows }) => total + rows[key], 0);
  const unscored = workflows.filter(isUnscored);
  return { failed: sum('failed'), not_run: sum('not_run'), unscored: unscored.length };
}

/** How the intervals were made: `Student t; BLEU and chrF: bootstrap percentile`. Null where there are none. */
export function describeMethods({ metrics, workflows }: Pick<Experiment, 'metrics' | 'workflows'>): string | null {
  const byMethod = new Map<string, string[]>();
  for (const metric of metrics) {
    const method = workflows.map((workflow) => workflow.metrics[metric.name]?.interval?.method).find(Boolean);
    if (method) byMethod.set(method, [...(byMethod.get(method) ?? []), metric.label]);
  }
  // The usual one first, without saying for what.
  const [usual, ...others] = [...byMethod].sort(([, a], [, b]) => b.length - a.length);
  if (!usual) return null;
  return [usual[0], ...others.map(([method, labels]) => `${listWords(labels)}: ${method}`)].join('; ');
}
