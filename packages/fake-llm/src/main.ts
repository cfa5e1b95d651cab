/** `fake-llm`: the endpoint as a command. */
import type { AddressInfo } from 'node:net';
import { KINDS } from './behaviour.ts';
import { Ledger } from './ledger.ts';
import { createFakeLlm } from './server.ts';
import { change, DEFAULTS, parseCommand } from './settings.ts';

const HELP = `Usage: fake-llm [--port 9100] [--latency-ms 200] …

An OpenAI- and Anthropic-compatible endpoint that needs no model and no money: it answers each prompt with the first sentence of its last
paragraph, and fails as it is told to. Any model name is accepted. Base URL: http://127.0.0.1:<port>/v1

  --port N              0, the default: a free one; the address is printed as "listening on http://127.0.0.1:N"
  --latency-ms N        from the last byte of a request to the last of its answer; N-M: drawn, the same in every run
  --first-token-ms N    of a streamed answer (default: a quarter of the latency)
  --workers N           work on N calls at once, others wait in a queue, as with a local server
  --max-in-flight N     429 for calls beyond N at once
  --fail-rate P         share of prompts, chosen by their hash, that get the behaviour --fail (default 500)
  --every BEHAVIOUR     what every call gets, e.g. 401
  --storm-s N-M         seconds after the first call between which every call gets --storm (default 429)
  --require-key KEY     401 without it
  --ledger FILE         a line for each call, on the disk before it is answered; read again at the next start

A prompt chooses for itself with [fake: BEHAVIOUR], e.g. [fake: 429 retry-after=2 first=3]. A behaviour is a status, or

${Object.entries(KINDS)
  .map(([name, what]) => `  ${name.padEnd(16)} ${what}`)
  .join('\n')}

Where a request comes with a JSON schema, as a judge's does, the answer is in its shape: the same for the same prompt.

A behaviour comes, where wanted, with latency=N or N-M (ms), words=N (length of the answer), score=N (of an answer in shape), first=N (only the first N calls of this prompt), and how long to
stay away, in seconds: retry-after=N, retry-date=N, x-ratelimit=N, anthropic-ratelimit=N; in milliseconds: retry-after-ms=N.

GET /ledger: {calls, answered, in_flight, max_in_flight, prompts, answers}, the last two by SHA-256 of the last user message; /ledger?counts
without them. PATCH /settings with {"latency_ms": …, "every": …} changes what is going on.`;

try {
  const { port, ledger, help, ...settings } = parseCommand(process.argv.slice(2));
  if (help) {
    console.log(HELP);
  } else {
    const server = createFakeLlm(change(DEFAULTS, settings), await Ledger.open(ledger));
    server.once('error', fail);
    server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () =>
      console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
  }
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  console.error(`${error instanceof Error ? error.message : String(error)} "fake-llm --help" says more.`);
  process.exit(2);
}
