/** The endpoint: routes, and what a call gets. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { makeAnswer } from './answer.ts';
import { anthropic } from './anthropic.ts';
import { type Behaviour, findMarker, parseBehaviour, retryHeaders } from './behaviour.ts';
import type { Dialect } from './dialect.ts';
import { type Call, hashOf, type Ledger } from './ledger.ts';
import { openai } from './openai.ts';
import type { Range } from './range.ts';
import { change, type Settings, type SettingsInput } from './settings.ts';

const DRIP_MS = 50;
const BOMB_BYTES = 1_000_000_000;
const DIALECTS: Record<string, Dialect> = { '/v1/chat/completions': openai, '/v1/messages': anthropic };

type Request = { body: Record<string, unknown>; prompt: string };

/** Not yet listening. */
export function createFakeLlm(initial: Settings, ledger: Ledger): Server {
  let settings = initial;
  let began: number | null = null;
  let busy = 0;
  const queue: (() => void)[] = [];

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else send(response, 400, openai.error(400, error instanceof Error ? error.message : String(error)));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  return server;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://fake');
    const dialect = DIALECTS[pathname];
    const what = `${request.method} ${pathname}`;
    if (dialect && request.method === 'POST') return complete(dialect, request, response);
    if (what === 'GET /ledger') {
      return send(response, 200, searchParams.has('counts') ? ledger.counts() : ledger.content());
    }
    if (what === 'GET /settings') return send(response, 200, settings);
    if (what === 'PATCH /settings') {
      settings = change(settings, JSON.parse(await readBody(request)) as SettingsInput);
      return send(response, 200, settings);
    }
    if (what === 'GET /v1/models') {
      if (!isAuthorized(request.headers['x-api-key'] ? anthropic : openai, request)) {
        return send(response, 401, openai.error(401, 'The key is missing or wrong.'));
      }
      const model = { id: 'm', object: 'model', type: 'model', display_name: 'm', created: 0, owned_by: 'fake-llm' };
      return send(response, 200, { object: 'list', data: [model], has_more: false });
    }
    send(response, 404, openai.error(404, `There is no ${what} here.`));
  }

  async function complete(dialect: Dialect, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = parseRequest(await readBody(request));
    const call = await ledger.arrived(read.prompt, read.body.stream === true);
    try {
      const behaviour = isAuthorized(dialect, request) ? judge(read.prompt, call) : parseBehaviour('401');
      await answer(dialect, request, response, read, call, behaviour);
    } finally {
      ledger.left();
    }
  }

  function isAuthorized(dialect: Dialect, { headers }: IncomingMessage): boolean {
    return !settings.require_key || dialect.key(headers) === settings.require_key;
  }

  /** A storm comes before what a prompt asks for, and that before what all or some prompts get. */
  function judge(prompt: string, call: Call): Behaviour {
    began ??= Date.now();
    const second = (Date.now() - began) / 1000;
    const { storm_s, max_in_flight } = settings;
    if (storm_s && second >= storm_s[0] && second < storm_s[1]) return parseBehaviour(settings.storm);
    if (max_in_flight && ledger.counts().in_flight > max_in_flight) return parseBehaviour('429');
    const isOfThose = share(call.prompt) < settings.fail_rate;
    const behaviour = parseBehaviour(findMarker(prompt) ?? (isOfThose ? settings.fail : settings.every));
    return call.made_before < behaviour.first ? behaviour : parseBehaviour('');
  }

  async function answer(
    dialect: Dialect,
    request: IncomingMessage,
    response: ServerResponse,
    { body, prompt }: Request,
    call: Call,
    behaviour: Behaviour,
  ): Promise<void> {
    const { kind, status } = behaviour;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const pause = (ms: number) => (ms > 0 ? sleep(ms, undefined, { signal: gone.signal }).catch(() => {}) : undefined);
    const latency = between(behaviour.latency_ms ?? settings.latency_ms, `${call.prompt} ${call.made_before}`);
    const ends = async (code: number, answered: boolean) =>
      ledger.answered(call, response.destroyed ? 499 : code, answered && !response.destroyed);
    const refuse = async (code: number, message: string, headers = {}) => {
      await pause(latency);
      await ends(code, false);
      send(response, code, dialect.error(code, message), headers);
    };
    const said = (text: string) => new Promise<void>((done) => response.write(text, () => done()));

    if (kind === 'status') {
      return refuse(status, `This endpoint was told to answer ${status}.`, retryHeaders(behaviour, Date.now()));
    }
    if (kind === 'echo-key') return refuse(400, `The key ${dialect.key(request.headers)} may not do this.`);
    if (kind === 'hang') return void (await new Promise((done) => response.once('close', done)));
    const isStream = body.stream === true && !['malformed', 'wrong-shape', 'huge', 'bomb'].includes(kind);
    const type = isStream ? 'text/event-stream' : kind === 'malformed' ? 'text/html' : 'application/json';
    if (kind === 'drip') {
      response.writeHead(200, { 'content-type': type });
      while (!response.destroyed) {
        response.write(isStream ? ': still here\n\n' : ' ');
        await pause(DRIP_MS);
      }
      return;
    }
    const id = `fake-${call.number}`;
    const model = typeof body.model === 'string' ? body.model : 'm';
    const made = makeAnswer(prompt, behaviour, body);
    await worker();
    try {
      if (isStream) {
        const stream = dialect.stream(id, model, made, body);
        const first = Math.min(settings.first_token_ms ?? latency / 4, latency);
        const step = (latency - first) / Math.max(stream.tokens.length - 1, 1);
        const broken = kind === 'cut' || kind === 'drop' || kind === 'error-in-200';
        const tokens = broken ? stream.tokens.slice(0, Math.ceil(stream.tokens.length / 2)) : stream.tokens;
        await pause(kind === 'drop' ? latency : first);
        if (kind !== 'drop') {
          response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
          response.write(stream.head.join(''));
          for (const [i, token] of tokens.entries()) {
            if (i > 0) await pause(step);
            if (response.destroyed) break;
            response.write(token);
          }
        }
        await ends(200, !broken);
        if (kind === 'error-in-200') response.end(dialect.streamError(503, 'Overloaded in the middle of an answer.'));
        else if (kind === 'cut') await said(': cut\n\n');
        else if (!broken) response.end(stream.tail.join(''));
        if (kind === 'cut' || kind === 'drop') response.destroy();
        return;
      }
      await pause(latency);
      const bodies: Partial<Record<Behaviour['kind'], string | Buffer>> = {
        malformed: '<html><body>Bad gateway</body></html>',
        'wrong-shape': '{"choices": {"message": "not a list"}, "content": 7}',
        'error-in-200': JSON.stringify(dialect.error(503, 'This model is overloaded.')),
        ...(kind === 'bomb' && { bomb: await gzipBomb() }),
      };
      const content = bodies[kind] ?? JSON.stringify(dialect.whole(id, model, made));
      const broken = kind in bodies || kind === 'cut' || kind === 'drop';
      await ends(200, !broken);
      if (kind === 'drop') return void response.destroy();
      response.writeHead(200, { 'content-type': type, ...(kind === 'bomb' && { 'content-encoding': 'gzip' }) });
      if (kind !== 'cut') return void response.end(content);
      await said(content.slice(0, content.length / 2).toString());
      response.destroy();
    } finally {
      release();
    }
  }

  /** A place among the workers, once one is free. */
  async function worker(): Promise<void> {
    if (settings.workers && busy >= settings.workers) await new Promise<void>((go) => queue.push(go));
    else busy += 1;
  }

  function release(): void {
    const next = queue.shift();
    if (next) next();
    else busy -= 1;
  }
}

function send(response: ServerResponse, status: number, value: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Raises Error where there is no user message. */
function parseRequest(text: string): Request {
  const body = JSON.parse(text) as Record<string, unknown>;
  const messages = body.messages as { role?: string; content?: unknown }[] | undefined;
  const content = Array.isArray(messages) ? messages.findLast(({ role }) => role === 'user')?.content : undefined;
  const parts = Array.isArray(content)
    ? (content as { text?: string }[]).map(({ text }) => text ?? '').join('')
    : content;
  if (typeof parts !== 'string') throw new Error('There is no user message in the request.');
  return { body, prompt: parts };
}

/** From 0 up to 1, the same for the same hash. */
function share(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32;
}

function between([from, to]: Range, seed: string): number {
  return from === to ? from : from + share(hashOf(seed)) * (to - from);
}

let bomb: Promise<Buffer> | null = null;
function gzipBomb(): Promise<Buffer> {
  bomb ??= promisify(gzip)(Buffer.alloc(BOMB_BYTES, ' '));
  return bomb;
}
