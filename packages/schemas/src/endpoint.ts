import { z } from 'zod';
import { Count, object, Timestamp } from './common.ts';
import { BaseUrl, Concurrency, EndpointName, Protocol, SecretName } from './model.ts';
import { ProviderId } from './provider.ts';

/** Where models answer, registered under a name: address, key and limit, to be used by any number of models. */
export const EndpointSettings = object({
  name: EndpointName,
  base_url: BaseUrl,
  /** The stored key that is sent to it, and to no other origin; null: none. */
  secret: SecretName.nullable().default(null),
  /** Calls at once of all jobs together that send this key to this origin, also of those that run; null: it is found by trying. */
  concurrency: Concurrency.nullable().default(null),
  /** The preset that it was made from: says how the provider's parameters are called. */
  provider: ProviderId.nullable().default(null),
});
export type EndpointSettings = z.input<typeof EndpointSettings>;

export const Endpoint = EndpointSettings.extend({
  protocol: Protocol,
  /** It names a key that is not stored. */
  secret_missing: z.boolean(),
  /** Experiments with a model of this endpoint. */
  experiments: Count,
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type Endpoint = z.infer<typeof Endpoint>;

export const EndpointRef = object({ name: EndpointName });

/** Why a call to an endpoint came to nothing. */
export const EndpointProblemCode = z.enum([
  'secret_missing',
  'address_refused',
  'dns',
  'connection_refused',
  'unreachable',
  'tls',
  'timeout',
  'redirect',
  'not_compatible',
  'auth',
  'unknown_model',
  'no_credit',
  'rate_limited',
  'bad_request',
  'failed',
]);
export type EndpointProblemCode = z.infer<typeof EndpointProblemCode>;

/** `message` says what happened and what to do. */
export const EndpointProblem = object({ code: EndpointProblemCode, message: z.string() });
export type EndpointProblem = z.infer<typeof EndpointProblem>;

/** An endpoint as it stands or as it would be, with a model to ask one short question; without, only its list of models is read. */
export const EndpointTestInput = EndpointSettings.omit({ name: true, concurrency: true }).extend({
  model: z.string().trim().min(1).max(300).optional(),
});
export type EndpointTestInput = z.input<typeof EndpointTestInput>;

export const EndpointTest = object({
  /** Null: it works. */
  problem: EndpointProblem.nullable(),
  /** From the request sent to the last byte of the answer; null: none came. */
  latency_ms: z.number().nullable(),
  /** What was asked. */
  asked: z.enum(['model', 'model_list']),
  /** What the test does not prove; empty: nothing. */
  note: z.string(),
});
export type EndpointTest = z.infer<typeof EndpointTest>;

/** The models that an endpoint says it has, as it names them. */
export const EndpointModels = object({ models: z.array(z.string()), problem: EndpointProblem.nullable() });
export type EndpointModels = z.infer<typeof EndpointModels>;
