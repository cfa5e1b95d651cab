import { randomUUID } from 'node:crypto';
import { type Health, recordHealth } from '@touchstone/db';
import { openStorage } from '@touchstone/storage';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Services } from '../context.ts';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { checkRoom } from './disk.ts';
import { failedState, probe, STARTING_MS, startProber } from './prober.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const seen = (state: Health['state'], version: string): Health => {
  return { state, url: null, detail: null, to_do: null, facts: { version } };
};

test('a service counts as starting only until it was seen, and not for ever', () => {
  expect(failedState({ seen: false, uptime_ms: 0 })).toBe('starting');
  expect(failedState({ seen: false, uptime_ms: STARTING_MS })).toBe('down');
  expect(failedState({ seen: true, uptime_ms: 0 })).toBe('down');
});

describe('status', () => {
  test('says so where nobody has checked', async () => {
    const { services, version } = await server.caller.status.get();
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(services.server.state).toBe('ok');
    expect(services.ray).toMatchObject({ state: 'down', detail: expect.stringContaining('Not checked'), since: null });
  });

  test('says what the probes saw, and since when', async () => {
    const { db } = server.services;
    await recordHealth(db, 'ray', seen('ok', '1'));
    const first = (await server.caller.status.get()).services.ray;
    await recordHealth(db, 'ray', seen('ok', '2'));
    const second = (await server.caller.status.get()).services.ray;
    expect(second).toMatchObject({ state: 'ok', version: '2', since: first.since });
    await recordHealth(db, 'ray', seen('down', 'gone'));
    const third = (await server.caller.status.get()).services.ray;
    expect(third.state).toBe('down');
    expect(Date.parse(third.since!)).toBeGreaterThan(Date.parse(first.since!));
  });

  test('does not believe old news', async () => {
    await recordHealth(server.services.db, 'mlflow', seen('ok', '3'));
    await server.services.db
      .$executeRaw`UPDATE service_health SET checked_at = now() - interval '61 seconds' WHERE name = 'mlflow'`;
    expect((await server.caller.status.get()).services.mlflow).toMatchObject({
      state: 'down',
      detail: expect.stringContaining('Not checked'),
    });
  });
});

test('a probe asks the service itself and shows no password', async () => {
  const history = { seen: false, uptime_ms: 0 };
  expect(await probe(server.services, 'storage', history)).toMatchObject({ state: 'ok' });
  const database = await probe(server.services, 'database', history);
  expect(database).toMatchObject({ state: 'ok', detail: null, facts: { version: expect.stringMatching(/^\d+/) } });
  expect(database.url).toMatch(/^postgres(ql)?:\/\/127\.0\.0\.1:\d+\/\w+$/);
  // Nothing answers where Ray should be.
  expect(await probe(server.services, 'ray', history)).toMatchObject({ state: 'starting' });
  expect(await probe(server.services, 'ray', { seen: true, uptime_ms: 0 })).toMatchObject({
    state: 'down',
    detail: expect.stringContaining('Ray does not answer'),
    to_do: expect.stringContaining('npx touchstone doctor'),
  });
});

