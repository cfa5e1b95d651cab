/** How the endpoint behaves towards every call; a prompt may say otherwise for itself (behaviour.ts). */
import { parseArgs } from 'node:util';
import { parseBehaviour } from './behaviour.ts';
import { parseNumber, parseRange, type Range } from './range.ts';

export type Settings = {
  /** From the last byte of a request to the last of its answer; drawn for each call, the same in every run. */
  latency_ms: Range;
  /** Of a streamed answer, to its first token; the others follow evenly. Null: a quarter of the latency. */
  first_token_ms: number | null;
  /** A behaviour that every call gets, e.g. `401`; empty: none. */
  every: string;
  /** Share of prompts, chosen by their hash, that always get the behaviour `fail`. */
  fail_rate: number;
  fail: string;
  /** Seconds after the first call between which every call gets the behaviour `storm`; null: never. */
  storm_s: Range | null;
  storm: string;
  /** Calls that are worked on at once, others wait in a queue, as in a local server; 0: all. */
  workers: number;
  /** Calls at once beyond which there is a 429; 0: no limit. */
  max_in_flight: number;
  /** 401 for everything without this key; empty: no key is asked for. */
  require_key: string;
};

export const DEFAULTS: Settings = {
  latency_ms: [0, 0],
  first_token_ms: null,
  every: '',
  fail_rate: 0,
  fail: '500',
  storm_s: null,
  storm: '429',
  workers: 0,
  max_in_flight: 0,
  require_key: '',
};

/** As a caller writes them: one number for a fixed latency. */
export type SettingsInput = Partial<Omit<Settings, 'latency_ms'>> & { latency_ms?: number | Range };

/** Raises Error in words about what is wrong. */
export function change(settings: Settings, { latency_ms, ...rest }: SettingsInput): Settings {
  const unknown = Object.keys(rest).find((name) => !(name in DEFAULTS));
  if (unknown) throw new Error(`There is no setting "${unknown}": ${Object.keys(DEFAULTS).join(', ')}.`);
  const latency = typeof latency_ms === 'number' ? ([latency_ms, latency_ms] as const) : latency_ms;
  const changed = { ...settings, ...rest, ...(latency && { latency_ms: latency }) };
  for (const text of [changed.every, changed.fail, changed.storm]) parseBehaviour(text);
  return changed;
}

export type Command = SettingsInput & { port: number; ledger: string | null };

/** The command line. Raises Error in words about what is wrong. */
export function parseCommand(args: string[]): Command & { help: boolean } {
  const text = { type: 'string' } as const;
  const names = [...Object.keys(DEFAULTS), 'port', 'ledger'].map((name) => name.replaceAll('_', '-'));
  const options = Object.fromEntries(names.map((name) => [name, text]));
  const { values } = parseArgs({ args, options: { ...options, help: { type: 'boolean', short: 'h' } } });
  const given = values as Record<string, string | undefined>;
  const command: Record<string, unknown> = { port: 0, ledger: null, help: values.help === true };
  for (const name of names) {
    const value = given[name];
    if (value === undefined) continue;
    const key = name.replaceAll('-', '_');
    if (name === 'latency-ms' || name === 'storm-s') command[key] = parseRange(name, value);
    else if (['every', 'fail', 'storm', 'require-key', 'ledger'].includes(name)) command[key] = value;
    else command[key] = parseNumber(name, value);
  }
  return command as Command & { help: boolean };
}
