/** The parts of Ray's answers that we read. Ray may add fields: they are left out. */
import { z } from 'zod';

export const RayJobStatus = z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']);
export type RayJobStatus = z.infer<typeof RayJobStatus>;

export const RayJob = z.object({
  submission_id: z.string(),
  status: RayJobStatus,
  /** Ray's words: what it waits for, or why it ended. */
  message: z.string().nullish().transform(orNull),
  /** Unix times in milliseconds. */
  start_time: z.int().nullish().transform(orNull),
  end_time: z.int().nullish().transform(orNull),
  /** Null while it runs, and where Ray itself ended it. */
  driver_exit_code: z.int().nullish().transform(orNull),
});
export type RayJob = z.infer<typeof RayJob>;

/** Also jobs that scripts started without the Jobs API: they have no submission id. */
export const JobList = z.array(z.union([RayJob, z.object({ submission_id: z.null() })]));

export const Submitted = z.object({ submission_id: z.string() });
export const Stopped = z.object({ stopped: z.boolean() });
export const Deleted = z.object({ deleted: z.boolean() });
export const Logs = z.object({ logs: z.string() });
export const Version = z.object({ ray_version: z.string() });

const Usage = z.record(z.string(), z.tuple([z.number(), z.number()]));
/** Resources as `[used, total]`, which the autoscaler notes every five seconds; null until it first did. */
export const ClusterStatus = z.object({
  data: z.object({
    clusterStatus: z.object({ loadMetricsReport: z.object({ usage: Usage.nullable() }).nullish() }).nullish(),
  }),
});

export const Nodes = z.object({
  data: z.object({
    result: z.object({
      result: z.array(z.object({ state: z.string(), resources_total: z.record(z.string(), z.number()) })),
    }),
  }),
});

/** `mem`: total, available, percent and used bytes of a machine; missing until its agent reported. */
export const NodeSummaries = z.object({
  data: z.object({
    summary: z.array(z.object({ mem: z.tuple([z.number(), z.number()]).rest(z.unknown()).nullish() })),
  }),
});

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}
