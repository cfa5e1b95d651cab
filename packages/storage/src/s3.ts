import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { StorageError, StorageNotFound } from './errors.ts';
import type { OpenOptions } from './open.ts';
import type { S3Address } from './s3-address.ts';
import { fromS3Error } from './s3-errors.ts';
import { uploadStream } from './s3-upload.ts';
import { checkFolder, checkKey, checkPrefix, checkRange, type Storage, type Stored } from './storage.ts';

/** A request fails, and is tried again, when no connection is made or nothing passes through it for so long. */
const CONNECT_WITHIN_MS = 3_000;
const IDLE_MS = 30_000;
const ATTEMPTS = 3;

/** Keys as objects of a bucket, below the address's prefix. */
export function createS3Storage(address: S3Address, { public_endpoint }: OpenOptions = {}): Storage {
  const { bucket: Bucket, prefix } = address;
  const client = openClient(address, address.endpoint);

  function objectOf(key: string): { Bucket: string; Key: string } {
    const Key = prefix + checkKey(key);
    if (Key.length > 1024) throw new StorageError('invalid', `"${key}" is too long a key below "${prefix}".`);
    return { Bucket, Key };
  }

  async function onS3<T>(key: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw fromS3Error(cause, key, address);
    }
  }

  async function get(key: string, Range?: string): Promise<{ body: Readable; size: number }> {
    const target = objectOf(key);
    return onS3(key, async () => {
      const { Body, ContentRange, ContentLength } = await client.send(new GetObjectCommand({ ...target, Range }));
      return { body: Body as Readable, size: Number(ContentRange?.split('/')[1] ?? ContentLength) };
    });
  }

  /** The bytes of an answer; null where the range lies past the end. */
  async function getBytes(key: string, Range?: string): Promise<{ bytes: Buffer; size: number } | null> {
    try {
      const { body, size } = await get(key, Range);
      return { bytes: await onS3(key, async () => Buffer.concat(await body.toArray())), size };
    } catch (error) {
      if (((error as StorageError).cause as Error | undefined)?.name === 'InvalidRange') return null;
      throw error;
    }
  }

  /** Not by HEAD, whose errors have no words: a bucket that is missing would look like a key that is. */
  async function stat(key: string): Promise<{ size: number } | null> {
    try {
      return { size: (await getBytes(key, 'bytes=0-0'))?.size ?? 0 };
    } catch (error) {
      if (error instanceof StorageNotFound) return null;
      throw error;
    }
  }

  async function* list(below: string): AsyncGenerator<Stored> {
    const pages = paginateListObjectsV2({ client }, { Bucket, Prefix: prefix + below });
    for (;;) {
      const page = await onS3(below, () => pages.next());
      if (page.done) return;
      for (const { Key = '', Size = 0 } of page.value.Contents ?? []) {
        // A name that ends with "/" is a folder that another program made.
        if (!Key.endsWith('/')) yield { key: Key.slice(prefix.length), size: Size };
      }
    }
  }

  async function removeObjects(below: string): Promise<void> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix + below })) {
      if (Contents.length === 0) continue;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      if (Errors[0]) {
        const { Code: name, Message } = Errors[0];
        const httpStatusCode = name === 'AccessDenied' ? 403 : 500;
        throw Object.assign(new Error(Message), { name, $metadata: { httpStatusCode } });
      }
    }
  }

  /** What interrupted writes left is seen by nobody, but it is paid for. */
  async function abortUploads(below: string): Promise<void> {
    for (let markers = {}; ; ) {
      const page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix + below, ...markers }));
      for (const { Key, UploadId } of page.Uploads ?? []) {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch((error: Error) => {
          if (error.name !== 'NoSuchUpload') throw error;
        });
      }
      if (!page.IsTruncated) return;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  const storage: Storage = {
    read: async (key) => (await getBytes(key))!.bytes,
    async readRange(key, start, end = Number.MAX_SAFE_INTEGER) {
      checkRange(key, start, end);
      if (start < end) return (await getBytes(key, `bytes=${start}-${end - 1}`))?.bytes ?? Buffer.alloc(0);
      if ((await stat(key)) === null) throw new StorageNotFound(key);
      return Buffer.alloc(0);
    },
    readStream: async (key) => (await get(key)).body,
    async write(key, data) {
      const target = objectOf(key);
      const Body = typeof data === 'string' ? Buffer.from(data) : data;
      await onS3(key, () => client.send(new PutObjectCommand({ ...target, Body })));
      return { size: Body.byteLength, sha256: createHash('sha256').update(Body).digest('hex') };
    },
    writeStream: async (key, source) => uploadStream(client, objectOf(key), source, (action) => onS3(key, action)),
    list: (below) => list(checkPrefix(below)),
    stat,
    async remove(key) {
      const target = objectOf(key);
      await onS3(key, () => client.send(new DeleteObjectCommand(target)));
    },
    async removePrefix(below) {
      checkFolder(below);
      await onS3(below, async () => {
        await abortUploads(below);
        await removeObjects(below);
      });
    },
  };
  if (public_endpoint) {
    const outside = openClient(address, public_endpoint);
    storage.signedUrl = async (key, { expires_s, content_disposition, content_type }) => {
      const headers = { ResponseContentDisposition: content_disposition, ResponseContentType: content_type };
      const command = new GetObjectCommand({ ...objectOf(key), ...headers });
      return onS3(key, () => getSignedUrl(outside, command, { expiresIn: expires_s }));
    };
  }
  return storage;
}

/** Its credentials are those that the SDK finds: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role. */
function openClient({ region, path_style }: S3Address, endpoint: string | null): S3Client {
  // Without a limit: the time in which a connection must be made would count from when a request begins to wait for one.
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return new S3Client({
    region,
    forcePathStyle: path_style,
    ...(endpoint === null ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      socketTimeout: IDLE_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}
