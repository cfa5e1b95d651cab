import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createRayClient } from './client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: string) => serve((_, response) => response.writeHead(status).end(body));

const job = { submission_id: 'j-1', entrypoint: 'true' };

const DUPLICATE = `Traceback (most recent call last):
  File "job_head.py", line 419, in submit_job
RuntimeError: Request failed with status code 400: Traceback (most recent call last):
  File "job_manager.py", line 553, in submit_job
ValueError: Job with submission_id j-1 already exists. Please use a different submission_id.
.
`;

describe('a Ray that does not answer as it should', () => {
  it.each([
    [401, 'Unauthorized: Missing authentication token', 'unauthorized', false],
    [403, 'Forbidden: Invalid authentication token', 'unauthorized', false],
    [400, 'Traceback:\nTypeError: entrypoint must be a string', 'refused', false],
    [405, "'POST' method not allowed for browser traffic.", 'refused', false],
    [500, DUPLICATE, 'duplicate', true],
    [500, 'No available agent to submit job, please try again later.', 'failed', true],
    [502, '', 'failed', true],
    [200, '<html>log in first</html>', 'malformed', true],
    [200, '{"job": 7}', 'malformed', true],
  ])('says HTTP %d with %j is %s', async (status, body, kind, may_have_happened) => {
    const ray = createRayClient({ url: await answering(status, body) });
    await expect(ray.submit(job)).rejects.toMatchObject({ name: 'RayError', kind, may_have_happened });
  });

  it('says why, in the last words of a traceback', async () => {
    const ray = createRayClient({ url: await answering(500, DUPLICATE) });
    await expect(ray.submit(job)).rejects.toThrow(/^ValueError: Job with submission_id j-1 already exists\./);
  });

  it('says that nothing is there', async () => {
    const ray = createRayClient({ url: 'http://127.0.0.1:1' });
    await expect(ray.submit(job)).rejects.toMatchObject({ kind: 'unreachable', may_have_happened: false });
  });

  it('does not know whether a request that broke off was heard', async () => {
    const ray = createRayClient({ url: await serve((request) => request.socket.destroy()) });
    await expect(ray.submit(job)).rejects.toMatchObject({ kind: 'unreachable', may_have_happened: true });
  });

  it('waits for an answer, and for its end, only so long', async () => {
    const silent = createRayClient({ url: await serve(() => {}), timeout_ms: 40 });
    await expect(silent.get('j-1')).rejects.toMatchObject({ kind: 'timeout', may_have_happened: true });
    const half = createRayClient({ url: await serve((_, response) => response.write('{')), timeout_ms: 40 });
    await expect(half.get('j-1')).rejects.toMatchObject({ kind: 'timeout' });
  });
});

describe('the client', () => {
  it('sends the token and the job as they are, and nothing that browsers send', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { authorization, 'sec-fetch-mode': mode, origin } = request.headers;
      seen.push({ method: request.method, url: request.url, authorization, mode, origin, body: JSON.parse(body) });
      response.end('{"job_id": "x", "submission_id": "j-1"}');
    });
    const input = { ...job, entrypoint_num_cpus: 0.5, metadata: { kind: 'é' } };
    await createRayClient({ url: `${url}/`, token: 'secret' }).submit(input);
    expect(seen).toEqual([{ method: 'POST', url: '/api/jobs/', authorization: 'Bearer secret', body: input }]);
  });

  it('never puts the token into an error', async () => {
    const url = await answering(500, 'x');
    const error = await createRayClient({ url, token: 'tok-canary' })
      .version()
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary');
  });

  it('asks for one job, whatever is in its id', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(404).end('Job does not exist');
    });
    expect(await createRayClient({ url }).get('../x?y')).toBeNull();
    expect(seen).toEqual(['/api/jobs/..%2Fx%3Fy']);
  });

  it('counts what a cluster of several nodes has', async () => {
    const node = (state: string, resources_total: Record<string, number>) => ({ state, resources_total });
    const nodes = [node('ALIVE', { CPU: 4, GPU: 1 }), node('ALIVE', { CPU: 8 }), node('DEAD', { CPU: 64, GPU: 8 })];
    const usage = { CPU: [3.5, 12], GPU: [1, 1] };
    const answerWith = (report: unknown) =>
      serve((request, response) => {
        const answers: Record<string, unknown> = {
          '/api/v0/nodes?detail=1': { result: { result: nodes } },
          '/api/cluster_status': { clusterStatus: report },
          '/nodes?view=summary': { summary: [{ mem: [8e9, 3e9, 62.5, 5e9] }, { mem: [4e9, 1e9, 75, 3e9] }, {}] },
        };
        response.end(JSON.stringify({ data: answers[request.url!] }));
      });
    const url = await answerWith({ loadMetricsReport: { usage } });
    expect(await createRayClient({ url }).capacity()).toEqual({
      nodes: 2,
      cpus: { total: 12, available: 8.5 },
      gpus: { total: 1, available: 0 },
      memory: { total: 12e9, available: 4e9 },
    });
    const early = await answerWith(null);
    expect(await createRayClient({ url: early }).capacity()).toMatchObject({ cpus: { total: 12, available: null } });
  });
});
