import { mkdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findDisk } from '@touchstone/db';
import type { StorageFacts } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';

const GB = 1e9;

/** The disk that fills: the one of the stored files, or, where they are in a bucket, the one of their local copies. */
export async function measureDisk({ storage, env }: Pick<Services, 'storage' | 'env'>): Promise<StorageFacts['disk']> {
  const path = storage.localPath ? dirname(dirname(storage.localPath(keys.healthProbe()))) : env.TOUCHSTONE_CACHE_DIR;
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { bavail, blocks, bsize } = await statfs(path);
  return { path, free_bytes: bavail * bsize, total_bytes: blocks * bsize };
}

/** Refuses to take so many bytes more where the disk would be too full, by what the prober saw. @throws AppError NO_SPACE */
export async function checkRoom({ db, env }: Pick<Services, 'db' | 'env'>, bytes: number): Promise<void> {
  const disk = await findDisk(db);
  const full = disk && explainFullDisk({ ...disk, free_bytes: disk.free_bytes - bytes }, env);
  if (!full) return;
  throw new AppError(
    'NO_SPACE',
    `There is no room for this file: ${full} beside it. Free some space and try again; nothing was kept of it.`,
  );
}

/** `0.4 GB free in /data, 1 GB needed`, or null where there is room. */
export function explainFullDisk(disk: StorageFacts['disk'], env: Services['env']): string | null {
  const needed = env.TOUCHSTONE_MIN_FREE_GB;
  if (disk.free_bytes >= needed * GB) return null;
  // Never rounded up to what would be enough.
  const free = Math.floor((disk.free_bytes / GB) * 10) / 10;
  return `${free} GB free in ${disk.path}, ${needed} GB needed`;
}
