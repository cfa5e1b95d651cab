/** The whole local stack: Postgres, Ray, MLflow and the server, kept in one folder and stopped together. */
import { networkInterfaces } from 'node:os';
import { claimHome } from './claim.ts';
import { type Home, openHome, rotateLog } from './home.ts';
import { type Ports, portsOf, readConfig, storageUrlOf, writeConfig } from './instance.ts';
import { type Keys, openKeys } from './keys.ts';
import { mlflowUrl, startMlflow } from './mlflow.ts';
import { freeBlock, isFree, nextFreePort } from './ports.ts';
import { postgresUrl, startPostgres } from './postgres.ts';
import { endProcesses, type ProcessRef, processesWith } from './processes.ts';
import { RAY_PORTS, rayUrl, startRay } from './ray.ts';
import { bracketed, isAnyAddress, type ServerOptions, startServer } from './server.ts';
import { markerOf, type Service, type ServiceContext, type ServiceName } from './service.ts';
import { type Supervised, supervise } from './supervisor.ts';

const FIRST_WEB_PORT = 4300;
const ALL: ServiceName[] = ['postgres', 'server', 'ray', 'mlflow'];
const TITLES: Record<ServiceName, string> = { postgres: 'Postgres', server: 'Server', ray: 'Ray', mlflow: 'MLflow' };

export interface StackOptions {
  /** TOUCHSTONE_HOME; the folder is made where it is missing. */
  home: string;
  host?: string;
  /** Port of the server: this one or an error; without it 4300, or the next free one, and the same again later. */
  port?: number;
  /** Where files are kept: left out, in the folder. Credentials for S3 are those of our own environment. */
  storageUrl?: string;
  web?: ServerOptions['web'];
  watch?: boolean;
  /** Local models: Ray runs with the packages for them. */
  withLocalModels?: boolean;
  /** Start only some of the services: for tests. */
  services?: ServiceName[];
  /** More variables for the server. */
  serverEnv?: Record<string, string>;
  /** Told what happens, a line at a time. */
  say?: (line: string) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
}

export interface Stack {
  home: Home;
  keys: Keys;
  /** Where people open it. */
  url: string;
  /** Of each service that was asked for: the first time it answers. */
  ready: Record<ServiceName, Promise<Service>>;
  stop: () => Promise<void>;
}

