/** A whole experiment whose files are in S3: written by the server, read and written by jobs on a real Ray head, read back. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findVersityGw, startVersityGw, type VersityGw } from '@touchstone/local-stack';
import { keys } from '@touchstone/storage';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readJobLog } from '../jobs/log.ts';
import { exportExperiment } from '../rows/export.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServerWithRay, type RayTestServer } from '../testing/ray.ts';
import { startReconciler } from './reconciler.ts';

describe.skipIf(!findVersityGw())('on S3', () => {
  let folder: string;
  let s3: VersityGw;
  let server: RayTestServer;
  let reconciler: ReturnType<typeof startReconciler>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'touchstone-s3-'));
    s3 = await startVersityGw({ dir: folder });
    for (const [name, value] of Object.entries(s3.credentials)) vi.stubEnv(name, value);
    server = await openTestServerWithRay({ storage_url: s3.storageUrl('a-prefix') });
    reconciler = startReconciler(server.services);
  });
  afterAll(async () => {
    await reconciler?.stop();
    await server?.stop();
    await s3?.stop();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  async function stored(prefix = ''): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of server.services.storage.list(prefix)) found.push(key);
    return found;
  }

  test('an experiment runs, is scored, read row by row, exported and removed without a trace', {
    timeout: 320_000,
  }, async () => {
    const dataset = await uploadText(server.ctx, makeRows(30));
    const preview = await server.caller.datasets.preview({ id: dataset.id, offset: 28, limit: 10 });
    expect(preview.rows.map(({ row_id }) => row_id)).toEqual([28, 29]);

    const { id } = await server.caller.experiments.create({
      request_id: randomUUID(),
      name: 'Run',
      dataset_id: dataset.id,
      input_column: 'examples',
      reference_column: 'ground_truth',
      task: 'summarization',
      models: ['baseline/lead-3', 'baseline/copy'],
      metrics: ['rouge', 'exact_match', 'length'],
      rows: 20,
    });
    const get = () => server.caller.experiments.get({ id });
    await expect.poll(async () => (await get()).status, { timeout: 180_000, interval: 500 }).toBe('succeeded');
    const { workflows } = await get();
    for (const workflow of workflows) {
      expect(workflow.rows).toMatchObject({ total: 20, answered: 20 });
      expect(workflow.metrics.rougeL).toMatchObject({ scored: 20, total: 20 });
      const [inference] = workflow.jobs;
      const files = await stored(keys.jobPrefix(inference!.id));
      expect(files).toContain(keys.attemptRows(inference!.id, 1));
      expect(files.some((key) => key.startsWith(keys.jobJournalPrefix(inference!.id)))).toBe(true);
      const log = await readJobLog(server.ctx, { id: inference!.id, offset: 0 });
      expect(log.text).toContain('20 answered');
    }

    const copy = workflows.find(({ name }) => name === 'copy')!;
    const sort = { workflow_id: copy.id, metric: 'rougeL', descending: true } as const;
    const rows = await server.caller.rows.list({ experiment_id: id, limit: 200, sort });
    expect(rows).toMatchObject({ matching: 20, complete: true });
    for (const { input, cells } of rows.rows) expect(cells[copy.position]!.prediction).toBe(input);
    const lines = await text((await exportExperiment(server.ctx, id, 'jsonl')).stream);
    expect(lines.trim().split('\n')).toHaveLength(40);

    await checkSecret();

    await server.caller.experiments.remove({ id });
    await expect.poll(() => stored('jobs/'), { timeout: 60_000, interval: 500 }).toEqual([]);
    expect(await stored('experiments/')).toEqual([]);
    const late = keys.attemptProgress(copy.jobs[0]!.id, 1);
    await server.services.storage.write(late, 'a driver lived on'); // swept once more five minutes later
    await server.services.db.$executeRaw`UPDATE experiment SET purged_at = now() - interval '6 minutes'`;
    await server.caller.datasets.remove({ id: dataset.id });
    await expect.poll(() => stored(), { timeout: 60_000, interval: 500 }).toEqual([]);
  });

  /** The key to the bucket is in no file of the server or of Ray: logs, sessions, what was stored. */
  async function checkSecret(): Promise<void> {
    for (const dir of [server.folder, join(folder, 'objects')]) {
      for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const content = (await readFile(path).catch(() => Buffer.alloc(0))).toString('latin1');
        expect(content.includes(s3.credentials.AWS_SECRET_ACCESS_KEY), `the key to S3 is in ${path}`).toBe(false);
      }
    }
  }
});
