import { type ClaimedJob, type Db, findCallers, listEndpoints, lockCallers, updateClaimedJob } from '@touchstone/db';
import { type Control, DEFAULT_CONCURRENCY } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import { isTold, spendingOf } from '../budgets/control.ts';
import type { Services } from '../context.ts';
import { type Grant, grantFor } from '../endpoints/grants.ts';
import type { Claim } from './advance.ts';

/** Tells the driver what is wanted of it; without a grant, that it has nothing to call any more. */
export async function writeControl(
  { storage }: Services,
  job: ClaimedJob,
  { attempt, stop }: { attempt: number; stop: boolean },
  grant: Grant = { concurrency: job.concurrency ?? 0, first_concurrency: null },
): Promise<void> {
  const control: Control = {
    attempt,
    stop,
    ...grant,
    retry_failed_before: job.retry_failed_before,
    ...spendingOf(job),
  };
  await storage.write(keys.jobControl(job.id), JSON.stringify(control));
}

/** Writes the control file of an attempt that begins, with the job's part of what its endpoint takes. */
export async function takeGrant(services: Services, job: ClaimedJob, claim: Claim): Promise<void> {
  if (callsEndpoint(job)) await writeGrant(services, job, claim);
  else {
    // Of a model that runs here: its copies at once.
    const concurrency = job.model?.concurrency ?? DEFAULT_CONCURRENCY;
    await writeControl(services, job, current(job), { concurrency, first_concurrency: null });
  }
}

/** Gives a running job another part where jobs came or went, or the endpoint's limit or the budget was changed. */
export async function followGrant(services: Services, job: ClaimedJob, claim: Claim): Promise<void> {
  if (!callsEndpoint(job)) {
    if (!isTold(job)) await takeGrant(services, job, claim);
    return;
  }
  const grant = await findGrant(services.db, job);
  if (grant && (grant.concurrency !== job.concurrency || !isTold(job))) await writeGrant(services, job, claim);
}

const callsEndpoint = ({ model }: ClaimedJob) => model?.base_url !== undefined;
const current = ({ attempt }: ClaimedJob) => ({ attempt, stop: false });

/** The file is written before the row counts: a crash between leaves a part that is looked at again on the next tick. */
async function writeGrant(services: Services, job: ClaimedJob, claim: Claim): Promise<void> {
  await services.db.$transaction(async (tx) => {
    await lockCallers(tx);
    const grant = await findGrant(tx, job);
    if (!grant) return;
    await updateClaimedJob(tx, claim, { concurrency: grant.concurrency });
    await writeControl(services, job, current(job), grant);
  });
}

/** Null where it calls nobody any more. */
async function findGrant(db: Db, job: ClaimedJob): Promise<Grant | null> {
  const callers = (await findCallers(db)).flatMap(({ model, ...caller }) => {
    const { base_url, secret = null, concurrency = null } = model;
    return base_url === undefined ? [] : [{ ...caller, base_url, secret, concurrency }];
  });
  if (!callers.some(({ id }) => id === job.id)) return null;
  return grantFor(job.id, callers, await listEndpoints(db));
}
