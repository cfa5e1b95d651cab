import type { ExportFormat, JobRows, JobRowsInput } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type ExportFile, exportQuery, openExport } from '../rows/export.ts';
import { readPage } from '../rows/service.ts';
import { findJobRowsSource } from '../rows/source.ts';
import { getKnownJobRecord } from './service.ts';

/** A page of a job's rows with the answer and the scores of each, while it runs too. */
export async function listJobRows(ctx: Ctx, { sort, ...input }: z.output<typeof JobRowsInput>): Promise<JobRows> {
  const job = await getKnownJobRecord(ctx, input.id);
  const source = await findJobRowsSource(ctx, job);
  if (sort && !source.metrics.some(({ name }) => name === sort.metric)) {
    throw new AppError(
      'INVALID',
      `The rows cannot be sorted by ${sort.metric}, which this job does not score row by row.`,
    );
  }
  const { rows, matching } = await readPage(
    ctx,
    source,
    { ...input, sort: sort && { ...sort, workflow_id: job.id } },
    (job.experiment ?? job.standalone).sample.rows,
  );
  return {
    rows: rows.map(({ cells: [cell], ...row }) => {
      const { workflow_id: _, ...answer } = cell!;
      return { ...row, ...answer };
    }),
    matching,
    complete: job.finished_at !== null,
  };
}

/** One line per row. @throws AppError NOT_FOUND. The stream's end removes the file behind it. */
export async function exportJobRows(ctx: Ctx, id: string, format: ExportFormat): Promise<ExportFile> {
  const job = await getKnownJobRecord(ctx, id);
  const source = await findJobRowsSource(ctx, job);
  return openExport(ctx.row_store, exportQuery(source, { with_workflow: false }), { name: `job-${id}`, format });
}
