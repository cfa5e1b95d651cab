import type { Experiment, LatencyMs, MetricName, RowCounts, RunStatus, Workflow } from '@touchstone/schemas';
import { experimentAddress } from '../connection.ts';
import { EXIT } from '../failure.ts';

/** What `--json` writes. */
export type RunResult = {
  experiment: { id: string; name: string; status: RunStatus; url: string };
  workflows: {
    id: string;
    name: string;
    model: string;
    status: RunStatus;
    /** Seconds; `inference`: first call sent to last row journaled, without the start of the job. */
    seconds: Workflow['seconds'];
    rows: RowCounts;
    metrics: Partial<Record<MetricName, { value: number | null; scored: number; total: number }>>;
    latency_ms: LatencyMs | null;
  }[];
};

export function toRunResult({ id, name, status, workflows }: Experiment, url: string): RunResult {
  return {
    experiment: { id, name, status, url: experimentAddress(url, id) },
    workflows: workflows.map((workflow) => ({
      id: workflow.id,
      name: workflow.name,
      model: workflow.model.model,
      status: workflow.status,
      seconds: workflow.seconds,
      rows: workflow.rows,
      metrics: Object.fromEntries(
        Object.entries(workflow.metrics).map(([metric, { value, scored, total }]) => [
          metric,
          { value, scored, total },
        ]),
      ),
      latency_ms: workflow.latency_ms,
    })),
  };
}

export function isOver(status: RunStatus): boolean {
  return status !== 'created' && status !== 'running';
}

/** 0: succeeded, or partial where that is allowed; 1: any other end. */
export function exitCodeOfRun(status: RunStatus, allowPartial: boolean): number {
  return status === 'succeeded' || (status === 'partial' && allowPartial) ? EXIT.ok : EXIT.failed;
}
