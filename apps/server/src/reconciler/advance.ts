import { type ClaimedJob, lockExperiment, recordProgress, updateClaimedJob } from '@touchstone/db';
import type { Progress, RowCounts } from '@touchstone/schemas';
import { settleConfirmation } from '../budgets/settle.ts';
import type { Services } from '../context.ts';
import { settleExperiment } from '../experiments/settle.ts';
import { abandonAttempt, retryAttempt, submitAttempt } from './attempt.ts';
import { followGrant, writeControl } from './control.ts';
import { acceptResult, BadResult, finishJob } from './finish.ts';
import { type AttemptFacts, nextStep, type Step } from './next-step.ts';
import { observe, readProgress } from './observe.ts';

/** The lease and the attempt that a decision is made under. */
export type Claim = { id: string; attempt: number; owner: string };

/** Seconds until a job that runs is looked at again. */
const WATCH_S = 0.3;

const countDone = (rows: RowCounts | undefined) => (rows ? rows.answered + rows.failed : 0);

/** Looks at one claimed job and does what it needs. `now` is the database's clock. @returns seconds until it is to be looked at again. */
export async function advanceJob(
  services: Services,
  job: ClaimedJob,
  { owner, now }: { owner: string; now: Date },
): Promise<number> {
  const claim: Claim = { id: job.id, attempt: job.attempt, owner };
  const submitted = job.attempts.find(({ number }) => number === job.attempt) ?? null;
  const progress = submitted && (await readProgress(services, job));
  if (progress && progress.beat !== job.beat) await saveProgress(services, job, claim, progress);
  const rows_done = countDone(job.progress?.rows);
  const earlier = job.attempts.filter(({ number }) => number < job.attempt).map((attempt) => attempt.rows_done);
  const attempt: AttemptFacts = submitted && {
    submitted_at: submitted.submitted_at,
    rows_done_before: Math.max(0, ...earlier),
    rows_done,
  };
  const observed = await observe(services, job, { is_submitted: submitted !== null, now });
  const active_s = activeSeconds(job);
  return act(services, job, claim, nextStep({ ...job, active_s }, attempt, observed), { rows_done, active_s });
}

/** `progress` is that of an earlier attempt until this one has beaten. */
const activeSeconds = ({ active_s, beat, progress }: ClaimedJob) =>
  active_s + (beat === null ? 0 : (progress?.active_s ?? 0));

async function saveProgress({ db, meter }: Services, job: ClaimedJob, claim: Claim, progress: Progress): Promise<void> {
  const isFirst = job.status !== 'running';
  await db.$transaction(async (tx) => {
    const isHeld = progress.hold_after !== null;
    // First of all: whoever settles an experiment goes from it to its jobs.
    if (job.experiment_id && (isFirst || isHeld)) await lockExperiment(tx, job.experiment_id);
    await recordProgress(tx, claim, progress);
    if (isFirst) await settleExperiment(tx, job.experiment_id);
    if (job.experiment_id && isHeld) await settleConfirmation(tx, job.experiment_id);
  });
  if (job.spec.kind === 'inference') countRows(meter, job.progress?.rows, progress.rows);
  Object.assign(job, { beat_seen_at: new Date(), beat: progress.beat, status: 'running', progress });
}

/** Rows that finished since they were counted before. A new attempt begins with what the one before it finished. */
function countRows(meter: Services['meter'], before: RowCounts | undefined, now: RowCounts): void {
  for (const outcome of ['answered', 'failed'] as const) {
    meter.rows.inc({ outcome }, Math.max(0, now[outcome] - (before?.[outcome] ?? 0)));
  }
}

async function act(
  services: Services,
  job: ClaimedJob,
  claim: Claim,
  step: Step,
  { rows_done, active_s }: { rows_done: number; active_s: number },
): Promise<number> {
  switch (step.do) {
    case 'wait':
      await followGrant(services, job, claim);
      return WATCH_S;
    case 'submit':
      return submitAttempt(services, job, claim);
    case 'end':
      await updateClaimedJob(services.db, claim, { stop_requested_at: new Date(), stop_reason: step.reason });
      return 0;
    case 'signal_stop':
      await writeControl(services, job, { attempt: job.attempt, stop: true });
      return WATCH_S;
    case 'accept':
      try {
        await acceptResult(services, job, claim, rows_done);
        return 0;
      } catch (error) {
        if (!(error instanceof BadResult)) throw error;
        await abandonAttempt(services, job);
        const end = { outcome: 'died' as const, message: error.message, rows_done };
        await finishJob(services, job, claim, { status: 'failed', reason: error.message, end });
        return 0;
      }
    case 'finish': {
      await abandonAttempt(services, job);
      const { status, reason, outcome } = step;
      await finishJob(services, job, claim, { status, reason, end: { outcome, message: reason, rows_done } });
      return 0;
    }
    case 'retry':
      return retryAttempt(services, job, claim, step, { rows_done, active_s });
  }
}
