import type { ApiKeyCreated, Dataset, Experiment, ExperimentCreate, Job, JobListItem } from '@touchstone/schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { uploadText } from '../testing/datasets.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';
import type { ApiDocument } from './document.ts';
import { createQueryReader } from './query.ts';

let app: TestApp;
let document: ApiDocument;
let ajv: Ajv2020;

beforeAll(async () => {
  app = await openTestApp();
  document = (await (await ask('GET', '/api/openapi.json')).json()) as ApiDocument;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'touchstone' });
});
afterAll(() => app.stop());

function ask(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(app.url + path, {
    method,
    headers: {
      authorization: `Bearer ${app.api_key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** The described path that this address is one of. */
function findPath(path: string): string {
  const [place = ''] = path.split('?');
  if (place in document.paths) return place;
  const parts = place.split('/');
  return Object.keys(document.paths).find((one) => {
    const others = one.split('/');
    return others.length === parts.length && others.every((part, at) => part.startsWith('{') || part === parts[at]);
  })!;
}

type Page<T> = { items: T[]; next_cursor: string | null };

const asked = new Set<string>();

/** Asks, and holds the answer against the document. */
async function check<T = unknown>(method: string, path: string, status: number, body?: unknown): Promise<T> {
  const answer = await ask(method, path, body);
  const text = await answer.text();
  expect([method, path, answer.status, text.slice(0, 300)]).toEqual([method, path, status, text.slice(0, 300)]);
  const place = findPath(path);
  asked.add(`${method} ${place}`);
  const described = document.paths[place]![method.toLowerCase()]!.responses[status];
  expect(described, `${method} ${place} ${status}`).toBeDefined();
  if (status === 204) return undefined as T;
  const pointer = described!.$ref
    ? `touchstone${described!.$ref}`
    : `touchstone#/paths/${place.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${method.toLowerCase()}/responses/${status}`;
  const value: unknown = JSON.parse(text);
  const validate = ajv.compile({ $ref: `${pointer}/content/application~1json/schema` });
  validate(value);
  expect([method, path, validate.errors]).toEqual([method, path, null]);
  return value as T;
}

test('every answer is as the document says', async () => {
  const csv = 'examples,ground_truth\nA first text.,One\nA second text.,Two\n';
  const { id } = await uploadText(app.ctx, csv);
  await check('GET', '/api/session', 200);
  await check('GET', '/api/status', 200);
  const { items, next_cursor } = await check<Page<Dataset>>('GET', '/api/datasets?limit=1&search=rows', 200);
  expect([items.length, next_cursor]).toEqual([1, null]);
  await check('GET', `/api/datasets/${id}`, 200);
  expect(await check('GET', `/api/datasets/${id}/rows?offset=1&limit=1`, 200)).toMatchObject({
    rows: [{ row_id: 1, values: ['A second text.', 'Two'] }],
  });
  expect(
    await check('GET', `/api/datasets/${id}/health?input_column=examples&models=gpt-5&models=mistral-7b-instruct`, 200),
  ).toMatchObject({ row_count: 2 });
  expect(await check('PATCH', `/api/datasets/${id}`, 200, { name: 'renamed' })).toMatchObject({ name: 'renamed' });
  const version = await check<Dataset>('POST', `/api/datasets/${id}/versions`, 201, {
    request_id: crypto.randomUUID(),
    changes: [{ row_id: 0, column: 'ground_truth', value: 'Uno' }],
  });
  await check('GET', `/api/datasets/${id}/versions`, 200);
  await check('GET', `/api/datasets/${version.id}/diff?base_id=${id}`, 200);
  await check('DELETE', `/api/datasets/${version.id}?all_versions=false`, 200);

  const create = {
    request_id: crypto.randomUUID(),
    name: 'by REST',
    dataset_id: id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: [{ model: 'baseline/lead-3' }],
    metrics: ['rouge'],
  } satisfies ExperimentCreate;
  const { request_id: _, ...plan } = create;
  expect(await check('POST', '/api/experiments/estimate', 200, plan)).toMatchObject({ rows: 2, total: { cost: 0 } });
  const experiment = await check<Experiment>('POST', '/api/experiments', 201, create);
  expect(await check('POST', '/api/experiments', 201, create)).toMatchObject({ id: experiment.id });
  await check('POST', '/api/experiments', 409, { ...create, name: 'another' });
  await check('GET', '/api/experiments', 200);
  await check('GET', '/api/experiments/counts', 200);
  await check('GET', '/api/experiments/free_name?name=by%20REST', 200);
  await check('PATCH', `/api/experiments/${experiment.id}`, 200, { description: 'Asked for by a program.' });
  await check('POST', `/api/experiments/${experiment.id}/workflows`, 201, {
    request_id: crypto.randomUUID(),
    models: [{ model: 'baseline/copy' }],
  });
  await check('GET', `/api/experiments/${experiment.id}`, 200);
  const { workflows: added } = await check<Experiment>('POST', `/api/experiments/${experiment.id}/workflows`, 201, {
    request_id: crypto.randomUUID(),
    models: [{ model: 'baseline/lexrank' }],
  });
  const toRemove = `/api/experiments/${experiment.id}/workflows/${added.at(-1)!.id}`;
  await check('DELETE', toRemove, 409);
  await check('DELETE', `${toRemove}?force=true`, 200);
  const rule = encodeURIComponent(JSON.stringify({ prefer: 'fastest', max_failed: 0.1 }));
  await check('GET', `/api/experiments/${experiment.id}/comparison?rule=${rule}`, 200);
  const sort = encodeURIComponent(
    JSON.stringify({ workflow_id: experiment.workflows[0]!.id, metric: 'rouge1', descending: true }),
  );
  await check('GET', `/api/experiments/${experiment.id}/rows?sort=${sort}`, 200);
  await check('GET', `/api/experiments/${experiment.id}/rows/counts`, 200);
  await check('GET', `/api/experiments/${experiment.id}/distribution?metric=rouge1`, 200);
  await check('GET', `/api/experiments/${experiment.id}/distribution?metric=ter`, 422);
  await check('GET', `/api/experiments/${experiment.id}/slices?by=${encodeURIComponent('@input_length')}`, 200);
  await check('GET', `/api/experiments/${experiment.id}/slices?by=nothing`, 422);
  const { items: jobs } = await check<Page<JobListItem>>(
    'GET',
    `/api/jobs?experiment_id=${experiment.id}&kind=inference`,
    200,
  );
  await check('GET', `/api/jobs/${jobs[0]!.id}`, 200);
  await check('GET', `/api/jobs/${jobs[0]!.id}/log/follow?offset=0`, 200);
  await check('POST', `/api/jobs/${jobs[0]!.id}/stop`, 200);
  await check('POST', `/api/experiments/${experiment.id}/confirm`, 200);
  await check('POST', `/api/experiments/${experiment.id}/stop`, 200);
  await check('POST', `/api/experiments/${experiment.id}/metrics`, 409, {
    request_id: crypto.randomUUID(),
    metrics: ['length'],
  });
  await check('POST', '/api/datasets', 409, {
    request_id: crypto.randomUUID(),
    workflow_id: experiment.workflows[0]!.id,
    name: 'answers',
  });
  await check('POST', `/api/experiments/${experiment.id}/resume`, 409, {
    request_id: crypto.randomUUID(),
    what: 'failed',
  });
  await check('DELETE', `/api/experiments/${experiment.id}?force=true`, 200);

  const alone = await check<Job>('POST', '/api/jobs/inference', 201, {
    request_id: crypto.randomUUID(),
    name: 'alone',
    dataset_id: id,
    input_column: 'examples',
    task: 'summarization',
    model: 'baseline/lead-3',
  });
  await check<Job>('POST', '/api/jobs/annotation', 201, {
    request_id: crypto.randomUUID(),
    dataset_id: id,
    input_column: 'examples',
    reference_column: 'written',
    model: 'baseline/lead-3',
  });
  const evaluation = await check<Job>('POST', '/api/jobs/evaluation', 201, {
    request_id: crypto.randomUUID(),
    name: 'scores',
    dataset_id: id,
    prediction_column: 'examples',
    reference_column: 'ground_truth',
    metrics: ['rouge'],
  });
  await check('GET', `/api/jobs/${evaluation.id}/rows/page?limit=1`, 200);
  await check('POST', '/api/jobs/comparison', 422, {
    request_id: crypto.randomUUID(),
    name: 'pairs',
    evaluation_ids: [evaluation.id, alone.id],
  });
  await check('POST', `/api/jobs/${alone.id}/resume`, 409, { request_id: crypto.randomUUID(), what: 'not_run' });
  await check('DELETE', `/api/jobs/${alone.id}?force=true`, 200);

  // Nothing answers there.
  const endpoint = { base_url: 'http://127.0.0.1:9/v1' };
  await check('POST', '/api/endpoints/test', 200, endpoint);
  await check('POST', '/api/endpoints', 201, { ...endpoint, name: 'nobody' });
  await check('PUT', '/api/endpoints/nobody', 200, { ...endpoint, concurrency: 2 });
  await check('GET', '/api/endpoints', 200);
  await check('GET', '/api/endpoints/nobody/models', 200);
  await check('DELETE', '/api/endpoints/nobody', 200);
  await check('GET', '/api/models', 200);
  const line = { provider: 'http://127.0.0.1:9', model: 'mine' };
  await check('PUT', '/api/prices', 200, { ...line, price: { per_hour: 1.2 }, as_of: '2026-11' });
  await check('GET', '/api/prices', 200);
  await check('DELETE', `/api/prices?${new URLSearchParams(line).toString()}`, 200);

  await check('PUT', '/api/secrets/some_key', 200, { value: 'a-value' });
  await check('GET', '/api/secrets', 200);
  await check('DELETE', '/api/secrets/some_key', 200);
  const key = await check<ApiKeyCreated>('POST', '/api/api_keys', 201, {
    name: 'a program',
    scope: 'read',
    expires_in_days: 30,
  });
  await check('GET', '/api/api_keys', 200);
  await check('DELETE', `/api/api_keys/${key.id}`, 200);
  await check('POST', '/api/sign_in_links', 201);
  await check('DELETE', '/api/session', 204);

  const carryFiles = /upload|download|export|log$/;
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId }]) => !carryFiles.test(operationId) || operationId === 'jobs_log')
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  expect([...asked].sort()).toEqual(described.sort());
});

