/** The services of the installation in a folder, asked directly. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { knownMigrations } from '@touchstone/db';
import {
  findRunning,
  majorOfData,
  mlflowUrl,
  openHome,
  ourMajor,
  portsOf,
  rayUrl,
  readConfig,
  runningPostgresUrl,
} from '@touchstone/local-stack';
import { createRayClient, type RayClient } from '@touchstone/ray-client';
import { keys, openStorage } from '@touchstone/storage';
import { createMlflowTracking } from '@touchstone/tracking';
import pg from 'pg';
import { type Check, fail, ok, skipped, warn } from './check.ts';

/** A no-op on an idle machine takes about four seconds, on a busy one many more. */
const JOB_WITHIN_S = 90;
const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
const LOG = (home: string, service: string) => `Look into ${join(home, 'logs', `${service}.log`)}.`;

export async function checkServices(
  home: string,
  { deep, storage_url }: { deep: boolean; storage_url?: string | undefined },
): Promise<Check[]> {
  const storage = checkStorage(storage_url ?? readConfig(home).storage_url ?? `file://${openHome(home).storage}`);
  const data = checkData(home);
  if (!findRunning(home)) {
    const away = ['database', 'ray', 'mlflow'].map((name) => skipped(name, 'Touchstone does not run on this folder.'));
    return [await data, await storage, ...away];
  }
  const ports = portsOf(readConfig(home).base_port ?? 0);
  const token = await readFile(join(home, 'keys', 'ray-token'), 'utf8').catch(() => '');
  const ray = createRayClient({ url: rayUrl(ports.ray), token });
  return Promise.all([
    data,
    storage,
    checkDatabase(home),
    checkRay(ray, home),
    ...(deep ? [checkJob(ray, home)] : []),
    checkMlflow(mlflowUrl(ports.mlflow), home),
  ]);
}

async function checkData(home: string): Promise<Check> {
  const [found, ours] = [majorOfData(join(home, 'postgres')), await ourMajor()];
  if (found === null) return skipped('data', 'There is no database yet.');
  if (found === ours) return ok('data', `Made by Postgres ${found}, as this version has it.`);
  const detail = `Made by Postgres ${found}, and this version has ${ours}.`;
  return found < ours
    ? fail('data', detail, `npx touchstone migrate-postgres --home ${home}`)
    : fail('data', detail, 'Start the newer Touchstone that made it.');
}

async function checkDatabase(home: string): Promise<Check> {
  const client = new pg.Client({ connectionString: runningPostgresUrl(home), connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ migration_name: string }>(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const [applied, known] = [rows.map((row) => row.migration_name), await knownMigrations()];
    const newer = applied.find((name) => !known.includes(name));
    if (newer) return fail('database', `A newer Touchstone has migrated it (${newer}).`, 'Start that version.');
    const missing = known.filter((name) => !applied.includes(name));
    if (missing.length > 0) {
      return fail(
        'database',
        `${counted(missing.length, 'migration')} not applied.`,
        'Restart Touchstone: it applies them.',
      );
    }
    return ok('database', `It answers and has all ${known.length} migrations.`);
  } catch (error) {
    return fail('database', `It does not answer: ${(error as Error).message}`, LOG(home, 'postgres'));
  } finally {
    await client.end().catch(() => {});
  }
}

async function checkStorage(url: string): Promise<Check> {
  const where = url.split('?')[0]!;
  try {
    const storage = await openStorage(url);
    const [key, text] = [keys.doctorProbe(), randomUUID()];
    await storage.write(key, text);
    const came = (await storage.read(key)).toString();
    await storage.remove(key);
    if (came !== text) return fail('storage', `What was written to ${where} came back changed.`, 'Check the disk.');
    return ok('storage', `${where} was written to, read and cleared.`);
  } catch (error) {
    const to_do = url.startsWith('s3:')
      ? 'Compare with docs/guide/s3.md.'
      : 'See that the folder is there and yours, and that the disk has room.';
    return fail('storage', `${where}: ${(error as Error).message}`, to_do);
  }
}

async function checkRay(ray: RayClient, home: string): Promise<Check> {
  try {
    const version = await ray.version();
    const { nodes, cpus, gpus } = await ray.capacity();
    const facts = `Ray ${version}: ${counted(nodes, 'node')}, ${counted(cpus.total, 'CPU')}, ${counted(gpus.total, 'GPU')}`;
    return nodes > 0 ? ok('ray', facts) : warn('ray', facts, 'It has just started, or its nodes are gone: look again.');
  } catch (error) {
    return fail('ray', (error as Error).message, LOG(home, 'ray'));
  }
}

/** A job that does nothing, from its submission to its end. */
async function checkJob(ray: RayClient, home: string): Promise<Check> {
  const submission_id = `doctor-${randomUUID()}`;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  try {
    await ray.submit({ submission_id, entrypoint: 'python -c pass' });
    while (seconds() < JOB_WITHIN_S) {
      const job = await ray.get(submission_id);
      if (job?.status === 'SUCCEEDED') return ok('job', `A job that does nothing took ${seconds().toFixed(1)} s.`);
      if (job?.status === 'FAILED')
        return fail('job', `A job that does nothing failed: ${job.message}`, LOG(home, 'ray'));
      await sleep(250);
    }
    return fail(
      'job',
      `A job that does nothing did not end within ${JOB_WITHIN_S} s.`,
      'See whether the cluster is full.',
    );
  } catch (error) {
    return fail('job', (error as Error).message, LOG(home, 'ray'));
  } finally {
    await ray.stop(submission_id).catch(() => {});
    await ray.remove(submission_id).catch(() => {});
  }
}

async function checkMlflow(url: string, home: string): Promise<Check> {
  try {
    return ok('mlflow', `MLflow ${await createMlflowTracking({ url }).ping()} answers.`);
  } catch (error) {
    return fail('mlflow', (error as Error).message, LOG(home, 'mlflow'));
  }
}
