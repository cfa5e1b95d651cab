/** What an instance says over HTTP, wherever it is. */
import { SERVICE_NAMES, Status } from '@touchstone/schemas';
import { type Check, fail, ok, skipped, warn } from './check.ts';

const ANSWER_WITHIN_MS = 10_000;
const SKEW_S = 5;

export type Instance = { url: string; api_key: string };

export async function checkServer({ url, api_key }: Instance, version: string): Promise<Check[]> {
  let health: Response;
  const asked = Date.now();
  try {
    health = await ask(`${url}/health`);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    return [
      fail('server', `Nothing answers at ${url} (${cause?.message || message}).`, 'Start it with `npm start`.'),
      skipped('key', 'The server does not answer.'),
    ];
  }
  const { version: theirs } = (await health.json().catch(() => ({}))) as { version?: string };
  if (!health.ok || theirs === undefined) {
    const detail = `What answers at ${url} is not Touchstone (HTTP ${health.status}).`;
    return [fail('server', detail, 'Check the address, and whether a proxy is in between.')];
  }
  const server =
    theirs === version
      ? ok('server', `Touchstone ${theirs} at ${url}`)
      : warn('server', `The server is ${theirs}, this command line ${version}.`, 'Bring both to the same version.');
  return [server, checkClock(health, asked), ...(await checkKey(url, api_key))];
}

/** Signed links and sessions are good for a time, by two clocks. */
function checkClock(answer: Response, asked: number): Check {
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  // The header has whole seconds.
  const skew_s = Math.max(0, Math.abs(theirs - (asked + Date.now()) / 2) / 1000 - 1);
  if (Number.isNaN(skew_s)) return skipped('clock', 'The server does not say what time it is.');
  if (skew_s <= SKEW_S) return ok('clock', 'The server has the same time as this machine.');
  return warn('clock', `The server's clock differs by ${Math.round(skew_s)} s.`, 'Set both by NTP.');
}

async function checkKey(url: string, api_key: string): Promise<Check[]> {
  const answer = await ask(`${url}/trpc/status.get`, { authorization: `Bearer ${api_key}` }).catch(() => null);
  if (answer?.status === 401) {
    return [
      fail(
        'key',
        'The server does not accept the API key.',
        'Use a key of this instance: --api-key or TOUCHSTONE_API_KEY.',
      ),
    ];
  }
  const { result } = ((await answer?.json().catch(() => null)) ?? {}) as { result?: { data?: unknown } };
  const { data: status } = Status.safeParse(result?.data);
  if (!status)
    return [fail('key', `The server does not say how it is (HTTP ${answer?.status}).`, "Look into the server's log.")];
  const services = SERVICE_NAMES.filter((name) => name !== 'server').map((name) => {
    const { state, detail, to_do, version } = status.services[name];
    const title = `${name} (as the server sees it)`;
    if (state === 'ok') return ok(title, version ?? 'OK');
    if (state === 'starting') return warn(title, detail ?? 'It is starting.', 'Wait a minute and look again.');
    const found = state === 'down' ? fail : warn;
    return found(title, detail ?? state, to_do ?? "Look into the server's log.");
  });
  return [ok('key', 'The API key is accepted.'), ...services];
}

function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
}
