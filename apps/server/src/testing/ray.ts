import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRay } from '@touchstone/local-stack';
import { createRayClient } from '@touchstone/ray-client';
import { openTestServer, type TestServer, type TestServerOptions } from './services.ts';

export type RayTestServer = TestServer & { ray_url: string; ray_token: string };

/** A test server with a Ray head of its own, whose jobs read and write the server's storage. */
export async function openTestServerWithRay(
  options: Pick<TestServerOptions, 'storage_url'> = {},
): Promise<RayTestServer> {
  const token = randomBytes(16).toString('hex');
  const server = await openTestServer(options);
  const dir = join(server.folder, 'ray');
  await mkdir(dir, { recursive: true });
  const jobKeyFile = join(server.folder, 'job-key');
  await writeFile(jobKeyFile, server.job_private_key, { mode: 0o600 });
  const ray = await startRay({ dir, token, storageUrl: server.storage_url, jobKeyFile });
  const client = createRayClient({ url: ray.url, token });
  Object.assign(server.services, { ray: client });
  Object.assign(server.ctx, { ray: client });
  return {
    ...server,
    ray_url: ray.url,
    ray_token: token,
    stop: async () => {
      await ray.stop();
      await server.stop();
    },
  };
}
