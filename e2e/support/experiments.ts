/** Datasets and experiments made through the API, for tests that are about something else. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TouchstoneClient } from '@touchstone/client';
import { type Dialogue, toCsv } from './dialogues.ts';

export type ExperimentCreate = Parameters<TouchstoneClient['experiments']['create']['mutate']>[0];
export type Experiment = Awaited<ReturnType<TouchstoneClient['experiments']['get']['query']>>;
type Dataset = Awaited<ReturnType<TouchstoneClient['uploadDataset']>>;

export function uploadDialogues(client: TouchstoneClient, name: string, rows: readonly Dialogue[]): Promise<Dataset> {
  return client.uploadDataset({ name, filename: `${name}.csv`, body: toCsv(rows) });
}

/** Starts an experiment on dialogues; what is not said is small: one baseline, two metrics. */
export function createExperiment(
  client: TouchstoneClient,
  change: Partial<ExperimentCreate> & Pick<ExperimentCreate, 'name' | 'dataset_id'>,
): Promise<Experiment> {
  return client.experiments.create.mutate({
    request_id: randomUUID(),
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/lead-3'],
    metrics: ['rougeL', 'length'],
    ...change,
  });
}

export const isOver = ({ status }: Pick<Experiment, 'status'>) => status !== 'created' && status !== 'running';

/** Waits until the experiment is so; a server that does not answer is asked again. */
export async function untilExperiment(
  client: TouchstoneClient,
  id: string,
  isThere: (experiment: Experiment) => boolean,
  { within_s = 120, every_ms = 250 } = {},
): Promise<Experiment> {
  const until = Date.now() + within_s * 1000;
  let last: unknown = null;
  while (Date.now() < until) {
    const experiment = await client.experiments.get.query({ id }).catch((error: unknown) => {
      last = error;
      return null;
    });
    if (experiment && isThere(experiment)) return experiment;
    if (experiment)
      last = experiment.workflows.map(({ name, status, reason, rows }) => ({ name, status, reason, rows }));
    await sleep(every_ms);
  }
  throw new Error(`Not within ${within_s} s: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}
