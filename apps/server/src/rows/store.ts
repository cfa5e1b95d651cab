import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js';
import type { Storage } from '@touchstone/storage';
import { openFileCache } from './file-cache.ts';

// Its own decoder drops a U+FEFF at the head of a value, which is a character there like any other.
Object.assign(accessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });

/** Reads rows out of the Parquet files and journals in storage, through DuckDB. */
export type RowStore = {
  /**
   * Where DuckDB finds a stored file, as an SQL string literal; it stays there for ten minutes. `version` tells contents of
   * one key apart: its hash, or for what is never written twice its size.
   */
  localFile(key: string, version: string): Promise<string>;
  query<T extends Record<string, unknown>>(sql: string, values?: Record<string, DuckDBValue>): Promise<T[]>;
  /** The same a few thousand rows at a time, for exports. */
  stream<T extends Record<string, unknown>>(sql: string): AsyncGenerator<T[]>;
  /** Runs a statement that writes a local file (COPY … TO). */
  run(sql: string, values?: Record<string, DuckDBValue>): Promise<void>;
  close(): void;
};

/** An identifier in SQL: a column's name, whatever characters it has. */
export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;
/** A string in SQL. */
export const quoteText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** What JavaScript's trim() takes for white space, so that "blank" means one thing everywhere. */
const WHITE_SPACE =
  ' \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';
/** Whether a text is empty or white space, in SQL. The search ends at the first character that is neither; trim() goes through all of them. */
export const isBlank = (text: string) => `NOT regexp_matches(${text}, ${quoteText(`[^${WHITE_SPACE}]`)})`;

const SETTINGS = {
  // Nothing is fetched from outside, and a query may not grow past what a page needs.
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  memory_limit: '512MB',
  threads: '2',
};

/**
 * Files that storage does not keep on this machine are copied into the cache.
 * @throws where DuckDB's library does not load.
 */
export async function openRowStore(
  storage: Storage,
  cache_options: { dir: string; limit_bytes: number },
): Promise<RowStore> {
  const cache = storage.localPath ? null : await openFileCache(storage, cache_options);
  const instance = await DuckDBInstance.create(':memory:', SETTINGS);

  async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  }

  return {
    localFile: async (key, version) =>
      quoteText(storage.localPath ? storage.localPath(key) : await cache!.pathOf(key, version)),
    query: (sql, values) =>
      withConnection(async (connection) => {
        const reader = await connection.runAndReadAll(sql, values);
        return reader.getRowObjectsJS() as never;
      }),
    async *stream(sql) {
      const connection = await instance.connect();
      try {
        const result = await connection.stream(sql);
        for await (const rows of result.yieldRowObjectJs()) yield rows as never;
      } finally {
        connection.closeSync();
      }
    },
    run: (sql, values) => withConnection(async (connection) => void (await connection.run(sql, values))),
    close: () => {
      cache?.close();
      instance.closeSync();
    },
  };
}
