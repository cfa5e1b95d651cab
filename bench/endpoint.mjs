// An OpenAI-compatible endpoint with a known latency and a ledger, for benchmarks, end-to-end tests and trying Touchstone out without a model.
//
//   node bench/endpoint.mjs --port 9100 --latency-ms 200
//
//   --port N            0: a free one; the address is printed as "listening on http://127.0.0.1:N"
//   --latency-ms N      from the last byte of a request to its answer (default 0)
//   --fail-rate P       share of prompts, chosen by their hash, that always get --fail-status (default 0)
//   --fail-status N     (default 500)
//   --status N          every call gets this status instead of an answer, e.g. 401
//   --require-key KEY   401 for calls, and for the list of models, without "Authorization: Bearer KEY"
//   --ledger FILE       append one JSON line per call before it is answered: {at, prompt, status, authorized}; "prompt" is a SHA-256
//
// GET /ledger: {calls, in_flight, max_in_flight, answered, prompts: {<SHA-256 of the last user message>: calls}}. GET /v1/models. Any model name is accepted.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
    'fail-rate': { type: 'string', default: '0' },
    'fail-status': { type: 'string', default: '500' },
    status: { type: 'string' },
    'require-key': { type: 'string' },
    ledger: { type: 'string' },
  },
});
const latencyMs = Number(options['latency-ms']);
const failRate = Number(options['fail-rate']);

const ledger = { calls: 0, in_flight: 0, max_in_flight: 0, answered: 0, prompts: {} };

/** The first sentence of the prompt's last paragraph, at most 30 words: short, and the same for the same prompt. */
function summarize(prompt) {
  const paragraph =
    prompt
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const sentence = paragraph.match(/^.*?[.!?](?=\s|$)/s)?.[0] ?? paragraph;
  return sentence.replaceAll('\n', ' ').split(' ').slice(0, 30).join(' ');
}

const countTokens = (text) => (text ? text.trim().split(/\s+/).length : 0);

const isAuthorized = ({ headers }) =>
  options['require-key'] === undefined || headers.authorization === `Bearer ${options['require-key']}`;

/** What a call gets: a status, and the prompt and its hash for the ledger. */
function judge(request, body) {
  let prompt = '';
  let status = 200;
  try {
    prompt = JSON.parse(body).messages.findLast((message) => message.role === 'user').content;
  } catch {
    status = 400;
  }
  const hash = createHash('sha256').update(prompt).digest('hex');
  if (Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32 < failRate) status = Number(options['fail-status']);
  const authorized = isAuthorized(request);
  if (!authorized) status = 401;
  if (options.status !== undefined) status = Number(options.status);
  return { prompt, hash, status, authorized };
}

function completion(model, prompt) {
  const content = summarize(prompt);
  const usage = { prompt_tokens: countTokens(prompt), completion_tokens: countTokens(content) };
  return {
    id: `chatcmpl-${ledger.calls}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

async function complete(request, response) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { prompt, hash, status, authorized } = judge(request, body);
  ledger.calls += 1;
  ledger.in_flight += 1;
  ledger.max_in_flight = Math.max(ledger.max_in_flight, ledger.in_flight);
  ledger.prompts[hash] = (ledger.prompts[hash] ?? 0) + 1;
  if (options.ledger) {
    appendFileSync(options.ledger, `${JSON.stringify({ at: Date.now() / 1000, prompt: hash, status, authorized })}\n`);
  }
  if (latencyMs) await sleep(latencyMs);
  ledger.in_flight -= 1;
  if (status === 200) {
    ledger.answered += 1;
    send(response, 200, completion(JSON.parse(body).model, prompt));
  } else {
    send(response, status, { error: { message: `This endpoint was told to answer ${status}.`, type: 'scripted' } });
  }
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://endpoint');
  if (request.method === 'POST' && pathname === '/v1/chat/completions') {
    complete(request, response).catch((error) => response.destroy(error));
  } else if (request.method === 'GET' && pathname === '/v1/models' && !isAuthorized(request)) {
    send(response, 401, { error: { message: 'The key is missing or wrong.', type: 'scripted' } });
  } else if (request.method === 'GET' && pathname === '/v1/models') {
    send(response, 200, { object: 'list', data: [{ id: 'm', object: 'model', created: 0, owned_by: 'touchstone' }] });
  } else if (request.method === 'GET' && pathname === '/ledger') {
    send(response, 200, ledger);
  } else {
    send(response, 404, { error: { message: `There is no ${request.method} ${pathname} here.`, type: 'not_found' } });
  }
});
server.keepAliveTimeout = 60_000;
server.listen({ port: Number(options.port), host: '127.0.0.1', backlog: 4096 }, () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
