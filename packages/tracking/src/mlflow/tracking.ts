import { batches, checkKey, checkMetric, checkPath, checkTime, paramsOf, tagsOf, titleOf } from '../checks.ts';
import { TrackingError } from '../errors.ts';
import { type ArtifactContent, KEY_TAG, type RunRecord, type Tracking } from '../tracking.ts';
import { ExperimentId, Experiments, Nothing, OneRun, type Run, Runs } from './answers.ts';
import { artifactRoute, encodePath, runRoute } from './artifacts.ts';
import { createMlflowHttp, type MlflowHttp } from './http.ts';

const API = '/api/2.0/mlflow';
const PARENT_TAG = 'mlflow.parentRunId';
/** Which pages MLflow shows of an experiment: runs and their metrics, not traces of an agent. */
const KIND_TAG = { 'mlflow.experimentKind': 'custom_model_development' };
/** MLflow takes 1,000,000 bytes. */
const BATCH_BYTES = 800_000;

/** MLflow over REST. `url` is its address with its static prefix, such as http://127.0.0.1:5000/mlflow. */
export function createMlflowTracking({ url, timeout_ms = 20_000 }: { url: string; timeout_ms?: number }): Tracking {
  const http = createMlflowHttp({ url, timeout_ms });

  async function getRun(run_id: string): Promise<Run> {
    const { run } = await http.get(`${API}/runs/get`, OneRun, { run_id });
    if (run.info.lifecycle_stage === 'deleted') throw new TrackingError('gone', `Run ${run_id} was deleted in MLflow.`);
    return run;
  }

  async function logBatch(run_id: string, batch: Record<string, unknown>): Promise<void> {
    await http.post(`${API}/runs/log-batch`, Nothing, { run_id, ...batch });
  }

  /** Its artifacts, then itself; also what is left of one that was deleted already. */
  async function deleteRun({ info: { run_id, artifact_uri, lifecycle_stage } }: Run): Promise<void> {
    const route = runRoute(artifact_uri, run_id) ?? artifactRoute(artifact_uri);
    await orNullWhereGone(http.send('DELETE', route));
    if (lifecycle_stage === 'active') await http.post(`${API}/runs/delete`, Nothing, { run_id });
  }

  return {
    async ensureExperiment({ key, name, tags = {} }) {
      const there = await findExperiment(http, key);
      if (there) {
        const experiment_id = notDeleted(there.lifecycle_stage, there.experiment_id, `Experiment "${name}"`);
        const new_name = titleOf(name);
        if (there.name !== new_name) await http.post(`${API}/experiments/update`, Nothing, { experiment_id, new_name });
        return experiment_id;
      }
      const all = tagList({ ...KIND_TAG, ...tags, [KEY_TAG]: key });
      try {
        return (await http.post(`${API}/experiments/create`, ExperimentId, { name: titleOf(name), tags: all }))
          .experiment_id;
      } catch (error) {
        // Made meanwhile by a call whose answer never came?
        const made = isKind(error, 'conflict') ? await findExperiment(http, key) : null;
        if (made) return notDeleted(made.lifecycle_stage, made.experiment_id, `Experiment "${name}"`);
        throw error;
      }
    },

    async ensureRun({ key, experiment_id, name, parent_run_id, start_time, tags = {} }) {
      const there = await findRun(http, experiment_id, key);
      if (there) return notDeleted(there.info.lifecycle_stage, there.info.run_id, `Run "${name}"`);
      const all = tagList({ ...tags, [KEY_TAG]: key, ...(parent_run_id ? { [PARENT_TAG]: parent_run_id } : {}) });
      const body = { experiment_id, run_name: titleOf(name), start_time: checkTime(start_time), tags: all };
      return (await http.post(`${API}/runs/create`, OneRun, body)).run.info.run_id;
    },

    async logParams(run_id, params) {
      const there = new Map((await getRun(run_id)).data.params.map(({ key, value }) => [key, value]));
      const wanted = paramsOf(params);
      const missing = wanted.filter(([key]) => !there.has(key)).map(([key, value]) => ({ key, value }));
      for (const batch of batches(missing, 100, BATCH_BYTES)) await logBatch(run_id, { params: batch });
      const other = wanted.find(([key, value]) => there.has(key) && there.get(key) !== value);
      if (other) throw new TrackingError('conflict', `Param "${other[0]}" is recorded with another value.`);
    },

    async logMetrics(run_id, metrics) {
      const checked = metrics.map(checkMetric);
      for (const batch of batches(checked, 1000, BATCH_BYTES)) await logBatch(run_id, { metrics: batch });
    },

    async setTags(run_id, tags) {
      for (const batch of batches(tagList(tags), 100, BATCH_BYTES)) await logBatch(run_id, { tags: batch });
    },

    async putArtifact(run_id, path, content) {
      const { artifact_uri } = (await getRun(run_id)).info;
      const route = `${artifactRoute(artifact_uri)}/${encodePath(checkPath(path))}`;
      await http.send('PUT', route, { content: bodyOf(content) });
    },

    async readArtifact(run_id, path) {
      const { artifact_uri } = (await getRun(run_id)).info;
      const read = http.send('GET', `${artifactRoute(artifact_uri)}/${encodePath(checkPath(path))}`);
      return orNullWhereGone(read);
    },

    async finishRun(run_id, status, end_time) {
      await http.post(`${API}/runs/update`, Nothing, { run_id, status, end_time: checkTime(end_time) });
    },

    async deleteExperiment(experiment_id) {
      for await (const run of eachRun(http, experiment_id, 'ALL')) await deleteRun(run);
      await orNullWhereGone(http.post(`${API}/experiments/delete`, Nothing, { experiment_id }));
    },

    async deleteRun(experiment_id, key) {
      const top = await findRun(http, experiment_id, key);
      if (!top) return;
      // Those below go first: while one of them is there, so is what finds it.
      for await (const run of eachRun(http, experiment_id, 'ALL')) {
        if (toRecord(run).parent_run_id === top.info.run_id) await deleteRun(run);
      }
      await deleteRun(top);
    },

    async findExperiment(key) {
      const there = await findExperiment(http, key);
      return there?.lifecycle_stage === 'active' ? there.experiment_id : null;
    },

    async findRuns(experiment_id) {
      const runs: RunRecord[] = [];
      for await (const run of eachRun(http, experiment_id, 'ACTIVE_ONLY')) runs.push(toRecord(run));
      return runs;
    },

    async ping() {
      const version = (await http.send('GET', '/version')).toString().trim();
      if (!/^\d+\.\d+/.test(version)) throw new TrackingError('malformed', `There is no MLflow at ${url}.`);
      return version;
    },
  };
}

