export { StorageError, type StorageErrorKind, StorageNotFound } from './errors.ts';
export * as keys from './keys.ts';
export { openStorage } from './open.ts';
export type { Storage, Stored, Written } from './storage.ts';
