import type { ExperimentRecord } from '@touchstone/db';
import { type Comparison, DEFAULT_RULE } from '@touchstone/schemas';
import { recommend } from './recommend.ts';
import { toSituation } from './service.ts';

/** What a comparison comes to by the experiment's rule, as tags of its record in MLflow. */
export function verdictTags(experiment: ExperimentRecord, comparison: Comparison): Record<string, string> {
  const { text, rule, workflow_id } = recommend(
    toSituation(experiment, comparison),
    experiment.recommend ?? DEFAULT_RULE,
  );
  const name = experiment.workflows.find(({ id }) => id === workflow_id)?.name ?? '';
  return { 'touchstone.verdict': text, 'touchstone.rule': rule, 'touchstone.recommended': name };
}
