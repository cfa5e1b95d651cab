import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment } from '@touchstone/schemas';
import { type Persistence, persist } from './persist.ts';
import type { ProgressView } from './progress.ts';
import { isOver } from './result.ts';

const POLL_MS = 500;

/** Shows the progress until the experiment is over. */
export async function watch(started: Experiment, persistence: Persistence, view: ProgressView): Promise<Experiment> {
  let experiment = started;
  for (;;) {
    view.show(experiment);
    if (isOver(experiment.status)) return experiment;
    await sleep(POLL_MS, undefined, { signal: persistence.signal });
    experiment = await persist(({ client }) => client.experiments.get.query({ id: started.id }), persistence);
  }
}
