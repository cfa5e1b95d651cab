/** Whole experiments on a real Ray head: what a person relies on, with the endpoint's ledger and the files as witnesses. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeLlm } from '@touchstone/fake-llm';
import type {
  ComparisonResult,
  Dataset,
  EvaluationResult,
  Experiment,
  ExperimentCreate,
  InferenceResult,
  Job,
} from '@touchstone/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJobLog } from '../jobs/log.ts';
import { openJobResult } from '../jobs/result.ts';
import { exportExperiment } from '../rows/export.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServerWithRay, type RayTestServer } from '../testing/ray.ts';
import { startReconciler } from './reconciler.ts';

let server: RayTestServer;
let reconcilers: ReturnType<typeof startReconciler>[];
beforeAll(async () => {
  server = await openTestServerWithRay();
  // Two, as two servers on one database: whatever they share is done once.
  reconcilers = [startReconciler(server.services), startReconciler(server.services)];
});
afterAll(async () => {
  await Promise.all(reconcilers.map((reconciler) => reconciler.stop()));
  await server.stop();
});

async function run(dataset: Dataset, change: Partial<ExperimentCreate>): Promise<Experiment> {
  return server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Run',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy'],
    metrics: ['rouge', 'exact_match', 'length'],
    ...change,
  });
}

async function waitFor(id: string, isThere: (experiment: Experiment) => boolean, seconds = 120): Promise<Experiment> {
  const until = Date.now() + seconds * 1000;
  while (true) {
    const experiment = await server.caller.experiments.get({ id });
    if (isThere(experiment)) return experiment;
    if (Date.now() > until) throw new Error(`not within ${seconds} s: ${JSON.stringify(experiment.workflows)}`);
    await sleep(200);
  }
}
const isOver = ({ status }: Experiment) => status !== 'created' && status !== 'running';

describe('baselines', () => {
  test('run, are scored, and can be read row by row, exported and looked up in the record', {
    timeout: 180_000,
  }, async () => {
    const dataset = await uploadText(server.ctx, makeRows(30));
    const { id } = await run(dataset, {
      models: ['baseline/lead-3', 'baseline/copy'],
      metrics: ['rouge', 'bleu', 'exact_match', 'length'],
      rows: 20,
    });
    const experiment = await waitFor(id, isOver);
    expect(experiment.status).toBe('succeeded');
    for (const workflow of experiment.workflows) {
      expect(workflow.rows).toEqual({ total: 20, answered: 20, failed: 0, not_run: 0, pending: 0 });
      expect(workflow.metrics.rougeL).toMatchObject({ scored: 20, total: 20, not_answered: 0 });
      expect(workflow.metrics.rougeL!.value).toBeGreaterThan(0);
      expect(workflow.metrics.rougeL!.interval!.low).toBeLessThanOrEqual(workflow.metrics.rougeL!.value!);
      expect(workflow.metrics.bleu!.signature).toMatch(/sacrebleu|version/i);
      expect(workflow.jobs.map(({ kind, status, attempt }) => [kind, status, attempt])).toEqual([
        ['inference', 'succeeded', 1],
        ['evaluation', 'succeeded', 1],
      ]);
    }

    expect(experiment.comparison).toMatchObject({ kind: 'comparison', status: 'succeeded', attempt: 1 });
    const compared = await server.caller.comparisons.get({ experiment_id: id });
    expect(compared).toMatchObject({ status: 'done', comparison: { rows: 20, primary_metric: 'rougeL' } });
    expect(compared.comparison!.pairs.map(({ metric, family }) => `${metric} ${family}`)).toEqual(
      experiment.metrics.map(({ name }) => `${name} ${name === 'rougeL' ? 'primary' : 'exploratory'}`),
    );
    expect(compared.recommendation!.workflow_id).not.toBeNull();

    const copy = experiment.workflows.find(({ name }) => name === 'copy')!;
    const rows = await server.caller.rows.list({
      experiment_id: id,
      limit: 200,
      sort: { workflow_id: copy.id, metric: 'rougeL', descending: true },
    });
    expect(rows).toMatchObject({ matching: 20, complete: true });
    expect(await server.caller.rows.counts({ experiment_id: id })).toMatchObject({ all: 20, failed: 0 });
    const scores = rows.rows.map(({ cells }) => cells[copy.position]!.metrics.rougeL!);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    for (const { input, cells } of rows.rows) expect(cells[copy.position]!.prediction).toBe(input);
    const found = await server.caller.rows.list({ experiment_id: id, search: 'item 1 ARRIVED' });
    expect(found.rows.every(({ input }) => input.startsWith('Item 1 arrived'))).toBe(true);

    const csv = await text((await exportExperiment(server.ctx, id, 'csv')).stream);
    expect(csv.split('\n')[0]).toBe(
      'row_id,repeat,workflow,model,input,reference,prediction,error,reasoning,finish_reason,truncated,latency_ms,first_token_ms,prompt_tokens,completion_tokens,reasoning_tokens,cost,calls,rouge1,rouge2,rougeL,rougeLsum,sentence_bleu,exact_match,length_words,length_chars',
    );
    const lines = (await text((await exportExperiment(server.ctx, id, 'jsonl')).stream)).trim().split('\n');
    expect(lines).toHaveLength(40);
    expect(Object.keys(JSON.parse(lines[0]!)).slice(0, 8)).toEqual([
      'row_id',
      'repeat',
      'workflow',
      'model',
      'input',
      'reference',
      'prediction',
      'error',
    ]);
    const log = await readJobLog(server.ctx, { id: copy.jobs[0]!.id, offset: 0 });
    expect(log).toMatchObject({ over: true, text: expect.stringContaining('attempt 1') });

    await expect
      .poll(async () => (await server.caller.experiments.get({ id })).mlflow_url, { timeout: 10_000 })
      .not.toBeNull();
    await expect
      .poll(() => server.services.db.tracking_outbox.count({ where: { sent_at: null } }), { timeout: 10_000 })
      .toBe(0);
    const recorded = await server.services.tracking.findRuns((await server.services.tracking.findExperiment(id))!);
    expect(recorded.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'comparison FINISHED',
      'copy FINISHED',
      'evaluation FINISHED',
      'evaluation FINISHED',
      'inference FINISHED',
      'inference FINISHED',
      'lead-3 FINISHED',
    ]);
    const record = recorded.find(({ name }) => name === 'comparison')!;
    expect(record.tags['touchstone.verdict']).toBe(compared.recommendation!.text);
    const parent = recorded.find(({ name }) => name === 'copy')!;
    expect(parent.metrics.rougeL!.value).toBe(copy.metrics.rougeL!.value);
    const inference = recorded.find(
      ({ name, parent_run_id }) => name === 'inference' && parent_run_id === parent.run_id,
    )!;
    expect(inference.tags.ray_job_id).toBe(`${copy.jobs[0]!.id}-1`);
    const table = await server.services.tracking.readArtifact(parent.run_id, 'rows.csv');
    expect(table!.toString().trim().split('\n').length).toBeGreaterThanOrEqual(21);
  });
});

describe('an endpoint', () => {
  test('gets prompts as they are, once for each row, with the key, which is in clear nowhere else', {
    timeout: 180_000,
  }, async () => {
    const key = `canary-${randomUUID()}`;
    const endpoint = await startFakeLlm({ require_key: key });
    try {
      await server.caller.secrets.set({ name: 'canary', value: key });
      const awkward = ['$(touch /tmp/x) `id` "quoted" \'single\'', 'two\nlines', '{{ground_truth}} and {{x}}'];
      const csv = ['examples,ground_truth', ...awkward.map((value) => `"${value.replaceAll('"', '""')}",r`)].join('\n');
      const dataset = await uploadText(server.ctx, csv);
      const { id } = await run(dataset, {
        prompt: 'Say: {{ examples }}',
        models: [
          {
            name: 'mine',
            model: 'm',
            base_url: endpoint.base_url,
            secret: 'canary',
            params: { temperature: 0 },
            price: { input: 1000, output: 2000 },
          },
        ],
      });
      const experiment = await waitFor(id, isOver);
      const { tokens, cost } = experiment.workflows[0]!;
      expect(cost).toBeCloseTo((tokens!.prompt * 1000 + tokens!.completion * 2000) / 1e6, 9);
      expect(tokens!.prompt).toBeGreaterThan(0);
      const { rows } = await server.caller.rows.list({ experiment_id: id });
      expect(rows.reduce((sum, { cells }) => sum + cells[0]!.cost!, 0)).toBeCloseTo(cost!, 9);
      expect(rows[0]!.cells[0]).toMatchObject({ reasoning: null, finish_reason: 'stop', calls: 1 });
      expect(experiment.workflows[0]).toMatchObject({ status: 'succeeded', rows: { total: 3, answered: 3 } });
      expect(experiment.workflows[0]!.latency_ms!.p50).toBeGreaterThan(0);
      const { createHash } = await import('node:crypto');
      const expected = awkward.map((value) => createHash('sha256').update(`Say: ${value}`).digest('hex'));
      expect((await endpoint.ledger()).prompts).toEqual(Object.fromEntries(expected.map((hash) => [hash, 1])));
      await findCanary(key, experiment);
    } finally {
      await endpoint.stop();
    }
  });

  /** Looks through everything that is stored, recorded or answered. */
  async function findCanary(key: string, experiment: Experiment): Promise<void> {
    const places = [key, Buffer.from(key).toString('base64').replace(/=+$/, '').slice(0, -1)];
    const check = (where: string, content: string) => {
      for (const place of places) expect(content.includes(place), `the key is in ${where}`).toBe(false);
    };
    for (const entry of await readdir(server.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      check(path, (await readFile(path).catch(() => Buffer.alloc(0))).toString('latin1'));
    }
    const tables = await server.services.db.$queryRawUnsafe<{ tablename: string }[]>(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    );
    for (const { tablename } of tables) {
      const [row] = await server.services.db.$queryRawUnsafe<{ content: string | null }[]>(
        `SELECT string_agg(t::text, '\n') AS content FROM "${tablename}" t`,
      );
      check(`table ${tablename}`, row?.content ?? '');
    }
    const job = await server.caller.jobs.get({ id: experiment.workflows[0]!.jobs[0]!.id });
    check(
      'answers',
      JSON.stringify([
        experiment,
        job,
        await server.caller.secrets.list(),
        await server.caller.rows.list({ experiment_id: experiment.id }),
      ]),
    );
    check('the log', (await readJobLog(server.ctx, { id: job.id, offset: 0 })).text);
    for (const { submission_id } of job.attempts) {
      check(
        'Ray',
        JSON.stringify([await server.services.ray.get(submission_id), await server.services.ray.logs(submission_id)]),
      );
    }
    const recorded = await server.services.tracking.findRuns(
      (await server.services.tracking.findExperiment(experiment.id))!,
    );
    check('MLflow', JSON.stringify(recorded));
  }

  test('that is down, or refuses the key, leaves a reason and the other models their results', {
    timeout: 180_000,
  }, async () => {
    const refusing = await startFakeLlm({ every: '401' });
    try {
      const dataset = await uploadText(server.ctx, makeRows(40));
      const { id } = await run(dataset, {
        models: [
          'baseline/copy',
          { name: 'down', model: 'm', base_url: 'http://127.0.0.1:9/v1' },
          { name: 'refusing', model: 'm', base_url: refusing.base_url, concurrency: 4 },
        ],
      });
      const away = (experiment: Experiment) => experiment.workflows[1]!;
      const waiting = await waitFor(id, (experiment) => /to answer again/.test(away(experiment).reason ?? ''));
      expect(away(waiting)).toMatchObject({ status: 'running', reason: expect.stringContaining('Cannot connect') });
      await server.caller.jobs.stop({ id: away(waiting).jobs[0]!.id });
      const experiment = await waitFor(id, isOver, 150);
      const [copy, down, refused] = experiment.workflows;
      expect(experiment.status).toBe('stopped');
      expect(copy!.status).toBe('succeeded');
      expect(down).toMatchObject({ status: 'stopped', rows: { answered: 0, pending: 0 } });
      expect(down!.rows.failed).toBeLessThanOrEqual(5);
      expect(down!.rows.failed + down!.rows.not_run).toBe(40);
      expect(refused).toMatchObject({ status: 'failed', errors: { auth: { count: expect.any(Number) } } });
      expect(refused!.reason).toMatch(/401|key|auth/i);
      expect((await refusing.ledger()).calls).toBeLessThanOrEqual(5 + 4);
      const failed = await server.caller.rows.list({ experiment_id: id, filter: 'failed' });
      expect(failed.rows[0]!.cells.some(({ error }) => error !== null)).toBe(true);
    } finally {
      await refusing.stop();
    }
  });

  test('gets from two jobs together never more calls at once than its limit; a changed one reaches both while they run', {
    timeout: 240_000,
  }, async () => {
    const endpoint = await startFakeLlm({ latency_ms: 200 });
    try {
      const shared = { name: 'shared', base_url: endpoint.base_url };
      await server.caller.endpoints.create({ ...shared, concurrency: 6 });
      const dataset = await uploadText(server.ctx, makeRows(900));
      const start = () => run(dataset, { models: [{ endpoint: 'shared', model: 'm' }], metrics: ['length'] });
      const held = async ({ id }: Experiment) => {
        const { workflows } = await server.caller.experiments.get({ id });
        const { status, progress } = await server.caller.jobs.get({ id: workflows[0]!.jobs[0]!.id });
        return [status, progress?.held_concurrency ?? null];
      };
      const until = { timeout: 60_000, interval: 200 };
      const first = await start();
      await expect.poll(() => held(first), until).toEqual(['running', 6]);
      await expect.poll(async () => (await endpoint.ledger()).max_in_flight, until).toBe(6);

      const second = await start();
      await expect.poll(() => held(second), until).toEqual(['running', 3]);
      expect(await held(first)).toEqual(['running', 3]);
      expect((await endpoint.ledger()).max_in_flight).toBe(6);

      await server.caller.endpoints.update({ ...shared, concurrency: 10 });
      await expect
        .poll(() => Promise.all([held(first), held(second)]), until)
        .toEqual([
          ['running', 5],
          ['running', 5],
        ]);
      await expect.poll(async () => (await endpoint.ledger()).max_in_flight, until).toBe(10);
      await server.caller.experiments.stop({ id: first.id });
      await expect.poll(() => held(second), until).toEqual(['running', 10]);
      await server.caller.experiments.stop({ id: second.id });
      await Promise.all([waitFor(first.id, isOver), waitFor(second.id, isOver)]);
      expect((await endpoint.ledger()).max_in_flight).toBe(10);
    } finally {
      await endpoint.stop();
    }
  });

  test('stop keeps what is done and scores it; resume asks for the rest alone', { timeout: 240_000 }, async () => {
    const endpoint = await startFakeLlm({ latency_ms: 300 });
    try {
      const dataset = await uploadText(server.ctx, makeRows(120));
      const { id } = await run(dataset, {
        models: [{ name: 'slow', model: 'm', base_url: endpoint.base_url, concurrency: 4 }],
      });
      await waitFor(id, ({ workflows }) => workflows[0]!.rows.answered >= 8);
      const live = await server.caller.rows.list({ experiment_id: id });
      expect(live.complete).toBe(false);
      expect(
        live.rows.flatMap(({ cells }) => cells).filter(({ prediction }) => prediction !== null).length,
      ).toBeGreaterThan(0);

      const asked = Date.now();
      await server.caller.experiments.stop({ id });
      await sleep(5000);
      const { calls } = await endpoint.ledger();
      await sleep(1500);
      expect((await endpoint.ledger()).calls).toBe(calls);
      const stopped = await waitFor(id, isOver);
      expect(stopped.status).toBe('stopped');
      expect(Date.now() - asked).toBeGreaterThan(0);
      const { rows, metrics } = stopped.workflows[0]!;
      expect(rows.answered + rows.not_run).toBe(120);
      expect(rows.answered).toBe(calls);
      expect(metrics.rougeL).toMatchObject({ scored: rows.answered, total: 120, not_answered: rows.not_run });

      await server.caller.experiments.resume({ request_id: randomUUID(), id, what: 'not_run' });
      const whole = await waitFor(id, isOver);
      expect(whole.workflows[0]).toMatchObject({
        status: 'succeeded',
        rows: { answered: 120 },
        metrics: { rougeL: { scored: 120 } },
      });
      const ledger = await endpoint.ledger();
      expect(ledger.calls).toBe(120);
      expect(Object.values(ledger.prompts).every((n) => n === 1)).toBe(true);
    } finally {
      await endpoint.stop();
    }
  });
});

