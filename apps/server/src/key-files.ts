import { readFile } from 'node:fs/promises';
import { explainError } from '@touchstone/schemas';
import { z } from 'zod';

const Credential = z.object({
  api_key: z.string().regex(/^tsk_[A-Za-z0-9_-]{32,}$/, 'tsk_ and at least 32 letters or digits.'),
});

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new Error(`A key file cannot be read: ${error.message}`);
  });
}

/** 32 bytes, in base64 in the file. */
export async function readKey(path: string): Promise<Uint8Array> {
  const key = Buffer.from((await read(path)).trim(), 'base64');
  if (key.length !== 32) throw new Error(`${path} holds ${key.length} bytes in base64, not 32.`);
  return new Uint8Array(key);
}

/** The API key of the command line's credential. */
export async function readApiKey(path: string): Promise<string> {
  const text = await read(path);
  try {
    return Credential.parse(JSON.parse(text)).api_key;
  } catch (error) {
    const reason = error instanceof z.ZodError ? explainError(error) : 'it is no JSON';
    throw new Error(`${path} is no credential: ${reason}`);
  }
}
