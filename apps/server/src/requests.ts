import { createHash } from 'node:crypto';
import { claimRequest, type Db } from '@touchstone/db';
import { AppError } from './errors.ts';

/**
 * In the transaction that does the work: null where the request is new, else the id of what the first one made.
 * @throws AppError CONFLICT where the same request id came with another body.
 */
export async function claimOnce(
  tx: Db,
  {
    user_id,
    procedure,
    input,
    result_id,
  }: { user_id: string; procedure: string; input: { request_id: string }; result_id: string },
): Promise<string | null> {
  const input_hash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
  const first = await claimRequest(tx, { user_id, request_id: input.request_id, procedure, input_hash, result_id });
  if (first === null) return null;
  if (first.procedure !== procedure || first.input_hash !== input_hash) {
    throw new AppError('CONFLICT', 'This request id was used before for something else: make a new one.');
  }
  return first.result_id;
}
