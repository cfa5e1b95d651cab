import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TouchstoneClient } from '@touchstone/client';
import type { Dataset } from '@touchstone/schemas';
import { BadInput } from '../failure.ts';
import { listAll } from '../lists.ts';

/** @throws BadInput where there is no such file */
export function checkFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new BadInput(`There is no file ${path}.`);
  if (!stat.isFile()) throw new BadInput(`${path} is not a file.`);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The dataset that this very file, under this name, was uploaded as before. */
export async function findUploaded(client: TouchstoneClient, path: string): Promise<Dataset | null> {
  const filename = basename(path);
  const sha256 = await sha256Of(path);
  const datasets = await listAll((page) => client.datasets.list.query(page));
  return datasets.find((dataset) => dataset.filename === filename && dataset.sha256 === sha256) ?? null;
}

export function uploadFile(client: TouchstoneClient, path: string, name?: string): Promise<Dataset> {
  return client.uploadDataset({
    filename: basename(path),
    body: createReadStream(path),
    ...(name === undefined ? {} : { name }),
  });
}
