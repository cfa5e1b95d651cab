import {
  type EndpointModel,
  type EvaluationSpec,
  type FileRef,
  type InferenceSpec,
  isBaseline,
  isHourly,
  isLocalModel,
  judgeOf,
  type MetricSettings,
  type ModelSettings,
  PROVIDERS,
  providerOf,
  SPEC_VERSION,
  type Task,
} from '@touchstone/schemas';
import type { z } from 'zod';

/** Seconds until one call is given up, where the person sets none. */
const DEFAULT_TIMEOUT_S = 120;

/** How a model is reached, as the jobs are told. */
function modelSpec(model: ModelSettings): InferenceSpec['model'] {
  if (isBaseline(model.model)) return { protocol: 'baseline', model: model.model };
  if (isLocalModel(model)) {
    return {
      protocol: 'transformers',
      model: model.model,
      revision: model.revision ?? null,
      dtype: model.dtype ?? null,
      device: model.device ?? null,
      max_input_tokens: model.max_input_tokens ?? null,
      batch_size: model.batch_size ?? null,
      generation: model.generation ?? {},
      input: model.prompt === undefined ? 'auto' : 'prompt',
      trust_remote_code: model.trust_remote_code ?? false,
      has_secret: model.secret !== undefined,
      price: model.price && isHourly(model.price) ? model.price : null,
    };
  }
  return endpointSpec(model);
}

function endpointSpec(model: ModelSettings): z.infer<typeof EndpointModel> {
  return {
    protocol: model.protocol ?? 'openai',
    base_url: model.base_url!,
    model: model.model,
    params: model.params ?? {},
    stop: model.stop ?? [],
    extra_body: { ...streamOptions(model), ...model.extra_body },
    has_secret: model.secret !== undefined,
    timeout_s: model.timeout ?? DEFAULT_TIMEOUT_S,
    stream: model.stream ?? false,
    price: model.price ?? null,
  };
}

/** Most endpoints of OpenAI's protocol count the tokens of a stream only where they are asked to. */
function streamOptions({
  stream,
  protocol = 'openai',
  base_url,
}: ModelSettings): NonNullable<ModelSettings['extra_body']> {
  const provider = providerOf(base_url!);
  const asks = stream && protocol === 'openai' && (provider === null || PROVIDERS[provider].stream_options);
  return asks ? { stream_options: { include_usage: true } } : {};
}

/** Why this version cannot run or show a job; null where it can. */
export function explainUnknownSpec({ version }: { version: number }): string | null {
  if (version === SPEC_VERSION) return null;
  const [age, which] = version > SPEC_VERSION ? ['a newer', 'that version'] : ['an older', 'a version that knows it'];
  return `This job was made by ${age} Touchstone (spec version ${version}; this one knows ${SPEC_VERSION}): start ${which} and resume it. Its rows are kept.`;
}

/** What every spec says. */
export type Common = {
  job_id: string;
  experiment_id: string | null;
  workflow_id: string | null;
  data: FileRef;
  sample: FileRef;
  task: Task;
  input_column: string;
  reference_column: string | null;
  /** Left out: rows are independent. */
  group_column?: string | null;
};

export function inferenceSpec(
  common: Common,
  model: ModelSettings,
  experiment: { prompt: string; system_prompt: string | null; repeats: number },
): InferenceSpec {
  return {
    version: SPEC_VERSION,
    kind: 'inference',
    ...common,
    group_column: common.group_column ?? null,
    prompt: model.prompt ?? experiment.prompt,
    system_prompt: model.system_prompt ?? experiment.system_prompt,
    repeats: experiment.repeats,
    model: modelSpec(model),
  };
}

export function evaluationSpec(
  inference: InferenceSpec,
  job_id: string,
  metrics: MetricSettings[],
  rows: FileRef | null,
): EvaluationSpec {
  const { experiment_id, workflow_id, data, sample, task, input_column, reference_column, group_column, repeats } =
    inference;
  const judge = judgeOf({ metrics });
  return {
    version: SPEC_VERSION,
    kind: 'evaluation',
    job_id,
    experiment_id,
    workflow_id,
    data,
    sample,
    task,
    input_column,
    reference_column,
    // A spec of before there were groups does not say.
    group_column: group_column ?? null,
    metrics,
    inference: { job_id: inference.job_id, rows },
    prediction_column: null,
    // A spec of before there were repeats does not say.
    repeats: repeats ?? 1,
    judge: judge && endpointSpec(judge.model),
  };
}

/** Of answers that are a column of the data. */
export function columnEvaluationSpec(
  common: Omit<Common, 'task' | 'input_column'> & { input_column: string | null },
  prediction_column: string,
  metrics: MetricSettings[],
): EvaluationSpec {
  return {
    version: SPEC_VERSION,
    kind: 'evaluation',
    ...common,
    group_column: common.group_column ?? null,
    task: null,
    metrics,
    inference: null,
    prediction_column,
    repeats: 1,
    judge: null,
  };
}
