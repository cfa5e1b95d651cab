/** Touchstone's own server (apps/server), which serves the page too. */
import { join } from 'node:path';
import { getsOk, type Service, type ServiceContext, startService } from './service.ts';
import { ROOT } from './toolchain.ts';

export interface ServerOptions extends ServiceContext {
  host: string;
  port: number;
  /** Where people open it. */
  publicUrl: string;
  databaseUrl: string;
  storageUrl: string;
  ray: { url: string; token: string };
  mlflowUrl: string;
  serverKeyFile: string;
  jobPublicKeyFile: string;
  credentialFile: string;
  /** Whether to serve the page: not at all, as it was built, or with reloading. */
  web: 'none' | 'built' | 'dev';
  /** Restart the server when its sources change. */
  watch?: boolean;
  /** More variables, or others than the ones above. */
  env?: Record<string, string>;
}

/** Starts the server; `url` is its address on this machine. */
export function startServer(options: ServerOptions): Promise<Service> {
  const { host, port, watch = false } = options;
  const url = `http://${isAnyAddress(host) ? '127.0.0.1' : bracketed(host)}:${port}`;
  return startService('server', options, {
    command: process.execPath,
    args: [...(watch ? ['--watch', '--watch-preserve-output'] : []), join(ROOT, 'apps', 'server', 'src', 'main.ts')],
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: options.web === 'dev' ? 'development' : 'production',
      TOUCHSTONE_HOST: host,
      TOUCHSTONE_PORT: String(port),
      TOUCHSTONE_URL: options.publicUrl,
      DATABASE_URL: options.databaseUrl,
      TOUCHSTONE_STORAGE_URL: options.storageUrl,
      RAY_ADDRESS_HTTP: options.ray.url,
      RAY_AUTH_TOKEN: options.ray.token,
      MLFLOW_TRACKING_URI: options.mlflowUrl,
      TOUCHSTONE_KEY_FILE: options.serverKeyFile,
      TOUCHSTONE_JOB_PUBLIC_KEY_FILE: options.jobPublicKeyFile,
      TOUCHSTONE_CREDENTIAL_FILE: options.credentialFile,
      TOUCHSTONE_WEB_DIR: options.web === 'none' ? '' : join(ROOT, 'apps', 'web'),
      TOUCHSTONE_WEB_DEV: options.web === 'dev' ? '1' : '',
      ...options.env,
    },
    url,
    answers: () => getsOk(`${url}/health`),
    within: 120_000,
  });
}

/** Whether a server told to listen here listens on every address of the machine. */
export function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** A host as it is written in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
