/** The tag by which an experiment or a run is found again: set by `ensureExperiment` and `ensureRun`. */
export const KEY_TAG = 'touchstone.key';

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

/** Times are Unix times in milliseconds. */
export type ExperimentInput = {
  /** Ours: the same key is the same experiment. */
  key: string;
  /** Unique: a deleted experiment keeps its name. */
  name: string;
  tags?: Record<string, string>;
};

export type RunInput = {
  key: string;
  experiment_id: string;
  name: string;
  /** Shown below this run. */
  parent_run_id?: string | null;
  start_time: number;
  tags?: Record<string, string>;
};

/** The same `timestamp` and `step` on each try: a metric is a series, and a new timestamp is a new point. */
export type MetricInput = { key: string; value: number; timestamp: number; step: number };

/** Bytes at hand, or a stream of a size known before. A stream is read once: open a new one for another try. */
export type ArtifactContent = Uint8Array | string | { size: number; stream: AsyncIterable<Uint8Array> };

/** What is recorded of a run. Of each metric, the last point. */
export type RunRecord = {
  run_id: string;
  key: string | null;
  name: string;
  parent_run_id: string | null;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  params: Record<string, string>;
  metrics: Record<string, { value: number; timestamp: number; step: number }>;
  /** Without the server's own (`mlflow.…`) and the key. */
  tags: Record<string, string>;
};

/**
 * Where experiments are recorded. Every verb may be repeated, after an answer that never came too: nothing is recorded
 * twice. One sender per key at a time. All throw `TrackingError`.
 *
 * Names of params, metrics and tags may have letters, digits, "_", "-", ".", ":", "/" and spaces: `trackingName` makes
 * one of any text. Values are cut where the server would refuse them (params 6,000 characters, tags 8,000).
 */
export interface Tracking {
  /** Its id: of the experiment with this key, which has this name from now on, else of a new one. `gone` where somebody deleted it. */
  ensureExperiment(input: ExperimentInput): Promise<string>;
  /** Its id: of the run with this key in the experiment, else of a new, running one. `gone` where somebody deleted it. */
  ensureRun(input: RunInput): Promise<string>;
  /** A param, once there, does not change: `conflict` where it has another value. The other params are recorded then. */
  logParams(run_id: string, params: Record<string, string>): Promise<void>;
  logMetrics(run_id: string, metrics: MetricInput[]): Promise<void>;
  setTags(run_id: string, tags: Record<string, string>): Promise<void>;
  /** A file of the run, such as `table.csv`; replaces what was there. */
  putArtifact(run_id: string, path: string, content: ArtifactContent): Promise<void>;
  /** Null where there is none. */
  readArtifact(run_id: string, path: string): Promise<Buffer | null>;
  /** Also once more, with another end, for a run that went on. */
  finishRun(run_id: string, status: RunStatus, end_time: number): Promise<void>;
  /** With its runs and their artifacts. No error where it is gone. */
  deleteExperiment(experiment_id: string): Promise<void>;
  /** The run with this key and those below it, with their artifacts. No error where it is gone, or never was. */
  deleteRun(experiment_id: string, key: string): Promise<void>;
  /** The id of the experiment with this key; null where there is none or it was deleted. */
  findExperiment(key: string): Promise<string | null>;
  /** Runs that are not deleted, in the order of their start. */
  findRuns(experiment_id: string): Promise<RunRecord[]>;
  /** The server's version, such as "3.17.2". */
  ping(): Promise<string>;
}
