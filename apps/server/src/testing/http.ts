import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { ensureOwner } from '../access/service.ts';
import { createToken } from '../access/tokens.ts';
import type { Services } from '../context.ts';
import type { Env } from '../env.ts';
import { buildApp } from '../http/app.ts';
import { openTestServer, type TestServer, type TestServerOptions } from './services.ts';

export type TestApp = TestServer & {
  /** Where it listens. */
  url: string;
  api_key: string;
  /** Everything that was logged, at every level. */
  logs: () => string;
  /** Signs a browser in, as a person would. @returns its Cookie header. */
  signIn(): Promise<string>;
  close(): Promise<void>;
};

/** A test server that listens; `env` changes its environment. */
export async function openTestApp(env: Partial<Env> = {}, options: TestServerOptions = {}): Promise<TestApp> {
  const server = await openTestServer(options);
  const lines: string[] = [];
  const logger = pino(
    { level: 'debug' },
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    }),
  );
  const services: Services = { ...server.services, env: { ...server.services.env, ...env }, log: logger };
  const api_key = `tsk_${createToken()}`;
  await ensureOwner(services, api_key);
  const app = await buildApp(services, { logger });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

  return {
    ...server,
    services,
    url,
    api_key,
    logs: () => lines.join(''),
    async signIn() {
      const link = await fetch(`${url}/trpc/sign_in_links.create`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
      });
      const { result } = (await link.json()) as { result: { data: { url: string } } };
      const answer = await postSession(url, new URL(result.data.url).searchParams.get('token')!);
      return answer.headers.getSetCookie()[0]!.split(';')[0]!;
    },
    close: () => app.close(),
    async stop() {
      await app.close();
      await server.stop();
    },
  };
}

export function postSession(url: string, token: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  });
}

/** A request with headers that `fetch` keeps for itself, such as Host, and the path as it stands. */
export function ask(
  { url }: { url: string },
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}