describe('a disk that is nearly full', () => {
  /** No disk has so much. */
  const full = () => ({ ...server.services, env: { ...server.services.env, TOUCHSTONE_MIN_FREE_GB: 1e9 } });
  const probeStorage = async (services: Services) => {
    const health = await probe(services, 'storage', { seen: true, uptime_ms: 0 });
    await recordHealth(services.db, 'storage', health);
    return health;
  };

  test('is a storage that works and needs care, with its figures', async () => {
    const health = await probeStorage(full());
    expect(health).toMatchObject({
      state: 'degraded',
      detail: expect.stringMatching(/GB free in .+, 1000000000 GB needed/),
      to_do: expect.stringContaining('Free some space'),
    });
    const { storage } = await server.caller.status.get();
    expect(storage).toMatchObject({ driver: 'folder', disk: { path: expect.stringContaining(server.folder) } });
    expect(storage!.disk.free_bytes).toBeGreaterThan(0);
    expect(storage!.disk.free_bytes).toBeLessThanOrEqual(storage!.disk.total_bytes);
  });

  test('takes no file', async () => {
    await probeStorage(full());
    await expect(checkRoom(full(), 0)).rejects.toMatchObject({ code: 'NO_SPACE' });
    await probeStorage(server.services);
    await checkRoom(server.services, 1000);
    await expect(checkRoom(server.services, 1e18)).rejects.toThrow(/There is no room for this file: .* GB free in/);
  });

  test('lets no job start, which says so and starts by itself when there is room', async () => {
    const dataset = await uploadText(server.ctx, makeRows(3));
    const { id } = await server.caller.experiments.create({
      request_id: randomUUID(),
      name: 'Waits',
      dataset_id: dataset.id,
      input_column: 'examples',
      reference_column: 'ground_truth',
      task: 'summarization',
      models: ['baseline/copy'],
      metrics: ['rouge'],
    });
    const job = async () => (await server.caller.jobs.list({ experiment_id: id })).items[0]!;
    await probeStorage(full());
    await advanceDueJobs(full(), randomUUID());
    expect(await job()).toMatchObject({
      status: 'created',
      attempt: 0,
      reason: expect.stringMatching(/^Waits for disk space: .* GB free in .*, 1000000000 GB needed\.$/),
    });
    await probeStorage(server.services);
    await advanceDueJobs(server.services, randomUUID());
    expect(await job()).toMatchObject({ status: 'pending', attempt: 1 });
    expect((await job()).reason ?? '').not.toContain('disk');
  });
});

test('what storage holds is measured, and stays known while it is away', async () => {
  const prober = startProber(server.services);
  await expect
    .poll(async () => (await server.caller.status.get()).storage?.used_bytes, { timeout: 10_000 })
    .toBeGreaterThan(0);
  await prober.stop();
  await recordHealth(server.services.db, 'storage', { ...seen('down', ''), facts: {} });
  const { storage, services } = await server.caller.status.get();
  expect(services.storage.state).toBe('down');
  expect(storage!.used_bytes).toBeGreaterThan(0);
});

test('storage that cannot be written to is down', async () => {
  const storage = { ...server.services.storage, write: () => Promise.reject(new Error('no space left')) };
  const health = await probe({ ...server.services, storage }, 'storage', { seen: true, uptime_ms: 0 });
  expect(health).toMatchObject({ state: 'down', detail: expect.stringContaining('Files cannot be written') });
});

test('storage that a person has to put right says how, at once', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'none');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  const probeAt = async (url: string) => {
    const services = { ...server.services, storage: await openStorage(url) };
    return probe(services, 'storage', { seen: false, uptime_ms: 0 });
  };
  try {
    const unreachable = await probeAt('s3://bucket?endpoint=http://127.0.0.1:9');
    expect(unreachable).toMatchObject({ state: 'starting', detail: expect.stringContaining('cannot be reached') });
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nowhere');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const nobody = await probeAt('s3://bucket?endpoint=http://127.0.0.1:9');
    expect(nobody).toMatchObject({
      state: 'down',
      detail: expect.stringMatching(/^Files cannot be written or read.*set AWS_ACCESS_KEY_ID/),
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

test('two probers may run at once, and stop at once', async () => {
  await server.services.db.service_health.deleteMany();
  const probers = [startProber(server.services), startProber(server.services)];
  await expect
    .poll(async () => (await server.caller.status.get()).services, { timeout: 10_000 })
    .toMatchObject({
      ray: { state: 'starting' },
      database: { state: 'ok' },
      storage: { state: 'ok' },
      mlflow: { state: 'ok' },
    });
  await Promise.all(probers.map((prober) => prober.stop()));
});
