import { createHash } from 'node:crypto';
import {
  beginAttempt,
  type ClaimedJob,
  endAttempt,
  forgetAttempt,
  insertOutboxEvents,
  updateClaimedJob,
} from '@touchstone/db';
import { RayError } from '@touchstone/ray-client';
import { HUB_ORIGIN, type InferenceSpec } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';
import { settleExperiment } from '../experiments/settle.ts';
import { explainUnknownSpec } from '../jobs/spec.ts';
import { sealForJob } from '../secrets/seal.ts';
import { openSecret } from '../secrets/service.ts';
import type { TrackingEvent } from '../tracking/events.ts';
import type { Claim } from './advance.ts';
import { takeGrant, writeControl } from './control.ts';
import { finishJob } from './finish.ts';
import type { Step } from './next-step.ts';

export const submissionId = (job: { id: string; attempt: number }) => `${job.id}-${job.attempt}`;

/** Seconds until Ray is tried again where it does not answer. */
const RAY_AWAY_S = 2;

/**
 * Writes what the driver reads, then hands the attempt to Ray. The attempt is recorded before Ray is asked: should the server die in
 * between, Ray does not know it, and another attempt is made.
 * @returns seconds until the job is to be looked at again.
 */
export async function submitAttempt(services: Services, job: ClaimedJob, claim: Claim): Promise<number> {
  const { db, ray, storage, log } = services;
  const unknown = explainUnknownSpec(job.spec);
  if (unknown) {
    await finishJob(services, job, claim, { status: 'failed', reason: unknown, end: null });
    return 0;
  }
  const spec = JSON.stringify(job.spec);
  await storage.write(keys.jobSpec(job.id), spec);
  await takeGrant(services, job, claim);
  const problem = await sealSecret(services, job, spec);
  if (problem) {
    await finishJob(services, job, claim, { status: 'failed', reason: problem, end: null });
    return 0;
  }
  const submission_id = submissionId(job);
  await db.$transaction(async (tx) => {
    await updateClaimedJob(tx, claim, { reason: null });
    await beginAttempt(tx, { job_id: job.id, number: job.attempt, submission_id });
    const event: TrackingEvent = {
      type: 'job',
      workflow_id: job.workflow_id,
      job_id: job.id,
      kind: job.kind,
      attempt: job.attempt,
      ray_job_id: submission_id,
    };
    await insertOutboxEvents(tx, job.experiment_id ?? job.id, [event]);
  });
  try {
    // Constant but for two ids that the server made: nothing of a person's comes near a shell.
    await ray.submit({
      submission_id,
      entrypoint: `python -m touchstone_jobs --job ${job.id} --attempt ${job.attempt}`,
      metadata: { job_id: job.id, kind: job.kind },
    });
    return 0.5;
  } catch (error) {
    if (!(error instanceof RayError)) throw error;
    // Ray may have it: then it beats soon, or Ray says that it does not know it.
    if (error.may_have_happened) return 0.5;
    log.warn({ err: error, job: job.id }, 'Ray did not take the job');
    if (error.kind === 'refused') {
      const end = { outcome: 'refused' as const, message: error.message, rows_done: 0 };
      await finishJob(services, job, claim, { status: 'failed', reason: `Ray refused the job: ${error.message}`, end });
      return 0;
    }
    await db.$transaction(async (tx) => {
      await forgetAttempt(tx, { job_id: job.id, number: job.attempt });
      await updateClaimedJob(tx, claim, { reason: `Waiting for Ray: ${error.message}` });
      await settleExperiment(tx, job.experiment_id);
    });
    return RAY_AWAY_S;
  }
}

/** How the model that a job calls is reached, by its spec: what is to answer, or to judge. */
function calledModel({ spec }: ClaimedJob): InferenceSpec['model'] | null {
  return spec.kind === 'inference' ? spec.model : spec.kind === 'evaluation' ? spec.judge : null;
}

/** @returns why the secret cannot be had, or null. */
async function sealSecret(services: Services, job: ClaimedJob, spec: string): Promise<string | null> {
  const called = calledModel(job);
  if (!called || called.protocol === 'baseline' || !called.has_secret) return null;
  const name = job.model!.secret!;
  let value: string;
  try {
    value = await openSecret(services, name);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  const sealed = await sealForJob({
    job_public_key: services.job_public_key,
    job_id: job.id,
    attempt: job.attempt,
    spec_sha256: createHash('sha256').update(spec).digest('hex'),
    origin: called.protocol === 'transformers' ? HUB_ORIGIN : new URL(called.base_url).origin,
    value,
  });
  await services.storage.write(keys.attemptSecrets(job.id, job.attempt), sealed);
  return null;
}

/** Gives the attempt up and starts another. The old driver, which may live, is told by a newer attempt in its control file, and by Ray. */
export async function retryAttempt(
  services: Services,
  job: ClaimedJob,
  claim: Claim,
  { outcome, reason, fence_s, attempts_without_progress }: Extract<Step, { do: 'retry' }>,
  { rows_done, active_s }: { rows_done: number; active_s: number },
): Promise<number> {
  services.log.warn({ job: job.id, attempt: job.attempt, reason }, 'another attempt');
  await writeControl(services, job, { attempt: job.attempt + 1, stop: false });
  await abandonAttempt(services, job);
  await services.db.$transaction(async (tx) => {
    await endAttempt(tx, { job_id: job.id, number: job.attempt }, { outcome, message: reason, rows_done });
    await updateClaimedJob(tx, claim, {
      status: 'pending',
      attempt: job.attempt + 1,
      attempts_without_progress,
      active_s,
      beat: null,
      beat_seen_at: null,
      reason: `${reason} Trying again.`,
    });
    await settleExperiment(tx, job.experiment_id);
  });
  return fence_s;
}

/** Asks Ray to end the driver, and removes the attempt's key. */
export async function abandonAttempt({ ray, storage, log }: Services, job: ClaimedJob): Promise<void> {
  if (job.attempt === 0) return;
  await ray
    .stop(submissionId(job))
    .catch((error) => log.debug({ err: error, job: job.id }, 'Ray could not be told to stop'));
  await storage.remove(keys.attemptSecrets(job.id, job.attempt));
}
