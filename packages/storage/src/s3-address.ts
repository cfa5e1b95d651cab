import { StorageError } from './errors.ts';
import { checkPrefix } from './storage.ts';

/** What an `s3://` address says. The jobs read the same address (`jobs/src/touchstone_jobs/storage.py`). */
export type S3Address = {
  bucket: string;
  /** Before every key: empty, or ends with "/". */
  prefix: string;
  /** Null: AWS itself. */
  endpoint: string | null;
  region: string;
  /** Whether the bucket is in the path of a request, not in its host's name. */
  path_style: boolean;
};

const OPTIONS = ['endpoint', 'region', 'path_style'];
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Reads `s3://bucket/prefix?endpoint=http://host:port&region=…&path_style=true`. Without a region AWS_REGION counts, then
 * us-east-1; an endpoint has path style unless it says otherwise.
 */
export function parseS3Address(url: string): S3Address {
  const parsed = new URL(url);
  const refuse = (why: string): never => {
    throw new StorageError('invalid', `The storage address ${shown(parsed)} cannot be used: ${why}`);
  };
  if (parsed.username || parsed.password) {
    refuse('it holds credentials. Put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  }
  if (!BUCKET.test(parsed.host)) refuse(`"${parsed.host}" is no name of a bucket. Write s3://bucket/prefix.`);
  for (const name of parsed.searchParams.keys()) {
    if (!OPTIONS.includes(name)) refuse(`there is no option "${name}". Its options are ${OPTIONS.join(', ')}.`);
  }
  const endpoint = parsed.searchParams.get('endpoint') || null;
  if (endpoint !== null && !isOrigin(endpoint)) {
    refuse(`"${endpoint}" is no endpoint. Write endpoint=http://host:port.`);
  }
  const path_style = parsed.searchParams.get('path_style');
  if (path_style !== null && path_style !== 'true' && path_style !== 'false') {
    refuse('path_style is true or false.');
  }
  const folder = parsed.pathname.replace(/^\/|\/$/g, '');
  try {
    checkPrefix(folder);
  } catch {
    refuse(`"${folder}" is no prefix: letters, digits, ".", "_" and "-" between single slashes.`);
  }
  return {
    bucket: parsed.host,
    prefix: folder === '' ? '' : `${folder}/`,
    endpoint: endpoint?.replace(/\/$/, '') ?? null,
    region:
      parsed.searchParams.get('region') || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || 'us-east-1',
    path_style: path_style === null ? endpoint !== null : path_style === 'true',
  };
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false;
  return url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
}

/** Never with what may be a password. */
function shown({ host, pathname }: URL): string {
  return `s3://${host}${pathname}`;
}
