import { createHash } from 'node:crypto';
import { claimRequest, type Db, findRequest, type RequestRecord } from '@touchstone/db';
import { AppError } from './errors.ts';

type Request = { user_id: string; procedure: string; input: { request_id: string } };

const hashOf = (input: object) => createHash('sha256').update(JSON.stringify(input)).digest('hex');

/** What a request made that came before, where what it was made of may be gone meanwhile; null: it is new. @throws AppError CONFLICT as below */
export async function findMade(db: Db, { user_id, procedure, input }: Request): Promise<string | null> {
  const first = await findRequest(db, { user_id, request_id: input.request_id });
  return first && sameResult(first, procedure, input);
}

function sameResult(first: RequestRecord, procedure: string, input: object): string {
  if (first.procedure !== procedure || first.input_hash !== hashOf(input)) {
    throw new AppError('CONFLICT', 'This request id was used before for something else: make a new one.');
  }
  return first.result_id;
}

/**
 * In the transaction that does the work: null where the request is new, else the id of what the first one made.
 * @throws AppError CONFLICT where the same request id came with another body.
 */
export async function claimOnce(
  tx: Db,
  { user_id, procedure, input, result_id }: Request & { result_id: string },
): Promise<string | null> {
  const input_hash = hashOf(input);
  const first = await claimRequest(tx, { user_id, request_id: input.request_id, procedure, input_hash, result_id });
  return first && sameResult(first, procedure, input);
}
