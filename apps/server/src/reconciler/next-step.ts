import type { JobStatus } from '@touchstone/schemas';

/** Seconds without a beat until a driver counts as dead, whatever Ray says. */
export const BEAT_STALE_S = 20;
/** Seconds that a fenced driver gets to notice a newer attempt. */
export const FENCE_S = 10;
/** Automatic attempts in a row that finish no row. */
export const MAX_ATTEMPTS_WITHOUT_PROGRESS = 3;
/** Seconds that a driver gets to end by itself when it is to stop. */
export const STOP_GRACE_S = 15;
/** Seconds until a job that Ray never showed counts as lost: on a busy head a submission takes many. */
export const LOST_S = 30;
/** Seconds that a driver which Ray calls running may take to its first beat. */
export const START_S = 180;

export type JobFacts = {
  status: JobStatus;
  stop_requested_at: Date | null;
  beat_seen_at: Date | null;
  /** Why it is to stop; null: a person wants it. */
  stop_reason: string | null;
  attempts_without_progress: number;
  time_limit_s: number | null;
  /** Seconds that its attempts worked, the one under way too, since a person started or resumed it. */
  active_s: number;
};

/** The attempt under way, or null where it was not handed to Ray yet. */
export type AttemptFacts = { submitted_at: Date; rows_done_before: number; rows_done: number } | null;

export type Observed = {
  /** The database's clock. */
  now: Date;
  has_result: boolean;
  /** What Ray says of the attempt; null: not asked, or it does not answer. */
  ray:
    | { status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED'; message: string | null }
    | 'unknown'
    | null;
};

export type Step =
  | { do: 'wait' }
  /** Hand the attempt to Ray. */
  | { do: 'submit' }
  /** Its result is there: take it. */
  | { do: 'accept' }
  /** It has worked as long as it may: from now on it is to stop. */
  | { do: 'end'; reason: string }
  /** Tell the driver to stop. */
  | { do: 'signal_stop' }
  /** Over, without a result. */
  | { do: 'finish'; status: 'stopped' | 'failed'; outcome: 'stopped' | 'died' | 'unresponsive'; reason: string }
  /** Give it up and start another. `fence_s`: how long the old driver, which may live, gets to notice. */
  | {
      do: 'retry';
      outcome: 'died' | 'unresponsive';
      reason: string;
      fence_s: number;
      attempts_without_progress: number;
    };

const since = (now: Date, then: Date) => (now.getTime() - then.getTime()) / 1000;
/** What Ray knows of the attempt, where it was asked, answers and knows it. */
const jobOf = (ray: Observed['ray']) => (ray === 'unknown' ? null : ray);
const isEnded = (job: ReturnType<typeof jobOf>) => job !== null && job.status !== 'PENDING' && job.status !== 'RUNNING';

/** Why a job stopped that was told to. */
export const stopReason = (job: Pick<JobFacts, 'stop_reason'>) => job.stop_reason ?? 'Stopped by a person.';

/** What to do about a job that is not over. Every step may be repeated. */
export function nextStep(job: JobFacts, attempt: AttemptFacts, observed: Observed): Step {
  const { now, ray } = observed;
  if (attempt && observed.has_result) return { do: 'accept' };
  const isBeating = job.beat_seen_at !== null && since(now, job.beat_seen_at) < BEAT_STALE_S;

  if (job.stop_requested_at) {
    const isOver = job.status === 'created' || !attempt || isEnded(jobOf(ray)) || (ray === 'unknown' && !isBeating);
    if (isOver || since(now, job.stop_requested_at) > STOP_GRACE_S) {
      return { do: 'finish', status: 'stopped', outcome: 'stopped', reason: stopReason(job) };
    }
    return { do: 'signal_stop' };
  }
  if (job.time_limit_s !== null && job.active_s >= job.time_limit_s) {
    return { do: 'end', reason: `Time limit of ${job.time_limit_s} s reached: resume to go on.` };
  }

  if (!attempt) return { do: 'submit' };
  const death = findDeath(job, attempt, observed, isBeating);
  if (!death) return { do: 'wait' };
  const attempts_without_progress =
    attempt.rows_done > attempt.rows_done_before ? 0 : job.attempts_without_progress + 1;
  if (attempts_without_progress >= MAX_ATTEMPTS_WITHOUT_PROGRESS) {
    const reason = `Given up after ${attempts_without_progress} attempts that finished nothing. The last: ${death.reason}`;
    return { do: 'finish', status: 'failed', outcome: death.outcome, reason };
  }
  return { do: 'retry', ...death, attempts_without_progress };
}

/** Ray's message carries up to 20,000 characters of the driver's log. */
const firstLine = (text: string) => text.split('\n', 1)[0]!.slice(0, 200);

type Death = { outcome: 'died' | 'unresponsive'; reason: string; fence_s: number };

function findDeath(
  job: JobFacts,
  attempt: NonNullable<AttemptFacts>,
  { now, ray }: Observed,
  isBeating: boolean,
): Death | null {
  const onRay = jobOf(ray);
  if (onRay && isEnded(onRay)) {
    return {
      outcome: 'died',
      reason: `The driver ended without a result; its log says why (Ray: ${onRay.status}${onRay.message ? `, ${firstLine(onRay.message)}` : ''}).`,
      fence_s: 0,
    };
  }
  if (isBeating) return null;
  if (job.beat_seen_at !== null) {
    return {
      outcome: 'unresponsive',
      reason: `The driver gave no sign of life for ${BEAT_STALE_S} s.`,
      fence_s: FENCE_S,
    };
  }
  const waited = since(now, attempt.submitted_at);
  if (ray === 'unknown' && waited > LOST_S) {
    return { outcome: 'died', reason: 'Ray does not know the job: it was lost before it began.', fence_s: FENCE_S };
  }
  if (onRay?.status === 'RUNNING' && waited > START_S) {
    return { outcome: 'unresponsive', reason: `The driver did not begin within ${START_S} s.`, fence_s: FENCE_S };
  }
  return null;
}
