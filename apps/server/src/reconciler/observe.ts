import type { ClaimedJob } from '@touchstone/db';
import { Progress } from '@touchstone/schemas';
import { keys, StorageNotFound } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { submissionId } from './attempt.ts';
import type { Observed } from './next-step.ts';

/** Seconds without a beat after which Ray is asked too. */
const ASK_RAY_S = 3;

/** Looks at storage, and at Ray where the driver has been silent. `now` is the database's clock. */
export async function observe(
  services: Services,
  job: ClaimedJob,
  { is_submitted, now }: { is_submitted: boolean; now: Date },
): Promise<Observed> {
  if (!is_submitted) return { now, has_result: false, ray: null };
  const has_result = (await services.storage.stat(keys.attemptResult(job.id, job.attempt))) !== null;
  const isBeating = job.beat_seen_at !== null && now.getTime() - job.beat_seen_at.getTime() < ASK_RAY_S * 1000;
  const ray = has_result || isBeating ? null : await askRay(services, job);
  // Read again: the driver may have written its result and ended between the two looks.
  const hasResultNow =
    has_result || (ray !== null && (await services.storage.stat(keys.attemptResult(job.id, job.attempt))) !== null);
  return { now, has_result: hasResultNow, ray };
}

async function askRay({ ray, log }: Services, job: ClaimedJob): Promise<Observed['ray']> {
  try {
    return (await ray.get(submissionId(job))) ?? 'unknown';
  } catch (error) {
    log.debug({ err: error, job: job.id }, 'Ray does not answer');
    return null;
  }
}

/** The attempt's newest progress; null where there is none yet. */
export async function readProgress({ storage, log }: Services, job: ClaimedJob): Promise<Progress | null> {
  try {
    return Progress.parse(JSON.parse((await storage.read(keys.attemptProgress(job.id, job.attempt))).toString('utf8')));
  } catch (error) {
    if (!(error instanceof StorageNotFound)) log.warn({ err: error, job: job.id }, 'progress cannot be read');
    return null;
  }
}
