import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { admitJobs, claimJobs, LeaseLost, releaseJob } from '@touchstone/db';
import type { Services } from '../context.ts';
import { settleExperiment } from '../experiments/settle.ts';
import { sendDueOutboxes } from '../tracking/sender.ts';
import { advanceJob } from './advance.ts';
import { sweep } from './sweep.ts';

const TICK_MS = 250;
const OUTBOX_MS = 1000;
const SWEEP_MS = 10_000;
const JOBS_A_TICK = 20;
/** Seconds until a job is tried again that something unforeseen happened to. */
const TROUBLE_S = 3;

/**
 * The door through which time passes: moves jobs from state to state, tells MLflow, removes what was deleted. Any number of servers
 * may run one: a lease keeps them off each other's jobs, and whatever one leaves undone another finishes.
 */
export function startReconciler(services: Services): { stop: () => Promise<void> } {
  const owner = randomUUID();
  const loops = [
    repeat(services, TICK_MS, () => advanceDueJobs(services, owner)),
    repeat(services, OUTBOX_MS, () => sendDueOutboxes(services, owner)),
    repeat(services, SWEEP_MS, () => sweep(services)),
  ];
  return { stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) };
}

/** Runs `work` again and again with a pause between; an error is logged and does not end it. */
function repeat({ log }: Services, pauseMs: number, work: () => Promise<void>): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await work().catch((error) => log.error({ err: error }, 'reconciler'));
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
  const { db, env, log } = services;
  const room = env.TOUCHSTONE_MAX_JOBS ?? availableParallelism();
  await db.$transaction(async (tx) => {
    for (const experiment_id of await admitJobs(tx, room)) await settleExperiment(tx, experiment_id);
  });
  const jobs = await claimJobs(db, owner, JOBS_A_TICK);
  await Promise.all(
    jobs.map(async (job) => {
      const seconds = await advanceJob(services, job, owner).catch((error) => {
        if (!(error instanceof LeaseLost)) log.error({ err: error, job: job.id }, 'job could not be advanced');
        return TROUBLE_S;
      });
      await releaseJob(db, job.id, owner, seconds);
    }),
  );
}
