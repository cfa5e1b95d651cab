/** What goes wrong in a way that a person can act on: the message is all that is printed. */
export class Failure extends Error {}

const SQLITE_FULL = 13;

/** A full disk, said so; anything else as it is. */
export function explainDiskError(error: unknown, where: string): unknown {
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' || errcode === SQLITE_FULL;
  if (!isFull) return error;
  return new Failure(`There is no room left for ${where}: nothing was kept of it. Free some space and run it again.`, {
    cause: error,
  });
}
