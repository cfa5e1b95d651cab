import { createHash } from 'node:crypto';
import {
  type ClaimedJob,
  type Db,
  endAttempt,
  findExperiment,
  insertOutboxEvents,
  lockExperiment,
  updateClaimedJob,
} from '@touchstone/db';
import { type FileRef, type InferenceResult, type InferenceSpec, JobResult, type JobStatus } from '@touchstone/schemas';
import { keys, type Storage } from '@touchstone/storage';
import { settleBudget } from '../budgets/settle.ts';
import { verdictTags } from '../comparisons/record.ts';
import type { Services } from '../context.ts';
import { insertEvaluations } from '../experiments/evaluations.ts';
import { settleExperiment } from '../experiments/settle.ts';
import { explainUnknownSpec } from '../jobs/spec.ts';
import { scoreMetrics, type TrackingEvent } from '../tracking/events.ts';
import type { Claim } from './advance.ts';
import { stopReason } from './next-step.ts';

type AttemptEnd = Parameters<typeof endAttempt>[2];

/** The result is not what it says it is. */
export class BadResult extends Error {}

/** Reads an attempt's result and checks that its rows are the bytes that the driver wrote. @throws BadResult */
async function readResult(storage: Storage, job: ClaimedJob): Promise<JobResult> {
  const text = (await storage.read(keys.attemptResult(job.id, job.attempt))).toString('utf8');
  const parsed = JobResult.safeParse(JSON.parse(text));
  if (!parsed.success) throw new BadResult(`result.json is not as agreed: ${parsed.error.message}`);
  const result = parsed.data;
  if (result.job_id !== job.id || result.attempt !== job.attempt || result.kind !== job.spec.kind) {
    throw new BadResult('result.json belongs to another attempt.');
  }
  if (result.kind !== 'comparison') await checkFile(storage, result.rows_file);
  if (result.kind === 'evaluation' && result.folded) await checkFile(storage, result.folded.rows_file);
  return result;
}

async function checkFile(storage: Storage, { key, sha256 }: FileRef): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of await storage.readStream(key)) hash.update(chunk);
  if (hash.digest('hex') !== sha256) throw new BadResult(`${key} is not the file that the driver wrote.`);
}

function statusOf(job: ClaimedJob, result: JobResult): { status: JobStatus; reason: string | null } {
  const called = calledIn(result);
  if (!called) return { status: 'succeeded', reason: null };
  const { ended, reason, outcome } = called;
  if (ended === 'stopped') return { status: 'stopped', reason: stopReason(job) };
  if (ended === 'breaker' || (outcome.rows.total > 0 && outcome.rows.answered === 0)) {
    return { status: 'failed', reason: reason ?? describeErrors(outcome) ?? 'No row was answered.' };
  }
  return { status: 'succeeded', reason: ended === 'budget' ? reason : describeErrors(outcome) };
}

/** What calls of a model came to, of its answers or of a judge's verdicts; null: none is called. */
function calledIn(result: JobResult): Pick<InferenceResult, 'ended' | 'reason' | 'outcome' | 'spent'> | null {
  return result.kind === 'inference' ? result : result.kind === 'evaluation' ? result.judging : null;
}

/** `12 of 100 rows failed: timeout (12): no answer within 120 s` */
function describeErrors({ rows, errors }: InferenceResult['outcome']): string | null {
  if (rows.failed === 0) return null;
  const kinds = Object.entries(errors)
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([code, { count, message }]) => `${code} (${count}): ${message}`);
  return `${rows.failed} of ${rows.total} rows failed. ${kinds.join(' · ')}`;
}

/** Takes the attempt's result; with it comes the evaluation of what was answered. */
export async function acceptResult(
  services: Services,
  job: ClaimedJob,
  claim: Claim,
  rows_done: number,
): Promise<void> {
  const result = await readResult(services.storage, job);
  await services.storage.remove(keys.attemptSecrets(job.id, job.attempt));
  const { status, reason } = statusOf(job, result);
  await finishJob(services, job, claim, {
    status,
    reason,
    result,
    end: { outcome: 'result', message: null, rows_done },
  });
}

type Finish = { status: JobStatus; reason: string | null; result?: JobResult; end: AttemptEnd | null };

