import type { TouchstoneClient } from '@touchstone/client';
import { type Dataset, findNearest, Id } from '@touchstone/schemas';
import { BadInput, Failure } from './failure.ts';
import { isStartOfId, listAll, resolveId } from './lists.ts';
import { formatTime, plural } from './text/numbers.ts';
import { oneLine } from './text/width.ts';

/** Names are suggested out of so many. */
const MOST_SUGGESTED_FROM = 1000;

/**
 * The id of the dataset that was meant by its name (then its newest version), its id, or that id's first characters.
 * @throws Failure where none or several fit
 */
export async function resolveDataset(client: TouchstoneClient, given: string): Promise<string> {
  const named = Id.safeParse(given).success ? null : await findNamed(client, given);
  if (named) return named.id;
  if (isStartOfId(given)) return resolveId('dataset', given, (page) => client.datasets.list.query(page));
  throw new BadInput(await explainUnknownDataset(client, given));
}

/** The newest version of the dataset with this name. @throws BadInput where there is none, Failure where there are several */
export async function getDatasetByName(client: TouchstoneClient, name: string): Promise<Dataset> {
  const named = await findNamed(client, name);
  if (!named) throw new BadInput(await explainUnknownDataset(client, name));
  return named;
}

async function findNamed(client: TouchstoneClient, name: string): Promise<Dataset | null> {
  if (name.trim() === '') return null;
  const search = name.slice(0, 200);
  const found = await listAll((page) => client.datasets.list.query({ ...page, search }));
  const named = found.filter((dataset) => dataset.name === name);
  if (named.length < 2) return named[0] ?? null;
  const all = named.map(
    ({ id, version, row_count, filename, created_at }) =>
      `  ${id}  version ${version}, ${plural(row_count, 'row')}, ${oneLine(filename)}, ${formatTime(created_at)}`,
  );
  throw new Failure(`${named.length} datasets are named "${oneLine(name)}": give the id of one.\n${all.join('\n')}`);
}

async function explainUnknownDataset(client: TouchstoneClient, name: string): Promise<string> {
  const datasets = await listAll((page) => client.datasets.list.query(page), MOST_SUGGESTED_FROM);
  const names = datasets.map((dataset) => dataset.name);
  const nearest = findNearest(name, names);
  const hint = nearest === null ? '' : ` Did you mean "${oneLine(nearest)}"?`;
  return `There is no dataset named "${oneLine(name)}".${hint} \`npx touchstone datasets list\` shows all.`;
}
