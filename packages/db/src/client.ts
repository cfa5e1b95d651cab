import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

export type Database = PrismaClient;
/** The client, or the transaction that it gave. */
export type Db = Database | Parameters<Parameters<Database['$transaction']>[0]>[0];

/** Connections are opened at the first query. Close with `$disconnect()`. */
export function openDatabase(url: string): Database {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 10 }) });
}
