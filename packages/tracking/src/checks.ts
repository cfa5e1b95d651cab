/** What the tracking server takes, so that every implementation takes the same. */
import { TrackingError } from './errors.ts';
import type { MetricInput } from './tracking.ts';

const MAX_NAME = 250;
const MAX_TITLE = 500;
const MAX_PARAM = 6000;
const MAX_TAG = 8000;

/** A name for a param, metric or tag from any text: other characters become "_". Two texts may share one name. */
export function trackingName(text: string): string {
  const characters = Array.from(text.toWellFormed().replace(/[^/\p{L}\p{N}_.\- :]/gu, '_'));
  const parts = characters.slice(0, MAX_NAME).join('').split('/');
  const kept = parts.map((part) => part.trim()).filter((part) => part !== '' && part !== '.' && part !== '..');
  return kept.join('/') || '_';
}

export function checkName(name: string): string {
  if (name !== trackingName(name)) {
    throw new TrackingError('refused', `"${name}" is no name for a param, metric or tag.`);
  }
  return name;
}

export function checkMetric({ key, value, timestamp, step }: MetricInput): MetricInput {
  checkName(key);
  if (!Number.isFinite(value)) throw new TrackingError('refused', `Metric "${key}" is ${value}, which is no number.`);
  if (!Number.isSafeInteger(step)) throw new TrackingError('refused', `Metric "${key}" has ${step} as its step.`);
  return { key, value, timestamp: checkTime(timestamp), step };
}

export function checkTime(time: number): number {
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new TrackingError('refused', `${time} is no time in milliseconds.`);
  }
  return time;
}

/** Keys go into a search: nothing in them may end a string there. */
export function checkKey(key: string): string {
  if (!/^[A-Za-z0-9._:/-]{1,250}$/.test(key)) throw new TrackingError('refused', `"${key}" is no key.`);
  return key;
}

/** An artifact's path below its run. */
export function checkPath(path: string): string {
  const ok = path.split('/').every((part) => /^[A-Za-z0-9._ -]+$/.test(part) && part !== '.' && part !== '..');
  if (!ok) throw new TrackingError('refused', `"${path}" is no path for an artifact.`);
  return path;
}

/** The name of an experiment or a run, as people see it. */
export function titleOf(name: string): string {
  return clean(name, MAX_TITLE) || '_';
}

export function paramsOf(params: Record<string, string>): [string, string][] {
  return Object.entries(params).map(([name, value]) => [checkName(name), clean(value, MAX_PARAM)]);
}

export function tagsOf(tags: Record<string, string>): [string, string][] {
  return Object.entries(tags).map(([name, value]) => [checkName(name), clean(value, MAX_TAG)]);
}

/**
 * Text that a server keeps as it is. Half a surrogate pair is not UTF-8 (MLflow silently leaves out what follows it in
 * the request), and Postgres has no NUL.
 */
function clean(text: string, length: number): string {
  return cut(text.toWellFormed().replaceAll('\0', '\uFFFD'), length);
}

/** At most `length` characters (code points), "…" in place of what is left out. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** Groups of at most `count` items and `bytes` bytes of JSON. An item larger than that is a group of its own. */
export function* batches<T>(items: T[], count: number, bytes: number): Generator<T[]> {
  let batch: T[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = Buffer.byteLength(JSON.stringify(item));
    if (batch.length > 0 && (batch.length === count || size + itemSize > bytes)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += itemSize;
  }
  if (batch.length > 0) yield batch;
}
