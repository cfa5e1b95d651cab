import type { ExperimentCreate, ModelRef } from '@touchstone/schemas';
import { stringify } from 'yaml';

/** A model that is no more than its name stands as that. */
function shortModel(model: ModelRef): ModelRef {
  return typeof model !== 'string' && Object.keys(model).length === 1 ? model.model : model;
}

/** What `touchstone run` reads to do the same from a terminal. */
export function toYaml(request: Omit<ExperimentCreate, 'request_id'>): string {
  const {
    dataset_id,
    input_column,
    reference_column,
    group_column,
    name,
    description,
    models,
    task,
    prompt,
    system_prompt,
    ...rest
  } = request;
  const config = {
    name,
    description,
    dataset: { id: dataset_id, input: input_column, reference: reference_column, group: group_column },
    task,
    prompt,
    system_prompt,
    models: models.map(shortModel),
    ...rest,
  };
  // Through JSON: without the keys that are undefined.
  return stringify(JSON.parse(JSON.stringify(config)), { lineWidth: 0 });
}
