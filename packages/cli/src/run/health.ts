import type { TouchstoneClient } from '@touchstone/client';
import { type DatasetHealth, type DatasetHealthInput, type ExperimentPlan, isBaseline } from '@touchstone/schemas';

/** What is to be known of an experiment's data: its columns, and whether inputs fit its models. */
export function healthOf({ dataset_id, input_column, reference_column, models }: ExperimentPlan): DatasetHealthInput {
  const names = models.map((model) => (typeof model === 'string' ? model : model.model));
  return { id: dataset_id, input_column, reference_column, models: names.filter((name) => !isBaseline(name)) };
}

/** Waits until it is done: each answer comes when there are findings, or after a while. */
export async function lookAtHealth(
  client: TouchstoneClient,
  input: DatasetHealthInput,
  onProgress: (health: DatasetHealth) => void = () => {},
): Promise<DatasetHealth> {
  for (;;) {
    const health = await client.datasets.health.query(input);
    if (health.state === 'done') return health;
    onProgress(health);
  }
}
