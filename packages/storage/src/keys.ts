/** Every storage key is built here. The jobs' side has the same few functions. Keys hold ids made by the server alone. */
import { StorageError } from './errors.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function checkId(id: string): string {
  if (!UUID.test(id)) throw new StorageError('invalid', `"${id}" is no id (a UUID in small letters).`);
  return id;
}

function checkNumber(n: number, least: number): number {
  if (!Number.isSafeInteger(n) || n < least) throw new StorageError('invalid', `${n} is no number from ${least} up.`);
  return n;
}

export const datasetPrefix = (datasetId: string) => `datasets/${checkId(datasetId)}/`;
/** The bytes as uploaded. */
export const datasetSource = (datasetId: string, format: 'csv' | 'jsonl' | 'parquet') =>
  `${datasetPrefix(datasetId)}source.${format}`;
/** `row_id` and the columns, every value a string as written. */
export const datasetData = (datasetId: string) => `${datasetPrefix(datasetId)}data.parquet`;

/** What was found in it, of one choice of columns: a cache, which may be missing. */
export const datasetHealth = (datasetId: string, sha256: string) => `${datasetPrefix(datasetId)}health/${sha256}.json`;

export const experimentPrefix = (experimentId: string) => `experiments/${checkId(experimentId)}/`;
/** The sampled `row_id`s in their order. */
export const experimentSample = (experimentId: string) => `${experimentPrefix(experimentId)}sample.parquet`;

export const jobPrefix = (jobId: string) => `jobs/${checkId(jobId)}/`;
export const jobSpec = (jobId: string) => `${jobPrefix(jobId)}spec.json`;
/** The sampled `row_id`s of a job that is in no experiment. */
export const jobSample = (jobId: string) => `${jobPrefix(jobId)}sample.parquet`;
export const jobControl = (jobId: string) => `${jobPrefix(jobId)}control.json`;
/** Segments of finished rows: `parseJournalKey` reads their names. */
export const jobJournalPrefix = (jobId: string) => `${jobPrefix(jobId)}journal/`;

/** Everything one attempt writes, but for the journal. */
export const attemptPrefix = (jobId: string, attempt: number) =>
  `${jobPrefix(jobId)}attempts/${checkNumber(attempt, 1)}/`;
export const attemptProgress = (jobId: string, attempt: number) => `${attemptPrefix(jobId, attempt)}progress.json`;
/** Pieces of the driver's output: `attemptLog` with 0, 1, … */
export const attemptLogPrefix = (jobId: string, attempt: number) => `${attemptPrefix(jobId, attempt)}log-`;
export const attemptLog = (jobId: string, attempt: number, seq: number) =>
  `${attemptLogPrefix(jobId, attempt)}${String(checkNumber(seq, 0)).padStart(6, '0')}.txt`;
export const attemptSecrets = (jobId: string, attempt: number) => `${attemptPrefix(jobId, attempt)}secrets.sealed`;
export const attemptRows = (jobId: string, attempt: number) => `${attemptPrefix(jobId, attempt)}rows.parquet`;
/** The journal folded by an evaluation, where inference did not reach its end. */
export const attemptFolded = (jobId: string, attempt: number) => `${attemptPrefix(jobId, attempt)}folded.parquet`;
/** Written last. */
export const attemptResult = (jobId: string, attempt: number) => `${attemptPrefix(jobId, attempt)}result.json`;

/** `last` is `seq` but of a merged segment, which holds those from `seq` to `last`. */
export type JournalKey = { job_id: string; attempt: number; process: string; seq: number; last: number };

const JOURNAL = /^jobs\/([0-9a-f-]{36})\/journal\/(\d+)-([0-9a-f-]{32,36})-(\d{6,})(?:-(\d{6,}))?\.jsonl$/;

/** What a journal segment's name says, or null where the key is none. */
export function parseJournalKey(key: string): JournalKey | null {
  const match = JOURNAL.exec(key);
  if (!match) return null;
  const [, job_id, attempt, process, seq, last = seq] = match as unknown as [string, string, string, string, string];
  return { job_id, attempt: Number(attempt), process, seq: Number(seq), last: Number(last) };
}

/** A journal's segments without those that a merged one beside them holds: a reader may find both. */
export function withoutMerged<T extends { key: string }>(segments: readonly T[]): T[] {
  const names = segments.map(({ key }) => parseJournalKey(key));
  const merged = new Map<string, JournalKey[]>();
  const writer = ({ attempt, process }: JournalKey) => `${attempt}-${process}`;
  for (const name of names) {
    if (name && name.last > name.seq) merged.set(writer(name), [...(merged.get(writer(name)) ?? []), name]);
  }
  return segments.filter((_, i) => {
    const name = names[i];
    if (!name || name.last > name.seq) return true;
    return !merged.get(writer(name))?.some(({ seq, last }) => seq <= name.seq && name.seq <= last);
  });
}

/** Written and read again to see whether storage works. */
export const healthProbe = () => 'health/probe.txt';
/** The same, for `touchstone doctor`, which removes it. */
export const doctorProbe = () => 'health/doctor.txt';
