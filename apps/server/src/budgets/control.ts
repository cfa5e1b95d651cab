import { isDeepStrictEqual } from 'node:util';
import type { ClaimedJob } from '@touchstone/db';
import type { Control } from '@touchstone/schemas';
import { isPaid, PILOT_ANSWERS } from './rules.ts';

/** What a job may spend, and after how many answers it waits for a yes: its part of the control file. */
export function spendingOf(job: ClaimedJob): Pick<Control, 'budget' | 'hold_after'> {
  if (!job.experiment || !job.model) return { budget: null, hold_after: null };
  const { budget, confirmed_at } = job.experiment;
  const asks =
    job.kind === 'inference' &&
    budget?.confirm_above !== undefined &&
    confirmed_at === null &&
    isPaid({ model: job.model });
  return { budget: job.budget, hold_after: asks ? PILOT_ANSWERS : null };
}

/** Whether the driver has read it; one that has not begun reads it first of all. */
export function isTold(job: ClaimedJob): boolean {
  if (job.beat === null || !job.progress) return true;
  const { budget, hold_after } = job.progress;
  return isDeepStrictEqual(spendingOf(job), { budget, hold_after });
}
