/**
 * How one call is answered, in words: `429 retry-after=2 first=3`. A prompt asks for a behaviour by holding `[fake: …]`. Pure.
 */
import { parseNumber, parseRange, type Range } from './range.ts';

export const KINDS = {
  answer: 'an ordinary answer',
  reasoning: 'an answer with reasoning in a field of its own',
  think: 'an answer after a <think> block',
  empty: 'an answer without text',
  null: 'an answer whose content is null',
  echo: 'the prompt, whole',
  misshapen: 'an answer in words where one in the shape of a schema is asked for',
  'misshapen-once': 'the same, until the prompt holds an earlier reply',
  hang: 'nothing, ever',
  drip: 'a byte of white space every 50 ms (streamed: a comment), for ever',
  drop: 'the connection closed instead of an answer',
  cut: 'the first half of an answer, then the connection closed',
  malformed: 'a page of HTML with status 200',
  'wrong-shape': 'JSON with status 200 that is no answer',
  'error-in-200': 'an error object with status 200; streamed: in the middle of the answer',
  huge: 'an answer of 50 MB',
  bomb: 'a gzip body of 1 MB that unpacks to 1 GB',
  'echo-key': 'status 400 with the key in its message',
} as const;
export type Kind = keyof typeof KINDS | 'status';

export type Behaviour = {
  kind: Kind;
  /** Of the kind `status`. */
  status: number;
  /** Null: that of the settings. */
  latency_ms: Range | null;
  /** Words of the answer; null: a summary of the prompt. */
  words: number | null;
  /** What an answer in the shape of a schema has as its score, on the scale or not; null: one of the schema's, by the prompt's hash. */
  score: number | null;
  /** Only the first so many calls of the prompt get it, the others an ordinary answer. */
  first: number;
  retry: readonly { form: RetryForm; seconds: number }[];
};

const RETRY_FORMS = ['retry-after', 'retry-date', 'retry-after-ms', 'x-ratelimit', 'anthropic-ratelimit'] as const;
type RetryForm = (typeof RETRY_FORMS)[number];

const MARKER = /\[fake:([^\]]*)\]/;

/** The marker's words in a prompt, or null. */
export function findMarker(prompt: string): string | null {
  return MARKER.exec(prompt)?.[1] ?? null;
}

export function withoutMarker(prompt: string): string {
  return prompt.replace(MARKER, '').trim();
}

/** Raises Error in words about what is wrong. */
export function parseBehaviour(text: string): Behaviour {
  const behaviour = { kind: 'answer' as Kind, status: 200, latency_ms: null as Range | null };
  const more = { words: null as number | null, score: null as number | null, first: Number.POSITIVE_INFINITY };
  const retry: { form: RetryForm; seconds: number }[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [name, value] = word.split('=') as [string, string | undefined];
    if (value === undefined) {
      if (/^[1-5]\d\d$/.test(name)) Object.assign(behaviour, { kind: 'status', status: Number(name) });
      else if (name in KINDS) behaviour.kind = name as Kind;
      else throw new Error(`There is no behaviour "${name}": a status, or ${Object.keys(KINDS).join(', ')}.`);
    } else if (name === 'latency') behaviour.latency_ms = parseRange(name, value);
    else if (name === 'first' || name === 'words' || name === 'score') more[name] = parseNumber(name, value);
    else if (RETRY_FORMS.includes(name as RetryForm)) {
      const number = parseNumber(name, value);
      retry.push({ form: name as RetryForm, seconds: name === 'retry-after-ms' ? number / 1000 : number });
    } else throw new Error(`There is no option "${name}": latency, first, words, score, ${RETRY_FORMS.join(', ')}.`);
  }
  return { ...behaviour, ...more, retry };
}

/** The headers with which an endpoint says how long to wait, in each form that is in use. `now`: Unix time in ms. */
export function retryHeaders({ retry }: Behaviour, now: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { form, seconds } of retry) {
    const at = new Date(now + seconds * 1000);
    if (form === 'retry-after') headers['retry-after'] = String(seconds);
    // A date has whole seconds: the next one, so that nobody is asked back too early.
    if (form === 'retry-date') headers['retry-after'] = new Date(Math.ceil(Number(at) / 1000) * 1000).toUTCString();
    if (form === 'retry-after-ms') headers['retry-after-ms'] = String(seconds * 1000);
    if (form === 'x-ratelimit') {
      headers['x-ratelimit-remaining-requests'] = '0';
      headers['x-ratelimit-reset-requests'] = `${seconds}s`;
    }
    if (form === 'anthropic-ratelimit') {
      headers['anthropic-ratelimit-requests-remaining'] = '0';
      headers['anthropic-ratelimit-requests-reset'] = at.toISOString();
    }
  }
  return headers;
}
