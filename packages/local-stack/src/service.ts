/** What Postgres, Ray, MLflow and the server have in common: a process of a stack, and waiting until it answers. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { tailOf } from './home.ts';
import { type Child, type ChildOptions, type ProcessRef, spawnChild } from './processes.ts';

export type ServiceName = 'postgres' | 'ray' | 'mlflow' | 'server';

/** A running service. */
export interface Service {
  url: string;
  process: ProcessRef;
  exited: Promise<string>;
  stop: () => Promise<void>;
}

/** What every service is started with, besides its own options. */
export interface ServiceContext {
  /** Its output is appended to this file. */
  log: string;
  /** Names the stack in the environment of all its processes, so that a later start knows what a crash left. */
  stack: string;
  /** Told about the process at once, before it answers. */
  onSpawn?: (process: ProcessRef) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
}

/** The variables by which the processes of a stack, or of one of its services, are known. */
export function markerOf(stack: string, service?: string): Record<string, string> {
  return { TOUCHSTONE_STACK: stack, ...(service ? { TOUCHSTONE_SERVICE: service } : {}) };
}

/** Spawns the service's process and waits until `answers` says yes; stops it and throws when that does not happen. */
export async function startService(
  name: ServiceName | 'versitygw',
  context: ServiceContext,
  options: Omit<ChildOptions, 'log' | 'marker'> & { url: string; answers: () => Promise<boolean>; within: number },
): Promise<Service> {
  const child = spawnChild({ ...options, log: context.log, marker: markerOf(context.stack, name) });
  const ref = { pid: child.pid, started: child.started };
  context.onSpawn?.(ref);
  try {
    await waitUntilItAnswers(child, name, context, options);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    url: options.url,
    process: ref,
    exited: child.exited,
    stop: child.stop,
  };
}

async function waitUntilItAnswers(
  child: Child,
  name: string,
  context: ServiceContext,
  { answers, within }: { answers: () => Promise<boolean>; within: number },
): Promise<void> {
  const until = Date.now() + within;
  while (true) {
    if (context.signal?.aborted) throw new Error(`${name} was stopped while it started.`);
    if (child.hasExited())
      throw new Error(`${name} ended (${await child.exited}). Log: ${context.log}\n${tailOf(context.log)}`);
    if (await answers().catch(() => false)) return;
    if (Date.now() > until)
      throw new Error(`${name} did not answer within ${within / 1000} s. Log: ${context.log}\n${tailOf(context.log)}`);
    await sleep(100, undefined, { signal: context.signal }).catch(() => {});
  }
}

/** Whether a GET gives a 2xx. Not by fetch, whose headers Ray takes for a browser's. */
export function getsOk(url: string, headers: Record<string, string> = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = get(url, { headers, timeout: 2_000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300);
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(false));
  });
}

const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|HF_\w+|CUDA_\w+|NVIDIA_\w+|DO_NOT_TRACK)$/i;

/** The part of our environment that services run by others get: nothing that opens a door of ours. */
export function passedOnEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name)));
}

/** What the owner says of local models: nodes and server read the same. */
export function localModelsEnv(): NodeJS.ProcessEnv {
  const { TOUCHSTONE_MODELS_DIR, TOUCHSTONE_TRUST_REMOTE_CODE } = process.env;
  return {
    ...(TOUCHSTONE_MODELS_DIR && { TOUCHSTONE_MODELS_DIR }),
    ...(TOUCHSTONE_TRUST_REMOTE_CODE && { TOUCHSTONE_TRUST_REMOTE_CODE }),
  };
}

/** The variables by which S3 is reached, its credentials among them: for those who read and write the storage. */
export function s3Env(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
}
