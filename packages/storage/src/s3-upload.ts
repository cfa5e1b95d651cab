import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Written } from './storage.ts';

/** S3 takes 10,000 parts: the largest object is 156 GB. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Writes what `source` gives as one object, in parts where it is long; memory is bounded by two parts. The object is
 * there when all of it is. `onS3` makes S3's errors ours; what `source` throws is passed on, and nothing is kept.
 */
export async function uploadStream(
  client: S3Client,
  target: { Bucket: string; Key: string },
  source: AsyncIterable<Uint8Array | string>,
  onS3: <T>(action: () => Promise<T>) => Promise<T>,
): Promise<Written> {
  const hash = createHash('sha256');
  let size = 0;
  // One is filled while the other is sent.
  const buffers = [Buffer.allocUnsafe(PART_BYTES), Buffer.allocUnsafe(PART_BYTES)] as const;
  let part: Buffer = buffers[0];
  let filled = 0;
  let UploadId: string | undefined;
  const parts: Promise<CompletedPart>[] = [];

  async function begin(): Promise<string> {
    // The parts are sent with checksums unless the SDK's settings say otherwise; S3 wants to know beforehand.
    const withChecksums = (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
    const checksum = withChecksums ? ({ ChecksumAlgorithm: 'CRC32' } as const) : {};
    return (await client.send(new CreateMultipartUploadCommand({ ...target, ...checksum }))).UploadId!;
  }

  async function sendPart(): Promise<void> {
    const Body = part.subarray(0, filled);
    UploadId ??= await onS3(begin);
    const PartNumber = parts.length + 1;
    const upload = new UploadPartCommand({ ...target, UploadId, PartNumber, Body });
    const sent = onS3(() => client.send(upload)).then(({ ETag, ChecksumCRC32 }) => ({
      PartNumber,
      ETag,
      ChecksumCRC32,
    }));
    sent.catch(() => {}); // looked at below
    parts.push(sent);
    await parts.at(-2);
    part = buffers[parts.length % 2]!;
    filled = 0;
  }

  try {
    for await (const piece of source) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
      hash.update(chunk);
      size += chunk.byteLength;
      for (let start = 0; start < chunk.byteLength; ) {
        if (filled === PART_BYTES) await sendPart();
        const taken = chunk.subarray(start, start + PART_BYTES - filled);
        part.set(taken, filled);
        filled += taken.byteLength;
        start += taken.byteLength;
      }
    }
    if (UploadId === undefined) {
      await onS3(() => client.send(new PutObjectCommand({ ...target, Body: part.subarray(0, filled) })));
    } else {
      await sendPart();
      const Parts = await Promise.all(parts);
      const completion = new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } });
      await onS3(() => client.send(completion));
    }
  } catch (error) {
    await Promise.allSettled(parts);
    if (UploadId) await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
    throw error;
  }
  return { size, sha256: hash.digest('hex') };
}
