/**
 * Why storage could not do what was asked. `unavailable` may pass by itself; the others need a person or another key.
 * `credentials`: there are none, or they are not known. `denied`: they are known and may not do this. `no_bucket`: where
 * the keys should be is nothing.
 */
export type StorageErrorKind =
  | 'not_found'
  | 'full'
  | 'denied'
  | 'credentials'
  | 'no_bucket'
  | 'invalid'
  | 'unavailable';

/** Every error of this package. What a source given to `writeStream` throws is passed on as it is. */
export class StorageError extends Error {
  readonly kind: StorageErrorKind;

  constructor(kind: StorageErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.kind = kind;
  }
}

/** Nothing is stored under this key. */
export class StorageNotFound extends StorageError {
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super('not_found', `Nothing is stored under "${key}".`, options);
    this.name = 'StorageNotFound';
    this.key = key;
  }
}

/** The file system's error for a key as one of ours. */
export function fromFileError(cause: unknown, key: string): StorageError {
  if (cause instanceof StorageError) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return new StorageNotFound(key, { cause });
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new StorageError('full', `There is no room left in storage to write "${key}": free some disk space.`, {
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StorageError('denied', `Storage may not be written or read at "${key}" (${code}).`, { cause });
    default:
      return new StorageError('unavailable', `Storage failed at "${key}": ${String(cause)}`, { cause });
  }
}
