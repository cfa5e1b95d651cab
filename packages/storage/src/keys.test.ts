import { describe, expect, it } from 'vitest';
import { StorageError } from './errors.ts';
import * as keys from './keys.ts';
import { checkKey, checkPrefix } from './storage.ts';

const id = '0190d8a6-5b1e-7c3d-9f00-1234567890ab';

describe('keys', () => {
  it('are those of the storage contract', () => {
    expect([
      keys.datasetSource(id, 'csv'),
      keys.datasetSource(id, 'parquet'),
      keys.datasetData(id),
      keys.datasetHealth(id, 'ab12'),
      keys.experimentSample(id),
      keys.jobSpec(id),
      keys.jobSample(id),
      keys.jobControl(id),
      keys.jobJournalPrefix(id),
      keys.attemptProgress(id, 2),
      keys.attemptLogPrefix(id, 2),
      keys.attemptLog(id, 2, 7),
      keys.attemptSecrets(id, 2),
      keys.attemptRows(id, 2),
      keys.attemptFolded(id, 2),
      keys.attemptResult(id, 12),
    ]).toEqual([
      `datasets/${id}/source.csv`,
      `datasets/${id}/source.parquet`,
      `datasets/${id}/data.parquet`,
      `datasets/${id}/health/ab12.json`,
      `experiments/${id}/sample.parquet`,
      `jobs/${id}/spec.json`,
      `jobs/${id}/sample.parquet`,
      `jobs/${id}/control.json`,
      `jobs/${id}/journal/`,
      `jobs/${id}/attempts/2/progress.json`,
      `jobs/${id}/attempts/2/log-`,
      `jobs/${id}/attempts/2/log-000007.txt`,
      `jobs/${id}/attempts/2/secrets.sealed`,
      `jobs/${id}/attempts/2/rows.parquet`,
      `jobs/${id}/attempts/2/folded.parquet`,
      `jobs/${id}/attempts/12/result.json`,
    ]);
  });

  it('are keys and prefixes that a driver takes', () => {
    for (const prefix of [keys.datasetPrefix(id), keys.experimentPrefix(id), keys.jobPrefix(id)]) checkPrefix(prefix);
    checkKey(keys.attemptLog(id, 1, 0));
  });

  it.each(['', '1', '..', '../../etc/passwd', id.toUpperCase(), `${id}/`, `${id}\n`])('refuse %j as an id', (bad) => {
    expect(() => keys.jobSpec(bad)).toThrow(StorageError);
    expect(() => keys.datasetPrefix(bad)).toThrow(StorageError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuse %d as an attempt', (bad) => {
    expect(() => keys.attemptRows(id, bad)).toThrow(StorageError);
  });

  it("read a journal segment's name", () => {
    const process = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
    expect(keys.parseJournalKey(`jobs/${id}/journal/3-${process}-000012.jsonl`)).toEqual({
      job_id: id,
      attempt: 3,
      process,
      seq: 12,
      last: 12,
    });
    expect(keys.parseJournalKey(`jobs/${id}/journal/3-${process}-000012-000111.jsonl`)).toMatchObject({
      seq: 12,
      last: 111,
    });
    expect(keys.parseJournalKey(`jobs/${id}/journal/other.txt`)).toBeNull();
    expect(keys.parseJournalKey(keys.jobSpec(id))).toBeNull();
  });

  it('leave out segments that a merged one holds', () => {
    const process = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
    const other = '8c9e6679-7425-40de-944b-e07fc1f90ae7';
    const segment = (name: string) => ({ key: `jobs/${id}/journal/${name}.jsonl` });
    const kept = [`1-${process}-000001-000100`, `1-${process}-000101`, `1-${other}-000005`, `2-${process}-000005`];
    const held = [`1-${process}-000001`, `1-${process}-000100`];
    expect(keys.withoutMerged([...kept, ...held].map(segment))).toEqual(kept.map(segment));
  });
});
