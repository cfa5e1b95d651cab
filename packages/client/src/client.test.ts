/** The client against tRPC's own HTTP server, with procedures and routes that answer as Touchstone's do. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTouchstoneClient, type TouchstoneClient, TouchstoneError } from './index.ts';

const ID = '11111111-1111-4111-8111-111111111111';
const DATASET = {
  id: ID,
  name: 'Träume',
  filename: 'a b.csv',
  size_bytes: 8,
  sha256: '0'.repeat(64),
  row_count: 1,
  columns: [{ name: 'a', blank: 0 }],
  created_at: '2025-03-02T14:05:00.000Z',
  experiment_count: 0,
  root_id: ID,
  version: 1,
  version_count: 1,
  note: '',
  description: '',
  provenance: { kind: 'uploaded' },
  format: 'csv',
};

let server: Server;
let client: TouchstoneClient;
let url: string;
let uploads: { path: string; body: string }[] = [];

beforeAll(async () => {
  const t = initTRPC.context<{ authorization: string | undefined }>().create();
  const procedure = t.procedure.use(({ ctx, next }) => {
    if (ctx.authorization !== 'Bearer tsk_test')
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
    return next();
  });
  const router = t.router({
    session: t.router({ get: procedure.query(() => ({ user: { name: 'Ada' } })) }),
    experiments: t.router({
      get: procedure.query((): never => {
        throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no experiment.' });
      }),
      stop: procedure.mutation(() => new Promise(() => {})),
    }),
    events: t.router({
      changes: procedure.subscription(async function* () {
        yield { noun: 'experiment', id: ID };
      }),
    }),
  });
  const trpc = createHTTPHandler({
    router,
    basePath: '/trpc/',
    createContext: ({ req }) => ({ authorization: req.headers.authorization }),
  });
  server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url!, url);
    if (pathname.startsWith('/trpc/')) return trpc(request, response);
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    if (request.headers.authorization !== 'Bearer tsk_test') return answer(401, 'text/html', '<h1>no</h1>');
    if (request.method === 'PUT') {
      const body = await text(request);
      uploads.push({ path: pathname + search, body });
      return body.startsWith('bad')
        ? answer(422, 'application/json', JSON.stringify({ error: { code: 'INVALID', message: 'Line 2 is short.' } }))
        : answer(201, 'application/json', JSON.stringify(DATASET));
    }
    if (pathname === `/api/datasets/${ID}/download`) return answer(200, 'text/csv', 'a\n1\n');
    if (pathname === `/api/experiments/${ID}/export`) return answer(200, 'text/plain', `export${search}`);
    if (pathname === `/api/jobs/${ID}/log`) return answer(200, 'text/plain', '');
    return answer(502, 'text/html', '<h1>Bad gateway</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createTouchstoneClient({ url: `${url}/`, apiKey: 'tsk_test' });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

test('a procedure answers', async () => {
  expect(await client.session.get.query()).toEqual({ user: { name: 'Ada' } });
});

test('a subscription carries the key and delivers', async () => {
  const first = await new Promise((resolve, reject) => {
    const subscription = client.events.changes.subscribe(undefined, {
      onData: (event) => {
        subscription.unsubscribe();
        resolve(event);
      },
      onError: reject,
    });
  });
  expect(first).toEqual({ noun: 'experiment', id: ID });
});

describe('what goes wrong is a TouchstoneError', () => {
  test('that the procedure threw', async () => {
    const error = await thrown(client.experiments.get.query({ id: ID }));
    expect(error).toBeInstanceOf(TouchstoneError);
    expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404, message: 'There is no experiment.' });
  });

  test('about the key', async () => {
    const stranger = createTouchstoneClient({ url, apiKey: 'tsk_other' });
    expect(await thrown(stranger.session.get.query())).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect(await thrown(stranger.downloadDataset(ID))).toMatchObject({ code: 'BAD_ANSWER', status: 401 });
  });

  test('where nobody answers', async () => {
    const nowhere = createTouchstoneClient({ url: 'http://127.0.0.1:9', apiKey: 'tsk_test' });
    for (const call of [nowhere.session.get.query(), nowhere.downloadDataset(ID)]) {
      const error = await thrown(call);
      expect(error).toBeInstanceOf(TouchstoneError);
      expect(error).toMatchObject({ code: 'UNREACHABLE', status: 0 });
      expect((error as Error).message).toContain('http://127.0.0.1:9');
    }
  });

  test('where something else answers', async () => {
    const page = async () => new Response('<h1>Log in to the network</h1>', { status: 200 });
    const elsewhere = createTouchstoneClient({ url, apiKey: 'tsk_test', fetch: page });
    expect(await thrown(elsewhere.session.get.query())).toMatchObject({ code: 'BAD_ANSWER', status: 200 });
    expect(await thrown(client.jobLog('nothing'))).toMatchObject({ code: 'BAD_ANSWER', status: 502 });
  });

  test('but a call that its caller gave up stays an AbortError', async () => {
    const abort = new AbortController();
    const call = client.experiments.stop.mutate({ id: ID }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect(await thrown(call)).toMatchObject({ name: 'AbortError' });
  });
});

describe('files', () => {
  test.each([
    ['a string', () => 'a\n1\n'],
    ['bytes', () => new TextEncoder().encode('a\n1\n')],
    ['a stream', () => Readable.from([Buffer.from('a\n'), Buffer.from('1\n')])],
  ])('upload of %s', async (_, body) => {
    uploads = [];
    expect(await client.uploadDataset({ filename: 'a b.csv', name: 'Träume', body: body() })).toEqual(DATASET);
    expect(uploads).toEqual([{ path: '/api/datasets?filename=a+b.csv&name=Tr%C3%A4ume', body: 'a\n1\n' }]);
  });

  test('an upload that is refused says why', async () => {
    const error = await thrown(client.uploadDataset({ filename: 'a.csv', body: 'bad' }));
    expect(error).toBeInstanceOf(TouchstoneError);
    expect(error).toMatchObject({ code: 'INVALID', status: 422, message: 'Line 2 is short.' });
  });

  test('downloads are streams', async () => {
    expect(await text(await client.downloadDataset(ID))).toBe('a\n1\n');
    expect(await text(await client.exportExperiment(ID, 'jsonl'))).toBe('export?format=jsonl');
    expect(await text(await client.jobLog(ID))).toBe('');
  });
});
