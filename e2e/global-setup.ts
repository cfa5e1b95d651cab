/** Starts the real stack for the whole run, with a finished experiment to look at; stops it and leaves no process. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeLlm } from '@touchstone/fake-llm';
import { makeDialogues } from './support/dialogues.ts';
import { createExperiment, uploadDialogues } from './support/experiments.ts';
import { setShared } from './support/shared.ts';
import { makeHome, removeHome, startStack } from './support/stack.ts';

export default async function globalSetup(): Promise<() => Promise<void>> {
  const logs = join(import.meta.dirname, 'test-results', 'logs');
  rmSync(logs, { recursive: true, force: true });
  const home = makeHome();
  try {
    const stack = await startStack(home);
    // Some rows fail: what the pages have to show is not only success.
    const endpoint = await startFakeLlm({ latency_ms: 20, fail_rate: 0.2, fail: '400' });
    const dataset = await uploadDialogues(stack.client, 'Shared dialogues', makeDialogues(30));
    const experiment = await createExperiment(stack.client, {
      name: 'Shared experiment',
      dataset_id: dataset.id,
      models: ['baseline/lead-3', { name: 'patchy', model: 'm', base_url: endpoint.base_url }],
    });
    setShared({ home, url: stack.url, dataset_id: dataset.id, experiment_id: experiment.id });
    return async () => {
      await endpoint.stop();
      await stack.stop().finally(() => removeHome(home, logs));
    };
  } catch (error) {
    removeHome(home, logs);
    throw error;
  }
}
