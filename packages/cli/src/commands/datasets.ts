import { resolve } from 'node:path';
import type { Dataset } from '@touchstone/schemas';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { listAll, resolveId, shortId } from '../lists.ts';
import { checkFile, uploadFile } from '../run/upload.ts';
import { saveStream } from '../save.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatBytes, formatTime, plural } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';
import { parseCount } from './options.ts';

export function addDatasetCommands(program: Command, context: Context): void {
  const datasets = program.command('datasets').description('list, show, upload, download and delete datasets');
  datasets
    .command('list')
    .description('the datasets, newest first')
    .option('--search <text>', 'only those whose name contains it', '')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'as JSON')
    .action((options: { search: string; limit: number; json?: true }) => listDatasets(context, options));
  datasets
    .command('show')
    .description('a dataset and its columns')
    .argument('<id>')
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
    .argument('<id>')
    .option('--as-csv', 'as CSV, whatever was uploaded', false)
    .option('--output <file>', 'instead of standard output')
    .action((id: string, options: { asCsv: boolean; output?: string }) => downloadDataset(context, id, options));
  datasets
    .command('delete')
    .description('delete a dataset that no experiment uses')
    .argument('<id>')
    .option('--all-versions', 'also its other versions', false)
    .action((id: string, { allVersions }: { allVersions: boolean }) => deleteDataset(context, id, allVersions));
}

function resolveDataset({ connect }: Context, id: string): Promise<string> {
  return resolveId('dataset', id, (page) => connect().client.datasets.list.query(page));
}

async function listDatasets(
  { connect, terminal, style }: Context,
  { search, limit, json }: { search: string; limit: number; json?: true },
): Promise<void> {
  const { client } = connect();
  const datasets = await listAll((page) => client.datasets.list.query({ ...page, search }), limit);
  if (json) return writeJson(terminal.stdout, datasets);
  if (datasets.length === 0)
    return writeLine(terminal.stdout, 'No datasets yet: `npx touchstone datasets upload FILE.csv` adds one.');
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
  const id = await resolveDataset(context, given);
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
    `Uploaded  ${formatTime(dataset.created_at)}`,
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
  const id = await resolveDataset(context, given);
  const stream = await context.connect().client.downloadDataset(id, { as: asCsv ? 'csv' : 'source' });
  await saveStream(stream, output, context.terminal);
}

async function deleteDataset(context: Context, given: string, all_versions: boolean): Promise<void> {
  const id = await resolveDataset(context, given);
  const { client } = context.connect();
  const dataset = await client.datasets.get.query({ id });
  await client.datasets.remove.mutate({ id, all_versions });
  const what = all_versions ? ' and all its versions' : versionOf(dataset);
  writeLine(context.terminal.stdout, `Deleted the dataset "${oneLine(dataset.name)}"${what}.`);
}

/** ` (version 2)`, where there are several. */
function versionOf({ version, version_count }: Dataset): string {
  return version_count > 1 || version > 1 ? ` (version ${version})` : '';
}
