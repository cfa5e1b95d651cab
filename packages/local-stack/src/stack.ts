/** The whole local stack: Postgres, Ray, MLflow and the server, kept in one folder and stopped together. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Claim, claimHome } from './claim.ts';
import { type Home, openHome, readJson, rotateLog, writeJson } from './home.ts';
import { type Keys, openKeys } from './keys.ts';
import { startMlflow } from './mlflow.ts';
import { freeBlock, isFree, nextFreePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { endProcesses, processesWith } from './processes.ts';
import { RAY_PORTS, startRay } from './ray.ts';
import { bracketed, isAnyAddress, type ServerOptions, startServer } from './server.ts';
import { markerOf, type Service, type ServiceContext, type ServiceName } from './service.ts';
import { supervise } from './supervisor.ts';

const FIRST_WEB_PORT = 4300;
const TITLES: Record<ServiceName, string> = { postgres: 'Postgres', server: 'Server', ray: 'Ray', mlflow: 'MLflow' };

export interface StackOptions {
  /** TOUCHSTONE_HOME; the folder is made where it is missing. */
  home: string;
  host?: string;
  /** Port of the server: this one or an error; without it 4300, or the next free one, and the same again later. */
  port?: number;
  web?: ServerOptions['web'];
  watch?: boolean;
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

/** Starts everything at once; resolves when the server answers (Ray and MLflow may come later, see `ready`). */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { host = '127.0.0.1', say = () => {}, services = ['postgres', 'server', 'ray', 'mlflow'] } = options;
  const home = openHome(options.home);
  const claim = await claimHome(home, say);
  try {
    return await start(home, claim, host, say, services, options);
  } catch (error) {
    await endProcesses(processesWith(markerOf(home.dir)), 5_000);
    claim.release();
    throw error;
  }
}

async function start(
  home: Home,
  claim: Claim,
  host: string,
  say: (line: string) => void,
  services: ServiceName[],
  options: StackOptions,
): Promise<Stack> {
  const ports = await choosePorts(home, host, options.port);
  const url = publicUrl(host, ports.web);
  const keys = openKeys(home.keys, url);
  const storageUrl = pathToFileURL(home.storage).href;
  const origins = [...new Set([url, `http://127.0.0.1:${ports.web}`, `http://localhost:${ports.web}`])];

  const context = (service: ServiceName, signal: AbortSignal): ServiceContext => ({
    log: home.log(service),
    stack: home.dir,
    signal,
    onSpawn: (process) => claim.update({ processes: { [service]: process } }),
  });
  const run = <T extends Service>(
    name: ServiceName,
    retryFirst: boolean,
    begin: (context: ServiceContext) => Promise<T>,
  ) => {
    rotateLog(home.log(name));
    const from = Date.now();
    const supervised = supervise({
      title: TITLES[name],
      log: home.log(name),
      say,
      retryFirst,
      start: async (signal) => {
        await endProcesses(processesWith(markerOf(home.dir, name)), 0); // what a dead Ray or server left behind
        return begin(context(name, signal));
      },
    });
    supervised.ready.then(
      () => say(`✓ ${TITLES[name].padEnd(32)} ${`${((Date.now() - from) / 1000).toFixed(1)} s`.padStart(7)}`),
      () => {},
    );
    return supervised;
  };
  const absent = { ready: Promise.reject(new Error('not asked for')), stop: async () => {} };
  absent.ready.catch(() => {});
  const ifWanted = <T>(name: ServiceName, begin: () => T) => (services.includes(name) ? begin() : absent);

  const postgres = ifWanted('postgres', () =>
    run('postgres', false, (one) =>
      startPostgres({ ...one, dir: home.postgres, port: ports.postgres, passwordFile: keys.postgresPasswordFile }),
    ),
  );
  const ray = ifWanted('ray', () =>
    run('ray', true, (one) =>
      startRay({
        ...one,
        dir: home.ray,
        token: keys.rayToken,
        port: ports.ray,
        storageUrl,
        jobKeyFile: keys.jobPrivateKeyFile,
      }),
    ),
  );
  const mlflow = ifWanted('mlflow', () =>
    run('mlflow', true, (one) => startMlflow({ ...one, dir: home.mlflow, port: ports.mlflow, origins })),
  );
  const stopping = { server: async () => {} };
  const stop = async () => {
    await Promise.all([stopping.server(), ray.stop(), mlflow.stop()]);
    await postgres.stop();
    await endProcesses(processesWith(markerOf(home.dir)), 1_000);
    claim.release();
  };

  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  try {
    if (services.includes('postgres')) await postgres.ready;
    const server = ifWanted('server', () =>
      run('server', false, async (one) =>
        startServer({
          ...one,
          host,
          port: ports.web,
          publicUrl: url,
          databaseUrl: (await postgres.ready).url,
          storageUrl,
          ray: { url: `http://127.0.0.1:${ports.ray + 1}`, token: keys.rayToken },
          mlflowUrl: `http://127.0.0.1:${ports.mlflow}/mlflow`,
          serverKeyFile: keys.serverKeyFile,
          jobPublicKeyFile: keys.jobPublicKeyFile,
          credentialFile: keys.credentialFile,
          web: options.web ?? 'built',
          watch: options.watch,
          env: options.serverEnv,
        }),
      ),
    );
    stopping.server = server.stop;
    if (services.includes('server')) await server.ready;
    claim.update({ url });
    return {
      home,
      keys,
      url,
      ready: { postgres: postgres.ready, server: server.ready, ray: ray.ready, mlflow: mlflow.ready },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ports {
  web: number;
  postgres: number;
  mlflow: number;
  ray: number;
}

/** The ports of the last start where they are free, so that addresses stay the same; they are kept in config.json. */
async function choosePorts(home: Home, host: string, wanted?: number): Promise<Ports> {
  const file = join(home.dir, 'config.json');
  const saved = (readJson(file) ?? {}) as { web_port?: number; base_port?: number };
  if (wanted !== undefined && !(await isFree(wanted, host))) {
    throw new Error(`Port ${wanted} is taken on ${host}. Choose another one with --port, or leave it out.`);
  }
  const remembered = saved.web_port !== undefined && (await isFree(saved.web_port, host)) ? saved.web_port : undefined;
  const web = wanted ?? remembered ?? (await nextFreePort(FIRST_WEB_PORT, host));
  const base = await freeBlock(2 + RAY_PORTS, saved.base_port);
  writeJson(file, { web_port: web, base_port: base });
  return { web, postgres: base, mlflow: base + 1, ray: base + 2 };
}

/** The address to give to people: one that others can reach when the server listens everywhere. */
function publicUrl(host: string, port: number): string {
  if (process.env.TOUCHSTONE_URL) return process.env.TOUCHSTONE_URL.replace(/\/$/, '');
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  return `http://${isAnyAddress(host) ? (outside ?? '127.0.0.1') : bracketed(host)}:${port}`;
}
