import { StorageError, StorageNotFound } from './errors.ts';
import type { S3Address } from './s3-address.ts';

/** What the SDK throws: S3's code as `name`, or an error of the network with a `code`. */
type Failure = {
  name?: string;
  code?: string;
  message?: string;
  Region?: string;
  $metadata?: { httpStatusCode?: number };
};

/** The SDK's error for a key as one of ours, in words that say what to do. */
export function fromS3Error(cause: unknown, key: string, { bucket, endpoint, region }: S3Address): StorageError {
  if (cause instanceof StorageError) return cause;
  const { name = '', code, message, Region, $metadata } = (cause ?? {}) as Failure;
  const status = $metadata?.httpStatusCode;
  const where = endpoint ?? 'Amazon S3';
  const options = { cause };
  switch (name) {
    case 'NoSuchKey':
    case 'NotFound':
      return new StorageNotFound(key, options);
    case 'NoSuchBucket':
      return new StorageError(
        'no_bucket',
        `There is no bucket "${bucket}" at ${where}: create it, or correct the storage address.`,
        options,
      );
    case 'CredentialsProviderError':
      return new StorageError(
        'credentials',
        'There are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and start again.',
        options,
      );
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return new StorageError(
        'credentials',
        `${where} does not accept the credentials (${name}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where there is one, AWS_SESSION_TOKEN.`,
        options,
      );
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return new StorageError('credentials', 'The credentials for S3 have expired: set new ones.', options);
    case 'RequestTimeTooSkewed':
      return new StorageError(
        'credentials',
        `The clock of this machine differs too much from that of ${where}: set it right.`,
        options,
      );
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return new StorageError(
        'invalid',
        `The bucket "${bucket}" is not in the region ${region}: write region=${Region ?? '…'} into the storage address.`,
        options,
      );
    case 'QuotaExceeded':
    case 'InsufficientStorage':
    case 'XMinioStorageFull':
      return new StorageError('full', `There is no room left in the bucket "${bucket}" to write "${key}".`, options);
  }
  if (status === 403 || status === 401) {
    return new StorageError(
      'denied',
      `The credentials for S3 may not do this at "${key}" in the bucket "${bucket}" (${name}). Reading, writing, removing and listing objects must be allowed.`,
      options,
    );
  }
  if (status === 507) {
    return new StorageError('full', `There is no room left in the bucket "${bucket}" to write "${key}".`, options);
  }
  if (status === undefined) {
    return new StorageError('unavailable', `${where} cannot be reached (${code ?? name}).`, options);
  }
  return new StorageError('unavailable', `${where} failed at "${key}" (${status}, ${name}): ${message}`, options);
}
