import { Count, object, Sha256, Timestamp } from '@touchstone/schemas';
import { z } from 'zod';

export const MANIFEST = 'manifest.json';
export const FORMAT_VERSION = 1;

/** The last file of a backup: what it was made of, and each file's size and hash. */
export const Manifest = object({
  format: z.literal('touchstone-backup'),
  version: z.literal(FORMAT_VERSION),
  made_at: Timestamp,
  touchstone_version: z.string(),
  migrations: z.array(z.string()).min(1),
  files: z.array(object({ name: z.string(), size: Count, sha256: Sha256 })),
});
export type Manifest = z.infer<typeof Manifest>;

export const tableFile = (table: string) => `database/${table}.jsonl`;
export const storageFile = (key: string) => `storage/${key}`;
export const MLFLOW_DATABASE = 'mlflow/mlflow.db';
export const SERVER_KEY = 'keys/server.key';

const NAME = /^(?:manifest\.json|keys\/server\.key|(?:database|storage|mlflow)(?:\/[\w .@=+-]+)+)$/;

/** Whether a backup may hold a file of this name: it ends up below the folder that is restored, nowhere else. */
export function isBackupName(name: string): boolean {
  return NAME.test(name) && !name.split('/').some((part) => part === '.' || part === '..');
}
