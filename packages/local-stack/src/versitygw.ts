/** An S3 server for tests: versitygw, which keeps objects in a folder. `npm test -- --all` installs it. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nextFreePort } from './ports.ts';
import { getsOk, passedOnEnv, type Service, type ServiceContext, startService } from './service.ts';
import { ROOT } from './toolchain.ts';

export interface VersityGw extends Service {
  /** The variables by which clients sign in. */
  credentials: { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string };
  /** A storage address in the bucket that is there; `prefix` keeps users of one server apart. */
  storageUrl: (prefix: string) => string;
}

/** The program of TOUCHSTONE_TEST_S3, or the one that was installed; null: tests on S3 are left out. */
export function findVersityGw(): string | null {
  const toolchain = resolve(process.env.TOUCHSTONE_TOOLCHAIN || join(ROOT, '.toolchain'));
  const program = process.env.TOUCHSTONE_TEST_S3 || join(toolchain, 'versitygw', 'versitygw');
  return existsSync(program) ? program : null;
}

/** Starts it with one bucket and one account on a port of its own; `dir` keeps everything. */
export async function startVersityGw(options: Partial<ServiceContext> & { dir: string }): Promise<VersityGw> {
  const { dir, stack = dir, log = join(dir, 'versitygw.log') } = options;
  const program = findVersityGw();
  if (!program) throw new Error('versitygw is missing: "npm test -- --all" installs it.');
  const [accounts, objects, bucket] = [join(dir, 'accounts'), join(dir, 'objects'), 'touchstone-test'];
  for (const folder of [accounts, join(objects, bucket)]) mkdirSync(folder, { recursive: true });
  const port = await nextFreePort(20_000 + Math.floor(Math.random() * 10_000));
  const url = `http://127.0.0.1:${port}`;
  const [key, secret] = [randomBytes(10).toString('hex'), randomBytes(20).toString('hex')];
  const service = await startService(
    'versitygw',
    { ...options, stack, log },
    {
      command: program,
      // Without --iam-dir an unknown key looks like a missing bucket; with --keep-alive pyarrow's writes fail.
      args: [
        ...['--port', `127.0.0.1:${port}`, '--health', '/health', '--quiet', '--iam-dir', accounts],
        ...['posix', objects],
      ],
      cwd: dir,
      env: { ...passedOnEnv(), ROOT_ACCESS_KEY: key, ROOT_SECRET_KEY: secret },
      url,
      answers: () => getsOk(`${url}/health`),
      within: 30_000,
    },
  );
  return {
    ...service,
    credentials: { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret },
    storageUrl: (prefix) => `s3://${bucket}/${prefix}?endpoint=${url}`,
  };
}
