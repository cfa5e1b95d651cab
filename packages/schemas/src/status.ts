import { z } from 'zod';
import { Count, object, Timestamp } from './common.ts';

export const SERVICE_NAMES = ['server', 'database', 'storage', 'ray', 'mlflow'] as const;
export const ServiceName = z.enum(SERVICE_NAMES);
export type ServiceName = z.infer<typeof ServiceName>;

/** `degraded`: it answers, and something about it is to be put right. */
export const ServiceState = z.enum(['ok', 'degraded', 'starting', 'down']);
export type ServiceState = z.infer<typeof ServiceState>;

export const ServiceHealth = object({
  state: ServiceState,
  url: z.string().nullable(),
  version: z.string().nullable(),
  /** What is wrong and what it means for the person; null: nothing. */
  detail: z.string().nullable(),
  /** What the person can do about it. */
  to_do: z.string().nullable(),
  /** When it came into this state. */
  since: Timestamp.nullable(),
  checked_at: Timestamp.nullable(),
});
export type ServiceHealth = z.infer<typeof ServiceHealth>;

/** `available` is null while Ray has not said yet. */
const Capacity = object({ total: z.number(), available: z.number().nullable() });

/** What the prober found out about storage. */
export const StorageFacts = object({
  driver: z.enum(['folder', 's3']),
  /** The disk that has to have room: the folder's, or with S3 the one of local copies. */
  disk: object({ path: z.string(), free_bytes: Count, total_bytes: Count }),
  /** All that Touchstone keeps there, measured now and then; null: not measured yet. */
  used_bytes: Count.nullable(),
});
export type StorageFacts = z.infer<typeof StorageFacts>;

/** What the prober found out about the Ray cluster; memory in bytes. */
export const ClusterFacts = object({ nodes: Count, cpus: Capacity, gpus: Capacity, memory: Capacity });
export type ClusterFacts = z.infer<typeof ClusterFacts>;

export const Status = object({
  url: z.string(),
  version: z.string(),
  node_version: z.string(),
  /** Of the Python that runs the jobs and of its libraries, as the newest result names them; null: no job has ended yet. */
  job_versions: z.record(z.string(), z.string()).nullable(),
  services: z.record(ServiceName, ServiceHealth),
  storage: StorageFacts.nullable(),
  cluster: ClusterFacts.nullable(),
  /** Jobs that are on Ray, that may be there at once, and that wait for room. */
  queue: object({ on_ray: Count, room: Count, waiting: Count }),
  /** What MLflow has yet to be told. */
  records_unsent: Count,
});
export type Status = z.infer<typeof Status>;

/** A one-time link that signs a browser in. */
export const SignInLink = object({ url: z.string(), expires_at: Timestamp });
export type SignInLink = z.infer<typeof SignInLink>;

/** Something changed: refetch it. */
export const ChangeEvent = object({
  noun: z.enum(['api_key', 'dataset', 'endpoint', 'experiment', 'job', 'price', 'secret', 'status']),
  id: z.string(),
});
export type ChangeEvent = z.infer<typeof ChangeEvent>;