async function findExperiment(http: MlflowHttp, key: string) {
  const body = { filter: tagFilter(key), view_type: 'ALL', max_results: 10 };
  const { experiments } = await http.post(`${API}/experiments/search`, Experiments, body);
  return experiments.find(({ lifecycle_stage }) => lifecycle_stage === 'active') ?? experiments[0] ?? null;
}

async function findRun(http: MlflowHttp, experiment_id: string, key: string): Promise<Run | null> {
  const body = { experiment_ids: [experiment_id], filter: tagFilter(key), run_view_type: 'ALL', max_results: 10 };
  const { runs } = await http.post(`${API}/runs/search`, Runs, body);
  return runs.find(({ info }) => info.lifecycle_stage === 'active') ?? runs[0] ?? null;
}

async function* eachRun(http: MlflowHttp, experiment_id: string, run_view_type: string): AsyncGenerator<Run> {
  let page_token: string | undefined;
  do {
    const order_by = ['attributes.start_time ASC', 'attributes.run_id ASC'];
    const body = { experiment_ids: [experiment_id], run_view_type, order_by, max_results: 200, page_token };
    const page = await http.post(`${API}/runs/search`, Runs, body);
    yield* page.runs;
    page_token = page.next_page_token;
  } while (page_token);
}

function toRecord({ info, data }: Run): RunRecord {
  const tags = Object.fromEntries(data.tags.map(({ key, value }) => [key, value]));
  return {
    run_id: info.run_id,
    key: tags[KEY_TAG] ?? null,
    name: info.run_name,
    parent_run_id: tags[PARENT_TAG] ?? null,
    status: info.status === 'SCHEDULED' ? 'RUNNING' : info.status,
    start_time: info.start_time,
    end_time: info.end_time ?? null,
    params: Object.fromEntries(data.params.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(data.metrics.map(({ key, ...point }) => [key, point])),
    tags: Object.fromEntries(Object.entries(tags).filter(([key]) => key !== KEY_TAG && !key.startsWith('mlflow.'))),
  };
}

function bodyOf(content: ArtifactContent) {
  if (typeof content === 'string') return { size: Buffer.byteLength(content), body: content };
  if (content instanceof Uint8Array) return { size: content.byteLength, body: Uint8Array.from(content) };
  return { size: content.size, body: content.stream };
}

const tagList = (tags: Record<string, string>) => tagsOf(tags).map(([key, value]) => ({ key, value }));

const tagFilter = (key: string) => `tags.\`${KEY_TAG}\` = '${checkKey(key)}'`;

function notDeleted(lifecycle_stage: string, id: string, what: string): string {
  if (lifecycle_stage === 'deleted') throw new TrackingError('gone', `${what} was deleted in MLflow.`);
  return id;
}

function isKind(error: unknown, kind: TrackingError['kind']): boolean {
  return error instanceof TrackingError && error.kind === kind;
}

async function orNullWhereGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isKind(error, 'gone')) return null;
    throw error;
  }
}
