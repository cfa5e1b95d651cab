import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type SealInput, sealForJob, sealInfo, sealSuite } from './seal.ts';

/** A secret that was sealed once and that the jobs' side opens too. */
const fixture = JSON.parse(
  readFileSync(new URL('../../../../packages/schemas/fixtures/sealed-secret.json', import.meta.url), 'utf8'),
) as {
  private_key: string;
  public_key: string;
  job_id: string;
  attempt: number;
  spec_sha256: string;
  origin: string;
  info: string;
  plaintext: string;
  file: { version: number; enc: string; ciphertext: string };
};

const input: SealInput = {
  job_public_key: Buffer.from(fixture.public_key, 'base64'),
  job_id: fixture.job_id,
  attempt: fixture.attempt,
  spec_sha256: fixture.spec_sha256,
  origin: fixture.origin,
  value: fixture.plaintext,
};

/** As the jobs' side opens it. */
async function open(file: typeof fixture.file, bound: SealInput): Promise<string> {
  const suite = sealSuite();
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
  const plaintext = await suite.open(
    {
      recipientKey: await suite.kem.importKey('raw', bytes(fixture.private_key), false),
      enc: bytes(file.enc),
      info: sealInfo(bound),
    },
    bytes(file.ciphertext),
  );
  return new TextDecoder().decode(plaintext);
}

test('the binding is written as the jobs write it', () => {
  expect(new TextDecoder().decode(sealInfo(input))).toBe(fixture.info);
});

test('what was sealed for the fixture opens', async () => {
  expect(await open(fixture.file, input)).toBe(fixture.plaintext);
});

test('what is sealed now opens for its job, attempt, spec and origin alone', async () => {
  const file = JSON.parse(await sealForJob(input));
  expect(Object.keys(file)).toEqual(['version', 'enc', 'ciphertext']);
  expect(file.version).toBe(1);
  expect(await open(file, input)).toBe(fixture.plaintext);
  const others: Partial<SealInput>[] = [
    { job_id: '00000000-0000-4000-8000-000000000000' },
    { attempt: 3 },
    { spec_sha256: '0'.repeat(64) },
    { origin: 'https://evil.example' },
  ];
  for (const other of others) await expect(open(file, { ...input, ...other })).rejects.toThrow();
});
