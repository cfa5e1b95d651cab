import { expect, test } from 'vitest';
import type { Service } from './service.ts';
import { supervise } from './supervisor.ts';

/** A service that ends when the test says so. */
function fakeService() {
  const { promise: exited, resolve: die } = Promise.withResolvers<string>();
  const service: Service = { url: 'x', process: { pid: 0, started: '' }, exited, stop: async () => die('SIGTERM') };
  return { service, die };
}

function superviseFakes(retryFirst: boolean, start?: (signal: AbortSignal) => Promise<Service>) {
  const started: ReturnType<typeof fakeService>[] = [];
  const lines: string[] = [];
  const begin = async () => {
    const fake = fakeService();
    started.push(fake);
    return fake.service;
  };
  const say = (line: string) => lines.push(line);
  const supervised = supervise({ title: 'Ray', log: 'ray.log', retryFirst, firstPause: 1, say, start: start ?? begin });
  return { supervised, started, lines };
}

test('a service that ends is started again and a line says so', async () => {
  const { supervised, started, lines } = superviseFakes(false);
  await supervised.ready;
  started[0]?.die('SIGKILL');
  await expect.poll(() => started.length).toBe(2);
  await expect.poll(() => lines).toEqual([expect.stringContaining('Ray ended (SIGKILL)'), '✓ Ray runs again.']);
  await supervised.stop();
  expect(started.length).toBe(2);
});

test('after five deaths within a minute it is left alone, and a line names the log', async () => {
  const { supervised, started, lines } = superviseFakes(false);
  await supervised.ready;
  for (let life = 0; life < 5; life++) {
    await expect.poll(() => started.length).toBe(life + 1);
    started[life]?.die('exit code 1');
  }
  await expect.poll(() => lines.at(-1)).toContain('5 times within a minute');
  expect(lines.at(-1)).toContain('ray.log');
  await supervised.stop();
  expect(started.length).toBe(5);
});

test('a first start that fails is final where it is not to be tried again', async () => {
  const { supervised, lines } = superviseFakes(false, async () => Promise.reject(new Error('no disk')));
  await expect(supervised.ready).rejects.toThrow('no disk');
  expect(lines).toEqual([]);
});

test('a first start that fails is tried again where it is', async () => {
  let tries = 0;
  const { service } = fakeService();
  const { supervised } = superviseFakes(true, async () => {
    tries += 1;
    if (tries < 3) throw new Error('port taken');
    return service;
  });
  expect(await supervised.ready).toBe(service);
  await supervised.stop();
});

test('a stop ends a start that is under way', async () => {
  const { supervised } = superviseFakes(true, (signal) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  });
  await supervised.stop();
  await expect(supervised.ready).rejects.toThrow('stopped');
});
