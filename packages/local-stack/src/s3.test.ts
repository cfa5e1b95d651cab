/** A stack whose files are kept in S3, as with TOUCHSTONE_STORAGE_URL in the environment of `npm start`. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { s3Env } from './service.ts';
import { startStack } from './stack.ts';
import { findVersityGw, startVersityGw } from './versitygw.ts';

test.skipIf(!findVersityGw())('files are kept in the bucket, and the credentials in no file', async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'touchstone-s3-')));
  const s3 = await startVersityGw({ dir: join(dir, 's3') });
  for (const [name, value] of Object.entries(s3.credentials)) vi.stubEnv(name, value);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await s3.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  expect(s3Env()).toMatchObject(s3.credentials); // what Ray gets

  const home = join(dir, 'home');
  const stack = await startStack({
    home,
    services: ['postgres', 'server'],
    web: 'none',
    storageUrl: s3.storageUrl('team'),
    serverEnv: { LOG_LEVEL: 'debug', TOUCHSTONE_CACHE_DIR: join(dir, 'cache') },
  });
  onTestFinished(stack.stop);
  const answer = await fetch(`${stack.url}/api/datasets?filename=rows.csv`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${stack.keys.apiKey}`, 'content-type': 'text/csv' },
    body: 'examples,ground_truth\na,b\n',
  });
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  const stored = join(dir, 's3', 'objects', 'touchstone-test', 'team', 'datasets', id);
  expect(readFileSync(join(stored, 'source.csv'), 'utf8')).toBe('examples,ground_truth\na,b\n');
  expect(existsSync(join(home, 'storage', 'datasets'))).toBe(false);
  for (const log of readdirSync(join(home, 'logs'))) {
    expect(readFileSync(join(home, 'logs', log), 'utf8')).not.toContain(s3.credentials.AWS_SECRET_ACCESS_KEY);
  }
});
