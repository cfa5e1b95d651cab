import { Readable } from 'node:stream';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { getJobRecord } from './service.ts';

/** The result.json of the attempt that counts, as its driver wrote it. @throws AppError CONFLICT where there is none */
export async function openJobResult(ctx: Ctx, id: string): Promise<{ filename: string; stream: Readable }> {
  const job = await getJobRecord(ctx, id);
  if (job.accepted_attempt === null) {
    throw new AppError(
      'CONFLICT',
      job.finished_at === null
        ? 'The job has no result yet: it is written when the job is over. Its rows can be read already.'
        : `The job ended without a result (${job.status}): ${job.reason ?? 'its log says why.'} Rows that were finished can be read.`,
    );
  }
  const stream = await ctx.storage.readStream(keys.attemptResult(id, job.accepted_attempt));
  return { filename: `job-${id}.json`, stream: Readable.from(stream) };
}
