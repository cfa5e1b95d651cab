import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { findExperiment, findJob } from '@touchstone/db';
import type { ExportFormat } from '@touchstone/schemas';
import type { Ctx, Services } from '../context.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { withTemporaryFolder } from '../parquet/temporary-folder.ts';
import { findJobRowsSource, findRowsSource, joinScores, type RowsSource } from './source.ts';
import { quoteName, quoteText, type RowStore } from './store.ts';

const COPY_OPTIONS: Record<ExportFormat, string> = {
  csv: 'FORMAT csv, HEADER true',
  jsonl: 'FORMAT json, ARRAY false',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};
const CONTENT_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** One line per row, workflow and repeat: who answered what, what it took, and each row metric. */
export function exportQuery(
  { workflows, sample, metrics }: RowsSource,
  { with_workflow }: { with_workflow: boolean },
): string {
  const parts = workflows.map((workflow, place) => {
    const { name, model, repeats, answers } = workflow;
    const names = metrics.map((metric) => metric.name);
    const scores = joinScores(workflow, names);
    const values = names.map(
      (metric) => `${scores ? `s.${quoteName(metric)}` : 'NULL::DOUBLE'} AS ${quoteName(metric)}`,
    );
    return `SELECT ${[
      `x.position, ${place} AS place`,
      'x.row_id, r.repeat',
      ...(with_workflow ? [`${quoteText(name)} AS workflow`, `${quoteText(model)} AS model`] : []),
      'x.input, x.reference, a.prediction',
      "CASE WHEN a.error_code IS NULL THEN NULL ELSE concat(a.error_code, ': ', a.error_message) END AS error",
      'a.reasoning, a.finish_reason, a.truncated, a.latency_ms, a.first_token_ms, a.prompt_tokens, a.completion_tokens, a.reasoning_tokens, a.cost, a.calls',
      ...values,
    ].join(', ')} FROM (${sample}) x CROSS JOIN (SELECT unnest(range(${repeats}))::INTEGER AS repeat) r
      LEFT JOIN (${answers}) a ON a.row_id = x.row_id AND a.repeat = r.repeat
      ${scores ? `LEFT JOIN (${scores}) s ON s.row_id = x.row_id AND s.repeat = r.repeat` : ''}`;
  });
  return `SELECT * EXCLUDE (position, place) FROM (${parts.join(' UNION ALL ')}) ORDER BY position, place, repeat`;
}

export type ExportFile = { filename: string; content_type: string; stream: Readable };

/** @throws AppError NOT_FOUND. The stream's end removes the file behind it. */
export async function exportExperiment(ctx: Ctx, id: string, format: ExportFormat): Promise<ExportFile> {
  const experiment = await getExperimentRecord(ctx, id);
  const query = exportQuery(await findRowsSource(ctx, experiment), { with_workflow: true });
  return openExport(ctx.row_store, query, { name: fileNameOf(experiment.name), format });
}

/** An experiment's name as a file may have it. */
export const fileNameOf = (name: string) =>
  name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'experiment';

/** Writes a query's rows to a file, and reads it. The stream's end removes the file. */
export async function openExport(
  row_store: RowStore,
  query: string,
  { name, format }: { name: string; format: ExportFormat },
): Promise<ExportFile> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-export-'));
  const clean = () => void rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, `rows.${format}`);
    await row_store.run(`COPY (${query}) TO ${quoteText(file)} (${COPY_OPTIONS[format]})`);
    const stream = createReadStream(file);
    stream.once('close', clean);
    return { filename: `${name}.${format}`, content_type: CONTENT_TYPES[format], stream };
  } catch (error) {
    clean();
    throw error;
  }
}

/** One workflow's rows as CSV, for the record in MLflow; null where they are not there any more. */
export async function exportWorkflow(
  services: Services,
  experimentId: string,
  workflowId: string,
): Promise<Buffer | null> {
  const experiment = await findExperiment(services.db, experimentId);
  if (!experiment?.workflows.some(({ id }) => id === workflowId)) return null;
  const source = await findRowsSource(services, experiment);
  const workflows = source.workflows.filter(({ id }) => id === workflowId);
  return readCsv(services.row_store, exportQuery({ ...source, workflows }, { with_workflow: true }));
}

/** A job's rows as CSV, for the record in MLflow; null where they are not there any more. */
export async function exportJob(services: Services, id: string): Promise<Buffer | null> {
  const job = await findJob(services.db, id);
  if (!job) return null;
  return readCsv(services.row_store, exportQuery(await findJobRowsSource(services, job), { with_workflow: false }));
}

function readCsv(row_store: RowStore, query: string): Promise<Buffer> {
  return withTemporaryFolder(async (folder) => {
    const file = join(folder, 'rows.csv');
    await row_store.run(`COPY (${query}) TO ${quoteText(file)} (${COPY_OPTIONS.csv})`);
    return readFile(file);
  });
}
