import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment } from '@touchstone/schemas';
import { type Persistence, persist } from './persist.ts';
import type { ProgressView } from './progress.ts';
import { isOver } from './result.ts';

const POLL_MS = 500;

/** Shows the progress until the experiment is over. */
export async function watch(started: Experiment, persistence: Persistence, view: ProgressView): Promise<Experiment> {
  let experiment = started;
  let hasAsked = false;
  for (;;) {
    view.show(experiment);
    if (experiment.confirmation && !hasAsked) {
      hasAsked = true;
      const { cost, confirm_above } = experiment.confirmation;
      const sum = cost === null ? 'an unknown sum' : `about $${cost.toFixed(4)}, above $${confirm_above}`;
      view.note(
        `By its first rows the whole will cost ${sum}. It waits: \`npx touchstone experiments confirm ${experiment.id}\` goes on, \`… stop\` ends it.`,
      );
    }
    if (isOver(experiment.status)) return experiment;
    await sleep(POLL_MS, undefined, { signal: persistence.signal });
    experiment = await persist(({ client }) => client.experiments.get.query({ id: started.id }), persistence);
  }
}
