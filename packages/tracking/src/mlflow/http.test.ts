import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { TrackingError } from '../errors.ts';
import { artifactRoute, encodePath, runRoute } from './artifacts.ts';
import { createMlflowTracking } from './tracking.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: string) =>
  serve((_, response) => response.writeHead(status, { location: '/elsewhere' }).end(body));

describe('an MLflow that does not answer as it should', () => {
  it.each([
    [500, '{"error_code": "INTERNAL_ERROR", "message": "database is locked"}', 'failed', true],
    [503, 'no upstream', 'failed', true],
    [429, '{"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "slowly"}', 'failed', true],
    [401, 'who are you', 'unauthorized', true],
    [403, '{"error_code": "PERMISSION_DENIED", "message": "no"}', 'unauthorized', true],
    [404, '<html>no such page</html>', 'malformed', true],
    [200, '<html>log in first</html>', 'malformed', true],
    [200, '{"experiments": [{"id": 7}]}', 'malformed', true],
    [302, '', 'unreachable', true],
    [400, '{"error_code": "INVALID_PARAMETER_VALUE", "message": "bad"}', 'refused', false],
    [404, '{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}', 'gone', false],
    [400, '{"error_code": "RESOURCE_ALREADY_EXISTS", "message": "two"}', 'conflict', false],
  ])('says HTTP %d with %s is %s', async (status, body, kind, retryable) => {
    const tracking = createMlflowTracking({ url: `http://${await answering(status, body)}/mlflow` });
    await expect(tracking.findExperiment('k')).rejects.toMatchObject({ name: 'TrackingError', kind, retryable });
  });

  it('says that it took too long', async () => {
    const address = await serve(() => {});
    const tracking = createMlflowTracking({ url: `http://${address}`, timeout_ms: 50 });
    await expect(tracking.ping()).rejects.toMatchObject({ kind: 'timeout', retryable: true });
  });

  it('says that nothing is there', async () => {
    const tracking = createMlflowTracking({ url: 'http://127.0.0.1:1/mlflow' });
    await expect(tracking.ping()).rejects.toMatchObject({ kind: 'unreachable', retryable: true });
  });

  it.each(['', 'sqlite:///mlflow.db', '127.0.0.1:5000', 'file:///x'])('refuses %j as its address', (url) => {
    expect(() => createMlflowTracking({ url })).toThrow(TrackingError);
  });

  it('gets the credentials of its address, which no message shows', async () => {
    const seen: IncomingMessage[] = [];
    const address = await serve((request, response) => {
      seen.push(request);
      response.writeHead(500).end('x');
    });
    const tracking = createMlflowTracking({ url: `http://me:p%40ss@${address}/ml/` });
    const error = await tracking.ping().catch((e: unknown) => e);
    expect(seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/ml/version', `Basic ${Buffer.from('me:p@ss').toString('base64')}`],
    ]);
    expect(String(error)).not.toContain('p%40ss');
    expect(String(error)).not.toContain('p@ss');
  });
});

describe('where artifacts are', () => {
  it.each([
    ['mlflow-artifacts:/1/r/artifacts', '/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts'],
    ['mlflow-artifacts://host:5000/team/1/r/artifacts', '/api/2.0/mlflow-artifacts/artifacts/team/1/r/artifacts'],
    [
      'http://h/p/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts',
      '/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts',
    ],
  ])('is by %s', (artifact_uri, route) => {
    expect(artifactRoute(artifact_uri)).toBe(route);
    expect(runRoute(artifact_uri, 'r')).toBe(route.replace(/\/artifacts$/, ''));
  });

  it.each([
    's3://bucket/1/r/artifacts',
    '/var/mlruns/1/r',
    'file:///mlruns/1',
    'http://h/elsewhere',
    'mlflow-artifacts:/',
    '',
  ])('is not served by MLflow for %j', (artifact_uri) => {
    expect(() => artifactRoute(artifact_uri)).toThrow('--serve-artifacts');
  });

  it('has paths that are encoded', () => {
    expect(encodePath('a b/c?#.csv')).toBe('a%20b/c%3F%23.csv');
  });
});
