import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';

export type SealInput = {
  /** Raw X25519, 32 bytes: only Ray's nodes have the private half. */
  job_public_key: Uint8Array;
  job_id: string;
  attempt: number;
  /** Hexadecimal, of the bytes of spec.json. */
  spec_sha256: string;
  /** Of the endpoint that the secret is for, such as https://api.example.com. */
  origin: string;
  value: string;
};

/** What a sealed secret is bound to: it opens for this job, attempt, spec and origin alone. */
export function sealInfo({
  job_id,
  attempt,
  spec_sha256,
  origin,
}: Omit<SealInput, 'job_public_key' | 'value'>): Uint8Array {
  return new TextEncoder().encode(['touchstone-secret-v1', job_id, attempt, spec_sha256, origin].join('\n'));
}

export function sealSuite(): CipherSuite {
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

/**
 * Seals a secret for one attempt of a job: HPKE (RFC 9180), base mode, X25519, HKDF-SHA256, AES-256-GCM.
 * @returns the content of the attempt's `secrets.sealed`.
 */
export async function sealForJob(input: SealInput): Promise<string> {
  const suite = sealSuite();
  const recipientPublicKey = await suite.kem.deserializePublicKey(new Uint8Array(input.job_public_key));
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: sealInfo(input) },
    new TextEncoder().encode(input.value),
  );
  const base64 = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('base64');
  return JSON.stringify({ version: 1, enc: base64(enc), ciphertext: base64(ct) });
}
