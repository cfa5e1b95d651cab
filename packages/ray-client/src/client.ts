import type { z } from 'zod';
import {
  ClusterStatus,
  Deleted,
  JobList,
  Logs,
  NodeSummaries,
  Nodes,
  RayJob,
  Stopped,
  Submitted,
  Version,
} from './answers.ts';
import { fromHttpError, fromStatus, RayError } from './errors.ts';
import { send } from './http.ts';

export type SubmitInput = {
  /** Ours, and new: Ray never runs a second job under one id. */
  submission_id: string;
  /** Goes to a shell as it is: nothing of a user's in it. */
  entrypoint: string;
  runtime_env?: Record<string, unknown>;
  metadata?: Record<string, string>;
  /** CPUs to reserve for the driver. Ray's default is none: then any number of drivers run side by side. */
  entrypoint_num_cpus?: number;
};

/** `nodes` is 0 for the first seconds of a cluster, when the API answers already. `available` is up to five seconds old, and null while Ray has not said yet. */
export type Capacity = { total: number; available: number | null };
/** `memory`: of the machines, in bytes, whoever uses it. */
export type ClusterCapacity = { nodes: number; cpus: Capacity; gpus: Capacity; memory: Capacity };

/** Ray's Jobs API. Every method throws `RayError`. */
export interface RayClient {
  /** An error whose `may_have_happened` is true: `get` the id to know. */
  submit(input: SubmitInput): Promise<void>;
  /** Null where Ray does not know the job: it never came, or Ray has forgotten it. */
  get(submission_id: string): Promise<RayJob | null>;
  list(): Promise<RayJob[]>;
  /** Asks the driver to end: SIGTERM, three seconds later SIGKILL. False where there is nothing to stop (any more). */
  stop(submission_id: string): Promise<boolean>;
  /** Makes Ray forget a job that is over. False where it does not know it. */
  remove(submission_id: string): Promise<boolean>;
  /** The driver's output so far; null where Ray does not know the job. */
  logs(submission_id: string): Promise<string | null>;
  /** Ray's version, such as "2.60.0". */
  version(): Promise<string>;
  capacity(): Promise<ClusterCapacity>;
}

export type RayClientOptions = {
  /** The dashboard's address, such as http://127.0.0.1:8265. */
  url: string;
  token?: string;
  /** For one answer; a submission may take three times as long. */
  timeout_ms?: number;
};

export function createRayClient({ url, token, timeout_ms = 10_000 }: RayClientOptions): RayClient {
  const address = url.replace(/\/+$/, '');

  async function ask<T extends z.ZodType>(
    method: string,
    path: string,
    answer: T,
    { body, timeout = timeout_ms }: { body?: unknown; timeout?: number } = {},
  ): Promise<z.infer<T>> {
    const headers: Record<string, string> = {};
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const sent = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), timeout_ms: timeout };
    const { status, text } = await send(`${address}${path}`, sent).catch((cause) => {
      throw fromHttpError(cause, address);
    });
    if (status < 200 || status > 299) throw fromStatus(status, text);
    return parse(answer, text, `${method} ${path}`);
  }

  const jobPath = (submission_id: string) => `/api/jobs/${encodeURIComponent(submission_id)}`;

  return {
    async submit(input) {
      await ask('POST', '/api/jobs/', Submitted, { body: input, timeout: 3 * timeout_ms });
    },
    get: (submission_id) => orNull(ask('GET', jobPath(submission_id), RayJob)),
    async list() {
      const jobs = await ask('GET', '/api/jobs/', JobList);
      return jobs.filter((job): job is RayJob => job.submission_id !== null);
    },
    async stop(submission_id) {
      const answer = await orNull(ask('POST', `${jobPath(submission_id)}/stop`, Stopped));
      return answer?.stopped ?? false;
    },
    async remove(submission_id) {
      const answer = await orNull(ask('DELETE', jobPath(submission_id), Deleted));
      return answer?.deleted ?? false;
    },
    async logs(submission_id) {
      const answer = await orNull(ask('GET', `${jobPath(submission_id)}/logs`, Logs));
      return answer?.logs ?? null;
    },
    async version() {
      return (await ask('GET', '/api/version', Version)).ray_version;
    },
    async capacity() {
      const [nodes, status, machines] = await Promise.all([
        ask('GET', '/api/v0/nodes?detail=1', Nodes),
        ask('GET', '/api/cluster_status', ClusterStatus),
        ask('GET', '/nodes?view=summary', NodeSummaries),
      ]);
      const alive = nodes.data.result.result.filter((node) => node.state === 'ALIVE');
      const usage = status.data.clusterStatus?.loadMetricsReport?.usage;
      const capacityOf = (resource: string): Capacity => {
        const total = alive.reduce((sum, node) => sum + (node.resources_total[resource] ?? 0), 0);
        const used = usage?.[resource]?.[0] ?? 0;
        return { total, available: usage ? Math.max(0, total - used) : null };
      };
      const memory = machines.data.summary.flatMap(({ mem }) => (mem ? [{ total: mem[0], available: mem[1] }] : []));
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      return {
        nodes: alive.length,
        cpus: capacityOf('CPU'),
        gpus: capacityOf('GPU'),
        memory: {
          total: sum(memory.map(({ total }) => total)),
          available: memory.length === 0 ? null : sum(memory.map(({ available }) => available)),
        },
      };
    },
  };
}

function parse<T extends z.ZodType>(answer: T, text: string, request: string): z.infer<T> {
  try {
    return answer.parse(JSON.parse(text));
  } catch (cause) {
    throw new RayError('malformed', `Ray's answer to ${request} is not what is known of it.`, { cause });
  }
}

/** Null instead of the error that Ray does not know the job. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RayError && error.kind === 'not_found') return null;
    throw error;
  }
}