describe('a job alone', () => {
  async function waitForJob(id: string): Promise<Job> {
    await expect
      .poll(async () => (await server.caller.jobs.get({ id })).finished_at, { timeout: 90_000, interval: 200 })
      .not.toBeNull();
    return server.caller.jobs.get({ id });
  }

  test('fills blank references with what a model writes, in a new dataset', { timeout: 120_000 }, async () => {
    const endpoint = await startFakeLlm({});
    try {
      const source = await uploadText(server.ctx, 'examples,ground_truth\nOne. Two.,mine\nThree. Four.,\n');
      const { id } = await server.caller.jobs.create_annotation({
        request_id: randomUUID(),
        dataset_id: source.id,
        input_column: 'examples',
        reference_column: 'ground_truth',
        prompt: '{{examples}}',
        model: { model: 'm', base_url: endpoint.base_url },
      });
      expect(await waitForJob(id)).toMatchObject({ kind: 'annotation', status: 'succeeded' });
      const stored = async () => (await server.caller.jobs.get({ id })).stored_dataset;
      await expect.poll(stored, { timeout: 15_000 }).not.toBeNull();
      const { rows } = await server.caller.datasets.preview({ id: (await stored())!.id, limit: 10 });
      expect(rows.map(({ values }) => values)).toEqual([
        ['One. Two.', 'mine', ''],
        ['Three. Four.', 'Three.', 'm'],
      ]);
      expect((await endpoint.ledger()).calls).toBe(1);
    } finally {
      await endpoint.stop();
    }
  });

  test('ends at its time limit, goes on when resumed, becomes a dataset, and its answers can be scored', {
    timeout: 300_000,
  }, async () => {
    const endpoint = await startFakeLlm({ latency_ms: 300 });
    try {
      const source = await uploadText(server.ctx, makeRows(60));
      const { id } = await server.caller.jobs.create_inference({
        request_id: randomUUID(),
        name: 'Alone',
        dataset_id: source.id,
        input_column: 'examples',
        task: 'summarization',
        model: { model: 'm', base_url: endpoint.base_url, concurrency: 2 },
        time_limit_s: 4,
        store_to_dataset: { name: 'Answers', output_column: 'mine' },
      });
      const ended = await waitForJob(id);
      expect(ended).toMatchObject({
        status: 'stopped',
        reason: 'Time limit of 4 s reached: resume to go on.',
        resumable: { not_run: true },
        stored_dataset: null,
      });
      const { rows } = (ended.result as InferenceResult).outcome;
      expect(rows.answered).toBeGreaterThan(0);
      expect(rows.answered + rows.not_run).toBe(60);

      await server.caller.jobs.resume({ request_id: randomUUID(), id, what: 'not_run', time_limit_s: null });
      const whole = await waitForJob(id);
      expect(whole).toMatchObject({ status: 'succeeded', time_limit_s: null, resumable: { not_run: false } });
      const ledger = await endpoint.ledger();
      expect(Object.values(ledger.prompts).every((n) => n === 1)).toBe(true);
      expect(ledger.calls).toBe(60);
      const page = await server.caller.jobs.rows({ id, limit: 200 });
      expect(page).toMatchObject({ matching: 60, complete: true });
      expect(page.rows.every(({ prediction }) => prediction !== null)).toBe(true);
      expect(JSON.parse(await text((await openJobResult(server.ctx, id)).stream))).toEqual(whole.result);

      await expect
        .poll(async () => (await server.caller.jobs.get({ id })).stored_dataset, { timeout: 15_000 })
        .not.toBeNull();
      const { stored_dataset } = await server.caller.jobs.get({ id });
      const answers = await server.caller.datasets.get({ id: stored_dataset!.id });
      expect(answers).toMatchObject({
        name: 'Answers',
        row_count: 60,
        provenance: { kind: 'generated', dataset_id: source.id, experiment_id: null, model: 'm', job_id: id },
      });
      expect(answers.columns.map(({ name }) => name)).toEqual(['examples', 'ground_truth', 'mine']);

      const scored = await server.caller.jobs.create_evaluation({
        request_id: randomUUID(),
        name: 'Scores of mine',
        dataset_id: answers.id,
        prediction_column: 'mine',
        reference_column: 'ground_truth',
        metrics: ['rouge', 'length'],
      });
      const scores = await waitForJob(scored.id);
      expect(scores.status).toBe('succeeded');
      expect((scores.result as EvaluationResult).metrics.rougeL).toMatchObject({ scored: 60, total: 60 });
      const reference = await server.caller.jobs.create_evaluation({
        request_id: randomUUID(),
        name: 'Scores of the reference',
        dataset_id: answers.id,
        prediction_column: 'ground_truth',
        reference_column: 'ground_truth',
        metrics: ['rouge', 'length'],
      });
      await waitForJob(reference.id);
      const paired = await server.caller.jobs.create_comparison({
        request_id: randomUUID(),
        name: 'Mine against the reference',
        evaluation_ids: [scored.id, reference.id],
        primary_metric: 'rougeL',
      });
      const { status: end, result: pairs } = await waitForJob(paired.id);
      expect([end, pairs]).toMatchObject([
        'succeeded',
        {
          rows: 60,
          workflows: [
            { workflow_id: scored.id, failed: 0 },
            { workflow_id: reference.id, failed: 0 },
          ],
        },
      ]);
      expect((pairs as ComparisonResult).pairs.find(({ family }) => family === 'primary')).toMatchObject({
        n: 60,
        label: 'worse',
        with_failures: null,
      });
      const best = await server.caller.jobs.rows({
        id: scored.id,
        limit: 60,
        sort: { metric: 'rougeL', descending: true },
      });
      const values = best.rows.map(({ metrics }) => metrics.rougeL!);
      expect(values).toEqual(values.toSorted((a, b) => b - a));

      await expect
        .poll(() => server.services.db.tracking_outbox.count({ where: { subject_id: id, sent_at: null } }), {
          timeout: 10_000,
        })
        .toBe(0);
      const { tracking } = server.services;
      const [run, ...others] = await tracking.findRuns((await tracking.findExperiment(id))!);
      expect(others).toEqual([]);
      expect(run).toMatchObject({ status: 'FINISHED', tags: { ray_job_id: `${id}-2`, 'ray_job_id.1': `${id}-1` } });
      expect((await tracking.readArtifact(run!.run_id, 'rows.csv'))!.toString()).toContain('prediction');
    } finally {
      await endpoint.stop();
    }
  });
});
