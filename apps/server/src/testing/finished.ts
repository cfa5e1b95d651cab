import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type ExperimentRecord, findExperiment, findJobSpec, insertJobs, type WorkflowRecord } from '@touchstone/db';
import type {
  EvaluationResult,
  EvaluationSpec,
  InferenceResult,
  InferenceSpec,
  MetricAggregate,
  MetricSettings,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { answersOf, repeatsOf } from '../experiments/view.ts';
import { evaluationSpec } from '../jobs/spec.ts';
import { withTemporaryFolder } from '../parquet/temporary-folder.ts';
import { rowMetrics } from '../rows/source.ts';
import { quoteName, quoteText } from '../rows/store.ts';

type Parts = Pick<Services, 'db' | 'storage' | 'row_store'>;

export type MadeAnswers = {
  /** SQL over row_id, repeat and the place of the workflow, `place`: does the row fail? Left out: none does. */
  fails?: string;
  /** The same: was it not run? Left out: all were. */
  is_left_out?: string;
  /** SQL, text: what is answered. */
  prediction: string;
  /** SQL, also over the place of the evaluation, `evaluation`: what each metric of a row is. */
  score: string;
  /** The metrics of each evaluation of a workflow; left out: one has all. */
  evaluations?: MetricSettings[][];
};

/**
 * Ends an experiment that was created and never run: the accepted files are written as jobs write them, by queries, so that it may
 * have a million rows.
 */
export async function finishExperiment(parts: Parts, id: string, made: MadeAnswers): Promise<void> {
  const experiment = (await findExperiment(parts.db, id))!;
  for (const workflow of experiment.workflows) await finishWorkflow(parts, experiment, workflow, made);
  const over = { status: 'succeeded' as const, finished_at: new Date() };
  await parts.db.workflow.updateMany({ where: { experiment_id: id }, data: over });
  await parts.db.experiment.update({ where: { id }, data: over });
}

const BASE = { version: 1, attempt: 1, versions: {}, seconds: 1 } as const;

/** Of scores that nobody added up. */
const unknownAggregate = (total: number): MetricAggregate => ({
  value: null,
  standard_error: null,
  interval: null,
  median: null,
  scored: 0,
  total,
  no_reference: 0,
  metric_error: 0,
  not_answered: total,
  signature: 'made up',
});

async function finishWorkflow(
  parts: Parts,
  experiment: ExperimentRecord,
  workflow: WorkflowRecord,
  { fails = 'false', is_left_out = 'false', prediction, score, evaluations = [experiment.metrics] }: MadeAnswers,
): Promise<void> {
  const inference = workflow.jobs[0]!;
  const rows = await linesOf(parts, experiment, workflow);
  const answers = await writeRows(
    parts,
    inference.id,
    `SELECT row_id, repeat, CASE WHEN ${fails} THEN NULL ELSE ${prediction} END AS prediction,
       CASE WHEN ${fails} THEN 'timeout' END AS error_code, CASE WHEN ${fails} THEN 'no answer' END AS error_message,
       'stop' AS finish_reason, 200.0 + row_id % 100 AS latency_ms, 100 AS prompt_tokens, 20 AS completion_tokens,
       NULL::DOUBLE AS cost, 1 AS calls
     FROM (${rows}) WHERE NOT (${is_left_out})`,
  );
  const [counts] = await parts.row_store.query<{ failed: bigint; not_run: bigint }>(
    `SELECT count(*) FILTER (NOT (${is_left_out}) AND (${fails})) AS failed, count(*) FILTER (${is_left_out}) AS not_run FROM (${rows})`,
  );
  const total = answersOf(experiment, workflow);
  const failed = Number(counts!.failed);
  const not_run = Number(counts!.not_run);
  await endJob(parts, {
    ...BASE,
    job_id: inference.id,
    kind: 'inference',
    rows_file: answers,
    ended: not_run > 0 ? 'stopped' : 'complete',
    reason: null,
    outcome: {
      rows: { total, answered: total - failed - not_run, failed, not_run, pending: 0 },
      errors: {},
      latency_ms: { p50: 250, p95: 295 },
      first_token_ms: null,
      tokens: null,
      cost: null,
      extra_answers: 0,
      truncated: 0,
    },
    spent: null,
  });
  const ids = { experiment_id: experiment.id, workflow_id: workflow.id };
  const asked = (await findJobSpec(parts.db, inference.id)) as InferenceSpec;
  for (const [place, metrics] of evaluations.entries()) {
    const id = randomUUID();
    const spec = evaluationSpec(asked, id, metrics, { key: answers.key, sha256: answers.sha256 });
    await insertJobs(parts.db, [{ ...ids, id, kind: 'evaluation', spec, time_limit_s: null }]);
    await finishEvaluation(parts, { id, metrics, total }, `SELECT *, ${place} AS evaluation FROM (${rows})`, score);
  }
}

/** Ends the evaluations of an experiment that have not begun, as `finishExperiment` ends its first. */
export async function finishScoring(parts: Parts, id: string, { score }: Pick<MadeAnswers, 'score'>): Promise<void> {
  const experiment = (await findExperiment(parts.db, id))!;
  for (const workflow of experiment.workflows) {
    const rows = await linesOf(parts, experiment, workflow);
    for (const job of workflow.jobs) {
      if (job.kind !== 'evaluation' || job.status !== 'created') continue;
      const { metrics } = (await findJobSpec(parts.db, job.id)) as EvaluationSpec;
      await finishEvaluation(parts, { id: job.id, metrics, total: answersOf(experiment, workflow) }, rows, score);
    }
  }
}

async function finishEvaluation(
  parts: Parts,
  { id, metrics, total }: { id: string; metrics: MetricSettings[]; total: number },
  rows: string,
  score: string,
): Promise<void> {
  const scores = rowMetrics(metrics).map(({ name }) => `${score} AS ${quoteName(name)}`);
  await endJob(parts, {
    ...BASE,
    job_id: id,
    kind: 'evaluation',
    rows_file: await writeRows(parts, id, `SELECT ${['row_id', 'repeat', ...scores].join(', ')} FROM (${rows})`),
    metrics: Object.fromEntries(metrics.map(({ name }) => [name, unknownAggregate(total)])),
    folded: null,
    judging: null,
  });
}

/** A line for each answer that is asked for, in the order of work: a repeat after the other. */
async function linesOf(
  { row_store }: Pick<Parts, 'row_store'>,
  experiment: ExperimentRecord,
  workflow: WorkflowRecord,
): Promise<string> {
  const sample = await row_store.localFile(keys.experimentSample(experiment.id), experiment.sample.sha256);
  return `SELECT row_id, repeat, ${workflow.position} AS place
    FROM (SELECT unnest(range(${repeatsOf(experiment, workflow)}))::INTEGER AS repeat), read_parquet(${sample}, file_row_number = true)
    ORDER BY repeat, file_row_number`;
}

function writeRows({ storage, row_store }: Parts, job_id: string, query: string) {
  return withTemporaryFolder(async (folder) => {
    const key = keys.attemptRows(job_id, 1);
    const file = join(folder, 'rows.parquet');
    await row_store.run(
      `COPY (${query}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 5000)`,
    );
    const { size, sha256 } = await storage.writeStream(key, createReadStream(file));
    return { key, size, sha256 };
  });
}

async function endJob({ db }: Pick<Parts, 'db'>, result: InferenceResult | EvaluationResult): Promise<void> {
  await db.job.update({
    where: { id: result.job_id },
    data: { status: 'succeeded', attempt: 1, accepted_attempt: 1, result, finished_at: new Date() },
  });
}
