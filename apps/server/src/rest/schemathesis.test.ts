/** Schemathesis makes up thousands of requests from the OpenAPI document. Nothing that it sends may be answered with a 500, or in a way that the document does not say. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { uploadText } from '../testing/datasets.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';

const run = promisify(execFile);

/** The Python that has it; left out: `npm test` without `--all`. */
const python = process.env.TOUCHSTONE_SCHEMATHESIS_PYTHON;
const HOOKS = join(import.meta.dirname, '..', '..', 'schemathesis', 'hooks.py');
const WITHIN_S = 80;
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** Things to ask about, by noun; of each, the last is there to be deleted. */
async function makeThings({ ctx, caller }: TestApp): Promise<Record<string, string[]>> {
  const csv = `examples,ground_truth\n${Array.from({ length: 50 }, (_, n) => `Text ${n}.,"Line ""${n}"""`).join('\n')}\n`;
  const datasets = [];
  const experiments = [];
  for (const name of ['one', 'two', 'three']) {
    const dataset = await uploadText(ctx, csv, `${name}.csv`);
    datasets.push(dataset);
    if (name === 'three') continue;
    experiments.push(
      await caller.experiments.create({
        request_id: crypto.randomUUID(),
        name,
        dataset_id: dataset.id,
        input_column: 'examples',
        reference_column: 'ground_truth',
        task: 'summarization',
        models: [{ model: 'baseline/lead-3' }, { model: 'baseline/copy' }],
        metrics: ['rouge'],
      }),
    );
  }
  const { items: jobs } = await caller.jobs.list({});
  const ids = (things: { id: string }[]) => things.map(({ id }) => id);
  return {
    datasets: ids(datasets),
    experiments: ids(experiments),
    workflows: experiments.flatMap(({ workflows }) => ids(workflows)),
    jobs: ids(jobs),
  };
}

test.skipIf(!python)('nothing that schemathesis sends is too much', { timeout: (WITHIN_S + 60) * 1000 }, async () => {
  const app = await openTestApp();
  try {
    const arguments_ = ['run', `${app.url}/api/openapi.json`, '--header', `Authorization: Bearer ${app.api_key}`];
    arguments_.push('--checks', CHECKS.join(','), '--max-time', String(WITHIN_S), '--continue-on-failure');
    arguments_.push('--generation-database', 'none', '--request-timeout', '20', '--no-color', '--warnings', 'off');
    const ids = JSON.stringify(await makeThings(app));
    // Asking endpoints would send requests to wherever a made-up address leads.
    arguments_.push('--exclude-path-regex', '/api/endpoints/(test|.*/models)');
    const env = { ...process.env, SCHEMATHESIS_HOOKS: HOOKS, TOUCHSTONE_FUZZ_IDS: ids };
    const schemathesis = join(dirname(python!), 'schemathesis');
    const { code, stdout } = await run(schemathesis, arguments_, {
      env,
      cwd: app.folder,
      maxBuffer: 64 * 1024 * 1024,
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout, stderr }) => ({ code, stdout: `${stdout}${stderr}` }),
    );
    if (code !== 0) {
      const errors = app
        .logs()
        .split('\n')
        .filter((line) => line.includes('"level":50'));
      expect.fail(`${stdout.slice(-20_000)}\n${errors.slice(0, 10).join('\n')}`);
    }
    console.log(stdout.slice(stdout.indexOf('= SUMMARY')));
  } finally {
    await app.stop();
  }
});
