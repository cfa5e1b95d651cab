import type { ProviderId } from '@touchstone/schemas';
import type { Db } from './client.ts';
import { type endpoint, Prisma } from './generated/client.ts';

export type EndpointRecord = Omit<endpoint, 'provider'> & { provider: ProviderId | null };
export type EndpointValues = Pick<EndpointRecord, 'base_url' | 'secret' | 'concurrency' | 'provider'>;

const toRecord = (row: endpoint) => row as EndpointRecord;

/** By name. */
export async function listEndpoints(db: Db): Promise<EndpointRecord[]> {
  return (await db.endpoint.findMany({ orderBy: { name: 'asc' } })).map(toRecord);
}

export async function findEndpoint(db: Db, name: string): Promise<EndpointRecord | null> {
  const row = await db.endpoint.findUnique({ where: { name } });
  return row && toRecord(row);
}

/** Null where the name is taken. */
export async function insertEndpoint(db: Db, name: string, values: EndpointValues): Promise<EndpointRecord | null> {
  const [row] = await db.endpoint.createManyAndReturn({ data: [{ name, ...values }], skipDuplicates: true });
  return row ? toRecord(row) : null;
}

/** Null where there is none. */
export async function updateEndpoint(db: Db, name: string, values: EndpointValues): Promise<EndpointRecord | null> {
  const [row] = await db.endpoint.updateManyAndReturn({ where: { name }, data: values });
  return row ? toRecord(row) : null;
}

/** False where there was none. */
export async function deleteEndpoint(db: Db, name: string): Promise<boolean> {
  const { count } = await db.endpoint.deleteMany({ where: { name } });
  return count > 0;
}

/** How many experiments have a model of each endpoint; those without any are left out. */
export async function countEndpointUses(db: Db, name?: string): Promise<Map<string, number>> {
  const uses = await db.$queryRaw<{ name: string; experiments: bigint }[]>`
    SELECT workflow.model->>'endpoint' AS name, count(DISTINCT experiment.id) AS experiments
    FROM workflow JOIN experiment ON experiment.id = workflow.experiment_id AND experiment.deleted_at IS NULL AND workflow.deleted_at IS NULL
    WHERE workflow.model->>'endpoint' ${name === undefined ? Prisma.sql`IS NOT NULL` : Prisma.sql`= ${name}`}
    GROUP BY 1`;
  return new Map(uses.map(({ name, experiments }) => [name, Number(experiments)]));
}
