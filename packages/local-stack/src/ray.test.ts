/** A whole Ray head, in a folder whose path is too long for its sockets. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeBlock, isFree } from './ports.ts';
import { familyOf, isAlive } from './processes.ts';
import { RAY_PORTS, startRay } from './ray.ts';
import { markerOf } from './service.ts';

const parent = realpathSync(mkdtempSync(join(tmpdir(), 'touchstone-ray-')));
const dir = join(parent, 'a-folder-with-a-long-name'.repeat(4));
const token = 'c0ffee'.repeat(8);
let ray: Awaited<ReturnType<typeof startRay>>;
let port: number;
const startHead = () => startRay({ dir, token, port, storageUrl: `file://${dir}`, jobKeyFile: join(dir, 'job.key') });

beforeAll(async () => {
  mkdirSync(dir, { mode: 0o700 });
  port = await freeBlock(RAY_PORTS);
  ray = await startHead();
}, 150_000);

afterAll(async () => {
  await ray?.stop();
  rmSync(parent, { recursive: true, force: true, maxRetries: 5 });
});

/** Calls Ray's API; fetch will not do, since Ray takes its headers for a browser's and refuses to POST. */
function call(path: string, { body, bearer = token }: { body?: unknown; bearer?: string } = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const sent = request(`${ray.url}${path}`, { method: body ? 'POST' : 'GET', headers }, async (response) => {
      resolve({ status: response.statusCode ?? 0, text: (await response.toArray()).join('') });
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

test('it asks for the token', async () => {
  expect((await call('/api/jobs/', { bearer: 'another' })).status).toBeGreaterThanOrEqual(401);
  expect((await call('/api/jobs/')).status).toBe(200);
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

test.skipIf(!outside)('it listens on loopback alone', async () => {
  const free = await Promise.all(Array.from({ length: RAY_PORTS }, (_, index) => isFree(port + index, outside)));
  expect(free.every(Boolean)).toBe(true);
});

test('a stop ends the head, its daemons and the job that runs', { timeout: 90_000 }, async () => {
  const code = `import os, time; print(os.environ['TOUCHSTONE_JOB_KEY_FILE'], flush=True); time.sleep(600)`;
  const submitted = await call('/api/jobs/', { body: { entrypoint: `python -c "${code}"`, submission_id: 'sleeper' } });
  expect(submitted.status).toBe(200);
  const log = async () => (await call('/api/jobs/sleeper/logs')).text;
  await expect.poll(log, { timeout: 60_000, interval: 200 }).toContain(join(dir, 'job.key'));
  const family = familyOf([ray.process], markerOf(dir));
  expect(family.length).toBeGreaterThan(8);
  await ray.stop();
  expect(family.filter(isAlive)).toEqual([]);
});

test('it starts again at the same ports, and what a killed head leaves is ended', { timeout: 120_000 }, async () => {
  ray = await startHead();
  const family = familyOf([ray.process], markerOf(dir));
  process.kill(ray.process.pid, 'SIGKILL');
  await ray.exited;
  expect(family.some(isAlive)).toBe(true);
  await ray.stop();
  expect(family.filter(isAlive)).toEqual([]);
});
