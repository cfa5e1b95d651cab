import { TouchstoneError } from '@touchstone/client';

/** What goes wrong in a way that a person can act on: the message is all that is printed. */
export class Failure extends Error {}

/** What was typed, or a file it names, is wrong; nothing was started. */
export class BadInput extends Failure {}

/** The person pressed Ctrl-C. */
export class Interrupted extends Failure {}

export const EXIT = { ok: 0, failed: 1, bad_input: 2, interrupted: 130 } as const;

/** Statuses with which the server refuses what was asked for, before it does anything. */
const REFUSALS = [400, 413, 415, 422];

/** The process's exit code for what was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof BadInput) return EXIT.bad_input;
  if (error instanceof TouchstoneError && REFUSALS.includes(error.status)) return EXIT.bad_input;
  return EXIT.failed;
}

/** What to print for what was thrown. */
export function explainFailure(error: unknown): string {
  if (error instanceof TouchstoneError) return explainTouchstoneError(error);
  if (error instanceof Failure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function explainTouchstoneError(error: TouchstoneError): string {
  if (error.code === 'UNREACHABLE') return `${error.message} Start it with \`npm start\`.`;
  if (error.code === 'BAD_ANSWER') return `${error.message} Is it the right address, and is a proxy in between?`;
  return error.message;
}
