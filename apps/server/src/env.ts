import { availableParallelism, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { explainError } from '@touchstone/schemas';
import { z } from 'zod';

const Flag = z.stringbool().default(false);

/** What the server is told from outside, under the names it has there. Only this file reads the environment. */
const Env = z.object({
  TOUCHSTONE_HOST: z.string().min(1).default('127.0.0.1'),
  TOUCHSTONE_PORT: z.coerce.number().int().min(0).max(65_535),
  /** The address that people use. */
  TOUCHSTONE_URL: z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'postgresql://user:password@host:port/database'),
  TOUCHSTONE_STORAGE_URL: z.url(),
  /** Where browsers reach S3: downloads go there, not through the server. */
  TOUCHSTONE_S3_PUBLIC_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Copies of files from S3 that are read again and again. */
  TOUCHSTONE_CACHE_DIR: z
    .string()
    .min(1)
    .default(() => join(tmpdir(), `touchstone-cache-${userInfo().uid}`)),
  TOUCHSTONE_CACHE_LIMIT_MB: z.coerce.number().positive().default(2048),
  /** Ray's dashboard, which answers the Jobs API. */
  RAY_ADDRESS_HTTP: z.url({ protocol: /^https?$/ }),
  RAY_AUTH_TOKEN: z.string().optional(),
  MLFLOW_TRACKING_URI: z.url({ protocol: /^https?$/ }),
  /** 32 random bytes in base64: encrypts secrets at rest. */
  TOUCHSTONE_KEY_FILE: z.string().min(1),
  /** X25519, raw 32 bytes in base64: secrets are sealed to it for jobs. */
  TOUCHSTONE_JOB_PUBLIC_KEY_FILE: z.string().min(1),
  /** The command line's credential: its API key is let in. */
  TOUCHSTONE_CREDENTIAL_FILE: z.string().min(1),
  /** The Next app with its build; empty: no pages. */
  TOUCHSTONE_WEB_DIR: z.string().default(''),
  TOUCHSTONE_WEB_DEV: Flag,
  TOUCHSTONE_UPLOAD_LIMIT_MB: z.coerce.number().positive().max(100_000).default(50),
  /** Jobs on Ray at once; left out: the processors of this machine. */
  TOUCHSTONE_MAX_JOBS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(() => availableParallelism()),
  /** With less room on the disk (10^9 bytes) no job starts and no upload is taken. */
  TOUCHSTONE_MIN_FREE_GB: z.coerce.number().min(0).default(1),
  /** What the Ray nodes have besides the jobs' own packages, with commas: `hf`, local models (jobs/requirements-hf.txt). */
  TOUCHSTONE_EXTRAS: z
    .string()
    .default('')
    .transform((names) => names.split(',').filter(Boolean))
    .pipe(z.array(z.enum(['hf'], 'Known: hf.'))),
  /** Folder of the Ray nodes with local models, one folder each; left out: there are none. */
  TOUCHSTONE_MODELS_DIR: z.string().startsWith('/', 'The whole path, from / on.').optional(),
  /** Models that pin a commit may run Python of their own, and bring weights that are not safetensors. */
  TOUCHSTONE_TRUST_REMOTE_CODE: Flag,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
export type Env = z.infer<typeof Env>;

/** @throws Error that names the variables that are missing or wrong. */
export function readEnv(variables: NodeJS.ProcessEnv = process.env): Env {
  // A variable that is set to nothing is not set.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const { data, error } = Env.safeParse(set);
  if (error) throw new Error(`The environment is not complete. ${explainError(error).replaceAll('\n', '; ')}`);
  return data;
}

/** Next and React choose their production or development code by this variable when they are loaded. */
export function setNodeEnv(mode: 'production' | 'development'): void {
  Object.assign(process.env, { NODE_ENV: mode });
}

/** Where an HTTP agent reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export const proxyVariables = (): NodeJS.ProcessEnv => process.env;
