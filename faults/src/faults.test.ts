/**
 * What a team relies on (docs/promises.md), refuted if it can be: in the middle of a run something is killed, frozen or cut off. Afterwards the
 * endpoint's ledger and the results have to agree. `npm test` runs the short form, `npm run faults` the whole.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTouchstoneClient, type TouchstoneClient } from '@touchstone/client';
import { type FakeLlm, startFakeLlm } from '@touchstone/fake-llm';
import { findVersityGw, type Stack, startStack, startVersityGw, type VersityGw } from '@touchstone/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findProcesses, signal, type Victim } from './processes.ts';
import {
  A_CRASH,
  A_CRASH_WITHOUT_STORAGE,
  expectConserved,
  expectFewCallsTwice,
  LATENCY_MS,
  ROWS,
  startExperiment,
  until,
  untilOver,
  untilSomeAreShown,
} from './scenario.ts';

const WHOLE = process.env.TOUCHSTONE_FAULTS === 'all';
const TIMEOUT = { timeout: 400_000 };

let folder: string;
let stack: Stack;
let client: TouchstoneClient;
let endpoint: FakeLlm;

async function start(home: string, storageUrl?: string): Promise<void> {
  stack = await startStack({ home, storageUrl, web: 'none', services: ['postgres', 'server', 'ray'] });
  await stack.ready.ray;
  client = createTouchstoneClient({ url: stack.url, apiKey: stack.keys.apiKey });
}

function begin(): void {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-faults-'));
}
async function end(): Promise<void> {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
beforeEach(async ({ task }) => {
  endpoint = await startFakeLlm({ latency_ms: LATENCY_MS, ledger: join(folder, `ledger-${task.id}.jsonl`) });
});
afterEach(() => endpoint.stop());

/** A run in whose middle `fault` does its work and undoes it. Every row is answered at the end. */
async function survive(name: string, fault: (id: string) => Promise<void>, bound: number): Promise<void> {
  const id = await startExperiment(client, endpoint, name);
  const shown = await untilSomeAreShown(client, id);
  await fault(id);
  const experiment = await untilOver(client, id);
  expect(experiment).toMatchObject({ status: 'succeeded', workflows: [{ rows: { answered: ROWS } }] });
  await expectConserved(client, experiment);
  const again = await expectFewCallsTwice(endpoint, shown, bound);
  console.log(`${name}: ${again} calls made twice, at most ${bound} allowed`);
}

const find = (victim: Victim) => {
  const found = findProcesses(stack.home.dir, victim);
  expect(found.length, `processes of the ${victim}`).toBeGreaterThan(0);
  return found;
};
const kill = (victim: Victim) => async () => signal(find(victim), 'SIGKILL');
const freeze = (victim: Victim, seconds: number) => async () => {
  const frozen = find(victim);
  signal(frozen, 'SIGSTOP');
  await sleep(seconds * 1000);
  signal(frozen, 'SIGCONT');
};

describe('with files in a folder', () => {
  beforeAll(async () => {
    begin();
    await start(join(folder, 'home'));
  });
  afterAll(end);

  /** Every read and write of a job's files fails, and not as a missing file. */
  const cutStorage = (seconds: number) => async () => {
    const jobs = join(stack.home.dir, 'storage', 'jobs');
    renameSync(jobs, `${jobs}-aside`);
    writeFileSync(jobs, '');
    await sleep(seconds * 1000);
    rmSync(jobs);
    renameSync(`${jobs}-aside`, jobs);
  };

  test('the driver is killed', TIMEOUT, () => survive('driver killed', kill('driver'), A_CRASH));
  test('the server is killed: it comes back, and no call is made twice', TIMEOUT, () =>
    survive('server killed', kill('server'), 0),
  );
  test('the memory of Ray’s head is killed, and its drivers live on as zombies', TIMEOUT, () =>
    survive('gcs killed', kill('gcs'), A_CRASH),
  );
  test('storage is away for ten seconds', TIMEOUT, () => survive('storage away, 10 s', cutStorage(10), 0));

  test('stop: no call after five seconds, what is done is kept, and it stays stopped', TIMEOUT, async () => {
    const id = await startExperiment(client, endpoint, 'stopped');
    await untilSomeAreShown(client, id);
    await client.experiments.stop.mutate({ id });
    await sleep(5000);
    const { calls } = await endpoint.counts();
    const experiment = await untilOver(client, id);
    expect(experiment.status).toBe('stopped');
    await expectConserved(client, experiment);
    expect(experiment.workflows[0]!.rows.not_run).toBeGreaterThan(0);
    await sleep(12_000); // the reconciler looks at everything in ten seconds
    expect((await client.experiments.get.query({ id })).status).toBe('stopped');
    expect((await endpoint.counts()).calls, 'calls after the stop').toBe(calls);
  });

  if (!WHOLE) return;

  describe('the whole', () => {
    test('Ray is killed as a whole', TIMEOUT, () => survive('Ray killed', kill('ray'), A_CRASH));
    test('the driver is frozen for a moment', TIMEOUT, () => survive('driver frozen, 5 s', freeze('driver', 5), 0));
    test('the driver is frozen until another one runs, and thawed', TIMEOUT, () =>
      survive(
        'driver frozen, 45 s',
        async (id) => {
          const [pid] = find('driver');
          signal([pid!], 'SIGSTOP');
          await until(
            'a second attempt',
            async () => {
              const { workflows } = await client.experiments.get.query({ id });
              return workflows[0]!.jobs[0]!.attempt === 2 ? true : null;
            },
            90,
          );
          await sleep(3000);
          signal([pid!], 'SIGCONT');
        },
        A_CRASH,
      ),
    );
    test('the server is frozen', TIMEOUT, () => survive('server frozen, 30 s', freeze('server', 30), 0));
    test('Ray is frozen: its drivers work on', TIMEOUT, () => survive('Ray frozen, 30 s', freeze('ray', 30), A_CRASH));
    test('storage is away for a minute', TIMEOUT, () =>
      survive('storage away, 60 s', cutStorage(60), A_CRASH_WITHOUT_STORAGE),
    );
    test('the driver is killed twice, the server and Ray’s memory once, in one run', TIMEOUT, () =>
      survive(
        'all of it',
        async () => {
          await kill('driver')();
          await kill('server')();
          await until('another driver', async () => (findProcesses(stack.home.dir, 'driver').length ? true : null), 90);
          await sleep(2000);
          await kill('driver')();
          await kill('gcs')();
        },
        2 * A_CRASH,
      ),
    );
  });
});

const onBucket = () => {
  let s3: VersityGw;
  beforeAll(async () => {
    begin();
    s3 = await startVersityGw({ dir: join(folder, 's3') });
    for (const [name, value] of Object.entries(s3.credentials)) vi.stubEnv(name, value);
    await start(join(folder, 'home'), s3.storageUrl('faults'));
  });
  afterAll(async () => {
    await end();
    await s3?.stop();
    vi.unstubAllEnvs();
  });

  test('the bucket hangs for a minute', TIMEOUT, () =>
    survive(
      'bucket hangs, 60 s',
      async () => {
        signal([s3.process.pid], 'SIGSTOP');
        await sleep(60_000);
        signal([s3.process.pid], 'SIGCONT');
      },
      A_CRASH_WITHOUT_STORAGE,
    ),
  );
  test('the driver is killed', TIMEOUT, () => survive('driver killed, S3', kill('driver'), A_CRASH));
};
if (WHOLE && findVersityGw()) describe('with files in a bucket', onBucket);