test('errors have one shape and the status that says what kind they are', async () => {
  const nowhere = '00000000-0000-4000-8000-000000000000';
  const cases: [string, string, unknown, number, string][] = [
    ['GET', `/api/datasets/${nowhere}`, undefined, 404, 'NOT_FOUND'],
    ['GET', '/api/datasets/7', undefined, 422, 'INVALID'],
    ['GET', '/api/datasets?limit=many', undefined, 422, 'INVALID'],
    ['GET', '/api/datasets?limit=1&limit=2', undefined, 422, 'INVALID'],
    ['GET', '/api/datasets?limt=1', undefined, 422, 'INVALID'],
    ['GET', '/api/datasets?cursor=no', undefined, 422, 'INVALID'],
    ['GET', `/api/datasets/${nowhere}?id=${nowhere}`, undefined, 422, 'INVALID'],
    ['POST', '/api/experiments', {}, 422, 'INVALID'],
    ['POST', '/api/experiments', [], 422, 'INVALID'],
    ['POST', '/api/experiments', 'null', 422, 'INVALID'],
    ['POST', '/api/experiments', '{', 400, 'BAD_REQUEST'],
    ['POST', '/api/experiments', '{"__proto__": {"name": "x"}}', 400, 'BAD_REQUEST'],
    ['PUT', '/api/secrets/some_key', { value: 'a\0b' }, 422, 'INVALID'],
    ['PUT', '/api/datasets?filename=a%00b.csv', undefined, 422, 'INVALID'],
    ['PATCH', `/api/datasets/${nowhere}`, { name: 'half \ud800' }, 422, 'INVALID'],
    ['PATCH', `/api/datasets/${nowhere}`, `${'{"name":'.repeat(100)}1${'}'.repeat(100)}`, 422, 'INVALID'],
  ];
  for (const [method, path, body, status, code] of cases) {
    const { error } = await check<{ error: { code: string } }>(method, path, status, body);
    expect([path, body, error.code]).toEqual([path, body, code]);
  }
  const text = await fetch(`${app.url}/api/experiments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.api_key}` },
    body: 'a=b',
  });
  expect(text.status).toBe(400);
  const large = await ask('POST', '/api/experiments', `{"name": "${'x'.repeat(5 * 1024 * 1024)}"}`);
  expect([large.status, await large.json()]).toMatchObject([413, { error: { code: 'TOO_LARGE' } }]);
});

