import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMlflow } from './mlflow.ts';
import { processesWith } from './processes.ts';
import { markerOf, type Service } from './service.ts';

const dir = mkdtempSync(join(tmpdir(), 'touchstone-mlflow-'));
let mlflow: Service;
beforeAll(async () => {
  mlflow = await startMlflow({ dir, origins: ['http://page.example'] });
}, 200_000);
afterAll(async () => {
  await mlflow?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The status of a request; fetch would not let us choose Host and Origin. */
function statusOf(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${mlflow.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{"max_results":1}' : undefined);
  });
}

test('REST and pages are below the tracking URI', async () => {
  expect(await statusOf('/api/2.0/mlflow/experiments/search?max_results=1')).toBe(200);
  expect(await statusOf('/')).toBe(200);
});

test('a request for another host, or from another site, is refused', async () => {
  const search = '/ajax-api/2.0/mlflow/experiments/search';
  const post = (headers: Record<string, string>) =>
    statusOf(search, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  expect(await post({ host: 'evil.example' })).toBe(403);
  expect(await post({ origin: 'http://evil.example' })).toBe(403);
  expect(await post({ origin: 'http://page.example' })).toBe(200);
});

test('a stop leaves no process', async () => {
  await mlflow.stop();
  expect(processesWith(markerOf(dir))).toEqual([]);
});
