import { randomUUID } from 'node:crypto';
import { beginDataset, type DatasetFacts, type Db, finishDataset, forgetDataset, touchDataset } from '@touchstone/db';
import type { Dataset } from '@touchstone/schemas';
import { keys, StorageError } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';
import { TableProblem } from './problem.ts';
import { getDataset } from './service.ts';

const TOUCH_MS = 10_000;

export type Making = {
  begin: Omit<Parameters<typeof beginDataset>[1], 'id'>;
  /** Writes the files. */
  write: (id: string) => Promise<DatasetFacts>;
  /** In the transaction that shows it. @returns another dataset's id where this one is not wanted any more. */
  finish?: (tx: Db, id: string, facts: DatasetFacts) => Promise<string>;
};

/**
 * Makes a dataset: its files, then what is known of it. Of one that is refused or cut off nothing is kept; should the server die on
 * the way, the sweep removes what it left.
 * @throws AppError INVALID in the words of a TableProblem.
 */
export async function makeDataset(ctx: Services, { begin, write, finish }: Making): Promise<Dataset> {
  const id = randomUUID();
  await beginDataset(ctx.db, { ...begin, id });
  const heartbeat = setInterval(() => void touchDataset(ctx.db, id).catch(() => {}), TOUCH_MS);
  try {
    const facts = await write(id);
    const made = await ctx.db.$transaction(async (tx) => {
      if (finish) return finish(tx, id, facts);
      await finishDataset(tx, id, facts);
      return id;
    });
    if (made !== id) await forget(ctx, id);
    return await getDataset(ctx, made);
  } catch (error) {
    // Where storage fails, the sweep removes it later; the error that counts is the first one.
    await forget(ctx, id).catch((later) => ctx.log.warn({ err: later, dataset: id }, 'an upload was not removed'));
    if (error instanceof TableProblem) throw new AppError('INVALID', error.message);
    if (error instanceof StorageError) throw new AppError('UPSTREAM', `The file could not be stored: ${error.message}`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

async function forget(ctx: Services, id: string): Promise<void> {
  await ctx.storage.removePrefix(keys.datasetPrefix(id));
  await forgetDataset(ctx.db, id);
}
