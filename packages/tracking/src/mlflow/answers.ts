/** The parts of MLflow's answers that we read. It leaves out what is empty. */
import { z } from 'zod';

const Pair = z.object({ key: z.string(), value: z.string().default('') });
/** MLflow writes what JSON has no number for as a string. */
const Double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

export const Lifecycle = z.enum(['active', 'deleted']);

export const Run = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.string(),
    run_name: z.string().default(''),
    status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']),
    start_time: z.int().default(0),
    end_time: z.int().nullish(),
    artifact_uri: z.string().default(''),
    lifecycle_stage: Lifecycle,
  }),
  data: z
    .object({
      params: z.array(Pair).default([]),
      tags: z.array(Pair).default([]),
      metrics: z
        .array(z.object({ key: z.string(), value: Double, timestamp: z.int().default(0), step: z.int().default(0) }))
        .default([]),
    })
    .prefault({}),
});
export type Run = z.infer<typeof Run>;

export const OneRun = z.object({ run: Run });
export const Runs = z.object({ runs: z.array(Run).default([]), next_page_token: z.string().optional() });

export const ExperimentId = z.object({ experiment_id: z.string() });
export const Experiments = z.object({
  experiments: z
    .array(z.object({ experiment_id: z.string(), name: z.string(), lifecycle_stage: Lifecycle }))
    .default([]),
});

export const Nothing = z.object({});
export const Failure = z.object({ error_code: z.string(), message: z.string().default('') });
