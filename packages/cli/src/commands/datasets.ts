import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  CellChange,
  type Dataset,
  DatasetFormat,
  DatasetOrigin,
  type DatasetVersion,
  explainError,
} from '@touchstone/schemas';
import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { resolveDataset } from '../dataset-reference.ts';
import { BadInput } from '../failure.ts';
import { listAll, shortId } from '../lists.ts';
import { checkFile, uploadFile } from '../run/upload.ts';
import { saveStream } from '../save.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatBytes, formatTime, plural } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';
import { addHealthCommand } from './dataset-health.ts';
import { parseCount } from './options.ts';

export function addDatasetCommands(program: Command, context: Context): void {
  const datasets = program
    .command('datasets')
    .description('list, show, upload, download, rename, edit and delete datasets');
  datasets
    .command('list')
    .description('the datasets, newest first')
    .option('--search <text>', 'only those with these words in name, description or file name', '')
    .addOption(new Option('--format <format>', 'only those uploaded as').choices(DatasetFormat.options))
    .addOption(new Option('--provenance <kind>', 'only those that were').choices(DatasetOrigin.options))
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'as JSON')
    .action((options: ListOptions) => listDatasets(context, options));
  datasets
    .command('show')
    .description('a dataset and its columns')
    .argument('<id or name>')
    .option('--json', 'as JSON')
    .action((id: string, { json }: { json?: true }) => showDataset(context, id, json === true));
  datasets
    .command('upload')
    .description('upload a file: CSV, JSON Lines or Parquet')
    .argument('<file>')
    .option('--name <name>', "instead of the file's name")
    .option('--json', 'as JSON')
    .action((file: string, options: { name?: string; json?: true }) => uploadDataset(context, file, options));
  datasets
    .command('download')
    .description('the file as it was uploaded')
    .argument('<id or name>')
    .option('--as-csv', 'as CSV, whatever was uploaded', false)
    .option('--output <file>', 'instead of standard output')
    .action((id: string, options: { asCsv: boolean; output?: string }) => downloadDataset(context, id, options));
  datasets
    .command('rename')
    .description('change the name, the description or both, of every version')
    .argument('<id or name>')
    .argument('[name]')
    .option('--description <text>', 'what it is')
    .action((id: string, name: string | undefined, { description }: { description?: string }) =>
      renameDataset(context, id, { name, description }),
    );
  datasets
    .command('versions')
    .description('the versions of a dataset, the newest first')
    .argument('<id or name>')
    .option('--json', 'as JSON')
    .action((id: string, { json }: { json?: true }) => listVersions(context, id, json === true));
  addHealthCommand(datasets, context);
  datasets
    .command('edit')
    .description('change cells, which makes a new version')
    .argument('<id or name>')
    .argument('<file>', 'a line for each cell: {"row_id": 0, "column": "ground_truth", "value": "…"}')
    .option('--note <text>', 'what was changed', '')
    .option('--json', 'as JSON')
    .action((id: string, file: string, options: { note: string; json?: true }) =>
      editDataset(context, id, file, options),
    );
  datasets
    .command('delete')
    .description('delete a dataset that no experiment uses')
    .argument('<id or name>')
    .option('--all-versions', 'also its other versions', false)
    .action((id: string, { allVersions }: { allVersions: boolean }) => deleteDataset(context, id, allVersions));
}

type ListOptions = {
  search: string;
  format?: DatasetFormat;
  provenance?: DatasetOrigin;
  limit: number;
  json?: true;
};

