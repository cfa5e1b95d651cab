import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { admitJobs, claimJobs, findDisk, LeaseLost, releaseJob, setDiskWait } from '@touchstone/db';
import type { Services } from '../context.ts';
import { settleExperiment } from '../experiments/settle.ts';
import { storeDuePredictions } from '../jobs/store.ts';
import { explainFullDisk } from '../status/disk.ts';
import { sendDueOutboxes } from '../tracking/sender.ts';
import { advanceJob } from './advance.ts';
import { sweep } from './sweep.ts';

const TICK_MS = 250;
const OUTBOX_MS = 1000;
const STORE_MS = 1000;
const SWEEP_MS = 10_000;
const JOBS_A_TICK = 20;
/** Seconds until a job is tried again that something unforeseen happened to. */
const TROUBLE_S = 3;

/**
 * The door through which time passes: moves jobs from state to state, tells MLflow, makes datasets of answers, removes what was deleted. Any number of servers
 * may run one: a lease keeps them off each other's jobs, and whatever one leaves undone another finishes.
 */
export function startReconciler(services: Services): { stop: () => Promise<void> } {
  const owner = randomUUID();
  const loops = [
    repeat(services, 'jobs', TICK_MS, () => advanceDueJobs(services, owner)),
    repeat(services, 'outbox', OUTBOX_MS, () => sendDueOutboxes(services, owner)),
    repeat(services, 'store', STORE_MS, () => storeDuePredictions(services, owner)),
    repeat(services, 'sweep', SWEEP_MS, () => sweep(services)),
  ];
  return { stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) };
}

/** Runs `work` again and again with a pause between; an error is logged and does not end it. */
function repeat(
  { log, meter }: Services,
  loop: 'jobs' | 'outbox' | 'store' | 'sweep',
  pauseMs: number,
  work: () => Promise<void>,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const observe = meter.loop_seconds.startTimer({ loop });
      await work().catch((error) => log.error({ err: error, loop }, 'reconciler'));
      observe();
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** One tick, exported for tests. */
export async function advanceDueJobs(services: Services, owner: string): Promise<void> {
  const { db, log } = services;
  await admitWaitingJobs(services);
  const { jobs, now } = await claimJobs(db, owner, JOBS_A_TICK);
  await Promise.all(
    jobs.map(async (job) => {
      const seconds = await advanceJob(services, job, { owner, now }).catch((error) => {
        if (!(error instanceof LeaseLost)) log.error({ err: error, job: job.id }, 'job could not be advanced');
        return TROUBLE_S;
      });
      await releaseJob(db, job.id, owner, seconds);
    }),
  );
}

/** Lets jobs onto Ray while there is room there and on the disk; those that wait for the disk say so. */
async function admitWaitingJobs({ db, env }: Services): Promise<void> {
  const disk = await findDisk(db);
  const full = disk && explainFullDisk(disk, env);
  await db.$transaction(async (tx) => {
    const changed = await setDiskWait(tx, full);
    const admitted = full ? [] : await admitJobs(tx, env.TOUCHSTONE_MAX_JOBS);
    for (const experiment_id of new Set([...changed, ...admitted])) await settleExperiment(tx, experiment_id);
  });
}
