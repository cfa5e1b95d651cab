/**
 * Uploads a CSV, compares two summarisers on it, shows how it goes while it runs, and saves every row with its answers and scores.
 *
 *   TOUCHSTONE_URL=http://127.0.0.1:4300 TOUCHSTONE_API_KEY=tsk_… npm run compare -- dialogues.csv
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createTouchstoneClient, type TouchstoneClient, TouchstoneError } from '@touchstone/client';
import { type Experiment, ExperimentCreate, taskPreset } from '@touchstone/client/schemas';

const { TOUCHSTONE_URL: url = 'http://127.0.0.1:4300', TOUCHSTONE_API_KEY: apiKey } = process.env;
const [file] = process.argv.slice(2);
if (!apiKey || !file) throw new Error('Usage: TOUCHSTONE_API_KEY=tsk_… npm run compare -- FILE.csv');

try {
  await compare(createTouchstoneClient({ url, apiKey }), file);
} catch (error) {
  if (!(error instanceof TouchstoneError)) throw error;
  console.error(error.message); // for people: what happened, and what to do
  process.exitCode = 1;
}

async function compare(client: TouchstoneClient, file: string): Promise<void> {
  const dataset = await client.uploadDataset({ filename: basename(file), body: createReadStream(file) });
  const { items } = await client.datasets.list.query({ limit: 5 });
  console.log(`Uploaded ${dataset.name} (${dataset.row_count} rows); the newest: ${items.map(({ name }) => name).join(', ')}`);

  // The server checks by the same schema; here it tells before anything is sent.
  const input = ExperimentCreate.parse({
    request_id: randomUUID(), // asked again with the same id, the first experiment is the answer
    name: 'From TypeScript',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    // A model of yours: { model: 'llama3.2', base_url: 'http://127.0.0.1:11434/v1' }
    models: ['baseline/lead-3', 'baseline/lexrank'],
    metrics: taskPreset('summarization', 'examples').metrics,
    rows: 20,
  });
  const created = await client.experiments.create.mutate(input);
  const experiment = await followExperiment(client, created.id);

  const label = experiment.metrics.find(({ name }) => name === experiment.primary_metric)?.label;
  for (const { name, status, metrics, rows } of experiment.workflows) {
    const value = metrics[experiment.primary_metric]?.value?.toFixed(3) ?? '–';
    console.log(`${name}: ${status}, ${label} ${value}, ${rows.answered} of ${rows.total} rows answered`);
  }
  const { rows } = await client.rows.list.query({ experiment_id: experiment.id, limit: 1 });
  console.log(`First row: ${rows[0]?.cells[0]?.prediction}`);
  await writeFile('rows.csv', await client.exportExperiment(experiment.id, 'csv'));
  console.log(`Saved rows.csv; ${url}/experiments/${experiment.id} shows it all.`);
}

/** Listens to what changes, and asks for the experiment when it did, until it is over. */
function followExperiment(client: TouchstoneClient, id: string): Promise<Experiment> {
  return new Promise((resolve, reject) => {
    const changes = client.events.changes.subscribe(undefined, {
      onStarted: look, // whatever happened before we listened
      onData: (change) => {
        if (change.noun === 'experiment' && (change.id === id || change.id === '*')) look();
        if (change.noun === 'status') look(); // the connection was lost: anything may have changed
      },
      onError: reject,
    });
    let shown = '';
    function look(): void {
      client.experiments.get.query({ id }).then((experiment) => {
        const counts = experiment.workflows.map(({ name, rows }) => `${name} ${rows.answered}/${rows.total}`);
        const progress = `${experiment.status}: ${counts.join(', ')}`;
        if (progress !== shown) console.log(progress);
        shown = progress;
        if (experiment.status === 'created' || experiment.status === 'running') return;
        changes.unsubscribe();
        resolve(experiment);
      }, reject);
    }
  });
}