async function listDatasets(
  { connect, terminal, style }: Context,
  { limit, json, ...filter }: ListOptions,
): Promise<void> {
  const { client } = connect();
  const datasets = await listAll((page) => client.datasets.list.query({ ...page, ...filter }), limit);
  if (json) return writeJson(terminal.stdout, datasets);
  if (datasets.length === 0) {
    const isFiltered = filter.search !== '' || filter.format !== undefined || filter.provenance !== undefined;
    const text = isFiltered
      ? 'No dataset is like this.'
      : 'No datasets yet: `npx touchstone datasets upload FILE.csv` adds one.';
    return writeLine(terminal.stdout, text);
  }
  const columns = [
    { title: 'Id' },
    { title: 'Name' },
    { title: 'Rows', align: 'right' as const },
    { title: 'Size', align: 'right' as const },
    { title: 'Columns' },
    { title: 'Experiments', align: 'right' as const },
    { title: 'Uploaded' },
  ];
  const rows = datasets.map((dataset) => [
    shortId(dataset.id),
    `${cutText(oneLine(dataset.name), 40)}${versionOf(dataset)}`,
    dataset.row_count.toLocaleString('en'),
    formatBytes(dataset.size_bytes),
    cutText(dataset.columns.map((column) => oneLine(column.name)).join(', '), 40),
    String(dataset.experiment_count),
    formatTime(dataset.created_at),
  ]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

async function showDataset(context: Context, given: string, json: boolean): Promise<void> {
  const id = await resolveDataset(context.connect().client, given);
  const dataset = await context.connect().client.datasets.get.query({ id });
  if (json) return writeJson(context.terminal.stdout, dataset);
  printDataset(context, dataset);
}

function printDataset({ terminal, style }: Context, dataset: Dataset): void {
  const facts = [
    `${style.bold(oneLine(dataset.name))}${versionOf(dataset)}`,
    ...(dataset.description ? [oneLine(dataset.description)] : []),
    `Id        ${dataset.id}`,
    `File      ${oneLine(dataset.filename)}, ${formatBytes(dataset.size_bytes)}, SHA-256 ${dataset.sha256}`,
    `From      ${originOf(dataset)}`,
    `Saved     ${formatTime(dataset.created_at)}`,
    `Used by   ${plural(dataset.experiment_count, 'experiment')}`,
    `Rows      ${dataset.row_count.toLocaleString('en')}`,
    '',
  ];
  const columns = [{ title: 'Column' }, { title: 'Blank rows', align: 'right' as const }];
  const rows = dataset.columns.map(({ name, blank }) => [oneLine(name), blank.toLocaleString('en')]);
  for (const line of [...facts, ...renderTable(columns, rows, style)]) writeLine(terminal.stdout, line);
}

async function uploadDataset(
  context: Context,
  file: string,
  { name, json }: { name?: string; json?: true },
): Promise<void> {
  const path = resolve(context.terminal.cwd, file);
  checkFile(path);
  const dataset = await uploadFile(context.connect().client, path, name);
  if (json) return writeJson(context.terminal.stdout, dataset);
  printDataset(context, dataset);
}

async function downloadDataset(
  context: Context,
  given: string,
  { asCsv, output }: { asCsv: boolean; output?: string },
): Promise<void> {
  const id = await resolveDataset(context.connect().client, given);
  const stream = await context.connect().client.downloadDataset(id, { as: asCsv ? 'csv' : 'source' });
  await saveStream(stream, output, context.terminal);
}

async function renameDataset(
  context: Context,
  given: string,
  { name, description }: { name: string | undefined; description: string | undefined },
): Promise<void> {
  if (name === undefined && description === undefined) {
    throw new BadInput('Say what to change: a name, a --description or both.');
  }
  const id = await resolveDataset(context.connect().client, given);
  const changed = await context.connect().client.datasets.update.mutate({
    id,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  });
  writeLine(context.terminal.stdout, `The dataset is "${oneLine(changed.name)}" now.`);
}

async function listVersions(context: Context, given: string, json: boolean): Promise<void> {
  const { terminal, style } = context;
  const id = await resolveDataset(context.connect().client, given);
  const versions = await context.connect().client.datasets.versions.query({ id });
  if (json) return writeJson(terminal.stdout, versions);
  const columns = [
    { title: 'Version', align: 'right' as const },
    { title: 'Id' },
    { title: 'From' },
    { title: 'Experiments', align: 'right' as const },
    { title: 'Saved' },
    { title: 'Note' },
  ];
  // Whole ids: only those of the newest versions are found by their first characters.
  const rows = versions.map((version) => [
    String(version.version),
    version.id,
    originOf(version),
    String(version.experiment_count),
    formatTime(version.created_at),
    cutText(oneLine(version.note), 40),
  ]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

async function editDataset(
  context: Context,
  given: string,
  file: string,
  { note, json }: { note: string; json?: true },
): Promise<void> {
  const path = resolve(context.terminal.cwd, file);
  checkFile(path);
  const changes = readChanges(readFileSync(path, 'utf8'));
  const id = await resolveDataset(context.connect().client, given);
  const { client } = context.connect();
  const dataset = await client.datasets.edit.mutate({ request_id: randomUUID(), id, changes, note });
  if (json) return writeJson(context.terminal.stdout, dataset);
  const text = `Saved version ${dataset.version} of "${oneLine(dataset.name)}" (${dataset.id}): ${originOf(dataset)}.`;
  writeLine(context.terminal.stdout, text);
}

function readChanges(text: string): CellChange[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new BadInput(`Line ${i + 1} is not valid JSON.`);
    }
    const { data, error } = CellChange.safeParse(value);
    if (error) throw new BadInput(`Line ${i + 1}: ${explainError(error)}`);
    return [data];
  });
}

async function deleteDataset(context: Context, given: string, all_versions: boolean): Promise<void> {
  const id = await resolveDataset(context.connect().client, given);
  const { client } = context.connect();
  const dataset = await client.datasets.get.query({ id });
  await client.datasets.remove.mutate({ id, all_versions });
  const what = all_versions ? ' and all its versions' : versionOf(dataset);
  writeLine(context.terminal.stdout, `Deleted the dataset "${oneLine(dataset.name)}"${what}.`);
}

function originOf({ provenance }: DatasetVersion): string {
  switch (provenance.kind) {
    case 'uploaded':
      return 'uploaded';
    case 'edited':
      return `${plural(provenance.changed_cells, 'cell')} of version ${provenance.version} edited`;
    case 'generated':
      return `answers of ${oneLine(provenance.workflow)}${provenance.experiment === null ? '' : ` in "${oneLine(provenance.experiment)}"`}`;
  }
}

/** ` (version 2)`, where there are several. */
function versionOf({ version, version_count }: Dataset): string {
  return version_count > 1 || version > 1 ? ` (version ${version})` : '';
}
