import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { checkKey, checkMetric, checkPath, checkTime, paramsOf, tagsOf, titleOf } from './checks.ts';
import { TrackingError } from './errors.ts';
import type { MetricInput, RunRecord, Tracking } from './tracking.ts';

type Experiment = { experiment_id: string; key: string; name: string; tags: Map<string, string>; deleted: boolean };
type MemoryRun = Omit<RunRecord, 'params' | 'metrics' | 'tags' | 'key'> & {
  key: string;
  experiment: Experiment;
  params: Map<string, string>;
  points: MetricInput[];
  tags: Map<string, string>;
  artifacts: Map<string, Buffer>;
  deleted: boolean;
};

/** Records in this process's memory: for tests, and for a server that records nowhere. */
export function createMemoryTracking(): Tracking {
  const experiments: Experiment[] = [];
  const runs: MemoryRun[] = [];

  function getExperiment(experiment_id: string): Experiment {
    const experiment = experiments.find((one) => one.experiment_id === experiment_id);
    if (!experiment || experiment.deleted) {
      throw new TrackingError('gone', `There is no experiment ${experiment_id} (any more).`);
    }
    return experiment;
  }

  function getRun(run_id: string): MemoryRun {
    const run = runs.find((one) => one.run_id === run_id);
    if (!run || run.deleted || run.experiment.deleted)
      throw new TrackingError('gone', `There is no run ${run_id} (any more).`);
    return run;
  }

  return {
    async ensureExperiment({ key, name: title, tags = {} }) {
      checkKey(key);
      const name = titleOf(title);
      const there = experiments.find((one) => one.key === key);
      if (there) getExperiment(there.experiment_id);
      if (experiments.some((one) => one !== there && one.name === name)) {
        throw new TrackingError('conflict', `An experiment named "${name}" is there or was.`);
      }
      if (there) {
        there.name = name;
        return there.experiment_id;
      }
      const experiment_id = String(experiments.length + 1);
      experiments.push({ experiment_id, key, name, tags: new Map(tagsOf(tags)), deleted: false });
      return experiment_id;
    },

    async ensureRun({ key, experiment_id, name, parent_run_id = null, start_time, tags = {} }) {
      checkKey(key);
      const experiment = getExperiment(experiment_id);
      const there = runs.find((run) => run.experiment === experiment && run.key === key);
      if (there) return getRun(there.run_id).run_id;
      const run_id = randomUUID().replaceAll('-', '');
      runs.push({
        run_id,
        key,
        experiment,
        name: titleOf(name),
        parent_run_id,
        status: 'RUNNING',
        start_time: checkTime(start_time),
        end_time: null,
        params: new Map(),
        points: [],
        tags: new Map(tagsOf(tags)),
        artifacts: new Map(),
        deleted: false,
      });
      return run_id;
    },

    async logParams(run_id, params) {
      const there = getRun(run_id).params;
      const wanted = paramsOf(params);
      const other = wanted.find(([key, value]) => there.has(key) && there.get(key) !== value);
      for (const [key, value] of wanted) if (!there.has(key)) there.set(key, value);
      if (other) throw new TrackingError('conflict', `Param "${other[0]}" is recorded with another value.`);
    },

    async logMetrics(run_id, metrics) {
      const { points } = getRun(run_id);
      for (const point of metrics.map(checkMetric)) if (!points.some((one) => isSame(one, point))) points.push(point);
    },

    async setTags(run_id, tags) {
      const run = getRun(run_id);
      for (const [key, value] of tagsOf(tags)) run.tags.set(key, value);
    },

    async putArtifact(run_id, path, content) {
      const { artifacts } = getRun(run_id);
      checkPath(path);
      const bytes =
        typeof content === 'string' || content instanceof Uint8Array
          ? Buffer.from(content)
          : await buffer(content.stream);
      artifacts.set(path, bytes);
    },

    async readArtifact(run_id, path) {
      return getRun(run_id).artifacts.get(checkPath(path)) ?? null;
    },

    async finishRun(run_id, status, end_time) {
      Object.assign(getRun(run_id), { status, end_time: checkTime(end_time) });
    },

    async deleteExperiment(experiment_id) {
      const experiment = experiments.find((one) => one.experiment_id === experiment_id);
      if (experiment) experiment.deleted = true;
      for (const run of runs) if (run.experiment === experiment) run.artifacts.clear();
    },

    async deleteRun(experiment_id, key) {
      const top = runs.find((run) => run.experiment.experiment_id === experiment_id && run.key === key);
      for (const run of runs) {
        if (!top || (run !== top && run.parent_run_id !== top.run_id)) continue;
        run.deleted = true;
        run.artifacts.clear();
      }
    },

    async findExperiment(key) {
      return experiments.find((one) => one.key === key && !one.deleted)?.experiment_id ?? null;
    },

    async findRuns(experiment_id) {
      return runs
        .filter((run) => run.experiment.experiment_id === experiment_id && !run.experiment.deleted && !run.deleted)
        .sort((a, b) => a.start_time - b.start_time)
        .map(toRecord);
    },

    async ping() {
      return '0.0.0';
    },
  };
}

function isSame(a: MetricInput, b: MetricInput): boolean {
  return a.key === b.key && a.value === b.value && a.timestamp === b.timestamp && a.step === b.step;
}

function toRecord(run: MemoryRun): RunRecord {
  const { run_id, key, name, parent_run_id, status, start_time, end_time, params, points, tags } = run;
  const inOrder = [...points].sort((a, b) => a.step - b.step || a.timestamp - b.timestamp || a.value - b.value);
  return {
    run_id,
    key,
    name,
    parent_run_id,
    status,
    start_time,
    end_time,
    params: Object.fromEntries(params),
    metrics: Object.fromEntries(inOrder.map(({ key, ...point }) => [key, point])),
    tags: Object.fromEntries(tags),
  };
}