/** Starts everything; resolves when the server answers (Ray and MLflow may come later, see `ready`). */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { host = '127.0.0.1', say = () => {}, services = ALL, signal } = options;
  const home = openHome(options.home);
  const claim = await claimHome(home, say);
  const running: Partial<Record<ServiceName, Supervised<Service>>> = {};
  const stop = async () => {
    await Promise.all([running.server?.stop(), running.ray?.stop(), running.mlflow?.stop()]);
    await running.postgres?.stop();
    await endProcesses(processesWith(markerOf(home.dir)), 1_000);
    claim.release();
  };
  signal?.addEventListener('abort', () => void stop(), { once: true });
  try {
    const storageUrl = storageUrlOf(home, options.storageUrl);
    const ports = await choosePorts(home, host, storageUrl, options.port);
    const url = publicUrl(host, ports.web);
    const keys = openKeys(home.keys, url);
    claim.update({ url });
    const starters = startersOf(home, keys, ports, url, { ...options, host, storageUrl });
    const launch = (name: ServiceName) => {
      signal?.throwIfAborted();
      const onSpawn = (process: ProcessRef) => claim.update({ processes: { [name]: process } });
      running[name] = launchService(name, home, starters[name], onSpawn, say);
      return running[name].ready;
    };
    // Postgres alone first: it takes a second, and on few cores several beside the others. The server waits for it.
    if (services.includes('postgres')) await launch('postgres');
    for (const name of services) if (!running[name]) void launch(name);
    if (running.server) await running.server.ready;
    signal?.throwIfAborted();
    return { home, keys, url, ready: readyOf(running), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Starters = Record<ServiceName, (context: ServiceContext) => Promise<Service>>;

/** How each service is started in this folder. */
function startersOf(
  home: Home,
  keys: Keys,
  ports: Ports,
  url: string,
  options: StackOptions & { host: string; storageUrl: string },
): Starters {
  const { storageUrl } = options;
  const environment = options.withLocalModels ? ('jobs-hf' as const) : ('jobs' as const);
  const ray = { token: keys.rayToken, port: ports.ray, storageUrl, jobKeyFile: keys.jobPrivateKeyFile, environment };
  const postgres = { port: ports.postgres, passwordFile: keys.postgresPasswordFile };
  const origins = [...new Set([url, `http://127.0.0.1:${ports.web}`, `http://localhost:${ports.web}`])];
  return {
    postgres: (context) => startPostgres({ ...context, dir: home.postgres, ...postgres }),
    ray: (context) => startRay({ ...context, dir: home.ray, ...ray }),
    mlflow: (context) => startMlflow({ ...context, dir: home.mlflow, port: ports.mlflow, origins }),
    server: (context) =>
      startServer({
        ...context,
        host: options.host,
        port: ports.web,
        publicUrl: url,
        databaseUrl: postgresUrl(ports.postgres, keys.postgresPasswordFile),
        storageUrl,
        ray: { url: rayUrl(ports.ray), token: keys.rayToken },
        mlflowUrl: mlflowUrl(ports.mlflow),
        serverKeyFile: keys.serverKeyFile,
        jobPublicKeyFile: keys.jobPublicKeyFile,
        credentialFile: keys.credentialFile,
        web: options.web ?? 'built',
        watch: options.watch,
        env: options.serverEnv,
      }),
  };
}

/** Starts a service, keeps it running, and says how long its first start took. */
function launchService(
  name: ServiceName,
  home: Home,
  start: (context: ServiceContext) => Promise<Service>,
  onSpawn: (process: ProcessRef) => void,
  say: (line: string) => void,
): Supervised<Service> {
  const log = home.log(name);
  rotateLog(log);
  const from = Date.now();
  const supervised = supervise({
    title: TITLES[name],
    log,
    say,
    retryFirst: name === 'ray' || name === 'mlflow',
    start: (signal) => start({ log, stack: home.dir, signal, onSpawn }),
  });
  const seconds = () => `${((Date.now() - from) / 1000).toFixed(1)} s`.padStart(7);
  supervised.ready.then(
    () => say(`✓ ${TITLES[name].padEnd(32)} ${seconds()}`),
    () => {},
  );
  return supervised;
}

function readyOf(running: Partial<Record<ServiceName, Supervised<Service>>>): Stack['ready'] {
  const ready = ALL.map(
    (name) => [name, running[name]?.ready ?? Promise.reject(new Error(`${TITLES[name]} was not asked for.`))] as const,
  );
  for (const [, promise] of ready) promise.catch(() => {});
  return Object.fromEntries(ready) as Stack['ready'];
}

/** The ports of the last start where they are free, so that addresses stay the same; they are kept in config.json. */
async function choosePorts(home: Home, host: string, storage_url: string, wanted?: number): Promise<Ports> {
  const saved = readConfig(home.dir);
  if (wanted !== undefined && !(await isFree(wanted, host))) {
    throw new Error(`Port ${wanted} is taken on ${host}. Choose another one with --port, or leave it out.`);
  }
  const remembered = saved.web_port !== undefined && (await isFree(saved.web_port, host)) ? saved.web_port : undefined;
  const web = wanted ?? remembered ?? (await nextFreePort(FIRST_WEB_PORT, host));
  const base = await freeBlock(2 + RAY_PORTS, saved.base_port);
  writeConfig(home.dir, { web_port: web, base_port: base, storage_url });
  return { web, ...portsOf(base) };
}

/** The address to give to people: one that others can reach when the server listens everywhere. */
function publicUrl(host: string, port: number): string {
  if (process.env.TOUCHSTONE_URL) return process.env.TOUCHSTONE_URL.replace(/\/$/, '');
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  return `http://${isAnyAddress(host) ? (outside ?? '127.0.0.1') : bracketed(host)}:${port}`;
}
