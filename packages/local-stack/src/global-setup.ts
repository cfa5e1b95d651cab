/** vitest globalSetup of projects that need a database: one Postgres for the whole run, whichever project asks first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './postgres.ts';
import type { Service } from './service.ts';
import { TEST_POSTGRES } from './test-database.ts';

/** Shared by the projects of a run: each may load its own copy of this file. */
const shared = globalThis as { touchstoneTestPostgres?: { users: number; dir: string; service: Promise<Service> } };

export async function setup(): Promise<void> {
  if (!shared.touchstoneTestPostgres) {
    const dir = mkdtempSync(join(tmpdir(), 'touchstone-postgres-'));
    shared.touchstoneTestPostgres = { users: 0, dir, service: startPostgres({ dir, durable: false }) };
  }
  shared.touchstoneTestPostgres.users += 1;
  process.env[TEST_POSTGRES] = (await shared.touchstoneTestPostgres.service).url;
}

export async function teardown(): Promise<void> {
  const postgres = shared.touchstoneTestPostgres;
  if (!postgres) return;
  postgres.users -= 1;
  if (postgres.users > 0) return;
  delete shared.touchstoneTestPostgres;
  await (await postgres.service).stop();
  rmSync(postgres.dir, { recursive: true, force: true });
}
