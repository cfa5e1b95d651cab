import type {
  Experiment,
  ExperimentComparison,
  Interval,
  LatencyMs,
  MetricAggregate,
  PairComparison,
  RowCounts,
  RunStatus,
  TradeOff,
  Workflow,
  WorkflowJudging,
} from '@touchstone/schemas';
import { experimentAddress } from '../connection.ts';
import { EXIT } from '../failure.ts';

/** Both ends, 95 %. */
type Ends = [low: number, high: number] | null;
type MetricResult = Pick<MetricAggregate, 'value' | 'median' | 'scored' | 'total' | 'standard_error' | 'signature'> & {
  interval: Ends;
};
type PairResult = Omit<PairComparison, 'interval' | 'interval_simultaneous' | 'bounds'> & {
  interval: Ends;
  interval_simultaneous: Ends;
  bounds: Ends;
};

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
    metrics: Record<string, MetricResult>;
    latency_ms: LatencyMs | null;
    /** Of streamed answers. */
    first_token_ms: LatencyMs | null;
    /** What each judge's calls about its answers came to; a judge's scores are not checked by a person. */
    judging: WorkflowJudging[];
  }[];
  /** Of every pair and metric; `a` and `b` are names. Empty: nothing was compared. */
  comparison: PairResult[];
  /** By the experiment's rule; null: not all models are over, or they could not be compared. */
  recommendation: {
    rule: string;
    workflow: string | null;
    runner_up: string | null;
    text: string;
    evidence: string[];
  } | null;
  /** By names: quality against cost and latency, and which model dominates another. Empty before all are over. */
  trade_off: (Omit<TradeOff, 'workflow_id'> & { workflow: string })[];
};

export function toRunResult(
  { id, name, status, workflows }: Experiment,
  compared: ExperimentComparison | null,
  url: string,
): RunResult {
  const nameOf = (workflow_id: string | null) =>
    workflows.find((workflow) => workflow.id === workflow_id)?.name ?? null;
  const recommendation = compared?.recommendation;
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
        Object.entries(workflow.metrics).map(
          ([metric, { value, median, scored, total, standard_error, interval, signature }]) => [
            metric,
            { value, median, scored, total, standard_error, interval: toEnds(interval), signature },
          ],
        ),
      ),
      latency_ms: workflow.latency_ms,
      first_token_ms: workflow.first_token_ms,
      judging: workflow.judging,
    })),
    comparison: (compared?.comparison?.pairs ?? []).map((pair) => ({
      ...pair,
      a: nameOf(pair.a)!,
      b: nameOf(pair.b)!,
      interval: toEnds(pair.interval),
      interval_simultaneous: toEnds(pair.interval_simultaneous),
      bounds: toEnds(pair.bounds),
    })),
    recommendation: recommendation
      ? {
          rule: recommendation.rule,
          workflow: nameOf(recommendation.workflow_id),
          runner_up: nameOf(recommendation.runner_up_id),
          text: recommendation.text,
          evidence: recommendation.evidence,
        }
      : null,
    trade_off: (compared?.trade_off ?? []).map(({ workflow_id, dominated_by, ...known }) => ({
      workflow: nameOf(workflow_id)!,
      ...known,
      dominated_by: nameOf(dominated_by),
    })),
  };
}

const toEnds = (interval: Interval | null): Ends => interval && [interval.low, interval.high];

export function isOver(status: RunStatus): boolean {
  return status !== 'created' && status !== 'running';
}

/** 0: succeeded, or partial where that is allowed; 1: any other end. */
export function exitCodeOfRun(status: RunStatus, allowPartial: boolean): number {
  return status === 'succeeded' || (status === 'partial' && allowPartial) ? EXIT.ok : EXIT.failed;
}
