import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflow } from '@touchstone/local-stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { experimentUrl, runUrl } from '../pages.ts';
import type { Tracking } from '../tracking.ts';
import { trackingContract } from '../tracking-contract.ts';
import { createMlflowHttp, type MlflowHttp } from './http.ts';
import { createMlflowTracking } from './tracking.ts';

let mlflow: { url: string; stop: () => Promise<void> };
let url: string;
let dir: string;
let tracking: Tracking;
let http: MlflowHttp;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'touchstone-mlflow-'));
  mlflow = await startMlflow({ dir });
  url = mlflow.url;
  tracking = createMlflowTracking({ url });
  http = createMlflowHttp({ url, timeout_ms: 20_000 });
}, 180_000);

afterAll(async () => {
  await mlflow?.stop();
  await rm(dir, { recursive: true, force: true });
}, 30_000);

trackingContract('MLflow', async () => tracking);

describe('MLflow', () => {
  const newRun = async () => {
    const key = randomUUID();
    const experiment_id = await tracking.ensureExperiment({ key, name: key });
    return { experiment_id, run_id: await tracking.ensureRun({ key, experiment_id, name: 'r', start_time: 1000 }) };
  };

  it('has one point of a metric that was sent twice', async () => {
    const { run_id } = await newRun();
    const point = { key: 'rougeL', value: 0.1 + 0.2, timestamp: 1000, step: 0 };
    for (let i = 0; i < 3; i++) await tracking.logMetrics(run_id, [point]);
    const History = z.object({ metrics: z.array(z.unknown()) });
    const query = { run_id, metric_key: 'rougeL' };
    expect(await http.get('/api/2.0/mlflow/metrics/get-history', History, query)).toEqual({ metrics: [point] });
  });

  it('has no file of a deleted experiment any more', async () => {
    const { experiment_id, run_id } = await newRun();
    await tracking.putArtifact(run_id, 'deep/table.csv', 'x');
    const route = `/api/2.0/mlflow-artifacts/artifacts/${experiment_id}/${run_id}/artifacts/deep/table.csv`;
    expect((await http.send('GET', route)).toString()).toBe('x');
    await tracking.deleteExperiment(experiment_id);
    await expect(http.send('GET', route)).rejects.toMatchObject({ kind: 'gone' });
  });

  it('goes on with a deletion that was cut off', async () => {
    const { experiment_id, run_id } = await newRun();
    await http.post('/api/2.0/mlflow/runs/delete', z.object({}), { run_id });
    await tracking.deleteExperiment(experiment_id);
    await expect(tracking.ensureRun({ key: 'k', experiment_id, name: 'r', start_time: 1 })).rejects.toMatchObject({
      kind: 'gone',
    });
  });

  it('does not make anew what somebody deleted in MLflow', async () => {
    const { experiment_id, run_id } = await newRun();
    const run = { key: randomUUID(), experiment_id, name: 'r', start_time: 1000 };
    const other = await tracking.ensureRun(run);
    await http.post('/api/2.0/mlflow/runs/delete', z.object({}), { run_id: other });
    await expect(tracking.ensureRun(run)).rejects.toMatchObject({ kind: 'gone' });
    expect((await tracking.findRuns(experiment_id)).map((one) => one.run_id)).toEqual([run_id]);
  });

  it('keeps the artifact as it was when an upload breaks off', async () => {
    const { run_id } = await newRun();
    await tracking.putArtifact(run_id, 't.csv', 'as it was');
    async function* stream() {
      yield Buffer.alloc(1000);
      throw new Error('the source broke');
    }
    const broken = tracking.putArtifact(run_id, 't.csv', { size: 100_000, stream: stream() });
    await expect(broken).rejects.toMatchObject({ retryable: true });
    expect((await tracking.readArtifact(run_id, 't.csv'))?.toString()).toBe('as it was');
  });

  it('says that there is no MLflow outside its prefix', async () => {
    const misplaced = createMlflowTracking({ url: new URL(url).origin });
    await expect(misplaced.findExperiment('k')).rejects.toMatchObject({ kind: 'malformed', retryable: true });
    await expect(misplaced.ping()).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('shows its pages below its address', async () => {
    expect((await http.send('GET', '/')).toString()).toContain('<title>MLflow</title>');
    expect(experimentUrl('12')).toBe('/#/experiments/12/runs?workflowType=machine_learning');
    expect(runUrl('12', 'abc')).toBe('/#/experiments/12/runs/abc?workflowType=machine_learning');
  });
});
