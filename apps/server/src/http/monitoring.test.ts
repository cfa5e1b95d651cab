import { randomUUID } from 'node:crypto';
import { type Health, recordHealth } from '@touchstone/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.stop());

const record = (name: Parameters<typeof recordHealth>[1], state: Health['state']) =>
  recordHealth(app.services.db, name, { state, url: null, detail: 'secret-detail', to_do: null, facts: {} });
const ready = async () => {
  const answer = await fetch(`${app.url}/ready`);
  return { status: answer.status, text: await answer.text() };
};
const scrape = async () => {
  const answer = await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${app.api_key}` } });
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  return answer.text();
};

test('ready: with database and storage, whatever Ray and MLflow do, and without a word about what is inside', async () => {
  expect((await ready()).status).toBe(503);
  for (const name of ['database', 'storage', 'ray', 'mlflow'] as const) await record(name, 'ok');
  expect(await ready()).toEqual({ status: 200, text: '{"status":"ready","degraded":{}}' });
  await record('ray', 'down');
  await record('mlflow', 'starting');
  expect(await ready()).toEqual({
    status: 200,
    text: '{"status":"ready","degraded":{"ray":"down","mlflow":"starting"}}',
  });
  await record('storage', 'degraded');
  expect((await ready()).status).toBe(200);
  await record('storage', 'down');
  expect(await ready()).toMatchObject({ status: 503, text: expect.stringContaining('"storage":"down"') });
  await record('storage', 'ok');
  await app.services.db
    .$executeRaw`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name LIKE '%first'`;
  expect(await ready()).toMatchObject({ status: 503, text: expect.stringContaining('"database":"not migrated"') });
  await app.services.db.$executeRaw`UPDATE _prisma_migrations SET rolled_back_at = NULL`;
  expect((await ready()).status).toBe(200);
});

test('with the database away a browser gets a page that looks again, and a program an error', async () => {
  const own = await openTestApp();
  const cookie = `${(await own.signIn()).split('=')[0]}=x`;
  for (const table of ['session', '_prisma_migrations']) {
    await own.services.db.$executeRawUnsafe(`ALTER TABLE ${table} RENAME TO gone_${table}`);
  }
  const page = await fetch(`${own.url}/settings`, { headers: { cookie, accept: 'text/html' } });
  expect(page.status).toBe(503);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toMatch(/http-equiv="refresh".*The database does not answer\./s);
  const program = await fetch(`${own.url}/settings`, { headers: { cookie } });
  expect(program.status).toBe(503);
  expect(await program.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
  expect((await fetch(`${own.url}/ready`)).status).toBe(503);
  expect((await fetch(`${own.url}/health`)).status).toBe(200);
  await own.stop();
});

test('metrics: what there is to measure, and nothing that a person typed', async () => {
  await uploadText(app.ctx, makeRows(3), 'typed-canary.csv');
  const ask = (path: string) => fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${app.api_key}` } });
  await ask(`/api/datasets/${randomUUID()}/download`);
  await ask('/nowhere/typed-canary');
  await ask('/trpc/status.get');
  await ask('/trpc/status.get,session.get?batch=1&input={}');
  await ask('/trpc/typed-canary');
  const events = await ask('/trpc/events.changes');
  const text = await scrape();
  for (const line of [
    /^touchstone_http_request_duration_seconds_count\{method="GET",route="\/api\/datasets\/:id\/download",status="404"\} 1$/m,
    /^touchstone_http_request_duration_seconds_count\{method="GET",route="\/trpc\/status.get",status="200"\} 1$/m,
    /^touchstone_http_request_duration_seconds_count\{method="GET",route="\/trpc\/batch",status="200"\} 1$/m,
    /^touchstone_live_connections 1$/m,
    /^touchstone_service_up\{service="ray"\} 0$/m,
    /^touchstone_service_up\{service="server"\} 1$/m,
    /^touchstone_outbox_records 0$/m,
    /^touchstone_reconciler_lag_seconds 0$/m,
    /^touchstone_info\{version="\d+\.\d+\.\d+"\} 1$/m,
    /^process_resident_memory_bytes \d+$/m,
  ]) {
    expect(text).toMatch(line);
  }
  expect(text).not.toContain('canary');
  await events.body!.cancel();
});
