/** Asks an endpoint whether it works, and which models it has. */
import {
  type EndpointModels,
  type EndpointProblem,
  type EndpointTest,
  type EndpointTestInput,
  PROVIDERS,
  protocolOf,
  providerOf,
} from '@touchstone/schemas';
import type { z } from 'zod';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';
import { openSecret } from '../secrets/service.ts';
import { explainAnswer, parseJson, readModels } from './answer.ts';
import { type Answer, CallError, callEndpoint } from './call.ts';
import { getEndpointRecord } from './service.ts';

/** Enough for a word, whatever the tokenizer. */
const TEST_TOKENS = 16;
const MOST_MODELS = 5000;

type Target = Pick<z.output<typeof EndpointTestInput>, 'base_url' | 'secret' | 'provider'>;
type Asking = { target: Target; model: string | null };

/** One short question to the model, or, without one, a look at the list of models. */
export async function testEndpoint(
  services: Services,
  { model: named, ...target }: z.output<typeof EndpointTestInput>,
): Promise<EndpointTest> {
  const model = named ?? null;
  const { answer, problem } = await ask(services, { target, model });
  const provider = target.provider ?? providerOf(target.base_url);
  const isOpenList = model === null && target.secret !== null && provider !== null && PROVIDERS[provider].public_models;
  return {
    problem,
    latency_ms: answer?.latency_ms ?? null,
    asked: model === null ? 'model_list' : 'model',
    note: !problem && isOpenList ? 'Its list of models is shown to anybody: name a model to test the key too.' : '',
  };
}

/** The models that a registered endpoint says it has. */
export async function listEndpointModels(services: Services, name: string): Promise<EndpointModels> {
  const target = await getEndpointRecord(services, name);
  const { answer, problem } = await ask(services, { target, model: null });
  const models = answer && !problem ? readModels(parseJson(answer.text)) : null;
  return { models: models?.slice(0, MOST_MODELS) ?? [], problem };
}

const PATHS = { openai: 'chat/completions', anthropic: 'messages' } as const;

async function ask(
  services: Services,
  { target, model }: Asking,
): Promise<{ answer: Answer | null; problem: EndpointProblem | null }> {
  const protocol = protocolOf(target.provider ?? providerOf(target.base_url));
  const url = new URL(`${target.base_url}/${model === null ? 'models' : PATHS[protocol]}`);
  try {
    const secret = target.secret === null ? null : await openSecret(services, target.secret);
    const answer = await callEndpoint(services.env, {
      url,
      protocol,
      secret,
      ...(model === null ? { method: 'GET' } : { method: 'POST', body: question(target, model) }),
    });
    return { answer, problem: explainAnswer(answer, { url, has_secret: secret !== null, model }) };
  } catch (error) {
    if (error instanceof CallError) return { answer: null, problem: error.problem };
    if (error instanceof AppError) return { answer: null, problem: { code: 'secret_missing', message: error.message } };
    throw error;
  }
}

function question({ provider, base_url }: Target, model: string) {
  const preset = provider ?? providerOf(base_url);
  return {
    model,
    messages: [{ role: 'user', content: 'Answer with the word OK.' }],
    [preset === null ? 'max_tokens' : PROVIDERS[preset].max_tokens_as]: TEST_TOKENS,
  };
}
