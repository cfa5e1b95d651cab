export { StorageError, type StorageErrorKind, StorageNotFound } from './errors.ts';
export * as keys from './keys.ts';
export { type OpenOptions, openStorage } from './open.ts';
export type { SignedUrlOptions, Storage, Stored, Written } from './storage.ts';
