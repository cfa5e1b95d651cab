import { fileURLToPath } from 'node:url';
import { StorageError } from './errors.ts';
import { createFileStorage } from './file.ts';
import { parseS3Address } from './s3-address.ts';
import type { Storage } from './storage.ts';

export type OpenOptions = {
  /** Where browsers reach S3: with it, `signedUrl` is there. */
  public_endpoint?: string | undefined;
};

/**
 * The storage of an address: `file:///an/absolute/folder`, or `s3://bucket/prefix?endpoint=…&region=…&path_style=true`
 * with the credentials that the AWS SDK finds. Nothing is asked of S3 yet.
 */
export async function openStorage(url: string, options: OpenOptions = {}): Promise<Storage> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === 's3:') {
    const address = parseS3Address(url);
    // Loaded only where it is used: the SDK takes 40 MB.
    const { createS3Storage } = await import('./s3.ts');
    return createS3Storage(address, options);
  }
  if (parsed?.protocol !== 'file:') {
    throw new StorageError(
      'invalid',
      `"${url}" is no storage address. Use file:///an/absolute/folder or s3://bucket/prefix.`,
    );
  }
  if (parsed.host || parsed.search || parsed.hash || !/^file:\/\/\//i.test(url)) {
    throw new StorageError(
      'invalid',
      `"${url}" is no folder of this machine: a file address has three slashes and a path.`,
    );
  }
  return createFileStorage(fileURLToPath(parsed));
}
