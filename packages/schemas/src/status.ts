import { z } from 'zod';
import { object, Timestamp } from './common.ts';

export const SERVICE_NAMES = ['server', 'database', 'storage', 'ray', 'mlflow'] as const;
export const ServiceName = z.enum(SERVICE_NAMES);
export type ServiceName = z.infer<typeof ServiceName>;

export const ServiceState = z.enum(['ok', 'starting', 'down']);
export type ServiceState = z.infer<typeof ServiceState>;

export const ServiceHealth = object({
  state: ServiceState,
  url: z.string().nullable(),
  /** Version, or what is wrong and what it means for the person. */
  detail: z.string().nullable(),
  since: Timestamp.nullable(),
  checked_at: Timestamp.nullable(),
});
export type ServiceHealth = z.infer<typeof ServiceHealth>;

export const Status = object({ url: z.string(), version: z.string(), services: z.record(ServiceName, ServiceHealth) });
export type Status = z.infer<typeof Status>;

/** A one-time link that signs a browser in. */
export const SignInLink = object({ url: z.string(), expires_at: Timestamp });
export type SignInLink = z.infer<typeof SignInLink>;

/** Something changed: refetch it. */
export const ChangeEvent = object({
  noun: z.enum(['api_key', 'dataset', 'experiment', 'job', 'secret', 'status']),
  id: z.string(),
});
export type ChangeEvent = z.infer<typeof ChangeEvent>;
