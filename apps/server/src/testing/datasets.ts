import { Readable } from 'node:stream';
import type { Dataset } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { uploadDataset } from '../datasets/upload.ts';

/** Uploads text, or bytes, as a file. */
export function uploadText(ctx: Ctx, text: string | Buffer, filename = 'rows.csv'): Promise<Dataset> {
  return uploadDataset(ctx, { filename, body: Readable.from([Buffer.from(text)]), limit_bytes: 50 * 1024 * 1024 });
}

/** `n` rows with a text and a reference that all differ. */
export function makeRows(n: number): string {
  const rows = Array.from(
    { length: n },
    (_, i) => `"Item ${i} arrived. It was wrapped in paper. Nobody opened it.",Item ${i} came.`,
  );
  return `examples,ground_truth\n${rows.join('\n')}\n`;
}
