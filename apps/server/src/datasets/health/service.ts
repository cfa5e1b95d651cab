import { createHash } from 'node:crypto';
import { CATALOGUE, type DatasetHealth, type DatasetHealthInput } from '@touchstone/schemas';
import { keys, StorageNotFound } from '@touchstone/storage';
import type { z } from 'zod';
import type { Ctx } from '../../context.ts';
import { checkColumn } from '../../experiments/rules.ts';
import { getDatasetRecord } from '../service.ts';
import { HealthFacts, RULES_VERSION } from './facts.ts';
import { findingsOf, summarizeFindings } from './findings.ts';

/** Most datasets are looked at within it: who asks gets the findings at once. */
const WAIT_MS = 1500;

/** Of models that may be chosen, each length once. */
const CONTEXT_LENGTHS = [...new Set(CATALOGUE.flatMap(({ context_length }) => context_length ?? []))];

/**
 * What is worth knowing of a dataset, or how far the look at it is. What was found is kept beside the dataset, whose versions never change: the one
 * thing that a read writes, and which may be lost.
 * @throws AppError NOT_FOUND, INVALID where a column is not there
 */
export async function getHealth(ctx: Ctx, input: z.output<typeof DatasetHealthInput>): Promise<DatasetHealth> {
  const { id, input_column, reference_column } = input;
  const { columns, row_count, data_sha256 } = await getDatasetRecord(ctx, id);
  const names = columns.map(({ name }) => name);
  checkColumn(names, input_column, 'Input column');
  if (reference_column !== null) checkColumn(names, reference_column, 'Reference column');
  const asked = JSON.stringify([RULES_VERSION, input_column, reference_column, CONTEXT_LENGTHS]);
  const key = keys.datasetHealth(id, createHash('sha256').update(asked).digest('hex'));

  const kept = await readFacts(ctx, key);
  const found = kept
    ? { facts: kept }
    : await ctx.health_scans.look(
        key,
        {
          begin: async () => ({
            file: await ctx.row_store.localFile(keys.datasetData(id), data_sha256),
            row_count,
            input_column,
            reference_column,
            context_lengths: CONTEXT_LENGTHS,
          }),
          keep: async (facts) => {
            // Not beside a dataset that was deleted meanwhile.
            await getDatasetRecord(ctx, id);
            await ctx.storage.write(key, JSON.stringify(facts));
          },
        },
        WAIT_MS,
      );
  if (!('facts' in found)) {
    return { state: 'running', row_count, rows_read: found.rows_read, summary: '', findings: [] };
  }
  const findings = findingsOf(found.facts, input);
  return { state: 'done', row_count, rows_read: row_count, summary: summarizeFindings(findings, row_count), findings };
}

/** Null where there are none, or of another version. */
async function readFacts({ storage }: Pick<Ctx, 'storage'>, key: string): Promise<HealthFacts | null> {
  try {
    return HealthFacts.safeParse(JSON.parse((await storage.read(key)).toString('utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof StorageNotFound) return null;
    throw error;
  }
}