test('a query is read as the types that are asked for', () => {
  const read = createQueryReader(
    z.object({
      count: z.int().default(0),
      share: z.number().nullish(),
      flag: z.boolean().optional(),
      kinds: z.array(z.enum(['a', 'b'])).optional(),
      sizes: z.array(z.int()).optional(),
      text: z.string().nullish(),
      sort: z.object({ by: z.string() }).optional(),
    }),
  );
  expect(
    read({ count: '7', share: '-0.5', flag: 'true', kinds: 'a', sizes: ['1', '2'], text: '12', sort: '{"by":"x"}' }),
  ).toEqual({ count: 7, share: -0.5, flag: true, kinds: ['a'], sizes: [1, 2], text: '12', sort: { by: 'x' } });
  const unreadable = { count: '1e5', share: '', flag: 'yes', sizes: 'x', sort: '{', other: '1' };
  expect(read(unreadable)).toEqual({ ...unreadable, sizes: ['x'] });
});

test('what is not there is told in JSON, and which methods an address takes', async () => {
  const nowhere = await ask('GET', '/api/nowhere/at/all');
  expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
  const wrong = await ask('PATCH', '/api/experiments');
  expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toEqual([
    405,
    'GET, POST',
    { error: { code: 'METHOD_NOT_ALLOWED', message: 'This address takes GET and POST.' } },
  ]);
});
