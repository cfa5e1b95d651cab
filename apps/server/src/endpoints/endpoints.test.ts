import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type FakeLlm, startFakeLlm } from '@touchstone/fake-llm';
import type { ExperimentCreate } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { appRouter } from '../router.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { createCallerFactory } from '../trpc.ts';
import { callEndpoint } from './call.ts';

const KEY = 'sk-canary-0123456789';

let server: TestServer;
let endpoint: FakeLlm;
let dataset_id: string;
beforeAll(async () => {
  server = await openTestServer();
  endpoint = await startFakeLlm({ require_key: KEY });
  await server.caller.secrets.set({ name: 'right_key', value: KEY });
  await server.caller.secrets.set({ name: 'wrong_key', value: 'sk-canary-of-another' });
  dataset_id = (await uploadText(server.ctx, makeRows(3))).id;
});
afterAll(async () => {
  await endpoint.stop();
  await server.stop();
});

/** Of a program with a key made in Settings that may run things. */
function programCaller() {
  const caller = { user: server.ctx.user, via: 'api_key' as const, scope: 'run' as const, token_hash: 'x' };
  return createCallerFactory(appRouter)({ ...server.services, caller });
}

/** Something that listens, until the end of the test. */
async function listen(handle: RequestListener): Promise<string> {
  const http = createServer(handle).listen(0, '127.0.0.1');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  await new Promise((resolve) => http.once('listening', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function create(models: ExperimentCreate['models'], caller = server.caller) {
  return caller.experiments.create({
    request_id: randomUUID(),
    name: 'With endpoints',
    dataset_id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    metrics: ['rouge'],
    models,
  });
}

test('an endpoint is registered, changed and removed', async () => {
  const { endpoints } = server.caller;
  const made = await endpoints.create({ name: 'my-vllm', base_url: `${endpoint.base_url}/`, secret: 'not_stored' });
  expect(made).toMatchObject({
    name: 'my-vllm',
    base_url: endpoint.base_url,
    protocol: 'openai',
    secret_missing: true,
  });
  await expect(endpoints.create({ name: 'my-vllm', base_url: endpoint.base_url })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  const changed = await endpoints.update({
    name: 'my-vllm',
    base_url: endpoint.base_url,
    secret: 'right_key',
    concurrency: 7,
  });
  expect(changed).toMatchObject({ secret_missing: false, concurrency: 7, experiments: 0, created_at: made.created_at });
  expect(await endpoints.list()).toEqual([changed]);
  expect(await endpoints.remove({ name: 'my-vllm' })).toEqual({ name: 'my-vllm' });
  await expect(endpoints.remove({ name: 'my-vllm' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const again = endpoints.update({ name: 'my-vllm', base_url: endpoint.base_url });
  await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('none is at an address of our own services, or where only machines should reach', async () => {
  const { port } = new URL(server.services.env.DATABASE_URL);
  for (const base_url of [
    `http://localhost:${port}/v1`,
    'http://169.254.169.254/latest',
    'http://[::ffff:a9fe:a9fe]/v1',
  ]) {
    await expect(server.caller.endpoints.create({ name: 'bad', base_url })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect((await server.caller.endpoints.test({ base_url })).problem).toMatchObject({ code: 'address_refused' });
    await expect(create([{ model: 'm', base_url }])).rejects.toThrow(/No endpoint can be at/);
  }
});

test('a model by the name of its endpoint is frozen as the endpoint was, but for the calls at once', async () => {
  const { endpoints } = server.caller;
  await endpoints.create({
    name: 'frozen',
    base_url: endpoint.base_url,
    secret: 'right_key',
    concurrency: 3,
    provider: 'openai',
  });
  const models = [
    { endpoint: 'frozen', model: 'm', params: { max_tokens: 9 } },
    { endpoint: 'frozen', model: 'gpt-4o-mini', concurrency: 2 },
  ];
  const { id } = await create(models);
  await endpoints.update({ name: 'frozen', base_url: 'http://127.0.0.1:9/v1' });
  const { workflows } = await server.caller.experiments.get({ id });
  const frozen = { endpoint: 'frozen', base_url: endpoint.base_url, secret: 'right_key' };
  expect(workflows.map(({ model }) => model)).toEqual([
    { ...frozen, model: 'm', params: { max_completion_tokens: 9 } },
    { ...frozen, model: 'gpt-4o-mini', concurrency: 2, price: { input: 0.15, output: 0.6 } },
  ]);
  expect((await endpoints.list()).find(({ name }) => name === 'frozen')).toMatchObject({ experiments: 1 });
  await expect(create([{ ...models[0]!, base_url: endpoint.base_url }])).rejects.toThrow(/has another base_url/);
  await endpoints.remove({ name: 'frozen' });
  await expect(create(models)).rejects.toThrow(/There is no endpoint "frozen"/);
});

test('an API key neither reaches into the network of the server nor takes a secret elsewhere', async () => {
  const program = programCaller();
  await expect(program.endpoints.create({ name: 'x', base_url: endpoint.base_url })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  await expect(program.endpoints.test({ base_url: endpoint.base_url })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(create([{ model: 'm', base_url: endpoint.base_url }], program)).rejects.toThrow(/own network/);
  await expect(
    create([{ model: 'm', base_url: 'https://192.0.2.1/v1', secret: 'right_key' }], program),
  ).rejects.toThrow(/not known to belong/);
  await server.caller.endpoints.create({ name: 'allowed', base_url: endpoint.base_url, secret: 'right_key' });
  await expect(create([{ model: 'm', base_url: endpoint.base_url, secret: 'wrong_key' }], program)).rejects.toThrow(
    /not known to belong/,
  );
  await create([{ model: 'm', base_url: endpoint.base_url, secret: 'right_key' }], program);
  await create([{ model: 'm', endpoint: 'allowed' }], program);
  await server.caller.endpoints.remove({ name: 'allowed' });
});

test('a test asks one short question, or reads the list of models', async () => {
  const before = (await endpoint.ledger()).calls;
  const tested = await server.caller.endpoints.test({ base_url: endpoint.base_url, secret: 'right_key', model: 'm' });
  expect(tested).toMatchObject({ problem: null, asked: 'model', note: '' });
  expect(tested.latency_ms).toBeGreaterThan(0);
  expect((await endpoint.ledger()).calls).toBe(before + 1);
  const listed = await server.caller.endpoints.test({ base_url: endpoint.base_url, secret: 'right_key' });
  expect(listed).toMatchObject({ problem: null, asked: 'model_list' });
  expect((await endpoint.ledger()).calls).toBe(before + 1);
  await server.caller.endpoints.create({ name: 'listed', base_url: endpoint.base_url, secret: 'right_key' });
  expect(await server.caller.endpoints.models({ name: 'listed' })).toEqual({ models: ['m'], problem: null });
  await server.caller.endpoints.remove({ name: 'listed' });
});

test('a wrong key, none, and one that is not stored are told apart', async () => {
  const test = (secret: string | null) =>
    server.caller.endpoints.test({ base_url: endpoint.base_url, secret, model: 'm' });
  expect((await test('wrong_key')).problem).toMatchObject({
    code: 'auth',
    message: expect.stringMatching(/refuses the key/),
  });
  expect((await test(null)).problem).toMatchObject({ code: 'auth', message: expect.stringMatching(/asks for a key/) });
  expect((await test('not_stored')).problem).toMatchObject({
    code: 'secret_missing',
    message: expect.stringMatching(/secrets set not_stored/),
  });
});

test('the key is not in the result, whatever the endpoint does with it', async () => {
  const base = await listen((request, response) => {
    const key = request.headers.authorization!.replace('Bearer ', '');
    const base64 = Buffer.from(key).toString('base64');
    response.writeHead(request.method === 'GET' ? 302 : 401, { location: `https://evil.example/?key=${key}` });
    response.end(JSON.stringify({ error: { message: `The key ${key}, which is ${base64}, is wrong.` } }));
  });
  for (const model of ['m', undefined]) {
    const result = await server.caller.endpoints.test({ base_url: base, secret: 'right_key', model });
    expect(result.problem).not.toBeNull();
    expect(result.problem!.message).toContain('[redacted]');
    expect(JSON.stringify(result)).not.toContain(KEY);
    expect(JSON.stringify(result)).not.toContain(Buffer.from(KEY).toString('base64').replace(/=+$/, ''));
  }
});

test('a redirect is not followed, so that the key stays where it is', async () => {
  let reached = 0;
  const elsewhere = await listen((_, response) => {
    reached += 1;
    response.end('{"data": []}');
  });
  const base = await listen((_, response) => response.writeHead(307, { location: `${elsewhere}/v1/models` }).end());
  const { problem } = await server.caller.endpoints.test({ base_url: base, secret: 'right_key' });
  expect(problem).toMatchObject({ code: 'redirect', message: expect.stringContaining(elsewhere) });
  expect(reached).toBe(0);
});

test('what keeps a connection from being made is said in plain words', async () => {
  const problemOf = async (base_url: string) => (await server.caller.endpoints.test({ base_url })).problem;
  expect(await problemOf('http://127.0.0.1:9/v1')).toMatchObject({ code: 'connection_refused' });
  expect(await problemOf('http://no-such-host.invalid/v1')).toMatchObject({ code: 'dns' });
  expect(await problemOf(endpoint.base_url.replace('http:', 'https:'))).toMatchObject({ code: 'tls' });
  const notHttp = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
  onTestFinished(() => void notHttp.close());
  await new Promise((resolve) => notHttp.once('listening', resolve));
  const { port } = notHttp.address() as AddressInfo;
  expect(await problemOf(`http://127.0.0.1:${port}/v1`)).toMatchObject({ code: 'not_compatible' });
});

test('Anthropic is spoken to in its own way', async () => {
  const asked: [path: string, key: string | undefined, version: string | undefined, bearer: string | undefined][] = [];
  const base = await listen((request, response) => {
    const { 'x-api-key': key, 'anthropic-version': version, authorization } = request.headers;
    asked.push([request.url!, key as string, version as string, authorization]);
    const list = { data: [{ id: 'claude', type: 'model' }] };
    const message = { type: 'message', content: [{ type: 'text', text: 'OK' }], stop_reason: 'end_turn' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url!.endsWith('/models') ? list : message));
  });
  const target = { base_url: `${base}/v1`, secret: 'right_key', provider: 'anthropic' as const };
  await server.caller.endpoints.create({ name: 'claude-proxy', ...target });
  expect((await server.caller.endpoints.test({ ...target, model: 'claude' })).problem).toBeNull();
  expect((await server.caller.endpoints.models({ name: 'claude-proxy' })).models).toEqual(['claude']);
  expect(asked).toEqual(['/v1/messages', '/v1/models'].map((path) => [path, KEY, '2023-06-01', undefined]));
  const { workflows } = await create([{ model: 'claude', endpoint: 'claude-proxy', params: { temperature: 0 } }]);
  const job = await server.caller.jobs.get({ id: workflows[0]!.jobs[0]!.id });
  expect(job.spec).toMatchObject({ model: { protocol: 'anthropic', base_url: target.base_url } });
  await expect(create([{ model: 'claude', endpoint: 'claude-proxy', params: { seed: 1 } }])).rejects.toThrow(
    'claude: Anthropic has no seed: leave it out.',
  );
});

test('an answer that does not come, comes in drips or does not end is given up', async () => {
  const silent = await listen(() => {});
  const drips = await listen((_, response) => {
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  });
  for (const base of [silent, drips]) {
    const call = callEndpoint(
      server.services.env,
      { method: 'GET', url: new URL(`${base}/models`), protocol: 'openai', secret: null },
      300,
    );
    await expect(call).rejects.toMatchObject({ problem: { code: 'timeout' } });
  }
  const endless = await listen((_, response) => {
    const piece = Buffer.alloc(1_000_000, ' ');
    const send = () => {
      while (response.write(piece));
      response.once('drain', send);
    };
    send();
  });
  expect((await server.caller.endpoints.test({ base_url: endless })).problem).toMatchObject({
    code: 'not_compatible',
    message: expect.stringMatching(/larger than 10 MB/),
  });
});

test('suggested models say which key is missing, and which endpoints reach them', async () => {
  const route = async (id: string) =>
    (await server.caller.models.list({})).find((model) => model.id === id)!.routes[0]!;
  expect(await route('gpt-4o-mini')).toMatchObject({
    secret: { name: 'openai_api_key', missing: true },
    endpoints: [],
  });
  await server.caller.secrets.set({ name: 'openai_api_key', value: 'sk-of-openai-0000' });
  await server.caller.endpoints.create({ name: 'openai-eu', base_url: 'https://eu.example/v1', provider: 'openai' });
  await server.caller.endpoints.create({ name: 'openai-plain', base_url: 'https://api.openai.com/v1' });
  expect(await route('gpt-4o-mini')).toMatchObject({
    secret: { name: 'openai_api_key', missing: false },
    endpoints: ['openai-eu', 'openai-plain'],
  });
  const translators = await server.caller.models.list({ task: 'translation' });
  expect(translators.find(({ id }) => id === 'opus-mt-en-de')).toMatchObject({ routes: [], local: { missing: true } });
  expect(translators.map(({ id }) => id)).not.toContain('bart-large-cnn');
});
