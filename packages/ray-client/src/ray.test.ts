/** The client against a real Ray head. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRay } from '@touchstone/local-stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRayClient, type RayClient, type SubmitInput } from './client.ts';

const token = randomUUID().replaceAll('-', '') + randomUUID().replaceAll('-', '');
const canary = `canary-${randomUUID()}`;
const isOver = (status: string | undefined) => ['SUCCEEDED', 'FAILED', 'STOPPED'].includes(status ?? '');

let dir: string;
let head: Awaited<ReturnType<typeof startRay>>;
let ray: RayClient;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tsr-'));
  const storageUrl = `file://${dir}/storage`;
  head = await startRay({ dir, token, storageUrl, jobKeyFile: join(dir, 'key'), env: { TOUCHSTONE_CANARY: canary } });
  ray = createRayClient({ url: head.url, token });
}, 180_000);

afterAll(async () => {
  await head?.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
}, 60_000);

async function submit(entrypoint: string, more: Partial<SubmitInput> = {}): Promise<string> {
  const submission_id = randomUUID();
  await ray.submit({ submission_id, entrypoint, ...more });
  return submission_id;
}

async function waitFor(submission_id: string, wanted: (status: string | undefined, log: string) => boolean) {
  for (let i = 0; i < 600; i++) {
    const job = await ray.get(submission_id);
    if (wanted(job?.status, (await ray.logs(submission_id)) ?? '')) return job!;
    await sleep(100);
  }
  throw new Error(`Job ${submission_id} did not get there: ${JSON.stringify(await ray.get(submission_id))}`);
}

describe('a real Ray head', { timeout: 90_000 }, () => {
  it('says its version and what it has', async () => {
    expect(await ray.version()).toMatch(/^\d+\.\d+\.\d+$/);
    await expect.poll(async () => (await ray.capacity()).nodes, { timeout: 30_000 }).toBe(1);
    await expect.poll(async () => (await ray.capacity()).cpus.available, { timeout: 30_000 }).not.toBeNull();
    const { cpus, gpus } = await ray.capacity();
    await expect.poll(async () => (await ray.capacity()).memory.available, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(cpus.total).toBeGreaterThan(0);
    expect(cpus.available).toBe(cpus.total);
    expect(gpus.total).toBeGreaterThanOrEqual(0);
  });

  it('wants the token', async () => {
    for (const wrong of [undefined, 'wrong']) {
      const client = createRayClient({ url: head.url, token: wrong });
      await expect(client.version()).rejects.toMatchObject({ kind: 'unauthorized' });
      await expect(client.submit({ submission_id: randomUUID(), entrypoint: 'true' })).rejects.toMatchObject({
        kind: 'unauthorized',
        may_have_happened: false,
      });
    }
  });

  it('does not know what was never submitted', async () => {
    const none = randomUUID();
    expect(await ray.get(none)).toBeNull();
    expect(await ray.logs(none)).toBeNull();
    expect(await ray.stop(none)).toBe(false);
    expect(await ray.remove(none)).toBe(false);
  });

  it('runs a job once, shows its log without its environment, and forgets it', async () => {
    const id = await submit('echo "hello ☕"', { metadata: { job: 'a' } });
    await expect(ray.submit({ submission_id: id, entrypoint: 'echo twice' })).rejects.toMatchObject({
      kind: 'duplicate',
      may_have_happened: true,
    });
    const job = await waitFor(id, isOver);
    expect(job).toMatchObject({ submission_id: id, status: 'SUCCEEDED', driver_exit_code: 0 });
    expect(job.end_time! - job.start_time!).toBeGreaterThan(0);
    const log = (await ray.logs(id))!;
    expect(log).toContain('hello ☕\n');
    expect(log).not.toContain('twice');
    const answers = await Promise.all(
      ['', `/${id}`, `/${id}/logs`].map(async (path) => {
        const headers = { authorization: `Bearer ${token}` };
        return (await fetch(`${head.url}/api/jobs${path || '/'}`, { headers })).text();
      }),
    );
    expect(answers.every((text) => text.includes(id))).toBe(true);
    for (const secret of [canary, token]) expect(answers.join('')).not.toContain(secret);
    expect((await ray.list()).map((one) => one.submission_id)).toContain(id);
    expect(await ray.stop(id)).toBe(false);
    expect(await ray.remove(id)).toBe(true);
    expect(await ray.get(id)).toBeNull();
  });

  it('says how a job failed', async () => {
    const id = await submit('echo no such thing; exit 3');
    const job = await waitFor(id, isOver);
    expect(job).toMatchObject({ status: 'FAILED', driver_exit_code: 3 });
    expect(job.message).toContain('exit code 3');
    expect(job.message).toContain('no such thing');
  });

  it('runs more drivers side by side than it has CPUs, and stops one', async () => {
    const { cpus } = await ray.capacity();
    const ids = await Promise.all(Array.from({ length: cpus.total + 1 }, () => submit('echo up; exec sleep 600')));
    for (const id of ids) await waitFor(id, (_, log) => log.includes('up\n'));
    const jobs = await Promise.all(ids.map((id) => ray.get(id)));
    expect(jobs.map((job) => job?.status)).toEqual(ids.map(() => 'RUNNING'));
    await expect(ray.remove(ids[0]!)).rejects.toMatchObject({ kind: 'failed' });
    expect(await ray.stop(ids[0]!)).toBe(true);
    expect(await waitFor(ids[0]!, isOver)).toMatchObject({ status: 'STOPPED' });
    expect((await ray.get(ids[1]!))?.status).toBe('RUNNING');
    for (const id of ids.slice(1)) expect(await ray.stop(id)).toBe(true);
    for (const id of ids.slice(1)) expect((await waitFor(id, isOver)).status).toBe('STOPPED');
  });
});
