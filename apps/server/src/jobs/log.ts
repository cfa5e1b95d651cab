import { Readable } from 'node:stream';
import { findJob } from '@touchstone/db';
import type { JobLog } from '@touchstone/schemas';
import { keys, type Stored } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { notFound } from '../errors.ts';

/** Bytes of a log that one answer holds. */
const MAX_PIECE = 256 * 1024;

type Log = { pieces: Stored[]; over: boolean };

/** The pieces of a job's log in their order, over all attempts: kept in storage, whatever Ray has forgotten. */
async function findLog(ctx: Ctx, id: string): Promise<Log> {
  const job = await findJob(ctx.db, id);
  if (!job) throw notFound('job', id);
  const pieces: Stored[] = [];
  for (const { number } of job.attempts) {
    for await (const piece of ctx.storage.list(keys.attemptLogPrefix(id, number))) pieces.push(piece);
  }
  return { pieces, over: job.finished_at !== null };
}

/** What the log says from byte `offset` on, at most 256 KiB; a character is never cut in two. */
export async function readJobLog(ctx: Ctx, { id, offset }: { id: string; offset: number }): Promise<JobLog> {
  const { pieces, over } = await findLog(ctx, id);
  const found: Buffer[] = [];
  let position = 0;
  let size = 0;
  let isCut = false;
  for (const piece of pieces) {
    const start = Math.max(0, offset - position);
    position += piece.size;
    if (start >= piece.size) continue;
    if (size >= MAX_PIECE) {
      isCut = true;
      break;
    }
    const bytes = await ctx.storage.readRange(piece.key, start, Math.min(piece.size, start + MAX_PIECE - size));
    found.push(bytes);
    size += bytes.length;
    if (start + bytes.length < piece.size) {
      isCut = true;
      break;
    }
  }
  const bytes = cutAtCharacter(Buffer.concat(found));
  return { text: bytes.toString('utf8'), next_offset: offset + bytes.length, over: over && !isCut };
}

/** Without the beginning of a UTF-8 character whose rest is not there. */
function cutAtCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

export async function openJobLog(ctx: Ctx, id: string): Promise<{ filename: string; stream: Readable }> {
  const { pieces } = await findLog(ctx, id);
  async function* read() {
    for (const piece of pieces) yield await ctx.storage.read(piece.key);
  }
  return { filename: `job-${id}.log`, stream: Readable.from(read()) };
}
