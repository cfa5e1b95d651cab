/** A Ray head with token authentication, on loopback only. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { freeBlock } from './ports.ts';
import {
  getsOk,
  localModelsEnv,
  passedOnEnv,
  type Service,
  type ServiceContext,
  s3Env,
  startService,
} from './service.ts';
import { programOf, ROOT } from './toolchain.ts';

/** Ports that a head needs, from its first one on: nine of its own, then its workers'. */
export const RAY_PORTS = 80;
const OWN_PORTS = 16;
const OBJECT_STORE_BYTES = 100_000_000;
/** Longer ones do not leave room for the names of Ray's sockets (107 bytes with the path on Linux, 103 elsewhere). */
const LONGEST_TEMP_DIR = 30;

export interface RayOptions extends Partial<ServiceContext> {
  /** Keeps Ray's session folders with their logs; nobody else should be able to enter it. */
  dir: string;
  token: string;
  /** The first of RAY_PORTS consecutive ones. */
  port?: number;
  storageUrl: string;
  jobKeyFile: string;
  /** The Python environment that runs the jobs; left out: the jobs' own packages alone. */
  environment?: 'jobs' | 'jobs-hf';
  /** More variables for the jobs. */
  env?: Record<string, string>;
}

/** Starts a head; `url` is the address of its Jobs API, which asks for the token as a Bearer. */
export async function startRay(options: RayOptions): Promise<Service & { token: string }> {
  const { dir, token, stack = dir, log = join(dir, 'ray.log') } = options;
  const sessions = join(dir, 'sessions'); // Ray opens it to everybody: `dir` itself is what keeps others out
  mkdirSync(sessions, { recursive: true });
  removeOldSessions(sessions);
  const tempDir = shortPathOf(sessions);
  const port = options.port ?? (await freeBlock(RAY_PORTS));
  const url = rayUrl(port);
  const ray = programOf(options.environment ?? 'jobs', 'ray');
  const removeLink = () => tempDir !== sessions && rmSync(tempDir, { force: true });
  const service = await startService(
    'ray',
    { ...options, stack, log },
    {
      command: ray,
      args: ['start', '--head', '--block', '--disable-usage-stats', ...flagsFor(port, tempDir)],
      cwd: dir,
      env: {
        ...passedOnEnv(),
        ...s3Env(),
        PATH: [dirname(ray), process.env.PATH].join(delimiter),
        PYTHONPATH: join(ROOT, 'jobs', 'src'),
        PYTHONUNBUFFERED: '1',
        RAY_AUTH_MODE: 'token',
        RAY_AUTH_TOKEN: token,
        RAY_USAGE_STATS_ENABLED: '0',
        // One machine only: everything stays on 127.0.0.1, and a laptop that changes its network keeps its head.
        RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: '0',
        HF_HUB_DISABLE_TELEMETRY: '1',
        DO_NOT_TRACK: '1',
        TOUCHSTONE_STORAGE_URL: options.storageUrl,
        TOUCHSTONE_JOB_KEY_FILE: options.jobKeyFile,
        ...localModelsEnv(),
        ...options.env,
      },
      url,
      answers: () => takesJobs(port, token),
      within: 120_000,
      stopWithin: 8_000,
    },
  ).catch((error: unknown) => {
    removeLink();
    throw error;
  });
  const stop = async () => {
    await service.stop();
    removeLink();
  };
  return { ...service, stop, token };
}

/** Every port is a fixed one: Ray would take random ones, which others of the block may be. */
function flagsFor(port: number, tempDir: string): string[] {
  const flags = {
    'node-ip-address': '127.0.0.1',
    'temp-dir': tempDir,
    'object-store-memory': OBJECT_STORE_BYTES,
    port,
    'dashboard-host': '127.0.0.1',
    'dashboard-port': port + 1,
    'node-manager-port': port + 2,
    'object-manager-port': port + 3,
    'dashboard-agent-listen-port': port + 4,
    'dashboard-agent-grpc-port': port + 5,
    'runtime-env-agent-port': port + 6,
    'metrics-export-port': port + 7,
    'ray-client-server-port': port + 8,
    'min-worker-port': port + OWN_PORTS,
    'max-worker-port': port + RAY_PORTS - 1,
  };
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

/** Whether the Jobs API answers, and the node's agent too: without it a submission fails. */
async function takesJobs(port: number, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const agent = `http://127.0.0.1:${port + 4}/api/local_raylet_healthz`;
  return (await getsOk(`${rayUrl(port)}/api/jobs/`, headers)) && (await getsOk(agent, headers));
}

/** The address of the Jobs API of a head that is started with this first port. */
export function rayUrl(port: number): string {
  return `http://127.0.0.1:${port + 1}`;
}

/** A path to the folder that is short enough for Ray's sockets: itself, or a link in /tmp. */
function shortPathOf(dir: string): string {
  if (dir.length <= LONGEST_TEMP_DIR) return dir;
  const link = join('/tmp', `touchstone-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}`);
  const existing = lstatSync(link, { throwIfNoEntry: false });
  if (existing) {
    if (!existing.isSymbolicLink() || existing.uid !== process.getuid?.()) {
      throw new Error(`${link} is in the way: Ray needs it as a link to ${dir}. Remove it and start again.`);
    }
    if (readlinkSync(link) === dir) return link;
    rmSync(link);
  }
  symlinkSync(dir, link);
  return link;
}

/** Each start of Ray makes a session folder with logs; the newest one is kept to look at. */
function removeOldSessions(dir: string): void {
  const sessions = readdirSync(dir).filter((name) => /^session_\d/.test(name));
  for (const name of sessions.sort().slice(0, -1)) rmSync(join(dir, name), { recursive: true, force: true });
}
