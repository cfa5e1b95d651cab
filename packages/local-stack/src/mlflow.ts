/** An MLflow tracking server on loopback; its pages are made to be shown under /mlflow of our own server. */
import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nextFreePort } from './ports.ts';
import { getsOk, passedOnEnv, type Service, type ServiceContext, startService } from './service.ts';
import { programOf } from './toolchain.ts';

const PREFIX = '/mlflow';

export interface MlflowOptions extends Partial<ServiceContext> {
  /** Keeps the database and the artifacts. */
  dir: string;
  port?: number;
  /** The pages people open it from; requests that come from other sites' pages are refused. */
  origins?: string[];
}

/** Starts MLflow; `url` is the tracking URI: it ends in /mlflow, with REST at `<url>/api/2.0/mlflow/…` and the pages at `<url>/`. */
export async function startMlflow(options: MlflowOptions): Promise<Service> {
  const { dir, origins = [], stack = dir, log = join(dir, 'mlflow.log') } = options;
  mkdirSync(join(dir, 'artifacts'), { recursive: true });
  const port = options.port ?? (await nextFreePort(20_000 + Math.floor(Math.random() * 10_000)));
  const host = `127.0.0.1:${port}`;
  const url = mlflowUrl(port);
  const mlflow = programOf('mlflow', 'mlflow');
  return startService(
    'mlflow',
    { ...options, stack, log },
    {
      command: mlflow,
      args: [
        ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--static-prefix', PREFIX],
        ...['--backend-store-uri', `sqlite:///${join(dir, 'mlflow.db')}`, '--serve-artifacts'],
        ...['--artifacts-destination', pathToFileURL(join(dir, 'artifacts')).href],
        ...['--allowed-hosts', host, '--cors-allowed-origins', [`http://${host}`, ...origins].join(',')],
      ],
      cwd: dir,
      env: {
        ...passedOnEnv(),
        PATH: [dirname(mlflow), process.env.PATH].join(delimiter),
        PYTHONUNBUFFERED: '1',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: '1',
      },
      url,
      answers: () => getsOk(`${url}/health`),
      within: 180_000,
    },
  );
}

/** The tracking URI of the MLflow that is started with this port. */
export function mlflowUrl(port: number): string {
  return `http://127.0.0.1:${port}${PREFIX}`;
}
