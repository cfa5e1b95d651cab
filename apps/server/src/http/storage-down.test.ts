import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openTestApp, type TestApp } from '../testing/http.ts';

let app: TestApp;
beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'someone');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-of-a-secret');
  app = await openTestApp({}, { storage_url: 's3://bucket/prefix?endpoint=http://127.0.0.1:9' });
});
afterAll(async () => {
  await app?.stop();
  vi.unstubAllEnvs();
});

test('an upload while storage is away says why, keeps nothing and tells no secret', async () => {
  const answer = await fetch(`${app.url}/api/datasets?filename=rows.csv`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}`, 'content-type': 'text/csv' },
    body: 'examples\na\n',
  });
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({
    error: { message: 'The file could not be stored: http://127.0.0.1:9 cannot be reached (ECONNREFUSED).' },
  });
  expect((await app.caller.datasets.list({})).items).toEqual([]);
  expect(app.logs()).not.toContain('canary-of-a-secret');
});
