import type { Db } from './client.ts';

export type RequestRecord = { procedure: string; input_hash: string; result_id: string };

/**
 * Claims a request id for this user, in the transaction that does the work. A second request with the same id waits here until
 * the first is through.
 * @returns null where it is new, else what the first one made.
 */
export async function claimRequest(
  db: Db,
  request: { user_id: string; request_id: string } & RequestRecord,
): Promise<RequestRecord | null> {
  const inserted = await db.$executeRaw`
    INSERT INTO request (user_id, request_id, procedure, input_hash, result_id)
    VALUES (${request.user_id}::uuid, ${request.request_id}::uuid, ${request.procedure}, ${request.input_hash}, ${request.result_id}::uuid)
    ON CONFLICT DO NOTHING`;
  if (inserted === 1) return null;
  return (await findRequest(db, request))!;
}

/** What a request came to that is through; null: there is none with this id. */
export function findRequest(
  db: Db,
  { user_id, request_id }: { user_id: string; request_id: string },
): Promise<RequestRecord | null> {
  return db.request.findUnique({ where: { user_id_request_id: { user_id, request_id } } });
}
