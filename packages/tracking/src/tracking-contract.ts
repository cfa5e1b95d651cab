/** What every implementation must do: call it from a test file with its name and a way to open it. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { TrackingError, type TrackingErrorKind } from './errors.ts';
import type { RunInput, Tracking } from './tracking.ts';

const START = 1_790_000_000_000;

export function trackingContract(name: string, open: () => Promise<Tracking>): void {
  describe(`${name}: the tracking contract`, () => {
    let tracking: Tracking;
    beforeAll(async () => {
      tracking = await open();
    });

    const newExperiment = async () => {
      const key = randomUUID();
      return { key, id: await tracking.ensureExperiment({ key, name: `Summaries · ${key.slice(0, 8)}` }) };
    };
    const newRun = async (input: Partial<RunInput> = {}) => {
      const experiment_id = input.experiment_id ?? (await newExperiment()).id;
      const run = { key: randomUUID(), experiment_id, name: 'lead-3', start_time: START, ...input };
      return { ...run, run_id: await tracking.ensureRun(run) };
    };
    const theRun = async (experiment_id: string) => {
      const runs = await tracking.findRuns(experiment_id);
      expect(runs).toHaveLength(1);
      return runs[0]!;
    };

    it('makes an experiment once', async () => {
      const key = randomUUID();
      expect(await tracking.findExperiment(key)).toBeNull();
      const input = { key, name: `Café "é" · ${key.slice(0, 8)}`, tags: { 'touchstone.task': 'summarization' } };
      const id = await tracking.ensureExperiment(input);
      expect(await tracking.ensureExperiment(input)).toBe(id);
      const renamed = { ...input, name: `renamed since ${input.key}` };
      expect(await tracking.ensureExperiment(renamed)).toBe(id);
      expect(await tracking.ensureExperiment(renamed)).toBe(id);
      // Its old name is free, its new one is not.
      expect(await tracking.ensureExperiment({ key: randomUUID(), name: input.name })).not.toBe(id);
      await expectKind(tracking.ensureExperiment({ key: randomUUID(), name: renamed.name }), 'conflict');
      expect(await tracking.findExperiment(key)).toBe(id);
      expect(await tracking.findRuns(id)).toEqual([]);
    });

    it('makes one experiment where it is asked several times at once', async () => {
      const input = { key: randomUUID(), name: `At once ${randomUUID()}` };
      const ids = await Promise.all(Array.from({ length: 5 }, () => tracking.ensureExperiment(input)));
      expect(new Set(ids).size).toBe(1);
    });

    it('finds again what has an odd name', async () => {
      const key = randomUUID();
      const name = `half \ud83d a pair, ${key} ${'x'.repeat(600)}`;
      const id = await tracking.ensureExperiment({ key, name });
      expect(await tracking.findExperiment(key)).toBe(id);
      const run = { key, experiment_id: id, name, start_time: START };
      expect(await tracking.ensureRun(run)).toBe(await tracking.ensureRun(run));
      expect((await theRun(id)).name).toBe(`${name.replace('\ud83d', '\ufffd').slice(0, 499)}…`);
    });

    it('does not give one name to two experiments', async () => {
      const input = { key: randomUUID(), name: `Taken ${randomUUID()}` };
      await tracking.ensureExperiment(input);
      await expectKind(tracking.ensureExperiment({ ...input, key: randomUUID() }), 'conflict');
    });

    it('makes runs once, one below another', async () => {
      const { id } = await newExperiment();
      const parent = { key: randomUUID(), experiment_id: id, name: 'gpt', start_time: START, tags: { model: 'm' } };
      const parent_run_id = await tracking.ensureRun(parent);
      const child = { key: randomUUID(), experiment_id: id, name: 'inference', start_time: START + 5, parent_run_id };
      const child_run_id = await tracking.ensureRun(child);
      expect(await tracking.ensureRun(parent)).toBe(parent_run_id);
      expect(await tracking.ensureRun(child)).toBe(child_run_id);
      const empty = { status: 'RUNNING', end_time: null, params: {}, metrics: {} };
      expect(await tracking.findRuns(id)).toEqual([
        {
          ...empty,
          run_id: parent_run_id,
          key: parent.key,
          name: 'gpt',
          parent_run_id: null,
          start_time: START,
          tags: { model: 'm' },
        },
        {
          ...empty,
          run_id: child_run_id,
          key: child.key,
          name: 'inference',
          parent_run_id,
          start_time: START + 5,
          tags: {},
        },
      ]);
    });

    it('finds the run of its own experiment, where another has one with the same key', async () => {
      const [first, second] = [await newRun({ key: 'same' }), await newRun({ key: 'same' })];
      expect(second.run_id).not.toBe(first.run_id);
      expect(await tracking.ensureRun(second)).toBe(second.run_id);
    });

    it('records params, again without harm, and keeps what is there', async () => {
      const { run_id, experiment_id } = await newRun();
      const params = { model: 'baseline/lead-3', temperature: '0', prompt: 'A "quoted"\n{{x}} ☕', empty: '' };
      await tracking.logParams(run_id, params);
      await tracking.logParams(run_id, params);
      expect((await theRun(experiment_id)).params).toEqual(params);
      await expectKind(tracking.logParams(run_id, { temperature: '1', rows: '100' }), 'conflict');
      expect((await theRun(experiment_id)).params).toEqual({ ...params, rows: '100' });
    });

    it('records many and long params', async () => {
      const { run_id, experiment_id } = await newRun();
      const params = Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`p${i}`, `${i} ☕`.repeat(1000)]));
      await tracking.logParams(run_id, params);
      expect((await theRun(experiment_id)).params).toEqual(params);
    });

    it('cuts values that are too long, and takes odd text', async () => {
      const { run_id, experiment_id } = await newRun();
      const params = { long: '😀'.repeat(7000), half: 'a\ud800b', nul: 'a\0b', last: 'kept' };
      await tracking.logParams(run_id, params);
      await tracking.logParams(run_id, params);
      await tracking.setTags(run_id, { long: 'é'.repeat(9000), half: '\udc00', last: 'kept' });
      const run = await theRun(experiment_id);
      expect(run.params).toEqual({ long: `${'😀'.repeat(5999)}…`, half: 'a\uFFFDb', nul: 'a\uFFFDb', last: 'kept' });
      expect(run.tags).toEqual({ long: `${'é'.repeat(7999)}…`, half: '\uFFFD', last: 'kept' });
    });

    it('records metrics, again without harm, and the last point by its step', async () => {
      const { run_id, experiment_id } = await newRun();
      const points = [
        { key: 'rougeL', value: 0.25, timestamp: START, step: 0 },
        { key: 'latency_ms/p95', value: 1234.5, timestamp: START, step: 0 },
        { key: 'answered', value: 10, timestamp: START, step: 10 },
        { key: 'answered', value: 20, timestamp: START + 1000, step: 20 },
      ];
      await tracking.logMetrics(run_id, points);
      await tracking.logMetrics(run_id, points);
      await tracking.logMetrics(run_id, points.slice(0, 3));
      expect((await theRun(experiment_id)).metrics).toEqual({
        rougeL: { value: 0.25, timestamp: START, step: 0 },
        'latency_ms/p95': { value: 1234.5, timestamp: START, step: 0 },
        answered: { value: 20, timestamp: START + 1000, step: 20 },
      });
    });

    it('sets tags anew', async () => {
      const { run_id, experiment_id } = await newRun({ tags: { ray_job_id: 'a-1' } });
      await tracking.setTags(run_id, { ray_job_id: 'a-2', state: 'running' });
      await tracking.setTags(run_id, { ray_job_id: 'a-2', state: 'running' });
      expect((await theRun(experiment_id)).tags).toEqual({ ray_job_id: 'a-2', state: 'running' });
    });

    it('keeps artifacts and gives them back byte for byte', async () => {
      const { run_id } = await newRun();
      expect(await tracking.readArtifact(run_id, 'results/table.csv')).toBeNull();
      await tracking.putArtifact(run_id, 'results/table.csv', 'row,☕\n');
      await tracking.putArtifact(run_id, 'results/table.csv', 'row,☕\n');
      expect((await tracking.readArtifact(run_id, 'results/table.csv'))?.toString()).toBe('row,☕\n');
      await tracking.putArtifact(run_id, 'results/table.csv', 'shorter');
      expect((await tracking.readArtifact(run_id, 'results/table.csv'))?.toString()).toBe('shorter');
      await tracking.putArtifact(run_id, 'results/a b.bin', Uint8Array.of(0, 255, 10));
      expect(await tracking.readArtifact(run_id, 'results/a b.bin')).toEqual(Buffer.of(0, 255, 10));
      await tracking.putArtifact(run_id, 'empty', '');
      expect(await tracking.readArtifact(run_id, 'empty')).toHaveLength(0);
      expect(await tracking.readArtifact(run_id, 'results/none.csv')).toBeNull();
    });

    it('keeps an artifact that comes as a stream', async () => {
      const { run_id } = await newRun();
      const chunk = Buffer.alloc(70_000, '0123456789');
      async function* stream() {
        for (let i = 0; i < 50; i++) yield chunk;
      }
      await tracking.putArtifact(run_id, 'rows.parquet', { size: 3_500_000, stream: stream() });
      const read = await tracking.readArtifact(run_id, 'rows.parquet');
      expect(read).toHaveLength(3_500_000);
      expect(read?.subarray(-70_000).equals(chunk)).toBe(true);
    });

    it('finishes a run, and again with another end', async () => {
      const { run_id, experiment_id } = await newRun();
      await tracking.finishRun(run_id, 'KILLED', START + 60_000);
      await tracking.finishRun(run_id, 'KILLED', START + 60_000);
      expect(await theRun(experiment_id)).toMatchObject({ status: 'KILLED', end_time: START + 60_000 });
      await tracking.finishRun(run_id, 'FINISHED', START + 90_000);
      expect(await theRun(experiment_id)).toMatchObject({ status: 'FINISHED', end_time: START + 90_000 });
      await tracking.logMetrics(run_id, [{ key: 'late', value: 1, timestamp: START, step: 0 }]);
      expect((await theRun(experiment_id)).metrics).toHaveProperty('late');
    });

    it('deletes an experiment with all it has, once and again, and makes none anew under its key', async () => {
      const { id, key } = await newExperiment();
      const parent = await newRun({ experiment_id: id });
      const child = await newRun({ experiment_id: id, parent_run_id: parent.run_id });
      for (const { run_id } of [parent, child]) await tracking.putArtifact(run_id, 't.csv', 'x');
      const other = await newRun();
      await tracking.putArtifact(other.run_id, 't.csv', 'x');
      await tracking.deleteExperiment(id);
      await tracking.deleteExperiment(id);
      expect(await tracking.findExperiment(key)).toBeNull();
      expect(await tracking.findRuns(id)).toEqual([]);
      expect((await tracking.readArtifact(other.run_id, 't.csv'))?.toString()).toBe('x');
      const { run_id } = child;
      await expectKind(tracking.ensureExperiment({ key, name: `again ${key}` }), 'gone');
      await expectKind(tracking.ensureRun(child), 'gone');
      await expectKind(tracking.ensureRun({ ...child, key: randomUUID() }), 'gone');
      await expectKind(tracking.logParams(run_id, { a: '1' }), 'gone');
      await expectKind(tracking.logMetrics(run_id, [{ key: 'a', value: 1, timestamp: 0, step: 0 }]), 'gone');
      await expectKind(tracking.setTags(run_id, { a: '1' }), 'gone');
      await expectKind(tracking.putArtifact(run_id, 't.csv', 'x'), 'gone');
      await expectKind(tracking.readArtifact(run_id, 't.csv'), 'gone');
      await expectKind(tracking.finishRun(run_id, 'FINISHED', START), 'gone');
      await tracking.deleteExperiment('987654321');
    });

    it('deletes a run with those below it, once and again, and makes none anew under their keys', async () => {
      const { id } = await newExperiment();
      const parent = await newRun({ experiment_id: id });
      const child = await newRun({ experiment_id: id, parent_run_id: parent.run_id });
      const other = await newRun({ experiment_id: id });
      for (const { run_id } of [parent, child, other]) await tracking.putArtifact(run_id, 't.csv', 'x');
      await tracking.deleteRun(id, parent.key);
      await tracking.deleteRun(id, parent.key);
      await tracking.deleteRun(id, randomUUID());
      expect((await tracking.findRuns(id)).map(({ run_id }) => run_id)).toEqual([other.run_id]);
      expect((await tracking.readArtifact(other.run_id, 't.csv'))?.toString()).toBe('x');
      for (const run of [parent, child]) {
        await expectKind(tracking.ensureRun(run), 'gone');
        await expectKind(tracking.finishRun(run.run_id, 'FINISHED', START), 'gone');
      }
    });

    it('says that an experiment or a run is not there', async () => {
      const run_id = '0123456789abcdef0123456789abcdef';
      await expectKind(tracking.logParams(run_id, { a: '1' }), 'gone');
      await expectKind(tracking.setTags(run_id, { a: '1' }), 'gone');
      await expectKind(tracking.finishRun(run_id, 'FAILED', START), 'gone');
      const run = { key: 'k', experiment_id: '987654321', name: 'n', start_time: START };
      await expectKind(tracking.ensureRun(run), 'gone');
    });

    it('refuses what the server would not take', async () => {
      const { run_id, experiment_id } = await newRun();
      const point = { key: 'm', value: 1, timestamp: START, step: 0 };
      for (const key of ['a@b', 'a//b', '../a', '', 'x'.repeat(251), 'tab\t']) {
        await expectKind(tracking.logMetrics(run_id, [{ ...point, key }]), 'refused');
        await expectKind(tracking.logParams(run_id, { [key]: '1' }), 'refused');
        await expectKind(tracking.setTags(run_id, { [key]: '1' }), 'refused');
      }
      await expectKind(tracking.logMetrics(run_id, [{ ...point, value: Number.NaN }]), 'refused');
      await expectKind(tracking.logMetrics(run_id, [{ ...point, timestamp: -1 }]), 'refused');
      for (const path of ['../x', '/x', 'a//b', '', 'a/..']) {
        await expectKind(tracking.putArtifact(run_id, path, 'x'), 'refused');
      }
      for (const key of ['', "it's", 'a`b', 'ü']) {
        await expectKind(tracking.ensureExperiment({ key, name: randomUUID() }), 'refused');
        await expectKind(tracking.ensureRun({ key, experiment_id, name: 'n', start_time: START }), 'refused');
      }
      expect(await theRun(experiment_id)).toMatchObject({ params: {}, metrics: {}, tags: {} });
    });

    it('answers with a version', async () => {
      expect(await tracking.ping()).toMatch(/^\d+\.\d+\.\d+/);
    });
  });
}

async function expectKind(call: Promise<unknown>, kind: TrackingErrorKind): Promise<void> {
  const error = await call.then(
    (value) => new Error(`It succeeded with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TrackingError);
  expect({ kind: (error as TrackingError).kind, message: (error as Error).message }).toMatchObject({ kind });
  expect((error as TrackingError).retryable).toBe(false);
}