/** Ends a job, with or without a result, and starts what comes after it, in one transaction. */
export async function finishJob(
  { db }: Services,
  job: ClaimedJob,
  claim: Claim,
  { status, reason, result, end }: Finish,
): Promise<void> {
  const called = result ? calledIn(result) : null;
  await db.$transaction(async (tx) => {
    // First of all: an insert that refers to the experiment shares its lock, and two that share it cannot both take it.
    if (job.experiment_id) await lockExperiment(tx, job.experiment_id);
    await updateClaimedJob(tx, claim, {
      status,
      reason,
      finished_at: new Date(),
      ...(result && { result, accepted_attempt: job.attempt }),
      ...(called?.spent && { spent: called.spent }),
    });
    if (end) await endAttempt(tx, { job_id: job.id, number: job.attempt }, end);
    if (job.kind === 'inference') await evaluateAnswers(tx, job, result ?? null);
    const over = jobOver(job, status, result ?? null, await sayVerdict(tx, job, result ?? null));
    await insertOutboxEvents(tx, job.experiment_id ?? job.id, [over]);
    if (job.kind === 'inference' || job.judge !== null) await settleBudget(tx, job.experiment_id);
    await settleExperiment(tx, job.experiment_id);
  });
}

/** Whatever was answered is scored, however inference ended; not of a job alone. */
async function evaluateAnswers(tx: Db, job: ClaimedJob, result: JobResult | null): Promise<void> {
  const rows = result?.kind === 'inference' ? result.outcome.rows : job.progress?.rows;
  const experiment = job.experiment_id ? await findExperiment(tx, job.experiment_id) : null;
  // Not of a model that was removed meanwhile.
  if (!experiment?.workflows.some(({ id }) => id === job.workflow_id)) return;
  if (!rows || rows.answered === 0 || explainUnknownSpec(job.spec)) return;
  const answers = result?.kind === 'inference' ? { key: result.rows_file.key, sha256: result.rows_file.sha256 } : null;
  const { metrics } = experiment;
  await insertEvaluations(tx, job.spec as InferenceSpec, { metrics, answers, time_limit_s: job.time_limit_s });
}

const MLFLOW_STATUS = { succeeded: 'FINISHED', failed: 'FAILED', stopped: 'KILLED' } as const;

/** What a comparison comes to, as tags of its record. */
async function sayVerdict(tx: Db, job: ClaimedJob, result: JobResult | null): Promise<Record<string, string>> {
  const experiment =
    result?.kind === 'comparison' && job.experiment_id && (await findExperiment(tx, job.experiment_id, true));
  if (!experiment || result?.kind !== 'comparison') return {};
  return verdictTags(experiment, result);
}

function jobOver(
  job: ClaimedJob,
  status: JobStatus,
  result: JobResult | null,
  tags: Record<string, string>,
): TrackingEvent {
  const metrics: Record<string, number> = {};
  if (result?.kind === 'inference') {
    const { rows, latency_ms, first_token_ms, tokens } = result.outcome;
    metrics.rows_answered = rows.answered;
    metrics.rows_failed = rows.failed;
    metrics.rows_not_run = rows.not_run;
    if (latency_ms) Object.assign(metrics, { latency_ms_p50: latency_ms.p50, latency_ms_p95: latency_ms.p95 });
    if (first_token_ms)
      Object.assign(metrics, { first_token_ms_p50: first_token_ms.p50, first_token_ms_p95: first_token_ms.p95 });
    if (tokens) Object.assign(metrics, { prompt_tokens: tokens.prompt, completion_tokens: tokens.completion });
  }
  if (result?.kind === 'evaluation') {
    Object.assign(metrics, scoreMetrics(result.metrics));
  }
  if (result) metrics.seconds = result.seconds;
  return {
    type: 'job_over',
    workflow_id: job.workflow_id,
    job_id: job.id,
    kind: job.kind,
    status: MLFLOW_STATUS[status as keyof typeof MLFLOW_STATUS],
    metrics,
    tags: {
      ...tags,
      'touchstone.status': status,
      ...(result && { 'touchstone.versions': JSON.stringify(result.versions) }),
    },
  };
}
